"""Further tables of the analysis of adversarial text: strength, flips, questions side by side."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sit_core.analyses.comparison import shortened
from sit_core.metrics.accuracy import answer_of
from sit_core.metrics.generated_part import GIVEN, generated_part, given_to
from sit_core.metrics.rouge_l import rouge_l
from sit_core.records import Prediction, Unparsed
from sit_core.results.analyses import AnalysisTable, Row
from sit_core.results.conditions import (
    FOLLOWS,
    NONE,
    TRUE,
    ConditionRun,
    compared_with,
    mentioned,
    pairs_of,
)
from sit_core.results.output_values import Measure, estimate_of
from sit_core.store.output_values import OutputRow

SHOWN = 90
"""Characters of a text in a list."""
FAR = ((1 / 3, "0 to 1/3"), (2 / 3, "1/3 to 2/3"), (1.0, "2/3 to 1"))
"""Distance up to → what it is called."""
NO_EXPECTED = "not known: no expected text"


def strength(made: Sequence[ConditionRun], of: Measure) -> AnalysisTable:
    """The measure and following of the text by how far the text contradicts the answer."""
    rows: list[Row] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    kinds: tuple[tuple[str, Callable[[Prediction], str]], ...] = (
        ("distance from the expected text", distance),
        ("answers that it mentions", mentioned),
    )
    for run in made:
        asked = {one.id: (place[0], one) for place, one in run.outputs.items()}
        for by, strength_of in kinds:
            groups: dict[str, list[str]] = {}
            for one in run.follows:
                groups.setdefault(strength_of(run.prediction(asked[one][1])), []).append(one)
            for name in sorted(groups):
                ids = groups[name]
                right = [(asked[one][0], run.right[one]) for one in ids]
                follows = [(asked[one][0], float(run.follows[one])) for one in ids]
                samples[len(rows), ""] = ids
                samples[len(rows), FOLLOWS] = [one for one in ids if run.follows[one]]
                rows.append(
                    {
                        "system": run.system,
                        "condition": run.label,
                        "by": by,
                        "the text": name,
                        of.name: estimate_of(of, right),
                        FOLLOWS: estimate_of(Measure("following"), follows),
                    }
                )
    note = (
        "Distance is 1 − ROUGE-L F1 of words between given and expected text: 0 is the same text, "
        "1 shares no word with it."
    )
    return AnalysisTable(
        rows, title="By how far the text contradicts the answer", samples=samples, note=note
    )


def distance(prediction: Prediction) -> str:
    r"""Which third of 1 − ROUGE-L between the given text and the expected one.

    >>> from sit_core.records import Example, Step, chain
    >>> steps = chain([Step("repeat", "R", expected="a b c d"), Step("answer", "A")])
    >>> def of(text):
    ...     meta = {"given": {"text": text, "steps": ["repeat"]}}
    ...     return distance(Prediction("r", Example("…", steps=steps), "", meta=meta))
    >>> of("a b c e"), of("a b x y"), of("x y z")
    ('0 to 1/3', '1/3 to 2/3', '2/3 to 1')
    """
    given, steps = given_to(prediction), prediction.example.steps
    keys = given.get("steps")
    known = [step.expected for step in steps[:-1] if not keys or step.key in keys]
    if not known or not all(known):
        return NO_EXPECTED
    away = 1 - rouge_l("\n".join(map(str, known)), str(given.get("text")))
    return next((name for most, name in FAR if away <= most), FAR[-1][1])


def flips(made: Sequence[ConditionRun], most: int) -> AnalysisTable:
    """Questions whose answer became wrong, or right, by the text: against true, else none."""
    rows: list[Row] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    more = 0
    for run in made:
        if not run.is_wrong:
            continue
        other = compared_with(run, made, TRUE) or compared_with(run, made, NONE)
        if other is None:
            continue
        changed = [(place, a, b) for place, a, b in pairs_of(run, other) if a != b]
        more += max(0, len(changed) - most)
        for place, after, before in changed[:most]:
            one, was = run.outputs[place], other.outputs[place]
            followed = "the implied answer" if run.follows.get(one.id) else "wrong"
            samples[len(rows), ""] = [one.id, was.id]
            rows.append(
                {
                    "system": run.system,
                    "condition": run.label,
                    "against": other.label,
                    "became": "right" if after > before else followed,
                    **_asked(one),
                    "given text": _text(one),
                    "answer before": _answer(other, was),
                    "answer": _answer(run, one),
                }
            )
    note = f"{more:,} more differ (--items lists more)." if more else ""
    return AnalysisTable(rows, title="Flips", samples=samples, note=note)


def side_by_side(made: Sequence[ConditionRun], most: int) -> AnalysisTable:
    """Each question with the given texts and all conditions' answers; differing ones first."""
    rows: list[Row] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    labels = list(dict.fromkeys(run.label for run in made))
    wrong = list(dict.fromkeys(run.label for run in made if run.is_wrong))
    left = 0
    for system in dict.fromkeys(run.system for run in made):
        mine = [run for run in made if run.system == system]
        there = {
            place: [(run, run.outputs[place]) for run in mine if place in run.outputs]
            for place in dict.fromkeys(place for run in mine for place in run.outputs)
        }
        kinds = {
            place: len({run.right.get(one.id) for run, one in of}) for place, of in there.items()
        }
        left += max(0, len(there) - most)
        for place in sorted(there, key=lambda place: -kinds[place])[:most]:
            of = there[place]
            samples[len(rows), ""] = [one.id for _, one in of]
            row: dict[str, Any] = {"system": system, **_asked(of[0][1])}
            row |= dict.fromkeys([f"answer, {label}" for label in labels])
            row |= dict.fromkeys([f"text, {label}" for label in wrong])
            row |= {f"answer, {run.label}": _answer(run, one) for run, one in of}
            row |= {f"text, {run.label}": _text(one) for run, one in of if run.is_wrong}
            rows.append(row)
    note = f"{left:,} more questions (--items lists more)." if left else ""
    return AnalysisTable(rows, title="Questions side by side", samples=samples, note=note)


def _asked(one: OutputRow) -> dict[str, str]:
    asked = one.example.input or one.example.instruction
    return {"question": shortened(asked, SHOWN), "right answer": one.example.reference or "–"}


def _text(one: OutputRow) -> str:
    given = one.meta.get(GIVEN)
    return shortened(str(given.get("text") or ""), SHOWN) if isinstance(given, Mapping) else ""


def _answer(run: ConditionRun, one: OutputRow) -> str:
    """The final answer as it stands there, else all that was generated."""
    part = generated_part(run.prediction(one))
    found = answer_of(part)
    text = part.output if isinstance(found, Unparsed) else found.text
    return shortened(text, SHOWN) or "(empty)"
