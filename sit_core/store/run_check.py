"""Stored outputs that are none, or that hold thoughts: found, and on request split or freed.

Outputs that were stored before outcomes and thoughts were told apart stay as they are until
somebody asks for more. What was said of a text that is changed is set aside with that text in
``former_texts``: nothing is lost, and no figure counts it.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from sit_core.errors import UsageError
from sit_core.models.endpoint.error_bodies import error_in
from sit_core.models.finish_reasons import means_failure
from sit_core.models.interface import KEEP
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.renaming import present_names
from sit_core.store.sample_verdicts import differing_summaries, summarise, summarise_all
from sit_core.store.schema import (
    duels,
    former_texts,
    judges,
    judgments,
    predictions,
    run_errors,
    runs,
    scores,
    skips,
    slots,
    studies,
    unusable,
)
from sit_core.thoughts import MARKS, Split, split_thoughts

THOUGHTS, FAILED = "thoughts", "failed"
"""Why a text is found; as ``former_texts.why`` has it."""
SHOWN = 20
_PAGE = 500
_FINISH = ("finish_reason", "stop_reason", "native_finish_reason")
_MARKS = tuple({*MARKS, *MARKS.values()})
_SAID: tuple[tuple[Table, str], ...] = (
    (judgments, "prediction_id"),
    (scores, "prediction_id"),
    (unusable, "prediction_id"),
    (duels, "prediction_id"),
    (duels, "against_id"),
)
"""What is said of a text."""


@dataclass(frozen=True, slots=True)
class SuspectOutput:
    """One stored output that is to be looked at."""

    id: str
    row: int
    why: str
    """`THOUGHTS` or `FAILED`."""
    reason: str


@dataclass
class RunCheck:
    """What was found in one run, in outputs."""

    run: str
    outputs: int = 0
    thoughts: int = 0
    """Hold thoughts."""
    failed: int = 0
    """Are no outputs: their calls failed."""
    in_studies: int = 0
    """Of the failed ones: samples of a study, which can't be freed."""
    not_known: int = 0
    """Came from an endpoint before it was kept how each call ended."""
    first: list[SuspectOutput] = field(default_factory=list)
    """The first `SHOWN` that were found."""
    set_aside: dict[str, int] = field(default_factory=dict)
    """What was said of former texts, by kind; counted in no figure."""
    miscounted: int = 0
    """Of which the summary that tables are counted from says something else than the judgments."""


