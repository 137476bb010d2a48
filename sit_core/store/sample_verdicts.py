"""The summary that tables are counted from: per sample, scope and kind of judge, who says what.

``sample_verdicts`` holds a row per sample, scope (a study, or `ALL_STUDIES`) and kind of judge,
with the pattern of what those judges say of it now (`sit_core.store.verdict_patterns`). How many
samples of each run have which pattern is one statement over an index, and all rates, agreements
and comparisons follow from it.

The rows are written in the transaction of the judgment: every writer calls `summarise` for the
samples it wrote about, which reads their judgments anew, so that nothing adds up. On PostgreSQL the
sample's row is locked meanwhile: of two who write about one sample the second one sees what the
first has written. `differing_summaries` recounts everything.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from sit_core.records import JudgeKind
from sit_core.store.schema import (
    judges,
    judgments,
    predictions,
    runs,
    sample_verdicts,
    slots,
    study_runs,
    verdict_patterns,
)
from sit_core.store.verdict_patterns import ALL_STUDIES, GivenRow, pattern_id, patterns_of
from sit_core.store.write_lock import AdvisoryLock, hold

PAGE = 500
MACHINES = (JudgeKind.LLM, JudgeKind.RULE)
T = TypeVar("T")
Key = tuple[str, int, str]
"""(output, scope, kind of judge)."""


def _writing(dialect: Any) -> tuple[Any, Any]:
    """How patterns, and rows of the summary, are put in."""
    upsert = dialect.insert(sample_verdicts)
    return dialect.insert(verdict_patterns).on_conflict_do_nothing(), upsert.on_conflict_do_update(
        index_elements=["prediction_id", "scope", "kind"],
        set_={"pattern_id": upsert.excluded.pattern_id},
        where=sample_verdicts.c.pattern_id != upsert.excluded.pattern_id,
    )


# Made once: an annotator waits for them with every sample.
_PAGE_OF: BindParameter[Any] = bindparam("page", expanding=True)
_KINDS: BindParameter[Any] = bindparam("kinds", expanding=True)
_RUNS = (
    select(predictions.c.id, predictions.c.run_id)
    .where(predictions.c.id.in_(_PAGE_OF))
    .order_by(predictions.c.id)
)
_LOCKED_RUNS = _RUNS.with_for_update(key_share=True)
_GIVEN = (
    select(judgments.c.prediction_id, judges.c.kind, judgments.c.study_id, judgments.c.judge_id)
    .add_columns(judgments.c.step, judgments.c.revision, judgments.c.verdict, judgments.c.score)
    .add_columns(judgments.c.created_at, judgments.c.id)
    .join(judges, judges.c.id == judgments.c.judge_id)
    .where(judgments.c.prediction_id.in_(_PAGE_OF), judges.c.kind.in_(_KINDS))
)
_WRITING = {"sqlite": _writing(sqlite), "postgresql": _writing(postgresql)}


def summarise(
    connection: Connection,
    prediction_ids: Iterable[str],
    kinds: Sequence[JudgeKind] = tuple(JudgeKind),
    *,
    deleted: bool = False,
) -> None:
    """Bring the summary of these samples in line with their judgments.

    Args:
        connection: in the transaction in which the judgments were written.
        prediction_ids: the samples that anything was said of.
        kinds: of the judges who said it; what others said is left as it is.
        deleted: judgments were taken away, so that rows may have to go.
    """
    if any(kind in MACHINES for kind in kinds):
        # A study that is being made must not miss what is said meanwhile, nor this the study.
        hold(connection, AdvisoryLock.STUDY_SAMPLES, shared=True)
    wanted = sorted(set(prediction_ids))  # everybody locks them in the same order
    for page in pages(wanted):
        _summarise(connection, page, kinds, deleted=deleted)


def _summarise(
    connection: Connection, page: list[str], kinds: Sequence[JudgeKind], *, deleted: bool
) -> None:
    s = sample_verdicts.c
    query = _LOCKED_RUNS if connection.dialect.name == "postgresql" else _RUNS
    of_run = {row[0]: row[1] for row in connection.execute(query, {"page": page})}
    found = dict(_recounted(connection, page, kinds))
    if deleted:
        connection.execute(
            delete(sample_verdicts).where(s.prediction_id.in_(page), s.kind.in_(kinds))
        )
    _write(connection, [(key, of_run[key[0]], pattern) for key, pattern in found.items()])


def _write(connection: Connection, rows: Sequence[tuple[Key, int, str]]) -> None:
    if not rows:
        return
    put_patterns, put_rows = _WRITING[connection.dialect.name]
    known = {pattern: pattern_id(pattern) for _, _, pattern in rows}
    connection.execute(
        put_patterns,
        [{"id": number, "pattern": pattern} for pattern, number in sorted(known.items())],
    )
    connection.execute(
        put_rows,
        [
            {"prediction_id": prediction, "scope": scope, "kind": kind, "run_id": run}
            | {"pattern_id": known[pattern]}
            for (prediction, scope, kind), run, pattern in rows
        ],
    )


def _recounted(
    connection: Connection, page: Sequence[str], kinds: Sequence[JudgeKind]
) -> Iterator[tuple[Key, str]]:
    """What the judgments of these samples come to."""
    asked = {"page": page, "kinds": kinds}
    rows = sorted(connection.execute(_GIVEN, asked), key=lambda row: (row[0], row[1]))
    machine = {row[0] for row in rows if row[1] != JudgeKind.HUMAN}
    studies = _studies_of(connection, sorted(machine))
    for (prediction, kind), given in groupby(rows, key=lambda row: (row[0], row[1])):
        said = (GivenRow(*row[2:]) for row in given)
        found = patterns_of(said, JudgeKind(kind), studies.get(prediction, ()))
        for scope, pattern in found.items():
            yield (prediction, scope, kind), pattern


def _studies_of(connection: Connection, prediction_ids: Sequence[str]) -> dict[str, list[int]]:
    """Sample → the studies that it is in."""
    found: dict[str, list[int]] = {}
    if not prediction_ids:
        return found
    s, r = slots.c, study_runs.c
    of_runs = select(predictions.c.run_id).where(predictions.c.id.in_(prediction_ids))
    query = select(s.prediction_id, s.study_id).where(
        # What is asked for by the studies' numbers first is found by the queue's own index.
        s.study_id.in_(select(r.study_id).where(r.run_id.in_(of_runs))),
        s.prediction_id.in_(prediction_ids),
        s.place == 0,
    )
    for prediction, study in connection.execute(query):
        found.setdefault(prediction, []).append(study)
    return found


def sampled(connection: Connection, study_id: int, prediction_ids: Sequence[str]) -> None:
    """Count the outputs that have just become samples of a study, and what machines said of them.

    They say it in no study, so it stands in the summary of all studies already.
    """
    s, p, r = sample_verdicts.c, predictions.c, study_runs.c
    more: Counter[int] = Counter()
    for page in pages(prediction_ids):
        more.update(connection.scalars(select(p.run_id).where(p.id.in_(page))))
        connection.execute(
            insert(sample_verdicts).from_select(
                ["prediction_id", "scope", "kind", "run_id", "pattern_id"],
                select(s.prediction_id, literal(study_id), s.kind, s.run_id, s.pattern_id).where(
                    s.prediction_id.in_(page), s.scope == ALL_STUDIES, s.kind.in_(MACHINES)
                ),
            )
        )
    for run_id, n in sorted(more.items()):
        mine = (r.study_id == study_id, r.run_id == run_id)
        connection.execute(update(study_runs).where(*mine).values(samples=r.samples + n))


def summarise_all(
    connection: Connection, progress: Callable[[int, int], None] | None = None
) -> None:
    """Make the whole summary anew from the judgments; memory stays small.

    Args:
        connection: in a transaction that nobody else writes beside.
        progress: is told how many of how many runs are done.
    """
    hold(connection, AdvisoryLock.STUDY_SAMPLES)
    if connection.dialect.name == "postgresql":  # whoever writes verdicts meanwhile waits
        connection.execute(text("lock table judgments in share mode"))
    connection.execute(delete(sample_verdicts))
    _count_samples(connection)
    run_ids = list(connection.scalars(select(runs.c.id).order_by(runs.c.id)))
    for done, run_id in enumerate(run_ids, start=1):
        for rows in pages(_of_run(connection, run_id), 5000):
            _write(connection, rows)
        if progress is not None:
            progress(done, len(run_ids))


def _count_samples(connection: Connection) -> None:
    """How many outputs of each run are samples of each study, from the queue."""
    s, p, r = slots.c, predictions.c, study_runs.c
    found = connection.execute(
        select(s.study_id, p.run_id, func.count())
        .join(predictions, p.id == s.prediction_id)
        .where(s.place == 0)
        .group_by(s.study_id, p.run_id)
    ).all()
    connection.execute(update(study_runs).values(samples=0))
    for study_id, run_id, n in found:
        mine = (r.study_id == study_id, r.run_id == run_id)
        connection.execute(update(study_runs).where(*mine).values(samples=n))


def _of_run(connection: Connection, run_id: int) -> Iterator[tuple[Key, int, str]]:
    """The rows of a run's samples, as its judgments have them."""
    p = predictions.c
    last = ""
    while True:
        page = list(
            connection.scalars(
                select(p.id).where(p.run_id == run_id, p.id > last).order_by(p.id).limit(PAGE)
            )
        )
        for key, pattern in _recounted(connection, page, tuple(JudgeKind)):
            yield key, run_id, pattern
        if len(page) < PAGE:
            return
        last = page[-1]


