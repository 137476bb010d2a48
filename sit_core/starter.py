"""Something to annotate on a fresh machine: a small study of made-up outputs from data/starter.

Put only into a store that has never held anything; who deletes it does not get it back.
"""

import json
from dataclasses import replace
from pathlib import Path

from sit_core.records import Example, Prediction
from sit_core.store import Store
from sit_core.store.fill import fill, is_untouched
from sit_core.store.studies import StudyPlan
from sit_core.tasks import TASKS, steps_named
from sit_core.tasks.guidelines import default_guidelines

FOLDER = Path(__file__).parent.parent / "data" / "starter"
STUDY = "Try it: repeat, then answer"
NOTE = "Made-up outputs to try the annotation with; no model wrote them."
RUNS = {
    "made-up: does both": "made-up-does-both.jsonl",
    "made-up: answers only": "made-up-answers-only.jsonl",
    "made-up: mixed": "made-up-mixed.jsonl",
}
"""Run → its file in `FOLDER`."""
STEPS = steps_named(["repeat", "answer"])


def ensure_starter(store: Store) -> bool:
    """Put the starter study into an untouched store; safe to call at every start, by many at once.

    Returns:
        Whether it was put in; False where the store has (or had) content, or where the program was
        installed without its data folder.
    """
    if not FOLDER.is_dir() or not is_untouched(store):
        return False
    plan = StudyPlan(
        name=STUDY,
        runs=tuple(RUNS),
        guidelines=f"*{NOTE}*\n\n{default_guidelines(STEPS)}",
        blind=True,
    )
    return fill(store, starter_predictions(), plan, NOTE)


def starter_predictions() -> list[Prediction]:
    """The outputs as they lie in data/starter."""
    return [
        _prediction(run, json.loads(line))
        for run, name in RUNS.items()
        for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()
    ]


def _prediction(run: str, row: dict[str, str]) -> Prediction:
    asked = Example(row["instruction"], row["input"], reference=row["target"])
    steps = tuple(replace(s, expected=TASKS.get(s.task).expected(asked)) for s in STEPS)
    return Prediction(run, replace(asked, steps=steps), row["output"], meta={"note": row["note"]})
