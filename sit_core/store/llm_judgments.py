"""What LLM judges said, read: who they are, counts per run and step, and per sample.

The current verdict of a judge is that of the highest revision. Outputs that a judge was asked
about without a usable verdict are counted apart.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, Select, Subquery, case, func, select

from sit_core.errors import SitError
from sit_core.records import JudgeKind, Verdict, steps_from_json
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.pairwise_filter import outcomes_in_sql
from sit_core.store.schema import (
    duels,
    examples,
    judges,
    judgments,
    predictions,
    runs,
    slots,
    studies,
    unusable,
)
from sit_core.store.verdict_state import table_connection

_LOOKED_AT = 50
Outcome = Literal["won", "lost", "tied", "inconsistent", "unusable", "half"]
"""Of two outputs compared in both orders; ``inconsistent``: a tie, because the order decided;
``half``: asked in one order only so far."""


@dataclass(frozen=True, slots=True)
class LlmJudge:
    """A judge of kind "llm", and on how many outputs it has said what."""

    name: str
    judged: int
    """Outputs with a verdict."""
    unusable: int
    """Outputs and steps without a usable one."""
    compared: int
    """Pairs of outputs."""
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """What a judge says of one run at one step, in outputs."""

    run: str
    step: str
    samples: int
    yes: int
    partly: int
    no: int
    unsure: int
    unusable: int
    quality: float | None
    """The mean; None where none was given."""
    quality_n: int
    prompts: Mapping[tuple[int, int, int], int] = field(default_factory=dict, compare=False)
    """(yes, partly, yes + partly + no) of one prompt → how many prompts have just that."""
    ratings: Mapping[tuple[float, int], int] = field(default_factory=dict, compare=False)
    """(sum of ratings, how many) of one prompt → how many prompts have just that."""

    @property
    def missing(self) -> int:
        """Outputs that it was not asked about."""
        return self.samples - self.yes - self.partly - self.no - self.unsure - self.unusable


@dataclass(frozen=True, slots=True)
class DuelCount:
    """What a judge says of one run against another, in pairs of outputs."""

    run: str
    against: str
    samples: int
    """Outputs of the run."""
    won: int
    lost: int
    tied: int
    """Said to be one, in both orders."""
    inconsistent: int
    """Another one was preferred when the order changed; counts as a tie."""
    unusable: int
    """Without a verdict in one of the orders."""
    half: int
    """Asked in one order only so far."""
    prompts: Mapping[tuple[int, int, int], int] = field(default_factory=dict, compare=False)
    """(won, lost, decided) of one prompt → how many prompts have just that."""


@dataclass(frozen=True, slots=True)
class SampleVerdict:
    """What a judge says of one output."""

    verdict: Verdict | None
    """None: it was asked, and nothing usable came."""
    quality: float | None
    reason: str | None = None
    """Why there is no verdict."""


def llm_judges(store: Store) -> list[LlmJudge]:
    """The LLM judges, the newest first."""
    mine = select(judges.c.id, judges.c.name).where(judges.c.kind == JudgeKind.LLM.value)
    with table_connection(store) as connection:
        found = connection.execute(mine.order_by(judges.c.created_at.desc(), judges.c.id)).all()
        of_runs: dict[int, set[str]] = {}
        counts: dict[str, dict[int, int]] = {}
        for name, table, what in (
            ("judged", judgments, func.count(judgments.c.prediction_id.distinct())),
            ("unusable", unusable, func.count()),
            ("compared", duels, func.count()),
        ):
            query = (
                select(table.c.judge_id, runs.c.name, what)
                .join(predictions, predictions.c.id == table.c.prediction_id)
                .join(runs, runs.c.id == predictions.c.run_id)
                .where(table.c.judge_id.in_([row.id for row in found]))
                .group_by(table.c.judge_id, runs.c.name)
            )
            if name == "compared":
                query = query.where(duels.c.place == 1)
            for judge, run, n in connection.execute(query):
                of_runs.setdefault(judge, set()).add(run)
                of = counts.setdefault(name, {})
                of[judge] = of.get(judge, 0) + n
    return [
        LlmJudge(
            row.name,
            counts.get("judged", {}).get(row.id, 0),
            counts.get("unusable", {}).get(row.id, 0),
            counts.get("compared", {}).get(row.id, 0),
            tuple(sorted(of_runs.get(row.id, ()))),
        )
        for row in found
    ]


def llm_judge_number(store: Store, name: str) -> int:
    """The judge's number.

    Raises:
        SitError: there is no such LLM judge.
    """
    query = select(judges.c.name, judges.c.id).where(judges.c.kind == JudgeKind.LLM.value)
    with store.read() as connection:
        known = {row.name: int(row.id) for row in connection.execute(query)}
    if name not in known:
        raise SitError(unknown("llm judge", name, list(known)))
    return known[name]


def verdict_counts(
    store: Store, judge: str, names: Sequence[str], study: str | None = None
) -> list[VerdictCount]:
    """What a judge says of runs, per run and step, in the order of the runs.

    Args:
        store: where.
        judge: the judge's name.
        names: of the runs.
        study: only its samples.

    Raises:
        SitError: there is no such judge.
    """
    who = llm_judge_number(store, judge)
    said, samples = _current(who), _samples(names, study)

    def many(verdict: Verdict) -> Any:
        return func.sum(case((said.c.verdict == verdict.value, 1), else_=0))

    good = (
        select(samples.c.run, said.c.step, *(many(v) for v in Verdict))
        .add_columns(func.avg(said.c.score), func.count(said.c.score))
        .join(said, said.c.prediction_id == samples.c.prediction_id)
        .group_by(samples.c.run, said.c.step)
    )
    per_prompt = (
        select(samples.c.run, said.c.step)
        .add_columns(*(many(v) for v in (Verdict.YES, Verdict.PARTLY, Verdict.NO)))
        .add_columns(func.sum(said.c.score), func.count(said.c.score))
        .join(said, said.c.prediction_id == samples.c.prediction_id)
        .group_by(samples.c.run, said.c.step, samples.c.prompt)
    )
    prompts: dict[tuple[str, str], Counter[tuple[int, int, int]]] = {}
    ratings: dict[tuple[str, str], Counter[tuple[float, int]]] = {}
    # One that has a verdict at this step is no longer unusable, whatever came later.
    there = said.c.prediction_id == unusable.c.prediction_id
    has_one = select(said.c.id).where(there, said.c.step == unusable.c.step).exists()
    bad = (
        select(samples.c.run, unusable.c.step, func.count())
        .join(unusable, unusable.c.prediction_id == samples.c.prediction_id)
        .where(unusable.c.judge_id == who, ~has_one)
        .group_by(samples.c.run, unusable.c.step)
    )
    with table_connection(store) as connection:
        totals = _totals(connection, samples)
        found = {(row[0], row[1]): row for row in connection.execute(good)}
        without = {(run, step): n for run, step, n in connection.execute(bad)}
        places = _places(connection, samples)
        for run, step, *said_yes, total, rated in connection.execute(per_prompt):
            yes, partly, no = map(int, said_yes)
            if yes + partly + no:
                of_step = prompts.setdefault((run, step), Counter())
                of_step[yes, partly, yes + partly + no] += 1
            if rated:
                ratings.setdefault((run, step), Counter())[float(total), int(rated)] += 1
    order = {name: i for i, name in enumerate(dict.fromkeys(names))}
    keys = sorted(
        {*found, *without}, key=lambda key: (order[key[0]], places.get(key[1], len(places)), key[1])
    )
    made = []
    for key in keys:
        row = found.get(key)
        yes, partly, no, unsure = (0,) * 4 if row is None else map(int, row[2:6])
        quality, n = (None, 0) if row is None else (row[6], row[7])
        made.append(
            VerdictCount(
                *(*key, totals[key[0]], yes, partly, no, unsure, without.get(key, 0), quality, n),
                prompts=prompts.get(key, {}),
                ratings=ratings.get(key, {}),
            )
        )
    return made


def duel_counts(
    store: Store,
    judge: str,
    names: Sequence[str],
    against: str | None = None,
    study: str | None = None,
) -> list[DuelCount]:
    """What a judge says of runs against others, in the order of the runs.

    Raises:
        SitError: there is no such judge.
    """
    who = llm_judge_number(store, judge)
    samples = _samples(names, study)
    pairs = _outcomes(who).subquery()
    other = predictions.alias("other")
    of_other = runs.alias("of_other")
    query = (
        select(samples.c.run, of_other.c.name, samples.c.prompt, pairs.c.outcome, func.count())
        .join(pairs, pairs.c.prediction_id == samples.c.prediction_id)
        .join(other, other.c.id == pairs.c.against_id)
        .join(of_other, of_other.c.id == other.c.run_id)
        .group_by(samples.c.run, of_other.c.name, samples.c.prompt, pairs.c.outcome)
    )
    if against is not None:
        query = query.where(of_other.c.name == against)
    with table_connection(store) as connection:
        totals = _totals(connection, samples)
        found: dict[tuple[str, str], Counter[str]] = {}
        each: dict[tuple[str, str, str], Counter[str]] = {}
        for run, reference, example, outcome, n in connection.execute(query):
            found.setdefault((run, reference), Counter())[outcome] += n
            each.setdefault((run, reference, example), Counter())[outcome] += n
    order = {name: i for i, name in enumerate(dict.fromkeys(names))}
    prompts: dict[tuple[str, str], Counter[tuple[int, int, int]]] = {}
    for (run, reference, _), of in each.items():
        decided = of["won"] + of["lost"] + of["tied"] + of["inconsistent"]
        if decided:
            prompts.setdefault((run, reference), Counter())[of["won"], of["lost"], decided] += 1
    shown = ("won", "lost", "tied", "inconsistent", "unusable", "half")
    return [
        DuelCount(
            run,
            reference,
            totals[run],
            **{name: counts[name] for name in shown},
            prompts=prompts.get((run, reference), {}),
        )
        for (run, reference), counts in sorted(
            found.items(), key=lambda item: (order[item[0][0]], item[0][1])
        )
    ]


def verdicts_by_prediction(
    store: Store, judge: str, names: Sequence[str], step: str = "follow"
) -> dict[str, SampleVerdict]:
    """Output → what a judge says of it at one step; those it was never asked about are not there.

    Raises:
        SitError: there is no such judge.
    """
    who = llm_judge_number(store, judge)
    said, samples = _current(who), _samples(names, None)
    good = (
        select(said.c.prediction_id, said.c.verdict, said.c.score)
        .join(samples, samples.c.prediction_id == said.c.prediction_id)
        .where(said.c.step == step)
    )
    bad = (
        select(unusable.c.prediction_id, unusable.c.reason)
        .join(samples, samples.c.prediction_id == unusable.c.prediction_id)
        .where(unusable.c.judge_id == who, unusable.c.step == step)
    )
    with table_connection(store) as connection:
        found = {p: SampleVerdict(None, None, reason) for p, reason in connection.execute(bad)}
        for prediction_id, verdict, score in connection.execute(good):
            found[prediction_id] = SampleVerdict(Verdict(verdict), score)
    return found


def outcomes_by_prediction(
    store: Store, judge: str, run: str, against: str
) -> dict[str, tuple[str, Outcome]]:
    """Output of a run → (the other run's output, what came of comparing the two).

    Raises:
        SitError: there is no such judge.
    """
    who = llm_judge_number(store, judge)
    pairs, mine, others = (
        _outcomes(who).subquery(),
        _samples([run], None),
        _samples([against], None),
    )
    query = (
        select(pairs.c.prediction_id, pairs.c.against_id, pairs.c.outcome)
        .join(mine, mine.c.prediction_id == pairs.c.prediction_id)
        .join(others, others.c.prediction_id == pairs.c.against_id)
    )
    with table_connection(store) as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def judged_runs(store: Store, judge: str) -> list[str]:
    """The runs of which a judge has said anything, in the order of their names.

    Raises:
        SitError: there is no such judge.
    """
    llm_judge_number(store, judge)
    return list(next(of.runs for of in llm_judges(store) if of.name == judge))


def _current(who: int) -> Subquery:
    """A judge's current verdicts in no study: id, prediction_id, step, verdict, score."""
    j = judgments.c
    newest = func.row_number().over(
        partition_by=(j.prediction_id, j.step), order_by=j.revision.desc()
    )
    ranked = (
        select(j.id, j.prediction_id, j.step, j.verdict, j.score, newest.label("place"))
        .where(j.judge_id == who, j.study_id.is_(None))
        .subquery()
    )
    return select(ranked).where(ranked.c.place == 1).subquery()


def _samples(names: Sequence[str], study: str | None) -> Subquery:
    """The outputs of runs (in a study): prediction_id, run, prompt."""
    query = (
        select(predictions.c.id.label("prediction_id"), runs.c.name.label("run"))
        .add_columns(examples.c.match_key.label("prompt"))
        .join(examples, examples.c.id == predictions.c.example_id)
        .join(runs, runs.c.id == predictions.c.run_id)
        .where(runs.c.name.in_(list(names)))
    )
    if study is not None:
        query = (
            query.join(slots, slots.c.prediction_id == predictions.c.id)
            .join(studies, studies.c.id == slots.c.study_id)
            .where(studies.c.name == study, slots.c.place == 0)
        )
    return query.subquery()


def _totals(connection: Connection, samples: Subquery) -> dict[str, int]:
    rows = connection.execute(select(samples.c.run, func.count()).group_by(samples.c.run))
    return {row[0]: int(row[1]) for row in rows}


def _places(connection: Connection, samples: Subquery) -> dict[str, int]:
    """Step's key → its place in the chain, as far as some of the examples tell."""
    query = (
        select(examples.c.steps)
        .join(predictions, predictions.c.example_id == examples.c.id)
        .join(samples, samples.c.prediction_id == predictions.c.id)
        .limit(_LOOKED_AT)
    )
    found: dict[str, int] = {}
    for steps in connection.scalars(query):
        for place, step in enumerate(steps_from_json(steps)):
            found[step.key] = max(place, found.get(step.key, 0))
    return found


def _outcomes(who: int) -> Select[Any]:
    """One row per pair of outputs: prediction_id, against_id, outcome."""
    d = duels.c
    rule = outcomes_in_sql(d.preferred)
    outcome = case(
        (func.count(d.reason) > 0, "unusable"),
        (func.count(d.preferred) < 2, "half"),
        (rule["won"], "won"),
        (rule["lost"], "lost"),
        (rule["order"], "inconsistent"),
        else_="tied",
    )
    return (
        select(d.prediction_id, d.against_id, outcome.label("outcome"))
        .where(d.judge_id == who)
        .group_by(d.prediction_id, d.against_id)
    )