@dataclass
class Repaired:
    """What was done, in outputs and in what was said of them."""

    split: int = 0
    freed: int = 0
    kept: int = 0
    """Failed ones that are samples of a study."""
    set_aside: dict[str, int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """All of it in words.

        >>> Repaired(split=2, set_aside={"judgments": 1}).sentence
        'Split: 2 outputs; freed: 0. Set aside with their former texts: 1 judgments.'
        """
        said = f"Split: {self.split:,} outputs; freed: {self.freed:,}."
        if self.kept:
            said += f" {self.kept:,} that failed are samples of a study and stay."
        if self.set_aside:
            parts = ", ".join(f"{n:,} {name}" for name, n in self.set_aside.items())
            said += f" Set aside with their former texts: {parts}."
        return said


def check_stored(store: Store, names: Sequence[str] = ()) -> list[RunCheck]:
    """Look through the outputs of runs (of all, where none is named); nothing is changed.

    Raises:
        UsageError: a run is unknown.
    """
    found = []
    with store.read() as connection:
        for run in _runs(connection, names):
            check = RunCheck(run.name, set_aside=_set_aside(connection, run.id))
            sampled = _sampled(connection, run.id)
            for row in _rows(connection, run.id):
                check.outputs += 1
                endpoint = run.settings.get("backend") == "openai"
                check.not_known += endpoint and row.outcome is None
                suspect = _suspect(row, run.settings)
                if suspect is None:
                    continue
                if suspect.why == THOUGHTS:
                    check.thoughts += 1
                else:
                    check.failed += 1
                    check.in_studies += row.id in sampled
                if len(check.first) < SHOWN:
                    check.first.append(suspect)
            wrong = differing_summaries(connection, [run.name])
            check.miscounted = len({one.prediction_id for one in wrong})
            found.append(check)
    return found


def repair(
    store: Store, names: Sequence[str] = (), *, split: bool = False, free: bool = False
) -> Repaired:
    """Split thoughts off stored outputs, free those that failed; one transaction.

    What is freed is asked again when its run is gone on with. What was said of the former texts is
    set aside with them. Repeated, it finds nothing more to do.

    Args:
        store: where.
        names: of the runs; empty: all.
        split: whether thoughts are to be split off.
        free: whether outputs that are none are to be taken away.

    Raises:
        UsageError: a run is unknown.
    """
    done = Repaired()
    with store.write() as connection:
        for run in _runs(connection, names):
            sampled = _sampled(connection, run.id)
            for row in list(_rows(connection, run.id)):
                suspect = _suspect(row, run.settings)
                if suspect is None:
                    continue
                if suspect.why == THOUGHTS and split:
                    _put_aside(connection, run.id, row, THOUGHTS, done)
                    _split(connection, row, split_thoughts(row.output))
                    done.split += 1
                elif suspect.why == FAILED and free and row.id in sampled:
                    done.kept += 1
                elif suspect.why == FAILED and free:
                    _put_aside(connection, run.id, row, FAILED, done)
                    _free(connection, run.id, row, suspect.reason)
                    done.freed += 1
    return done


def recount_verdicts(store: Store) -> None:
    """Make the summary that tables are counted from anew from all judgments; one transaction."""
    with store.write() as connection:
        summarise_all(connection)


def former_texts_of(store: Store, prediction_id: str) -> list[Mapping[str, Any]]:
    """The texts that an output had before, with what was said of them, the newest first."""
    f = former_texts.c
    query = (
        select(f.output, f.why, f.said, f.counts, f.changed_at)
        .where(f.prediction_id == prediction_id)
        .order_by(f.id.desc())
    )
    with store.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def set_aside_in(store: Store, names: Sequence[str], kind: str) -> dict[str, int]:
    """Run → verdicts of judges of a kind on former texts, for tables: they don't count them."""
    query = (
        select(runs.c.name, former_texts.c.said)
        .join(runs, runs.c.id == former_texts.c.run_id)
        .where(runs.c.name.in_(names))
    )
    found: dict[str, int] = {}
    with store.read() as connection:
        for name, said in connection.execute(query):
            judged = [one for one in said.get(judgments.name, []) if one["judge_kind"] == kind]
            if judged:
                found[name] = found.get(name, 0) + len(judged)
    return found


def _runs(connection: Connection, names: Sequence[str]) -> "list[_Run]":
    rows = connection.execute(
        select(runs.c.id, runs.c.name, runs.c.settings, runs.c.provenance).order_by(runs.c.id)
    ).all()
    known = [row.name for row in rows]
    names = present_names(connection, names)
    wrong = [unknown("run", name, known) for name in names if name not in known]
    if wrong:
        raise UsageError(" ".join(wrong))
    return [_Run(row) for row in rows if not names or row.name in names]


class _Run:
    """A run, and whether its outputs hold thoughts because somebody wants it so."""

    def __init__(self, row: Any) -> None:
        self.id, self.name = int(row.id), str(row.name)
        self.settings = dict(row.settings or {})
        files = (row.provenance or {}).get("files", [])
        if any(file.get("thoughts") == KEEP for file in files):
            self.settings["thoughts"] = KEEP


def _rows(connection: Connection, run_id: int) -> Iterator[Any]:
    p = predictions.c
    last = ""
    while True:
        page = connection.execute(
            select(p.id, p.row, p.example_id, p.ordinal, p.output, p.outcome, p.thoughts, p.meta)
            .where(p.run_id == run_id, p.id > last)
            .order_by(p.id)
            .limit(_PAGE)
        ).all()
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1].id


def _sampled(connection: Connection, run_id: int) -> set[str]:
    query = (
        select(slots.c.prediction_id)
        .join(predictions, predictions.c.id == slots.c.prediction_id)
        .where(predictions.c.run_id == run_id)
        .distinct()
    )
    return set(connection.scalars(query))


def _suspect(row: Any, settings: Mapping[str, Any]) -> SuspectOutput | None:
    reason = _failed(row, settings)
    if reason is not None:
        return SuspectOutput(row.id, row.row, FAILED, reason)
    if settings.get("thoughts") == KEEP or row.thoughts is not None:
        return None
    if any(mark in row.output for mark in _MARKS) and split_thoughts(row.output).text != row.output:
        return SuspectOutput(row.id, row.row, THOUGHTS, "it holds thoughts")
    return None


