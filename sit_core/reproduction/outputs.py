"""What the models wrote for the held-out questions: one JSONL file a model, and where it is from.

Each line can be imported as it is (``sit import``); ``index.json`` says of each file which weights
wrote it, on what questions, how.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from sit_core import __version__
from sit_core.errors import SitError
from sit_core.files import write_json, write_text
from sit_core.models import GenerationSettings, ModelSpec, load_model
from sit_core.records import Example, Outcome, Prediction, Unparsed
from sit_core.reproduction.plan import MODELS, TESTS
from sit_core.settings import DATA
from sit_core.sources.expected_search import with_expected
from sit_core.tasks import steps_named

FOLDER = DATA / "microlab" / "predictions"
INDEX = "index.json"
PROMPT_FORMAT = "auto"
"""The base's chat template: what whoever uses an adapter gets without asking."""
MAX_NEW_TOKENS = 320
"""More than the longest right output of the test instructions has (four parts)."""


def write_outputs(
    path: Path,
    spec: ModelSpec,
    asked: Mapping[str, Sequence[Example]],
    stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Ask one model everything and write the file as a whole.

    Args:
        path: the JSONL file.
        spec: base and adapter.
        asked: test instruction → examples.
        stopped: asked at every token.

    Returns:
        Where the outputs come from, for the index; without any path of this machine.

    Raises:
        SitError: the model can't be loaded or an output is missing.
    """
    settings = GenerationSettings(max_new_tokens=MAX_NEW_TOKENS)
    examples = [(test, example) for test, of in asked.items() for example in of]
    rows: list[dict[str, Any] | None] = [None] * len(examples)
    with closing(load_model(spec)) as model:
        known = model.identity()
        for place, made in model.generate([e for _, e in examples], settings, stopped):
            if made.error is not None:
                raise SitError(f"An output can't be made: {made.error}")
            test, example = examples[place]
            rows[place] = _row(test, example, made.text, cut=made.cut)
    missing = rows.count(None)
    if missing:
        raise SitError(f"Stopped with {missing} outputs to come.")
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    write_text(path, text)
    adapter = known.get("adapter")
    return {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "outputs": len(rows),
        "base": known["weights"],
        "adapter": adapter["weights"] if adapter else None,
        "prompt_format": known["prompt_format"],
        "prompt_sha256": known["prompt_sha256"],
        "dtype": known["dtype"],
        "max_new_tokens": MAX_NEW_TOKENS,
        "temperature": 0.0,
        "versions": known["versions"],
        "version": __version__,
    }


def read_index(folder: Path = FOLDER) -> dict[str, Any]:
    """What the index says.

    Raises:
        SitError: there is none, so there are no outputs.
    """
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SitError(
            "The embedded models' outputs are not here; install the whole program again, or "
            "make them with: sit microlab build."
        ) from None
    return dict(index)


def write_index(folder: Path, index: Mapping[str, Any]) -> None:
    """Replace the index as a whole."""
    write_json(folder / INDEX, index)


def read_outputs(
    folder: Path = FOLDER, tests: Sequence[str] = tuple(TESTS)
) -> dict[str, dict[str, list[Prediction]]]:
    """Model → test instruction → its outputs, in the order of the questions.

    Raises:
        SitError: they are not there.
    """
    index = read_index(folder)
    found: dict[str, dict[str, list[Prediction]]] = {}
    for key, model in MODELS.items():
        if key not in index["models"]:
            continue
        of = found[key] = {test: list[Prediction]() for test in tests}
        for row in _lines(folder / f"{key}.jsonl"):
            test = row["test"]
            if test in of:
                outcome = Outcome.CUT if row.get("cut") else Outcome.COMPLETE
                of[test].append(
                    Prediction(model.run(test), _example(row), row["output"], outcome=outcome)
                )
    return found


def _row(test: str, example: Example, output: str, *, cut: bool) -> dict[str, Any]:
    return {
        "test": test,
        "instruction": example.instruction,
        "input": example.input,
        "output": output,
        "reference": example.reference,
        "steps": [step.task for step in example.steps],
        "expected": [step.expected for step in example.steps],
        **({"cut": True} if cut else {}),
    }


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SitError(f"The outputs {path.name} can't be read: {error.strerror}.") from None
    for line in text.splitlines():
        yield json.loads(line)


def _example(row: Mapping[str, Any]) -> Example:
    asked = Example(row["instruction"], row["input"], language="en", reference=row["reference"])
    steps = with_expected(steps_named(row["steps"]), asked, row["expected"])
    if isinstance(steps, Unparsed):
        raise SitError(f"The embedded models' outputs are damaged: {steps.reason}.")
    return replace(asked, steps=steps)
