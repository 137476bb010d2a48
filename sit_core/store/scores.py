"""Automatic scores in the store: read the outputs, keep what the metrics say, count it.

Scores are replaced when they are made anew. What the rules of *following* say is also kept as
judgments of a judge of kind ``rule`` in no study, so that every table can be made ``--by rule``;
those, like all judgments, are only ever added to.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from sit_core import __version__
from sit_core.errors import SitError, UsageError
from sit_core.metrics.registry import SCORED_BY, VERIFIABLE, Score
from sit_core.metrics.rules import RuleVerdict
from sit_core.records import JudgeKind, Outcome, Prediction, Unparsed
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.judgments import judge_id
from sit_core.store.renaming import present_names
from sit_core.store.run_contents import EXAMPLE_COLUMNS, example_of
from sit_core.store.sample_verdicts import summarise
from sit_core.store.schema import examples, judgments, predictions, run_errors, runs, scores
from sit_core.store.study_samples import keys_of_all

WHOLE = ""
"""What stands for the whole output where a step's key is asked for."""
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """What a metric says of one run, for the whole outputs or for one step."""

    run: str
    metric: str
    how: str
    """The metric's settings."""
    step: str
    """A step's key; empty for the whole output."""
    scored: int
    """Outputs with a value."""
    unparsed: int
    """Outputs without one."""
    n: int
    """Outputs that the mean over all has: with a value, or without what was asked."""
    mean: float | None
    """Over n; what is lacking counts as 0."""
    mean_scored: float | None
    """Over those that have a value."""
    reasons: Mapping[str, int]
    """Why the others have none, the commonest first."""
    ones: int = 0
    """How many of the values are 1."""
    examples: int = 0
    """How many prompts the n outputs are for."""


@dataclass(frozen=True, slots=True)
class CurrentScores:
    """Which scores count as made: of this metric, with these settings, not older than `since`."""

    metric: str
    how: str
    since: float = 0.0
    """Seconds since 1970, UTC."""


_FIRST_NAME = func.coalesce(runs.c.original_name, runs.c.name).label("first_name")
"""What ids of predictions are made of."""


def check_runs(store: Store, names: Sequence[str]) -> None:
    """See that there are such runs, by the names they have or had.

    Raises:
        UsageError: no name is given, or some are unknown; one message for all.
    """
    if not names:
        raise UsageError("Name a run (--run NAME).")
    with store.read() as connection:
        known = list(connection.scalars(select(runs.c.name)))
        names = present_names(connection, names)
    wrong = [unknown("run", name, known) for name in names if name not in known]
    if wrong:
        raise UsageError(" ".join(wrong))


def count_outputs(store: Store, names: Sequence[str], known: CurrentScores | None = None) -> int:
    """How many outputs these runs have; only those with a score, where ``known`` says of what."""
    query = select(func.count()).select_from(predictions).join(runs).where(runs.c.name.in_(names))
    if known is not None:
        query = query.where(_has(known))
    with store.read() as connection:
        return connection.scalar(query) or 0


def _has(known: CurrentScores) -> ColumnElement[bool]:
    """Whether ``predictions`` has such a score, a value or the reason why there is none."""
    s = scores.c
    return (
        select(s.id)
        .where(
            s.prediction_id == predictions.c.id,
            s.metric == known.metric,
            s.how == known.how,
            s.step == WHOLE,
            s.created_at >= known.since,
        )
        .exists()
    )