@dataclass(frozen=True, slots=True)
class SummaryDifference:
    """A sample of which the summary says something else than its judgments."""

    run: str
    prediction_id: str
    scope: int
    """A study's number, or `ALL_STUDIES`."""
    kind: JudgeKind
    counted: str | None
    """The pattern that the summary has; None: no row."""
    given: str | None
    """The pattern of the judgments; None: there are none."""


def differing_summaries(
    connection: Connection, run_names: Sequence[str] = ()
) -> Iterator[SummaryDifference]:
    """Recount runs (all, where none is named) from their judgments: where the summary differs."""
    query = select(runs.c.id, runs.c.name).order_by(runs.c.id)
    if run_names:
        query = query.where(runs.c.name.in_(run_names))
    s = sample_verdicts.c
    for run_id, name in connection.execute(query).all():
        rows = connection.execute(
            select(s.prediction_id, s.scope, s.kind, verdict_patterns.c.pattern)
            .outerjoin(verdict_patterns, verdict_patterns.c.id == s.pattern_id)
            .where(s.run_id == run_id)
        )
        counted: dict[Key, str | None] = {(row[0], row[1], row[2]): row[3] for row in rows}
        given = {key: pattern for key, _, pattern in _of_run(connection, run_id)}
        for key in sorted(counted.keys() | given.keys()):
            if counted.get(key) != given.get(key):
                prediction, scope, kind = key
                yield SummaryDifference(
                    name, prediction, scope, JudgeKind(kind), counted.get(key), given.get(key)
                )


def pages(things: Iterable[T], size: int = PAGE) -> Iterator[list[T]]:
    """The same in lists of at most so many."""
    iterator = iter(things)
    while page := list(islice(iterator, size)):
        yield page
