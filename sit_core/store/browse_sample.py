"""One output with all that is known of it: for the Inspect page and its links."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from sit_core.errors import SitError
from sit_core.records import Step, steps_from_json
from sit_core.store.browse import GivenVerdict, given
from sit_core.store.engine import Store
from sit_core.store.schema import examples, judges, predictions, remarks, runs, studies
from sit_core.store.study_plan import is_text


@dataclass(frozen=True, slots=True)
class NoteGiven:
    """A judge's note and flag on an output, as of one revision."""

    judge: str
    study: str
    note: str
    flagged: bool
    revision: int
    created_at: float
    current: bool


@dataclass(frozen=True, slots=True)
class OutputView:
    """An output with its example, its run, and everything that was said of it."""

    id: str
    run: str
    model: str | None
    adapter: str | None
    example_id: str
    instruction: str
    input: str
    image: str | None
    language: str | None
    steps: tuple[Step, ...]
    """With their expected texts."""
    reference: str | None
    output: str
    length: int
    ordinal: int
    row: int
    example_meta: Mapping[str, Any]
    meta: Mapping[str, Any]
    run_settings: Mapping[str, Any]
    run_provenance: Mapping[str, Any]
    verdicts: tuple[GivenVerdict, ...]
    """All revisions, by study, judge and step, the newest first."""
    outcome: str | None
    """``complete``, ``cut``, ``refused``; None: not known."""
    thoughts: str | None
    """What the model thought before; no part of the output."""
    notes: tuple[NoteGiven, ...]
    """All revisions, by study and judge, the newest first."""


@dataclass(frozen=True, slots=True)
class OtherOutput:
    """Another output for the same example."""

    id: str
    run: str
    ordinal: int


def get_output(store: Store, prediction_id: str) -> OutputView:
    """The output with this id.

    Raises:
        SitError: there is none.
    """
    p, e = predictions.c, examples.c
    query = (
        select(
            p.id,
            runs.c.name.label("run"),
            runs.c.model,
            runs.c.adapter,
            p.example_id,
            e.instruction,
            e.input,
            e.image,
            e.language,
            e.steps,
            e.reference,
            p.output,
            p.length,
            p.ordinal,
            p.row,
            e.meta.label("example_meta"),
            p.meta,
            p.outcome,
            p.thoughts,
            runs.c.settings.label("run_settings"),
            runs.c.provenance.label("run_provenance"),
        )
        .join(runs, runs.c.id == p.run_id)
        .join(examples, e.id == p.example_id)
        .where(p.id == prediction_id)
    )
    with store.read() as connection:
        found = connection.execute(query).mappings().first() if is_text(prediction_id) else None
        if found is None:
            raise SitError(
                f"There is no output with the id {prediction_id[:60]!r} in this store; the link is "
                "cut off, or it comes from another store."
            )
        said = given(connection, [prediction_id], only_current=False).get(prediction_id, [])
        notes = _notes(connection, prediction_id)
    values = {**found, "steps": steps_from_json(found["steps"])}
    return OutputView(**values, verdicts=tuple(said), notes=notes)


def _notes(connection: Connection, prediction_id: str) -> tuple[NoteGiven, ...]:
    r = remarks.c
    rows = connection.execute(
        select(
            judges.c.name,
            studies.c.name.label("study"),
            r.note,
            r.flagged,
            r.revision,
            r.created_at,
        )
        .join(judges, judges.c.id == r.judge_id)
        .join(studies, studies.c.id == r.study_id)
        .where(r.prediction_id == prediction_id)
        .order_by(r.study_id, judges.c.name, judges.c.id, r.revision.desc())
    )
    seen: set[tuple[str, str]] = set()
    found = []
    for name, study, note, flagged, revision, created_at in rows:
        current = (name, study) not in seen
        seen.add((name, study))
        found.append(NoteGiven(name, study, note, flagged, revision, created_at, current))
    return tuple(found)


def other_outputs(store: Store, view: OutputView) -> list[OtherOutput]:
    """The other outputs for the same question, however it is written, run by run."""
    p = predictions.c
    same = select(examples.c.match_key).where(examples.c.id == view.example_id)
    with store.read() as connection:
        rows = connection.execute(
            select(p.id, runs.c.name, p.ordinal)
            .join(runs, runs.c.id == p.run_id)
            .join(examples, examples.c.id == p.example_id)
            .where(examples.c.match_key.in_(same), p.id != view.id)
            .order_by(runs.c.name, p.ordinal)
        )
        return [OtherOutput(*row) for row in rows]