def read_outputs(
    store: Store, names: Sequence[str], without: CurrentScores | None = None
) -> Iterator[Prediction]:
    """Outputs of runs with their examples, a page at a time.

    Those of one run come in its order; those of several example by example, so that what shares a
    reference comes together.

    Their ids are right also where a run was renamed; ``run`` is the name that it had first.

    Args:
        store: where.
        names: of the runs.
        without: leave out those that have such a score.
    """
    p, e = predictions.c, examples.c
    order = (p.row, p.id) if len(names) == 1 else (p.example_id, p.id)
    query = (
        select(_FIRST_NAME, p.id, p.row, p.example_id, p.ordinal, p.output, p.outcome)
        # `meta` is the example's
        .add_columns(p.meta.label("output_meta"), *EXAMPLE_COLUMNS)
        .join(runs, runs.c.id == p.run_id)
        .join(examples, e.id == p.example_id)
        .where(runs.c.name.in_(names))
        .order_by(*order)
        .limit(_PAGE)
    )
    if without is not None:
        query = query.where(~_has(without))
    last: tuple[Any, str] | None = None
    while True:
        after = query
        if last is not None:
            after = query.where(
                (order[0] > last[0]) | and_(order[0] == last[0], order[1] > last[1])
            )
        with store.read() as connection:
            rows = connection.execute(after).all()
        for row in rows:
            example = example_of(row)
            outcome = Outcome(row.outcome) if row.outcome else None
            meta = row.output_meta or {}
            yield Prediction(row.first_name, example, row.output, row.ordinal, meta, outcome)
        if len(rows) < _PAGE:
            return
        last = (getattr(rows[-1], order[0].name), rows[-1].id)


def save_scores(store: Store, made: Sequence[Score], how: Mapping[str, str], judge: str) -> None:
    """Keep the scores, and the rulings among them as judgments; one transaction, repeatable.

    Args:
        store: where.
        made: scores of outputs that are in the store.
        how: metric → its settings.
        judge: the name of the rules; what checks constraints is a judge called by its settings.

    Raises:
        SitError: some of the outputs are in the store no more.
    """
    try:
        with store.write() as connection:
            save_scores_in(connection, made, how, judge)
    except IntegrityError:
        raise SitError(
            "A run was deleted while it was scored; what was scored of others is kept."
        ) from None


def save_scores_in(
    connection: Connection, made: Sequence[Score], how: Mapping[str, str], judge: str
) -> None:
    """The same as part of a transaction."""
    now = time.time()
    rows = [row for score in made for row in _rows(score, how[score.metric], now)]
    ruled = [score for score in made if score.rulings]
    if rows:
        _upsert(connection, rows)
    by_judge: dict[str, list[Score]] = {}
    for score in ruled:
        named = how[score.metric] if score.metric in VERIFIABLE else judge
        by_judge.setdefault(named, []).append(score)
    for named, of_judge in by_judge.items():
        _add_rulings(connection, of_judge, named, now)


def _rows(score: Score, how: str, now: float) -> Iterator[dict[str, Any]]:
    for step, value in {WHOLE: score.value, **score.steps}.items():
        missing = isinstance(value, Unparsed)
        yield {
            "prediction_id": score.prediction_id,
            "metric": score.metric,
            "how": how,
            "step": step,
            "value": None if missing else value,
            "reason": value.reason if isinstance(value, Unparsed) else None,
            "counted": value.counted if isinstance(value, Unparsed) else value,
            "version": SCORED_BY,
            "created_at": now,
        }


_REPLACED = ("value", "reason", "counted", "version", "created_at")


def _upsert(connection: Connection, rows: list[dict[str, Any]]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(scores)
    new = {name: statement.excluded[name] for name in _REPLACED}
    key = ["prediction_id", "metric", "how", "step"]
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=new), rows)