def _failed(row: Any, settings: Mapping[str, Any]) -> str | None:
    """Why a stored output is none; None where it is one, or where that can't be told."""
    if row.outcome is not None and row.outcome != FAILED:
        return None
    meta = row.meta or {}
    for name in _FINISH:
        word = meta.get(name)
        if isinstance(word, str) and means_failure(word):
            return f"it ended with {word[:40]!r}"
    error = meta.get("error")
    if (isinstance(error, dict) or (isinstance(error, str) and not row.output.strip())) and error:
        said = error_in(error if isinstance(error, dict) else {"error": error}).said
        return f"its call failed: {said}" if said else "its call failed"
    if row.output[:40].lstrip().startswith('{"error"'):
        try:
            said = error_in(json.loads(row.output)).said
        except (ValueError, RecursionError):
            said = ""
        if said:
            return f"it is a server's error: {said}"
    endpoint = settings.get("backend") == "openai" and row.outcome is None
    if endpoint and not row.output.strip() and not meta.get("cut") and not meta.get("tokens"):
        return "nothing came, and it was not kept how the call ended"
    return "its call failed" if row.outcome == FAILED else None


def _set_aside(connection: Connection, run_id: int) -> dict[str, int]:
    total: dict[str, int] = {}
    for counts in connection.scalars(
        select(former_texts.c.counts).where(former_texts.c.run_id == run_id)
    ):
        _count(total, counts)
    return total


def _count(total: dict[str, int], more: Mapping[str, int]) -> None:
    for name, n in more.items():
        total[name] = total.get(name, 0) + n


def _put_aside(connection: Connection, run_id: int, row: Any, why: str, done: Repaired) -> None:
    """Keep the text with all that was said of it; it is then said of nothing any more."""
    names = {r.id: (r.kind, r.name) for r in connection.execute(select(judges))}
    of_study = {r.id: r.name for r in connection.execute(select(studies.c.id, studies.c.name))}
    said: dict[str, list[dict[str, Any]]] = {}
    for table, column in _SAID:
        found = connection.execute(select(table).where(table.c[column] == row.id)).mappings().all()
        for one in found:
            kept = dict(one)
            if "judge_id" in kept:
                kept["judge_kind"], kept["judge"] = names[kept["judge_id"]]
            if kept.get("study_id") is not None:
                kept["study"] = of_study[kept["study_id"]]
            said.setdefault(table.name, []).append(kept)
        connection.execute(delete(table).where(table.c[column] == row.id))
    if judgments.name in said:
        summarise(connection, [row.id], deleted=True)
    counts = {name: len(rows) for name, rows in said.items()}
    _count(done.set_aside, counts)
    connection.execute(
        insert(former_texts).values(
            run_id=run_id,
            prediction_id=row.id,
            output=row.output,
            why=why,
            said=json.loads(json.dumps(said, default=str)),
            counts=counts,
            changed_at=time.time(),
        )
    )


def _split(connection: Connection, row: Any, split: Split) -> None:
    meta = dict(row.meta or {})
    if not split.text.strip():
        meta["reason"] = "it is nothing but thoughts"
    connection.execute(
        update(predictions)
        .where(predictions.c.id == row.id)
        .values(
            output=split.text, length=len(split.text), thoughts=split.thoughts or None, meta=meta
        )
    )
    # Whoever judged the former text is asked again.
    connection.execute(
        update(slots)
        .where(slots.c.prediction_id == row.id, slots.c.done_at.is_not(None))
        .values(done_at=None, judge_id=None, claimed_until=None)
    )


def _free(connection: Connection, run_id: int, row: Any, reason: str) -> None:
    connection.execute(delete(skips).where(skips.c.prediction_id == row.id))
    connection.execute(delete(predictions).where(predictions.c.id == row.id))
    known = select(func.count()).where(
        run_errors.c.run_id == run_id,
        run_errors.c.example_id == row.example_id,
        run_errors.c.ordinal == row.ordinal,
    )
    if not connection.scalar(known):
        connection.execute(
            insert(run_errors).values(
                run_id=run_id,
                example_id=row.example_id,
                ordinal=row.ordinal,
                row=row.row,
                reason=f"Freed to be asked again: {reason}."[:2000],
                created_at=time.time(),
            )
        )
