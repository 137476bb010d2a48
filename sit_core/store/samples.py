"""The texts of samples as an annotator may see them: no model's name in a blind study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from sit_core.metrics.generated_part import CHARACTERS
from sit_core.records import steps_from_json
from sit_core.store.judgments import SampleVerdicts, standings
from sit_core.store.schema import examples, predictions, runs
from sit_core.store.studies import Study


@dataclass(frozen=True, slots=True)
class Sample:
    """One output with what was asked, and how it stands for one annotator."""

    id: str
    instruction: str
    input: str
    output: str
    expected: tuple[tuple[str, str], ...]
    """(step key, expected text) of the study's steps for which it is known, but the answer."""
    run: str | None
    """The run's name; None in a blind study."""
    standing: SampleVerdicts
    given: int = 0
    """So many characters at the output's beginning were given to the model, not written by it."""


def load(
    connection: Connection, study: Study, judge: int, prediction_ids: Sequence[str]
) -> list[Sample]:
    """The samples with these ids, in that order; ids that are not there are left out."""
    if not prediction_ids:
        return []
    rows = connection.execute(
        select(
            predictions.c.id,
            predictions.c.output,
            predictions.c.meta,
            examples.c.instruction,
            examples.c.input,
            examples.c.steps,
            runs.c.name,
        )
        .join(examples, examples.c.id == predictions.c.example_id)
        .join(runs, runs.c.id == predictions.c.run_id)
        .where(predictions.c.id.in_(prediction_ids))
    )
    found = {row.id: row for row in rows}
    stands = standings(connection, study.id, judge, list(prediction_ids))
    return [
        Sample(
            id=p,
            instruction=found[p].instruction,
            input=found[p].input,
            output=found[p].output,
            expected=_expected(study, found[p].steps),
            run=None if study.blind else found[p].name,
            standing=stands[p],
            given=_given(found[p].output, found[p].meta),
        )
        for p in prediction_ids
        if p in found
    ]


def _given(output: str, meta: Mapping[str, Any] | None) -> int:
    count = (meta or {}).get(CHARACTERS)
    return min(count, len(output)) if isinstance(count, int) and count > 0 else 0


def _expected(study: Study, steps: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    # The expected *answer* is not shown: whether the answer is right must not sway the verdict.
    asked = {step.key for step in study.steps}
    return tuple(
        (step.key, step.expected)
        for step in steps_from_json(steps)
        if step.key in asked and step.task != "answer" and step.expected is not None
    )