def _add_rulings(connection: Connection, made: Sequence[Score], judge: str, now: float) -> None:
    """Add the verdicts that are new or have changed."""
    who = judge_id(connection, JudgeKind.RULE, judge)
    j = judgments.c
    said = {
        (row.prediction_id, row.step): (row.verdict, row.revision)
        for start in range(0, len(made), 500)
        for row in connection.execute(
            select(j.prediction_id, j.step, j.verdict, j.revision)
            .where(
                j.study_id.is_(None),
                j.judge_id == who,
                j.prediction_id.in_([s.prediction_id for s in made[start : start + 500]]),
            )
            .order_by(j.revision)
        )
    }
    new = []
    for score in made:
        for step, ruling in score.rulings.items():
            if not isinstance(ruling, RuleVerdict):
                continue
            verdict, revision = said.get((score.prediction_id, step), (None, 0))
            if verdict != ruling.verdict.value:
                new.append(
                    {
                        "prediction_id": score.prediction_id,
                        "judge_id": who,
                        "step": step,
                        "revision": revision + 1,
                        "verdict": ruling.verdict.value,
                        "provenance": {"reason": ruling.reason, "version": __version__},
                        "created_at": now,
                    }
                )
    if new:
        connection.execute(insert(judgments), new)
        summarise(connection, [row["prediction_id"] for row in new], [JudgeKind.RULE])


def score_table(
    store: Store,
    names: Sequence[str],
    metrics: Sequence[str] = (),
    shared_by: Sequence[str] = (),
) -> list[ScoreRow]:
    """What is stored for these runs: a row per run, metric, settings and step, in chain order.

    Args:
        store: where.
        names: runs; their order is the rows'.
        metrics: only these; empty: all.
        shared_by: only outputs for prompts that all these runs have; empty: all.

    Raises:
        UsageError: a run is unknown.
    """
    check_runs(store, names)
    s = scores.c
    place = (runs.c.name, s.metric, s.how, s.step)
    from_where = (
        scores.join(predictions, predictions.c.id == s.prediction_id)
        .join(runs, runs.c.id == predictions.c.run_id)
        .join(examples, examples.c.id == predictions.c.example_id),
        and_(
            runs.c.name.in_(names),
            s.metric.in_(metrics) if metrics else s.metric.is_not(None),
            _shared_by(shared_by),
        ),
    )
    with store.read() as connection:
        one = case((s.value == 1, 1), else_=0)
        example = case((s.counted.is_not(None), examples.c.match_key))
        figures = connection.execute(
            select(*place, func.count(s.value), func.count(s.reason), func.count(s.counted))
            .add_columns(func.avg(s.counted), func.avg(s.value))
            .add_columns(func.sum(one), func.count(example.distinct()))
            .select_from(from_where[0])
            .where(from_where[1])
            .group_by(*place)
            .order_by(runs.c.name, s.metric, s.how, s.step != WHOLE, func.min(s.id))
        ).all()
        reasons: dict[tuple[str, ...], dict[str, int]] = {}
        for *where, reason, n in connection.execute(
            select(*place, s.reason, func.count().label("n"))
            .select_from(from_where[0])
            .where(from_where[1], s.reason.is_not(None))
            .group_by(*place, s.reason)
            .order_by(func.count().desc(), s.reason)
        ):
            reasons.setdefault(tuple(where), {})[reason] = n
    rows = [
        ScoreRow(
            *(run, metric, how, step, scored, missing, n, mean, mean_scored),
            reasons=reasons.get((run, metric, how, step), {}),
            ones=ones,
            examples=asked,
        )
        for run, metric, how, step, scored, missing, n, mean, mean_scored, ones, asked in figures
    ]
    order = {name: i for i, name in enumerate(names)}
    return sorted(rows, key=lambda row: order[row.run])


@dataclass(frozen=True, slots=True)
class Clusters:
    """The values behind one row, prompt by prompt."""

    sums: list[float]
    """What is counted in the mean over all."""
    counts: list[int]
    sums_scored: list[float]
    """Of the values alone."""
    counts_scored: list[int]


def _shared_by(run_names: Sequence[str]) -> ColumnElement[bool]:
    """Whether all these runs have the prompt of ``examples``; true for no runs."""
    return examples.c.match_key.in_(keys_of_all(run_names)) if run_names else true()


def score_clusters(store: Store, row: ScoreRow, shared_by: Sequence[str] = ()) -> Clusters:
    """The values behind one row, prompt by prompt: their sums and how many there are."""
    s, p = scores.c, predictions.c
    query = (
        select(func.sum(s.counted), func.count(s.counted), func.sum(s.value), func.count(s.value))
        .join(predictions, p.id == s.prediction_id)
        .join(runs, runs.c.id == p.run_id)
        .join(examples, examples.c.id == p.example_id)
        .where(runs.c.name == row.run, s.metric == row.metric, s.how == row.how)
        .where(s.step == row.step, s.counted.is_not(None), _shared_by(shared_by))
        .group_by(examples.c.match_key)
        .order_by(func.min(p.example_id))
    )
    with store.read() as connection:
        found = connection.execute(query).all()
    columns = list(zip(*found, strict=True)) or [(), (), (), ()]
    return Clusters(
        [float(total) for total in columns[0]],
        [int(n) for n in columns[1]],
        [float(total or 0) for total in columns[2]],
        [int(n) for n in columns[3]],
    )


def outputs_of(
    store: Store, names: Sequence[str], shared_by: Sequence[str] = ()
) -> dict[str, tuple[int, int]]:
    """Run → how many outputs it has, and how many prompts for which the call came to nothing.

    ``shared_by``: only outputs for prompts that all these runs have.
    """
    found = []
    with store.read() as connection:
        for table in (predictions, run_errors):
            query = (
                select(runs.c.name, func.count())
                .join(table, table.c.run_id == runs.c.id)
                .join(examples, examples.c.id == table.c.example_id)
                .where(runs.c.name.in_(names))
                .group_by(runs.c.name)
            )
            if table is predictions:
                query = query.where(_shared_by(shared_by))
            found.append({row[0]: int(row[1]) for row in connection.execute(query)})
    there, failed = found
    return {name: (there.get(name, 0), failed.get(name, 0)) for name in names}


def scored_runs(store: Store) -> list[str]:
    """The runs that have any score, the newest first."""
    has_one = (
        select(scores.c.id)
        .join(predictions, predictions.c.id == scores.c.prediction_id)
        .where(predictions.c.run_id == runs.c.id)
    )
    query = select(runs.c.name).where(has_one.exists())
    with store.read() as connection:
        return list(connection.scalars(query.order_by(runs.c.created_at.desc(), runs.c.id.desc())))


def score_kinds(store: Store) -> list[tuple[str, str, str]]:
    """(metric, settings, step) of all scores in the store, for menus."""
    s = scores.c
    query = select(s.metric, s.how, s.step).group_by(s.metric, s.how, s.step)
    with store.read() as connection:
        rows = connection.execute(query.order_by(s.metric, s.how, s.step != WHOLE, func.min(s.id)))
        return [(row.metric, row.how, row.step) for row in rows]


def scores_version(store: Store) -> tuple[int, float]:
    """Changes whenever scores are made, replaced or deleted; for caches."""
    with store.read() as connection:
        n, newest = connection.execute(
            select(func.count(), func.max(scores.c.created_at)).select_from(scores)
        ).one()
    return int(n), float(newest or 0)


def scores_of(store: Store, prediction_id: str) -> list[tuple[str, str, str, float | Unparsed]]:
    """All scores of one output: (metric, settings, step, value or why there is none).

    Raises:
        SitError: there is no such output.
    """
    s = scores.c
    with store.read() as connection:
        known = select(predictions.c.id).where(predictions.c.id == prediction_id)
        if connection.scalar(known) is None:
            raise SitError(f"There is no output with the id {prediction_id[:60]!r} in this store.")
        rows = connection.execute(
            select(s.metric, s.how, s.step, s.value, s.reason)
            .where(s.prediction_id == prediction_id)
            .order_by(s.metric, s.how, s.step)
        ).all()
    return [
        (r.metric, r.how, r.step, Unparsed(r.reason) if r.value is None else r.value) for r in rows
    ]
