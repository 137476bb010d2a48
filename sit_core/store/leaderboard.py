"""What a leaderboard is counted from: systems, outputs, verdicts, duels; columns of plain values.

Every function is a few statements for all systems at once; nothing is asked per output.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select

from sit_core.errors import SitError
from sit_core.records import JudgeKind, Step, steps_from_json
from sit_core.store.engine import Store
from sit_core.store.pattern_counts import (
    output_states,
    pattern_texts,
    patterns,
    states_by_run,
)
from sit_core.store.sample_selection import scopes
from sit_core.store.schema import (
    benchmarks,
    duels,
    examples,
    judges,
    judgments,
    predictions,
    prompt_set_runs,
    prompt_sets,
    run_errors,
    runs,
    sample_verdicts,
    scores,
    systems,
    unusable,
)
from sit_core.store.verdict_patterns import ALL_STUDIES, ratings_in, said_in
from sit_core.store.verdict_state import (
    CHAIN,
    DONE,
    FOLLOW,
    NOT_DONE,
    UNDECIDED,
    Selection,
    VerdictFilter,
)
from sit_core.store.verdict_state import table_connection as tables

RULED_ALREADY = "following"
"""The metric that is a column of its own, by what rules say."""
States = dict[str, int]
"""Prediction → DONE, NOT_DONE or UNDECIDED."""


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """A system with outputs."""

    name: str
    run: str
    run_id: int
    base_model: str | None
    training_data: str | None
    registered: bool


@dataclass(frozen=True, slots=True)
class OutputColumns:
    """The outputs of some runs, column by column, ordered by run and row."""

    ids: tuple[str, ...]
    run_ids: tuple[int, ...]
    prompts: tuple[str, ...]
    """The `sit_core.matching` key of what was asked."""
    ordinals: tuple[int, ...]
    """0 for a run's first output for a prompt, 1 for its second, …"""
    characters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What an LLM judge said of outputs as wholes."""

    states: States
    ratings: Mapping[str, float]
    """Prediction → quality, where it gave one."""
    unusable: Mapping[str, str]
    """Prediction → why the judge has no verdict on it."""
    stepwise: frozenset[int]
    """Numbers of the runs that were judged step by step."""


@dataclass(frozen=True, slots=True)
class ScoreCell:
    """What a metric says of the outputs for one prompt."""

    metric: str
    how: str
    run_id: int
    prompt: str
    total: float
    """What a mean over all outputs counts, which is 0 for what is lacking."""
    n: int
    total_scored: float | None
    """Of the values alone."""
    n_scored: int


FIRST = 50
"""So many runs at most stand on a board for which no LLM was asked."""


def entries(store: Store) -> list[SystemEntry]:
    """The runs on a leaderboard: those with a row, and those that an LLM judged.

    Where there are none of these, the newest `FIRST` runs that people or rules judged. Archived
    runs are never among them; `entries_named` finds them.
    """
    said = [_has(table, "prediction_id", JudgeKind.LLM) for table in (judgments, unusable, duels)]
    said.append(_has(duels, "against_id", JudgeKind.LLM))
    query = (
        select(runs.c.id, runs.c.name.label("run"), runs.c.model, systems.c.name)
        .add_columns(systems.c.base_model, systems.c.training_data)
        .outerjoin(systems, systems.c.run_id == runs.c.id)
        .where(runs.c.archived_at.is_(None))
    )
    by_others = [
        _has(judgments, "prediction_id", kind) for kind in (JudgeKind.HUMAN, JudgeKind.RULE)
    ]
    newest = query.where(or_(*by_others)).order_by(runs.c.id.desc()).limit(FIRST)
    with tables(store) as connection:
        found = connection.execute(
            query.where(or_(systems.c.id.is_not(None), *said)).order_by(runs.c.id)
        ).all()
        found = found or connection.execute(newest).all()[::-1]
        return _named(found, connection.scalars(select(systems.c.name)))


def runs_besides(store: Store, run_ids: Sequence[int]) -> list[str]:
    """The names of all other runs, in their order."""
    taken = set(run_ids)
    with tables(store) as connection:
        rows = connection.execute(select(runs.c.id, runs.c.name).order_by(runs.c.id)).all()
    return [row.name for row in rows if row.id not in taken]


def _has(table: Any, side: str, kind: JudgeKind) -> ColumnElement[bool]:
    """Whether a judge of that kind said anything of an output of ``runs``; ends at the first."""
    who = select(judges.c.id).where(judges.c.kind == kind)
    return (
        select(table.c.id)
        .join(predictions, predictions.c.id == table.c[side])
        .where(predictions.c.run_id == runs.c.id, table.c.judge_id.in_(who))
        .exists()
    )


def entries_named(store: Store, names: Sequence[str]) -> list[SystemEntry]:
    """These runs, by the names of their systems or their own; unknown ones are left out."""
    query = (
        select(runs.c.id, runs.c.name.label("run"), runs.c.model, systems.c.name)
        .add_columns(systems.c.base_model, systems.c.training_data)
        .outerjoin(systems, systems.c.run_id == runs.c.id)
        .where(or_(systems.c.name.in_(names), runs.c.name.in_(names)))
        .order_by(runs.c.id)
    )
    with store.read() as connection:
        return _named(connection.execute(query).all(), connection.scalars(select(systems.c.name)))


def _named(rows: Sequence[Any], taken: Any) -> list[SystemEntry]:
    """A run without a row goes by its own name, if no other system has that."""
    names = set(taken)
    return [
        SystemEntry(
            row.name or (f"{row.run} (run)" if row.run in names else row.run),
            row.run,
            row.id,
            row.model if row.name is None else row.base_model,
            row.training_data,
            row.name is not None,
        )
        for row in rows
    ]


def board_judges(
    store: Store, run_ids: Sequence[int] | None = None
) -> list[tuple[str, int, int, int]]:
    """LLM judges: name, outputs with a verdict, unusable ones, duels; the busiest first.

    Args:
        store: where.
        run_ids: count only what they said of these runs' outputs; None: of all.
    """
    llms = {}
    mine = None
    s = sample_verdicts.c
    said = select(s.pattern_id, func.count()).where(
        s.scope == ALL_STUDIES, s.kind == JudgeKind.LLM.value
    )
    if run_ids is not None:
        mine = select(predictions.c.id).where(predictions.c.run_id.in_(run_ids))
        said = said.where(s.run_id.in_(run_ids))
    with tables(store) as connection:
        for row in connection.execute(
            select(judges.c.id, judges.c.name).where(judges.c.kind == JudgeKind.LLM)
        ):
            llms[row.id] = row.name
        of_pattern = {row[0]: row[1] for row in connection.execute(said.group_by(s.pattern_id))}
        judged: Counter[int] = Counter()
        for number, by_judge in patterns(connection, of_pattern).items():
            for judge in by_judge:
                judged[judge] += of_pattern[number]
        counts: list[Mapping[int, int]] = [judged]
        for table in (unusable, duels):
            query = select(table.c.judge_id, func.count()).where(table.c.judge_id.in_(list(llms)))
            if mine is not None:
                query = query.where(table.c.prediction_id.in_(mine))
            rows = connection.execute(query.group_by(table.c.judge_id))
            counts.append({row[0]: row[1] for row in rows})
    found = [(name, *(count.get(i, 0) for count in counts)) for i, name in llms.items()]
    kept = [(name, n, bad, pairs) for name, n, bad, pairs in found if n or bad or pairs]
    return sorted(kept, key=lambda judge: (-judge[1], -judge[3], judge[0]))


def read_outputs(store: Store, run_ids: Sequence[int]) -> OutputColumns:
    """All outputs of these runs, without their texts."""
    p, key = predictions.c, examples.c.match_key
    query = (
        select(p.id, p.run_id, key, p.ordinal, p.length)
        .join(examples, examples.c.id == p.example_id)
        .where(p.run_id.in_(run_ids))
        .order_by(p.run_id, p.row, p.id)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    ids, of_runs, prompts, ordinals, lengths = columns
    return OutputColumns(ids, of_runs, prompts, _places(of_runs, prompts, ordinals), lengths)


def _places(
    of_runs: Sequence[int], prompts: Sequence[str], ordinals: Sequence[int]
) -> tuple[int, ...]:
    """Which of a run's outputs for a prompt each is, where it has written a prompt in two ways.

    >>> _places([1, 1, 1, 2], ["a", "a", "b", "a"], [0, 0, 0, 0])
    (0, 1, 0, 0)
    """
    found = [0] * len(prompts)
    seen: dict[tuple[int, str], int] = {}
    for i in sorted(range(len(prompts)), key=lambda i: (ordinals[i], i)):
        place = (of_runs[i], prompts[i])
        found[i] = seen.get(place, 0)
        seen[place] = found[i] + 1
    return tuple(found)


def read_texts(store: Store, run_id: int) -> Iterator[tuple[str, str]]:
    """The outputs of one run: id and text, a part at a time."""
    query = select(predictions.c.id, predictions.c.output).where(predictions.c.run_id == run_id)
    with store.read() as connection:
        for row in connection.execution_options(yield_per=1000).execute(query):
            yield row[0], row[1]


def made_at(store: Store, run_ids: Sequence[int]) -> dict[int, tuple[str, float]]:
    """Run → its name and when it was made: with its number they tell it from another."""
    query = select(runs.c.id, runs.c.name, runs.c.created_at).where(runs.c.id.in_(run_ids))
    with store.read() as connection:
        return {row.id: (row.name, row.created_at) for row in connection.execute(query)}


def iterations(store: Store, run_ids: Sequence[int] | None) -> dict[str, int]:
    """Prompt (its key) → how often it was grown, where that is known; None: of all runs."""
    said = cast(examples.c.meta["iteration"].as_string(), String)
    query = select(examples.c.match_key, said).where(said.is_not(None))
    if run_ids is not None:
        asked = select(predictions.c.example_id).where(predictions.c.run_id.in_(run_ids))
        query = query.where(examples.c.id.in_(asked))
    with tables(store) as connection:
        rows = connection.execute(query.order_by(examples.c.id)).all()
    return {prompt: number for prompt, text in rows if (number := _iteration(text)) is not None}


def _iteration(text: str | None) -> int | None:
    """A number from 0 to 99.

    >>> _iteration("4"), _iteration("4.0"), _iteration("many"), _iteration(None)
    (4, 4, None, None)
    """
    text = (text or "").removesuffix(".0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None


def errors_of(store: Store, run_ids: Sequence[int]) -> dict[int, int]:
    """Run → how many prompts have no output."""
    e = run_errors.c
    query = select(e.run_id, func.count()).where(e.run_id.in_(run_ids)).group_by(e.run_id)
    with store.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def _of_runs(query: Select[Any], table: Any, run_ids: Sequence[int]) -> Select[Any]:
    joined = table.join(predictions, predictions.c.id == table.c.prediction_id)
    return query.select_from(joined).where(predictions.c.run_id.in_(run_ids))


def verdicts_of(
    store: Store, entries: Sequence[SystemEntry], judge: str, *, partly_done: bool = True
) -> Verdicts:
    """What an LLM judge said: at the step *follow*, else the state of all steps together.

    Where outputs of a run have a verdict at *follow* and others have none there, the others have
    none; only a run that was judged step by step is read so.
    """
    run_ids = [entry.run_id for entry in entries]
    llm = select(judges.c.id).where(judges.c.kind == JudgeKind.LLM, judges.c.name == judge)
    u, s = unusable.c, sample_verdicts.c
    mine = (s.scope == ALL_STUDIES, s.kind == JudgeKind.LLM.value, s.run_id.in_(run_ids))
    bad = select(u.prediction_id, u.step, u.reason).where(u.judge_id.in_(llm))
    done = ("yes", "partly") if partly_done else ("yes",)
    found: States = {}
    ratings: dict[str, float] = {}
    whole: set[int] = set()
    stepwise: set[int] = set()
    with tables(store) as connection:
        who = set(connection.scalars(llm))
        there = set(connection.scalars(select(s.pattern_id).where(*mine).distinct()))
        of_pattern = {
            number: _of_judges(pattern, who, done)
            for number, pattern in pattern_texts(connection, there).items()
        }
        rows = connection.execute(select(s.run_id, s.prediction_id, s.pattern_id).where(*mine))
        for run, prediction, number in rows:
            by_steps, state, rating = of_pattern[number]
            if by_steps:
                stepwise.add(run)
            if state is None:
                continue
            whole.add(run)
            found[prediction] = state
            if rating is not None:
                ratings[prediction] = rating
        unclear = [tuple(row) for row in connection.execute(_of_runs(bad, unusable, run_ids))]
    for entry in entries:
        if entry.run_id in stepwise - whole:
            reading = VerdictFilter(JudgeKind.LLM, judge, partly_done)
            found |= _run_states(store, entry, reading)
    reasons = {p: reason for p, _, reason in unclear if p not in found}
    return Verdicts(found, ratings, reasons, frozenset(stepwise - whole))


def _of_judges(
    pattern: str, who: Set[int], done: Sequence[str]
) -> tuple[bool, int | None, float | None]:
    """Whether these judges said anything of a step, their state of the whole, and its rating."""
    by_steps, state, rating = False, None, None
    ratings = ratings_in(pattern)
    for judge, steps in said_in(pattern).items():
        if judge in who:
            by_steps = by_steps or bool(steps.keys() - {FOLLOW})
            if FOLLOW in steps:
                state = _state(steps[FOLLOW], done)
                rating = ratings.get(judge, {}).get(FOLLOW)
    return by_steps, state, rating


def _state(verdict: str, done: Sequence[str]) -> int:
    if verdict == "unsure":
        return UNDECIDED
    return DONE if verdict in done else NOT_DONE


def states_by(
    store: Store,
    entries: Sequence[SystemEntry],
    kind: JudgeKind,
    study: str | None = None,
    *,
    partly_done: bool = True,
) -> tuple[States, dict[str, str]]:
    """What people or rules say of outputs as wholes: all the steps, or the step *follow*.

    Returns:
        The states; and run → why it has none, where it was judged all the same.

    Raises:
        SitError: no study has that name.
    """
    reading = VerdictFilter(kind, None, partly_done)
    if study is not None:
        (scope,) = scopes(store, study)
        return _scope_states(store, scope, reading), {}
    s = sample_verdicts.c
    with store.read() as connection:
        mine = select(s.run_id).where(s.scope == ALL_STUDIES, s.kind == kind.value).distinct()
        judged = set(connection.scalars(mine))
    asked = [entry for entry in entries if entry.run_id in judged]
    if not asked:
        return {}, {}
    found: States = {}
    faults: dict[str, str] = {}
    try:  # together, where each has the one chain that is known of it
        of_scopes = scopes(store, None, [entry.run for entry in asked], kind)
    except SitError:
        of_scopes = []
    counted: set[int] = set()
    for scope in of_scopes:
        with tables(store) as connection:
            for run, prediction, state in states_by_run(connection, scope, reading, _whole(scope)):
                found[prediction] = state
                counted.add(run)
    for entry in asked:
        if not of_scopes:
            of_run = _run_states(store, entry, reading)
            found |= of_run
            counted |= {entry.run_id} if of_run else set()
        if entry.run_id not in counted:
            faults[entry.run] = (
                f"{entry.run!r} was judged, but no output at all the steps that its prompts have."
            )
    return found, faults


def _run_states(store: Store, entry: SystemEntry, reading: VerdictFilter) -> States:
    """The states of a run's outputs: of its one chain, else of each prompt's own steps."""
    try:
        (scope,) = scopes(store, None, (entry.run,), reading.by)
        return _scope_states(store, scope, reading)
    except SitError:  # no chain that is the run's, or several
        pass
    p = predictions.c
    query = select(p.id, examples.c.steps).join(examples, examples.c.id == p.example_id)
    chains: dict[tuple[Step, ...], set[str]] = {}
    with tables(store) as connection:
        for prediction, steps in connection.execute(query.where(p.run_id == entry.run_id)):
            own = tuple(Step(s.task, s.letter, s.key) for s in steps_from_json(steps))
            if own:
                chains.setdefault(own, set()).add(prediction)
    found: States = {}
    for chain, outputs in chains.items():
        scope = Selection(None, (entry.run,), (entry.run_id,), chain)
        of_chain = _scope_states(store, scope, reading)
        found |= {prediction: of_chain[prediction] for prediction in of_chain.keys() & outputs}
    return found


def _scope_states(store: Store, scope: Selection, reading: VerdictFilter) -> States:
    """The states of all the steps together, of what has one."""
    with tables(store) as connection:
        return output_states(connection, scope, reading, _whole(scope))


def _whole(scope: Selection) -> str:
    """The key of all the steps together."""
    return CHAIN if CHAIN in scope.keys else scope.keys[0]


def duel_counts(store: Store, judge: str | None = None) -> list[tuple[str, int, int]]:
    """LLM judge's name, a run that it compared others with, and how many comparisons.

    The runs that were references come first, the most often compared before the others; then those
    that were compared with them, which can be taken as references too.
    """
    found: list[tuple[str, int, int]] = []
    with tables(store) as connection:
        for side in (duels.c.against_id, duels.c.prediction_id):
            query = (
                select(judges.c.name, predictions.c.run_id, func.count())
                .select_from(duels)
                .join(judges, judges.c.id == duels.c.judge_id)
                .join(predictions, predictions.c.id == side)
                .group_by(judges.c.name, predictions.c.run_id)
                .order_by(func.count().desc(), judges.c.name, predictions.c.run_id)
            )
            if judge is not None:
                query = query.where(judges.c.name == judge)
            found += [(row[0], row[1], row[2]) for row in connection.execute(query)]
    return found


def duels_with(
    store: Store, judge: str, reference: int
) -> list[tuple[str, str, int, float | None, str | None]]:
    """Comparisons with the reference run: other's output, reference's, order, outcome, reason.

    The outcome is the other's: 1 won, 0 lost, 0.5 a tie; None for the reason.
    """
    mine = select(predictions.c.id).where(predictions.c.run_id == reference)
    llm = select(judges.c.id).where(judges.c.kind == JudgeKind.LLM, judges.c.name == judge)
    d = duels.c
    query = select(d.prediction_id, d.against_id, d.place, d.preferred, d.reason)
    query = query.where(d.judge_id.in_(llm)).order_by(d.id)
    with tables(store) as connection:
        forth = connection.execute(query.where(d.against_id.in_(mine))).all()
        back = connection.execute(query.where(d.prediction_id.in_(mine))).all()
    turned = [
        (other, own, 3 - place, None if value is None else 1 - value, reason)
        for own, other, place, value, reason in back
    ]
    return [(a, b, place, value, reason) for a, b, place, value, reason in forth] + turned


def score_cells(
    store: Store, run_ids: Sequence[int]
) -> tuple[list[ScoreCell], dict[tuple[int, str, str], dict[str, int]]]:
    """Automatic scores of whole outputs, per prompt, and why others have none.

    Returns:
        The cells; and (run, metric, settings) → reason → how many, the commonest first.
    """
    s, p = scores.c, predictions.c
    mine = (s.step == "", s.metric != RULED_ALREADY, p.run_id.in_(run_ids))
    place = (s.metric, s.how, p.run_id)
    joined = scores.join(predictions, p.id == s.prediction_id)
    values = (
        select(*place, examples.c.match_key, func.sum(s.counted), func.count(s.counted))
        .add_columns(func.sum(s.value), func.count(s.value))
        .select_from(joined.join(examples, examples.c.id == p.example_id))
        .where(*mine, s.counted.is_not(None))
        .group_by(*place, examples.c.match_key)
    )
    missing = (
        select(*place, s.reason, func.count())
        .select_from(joined)
        .where(*mine, s.value.is_(None))
        .group_by(*place, s.reason)
        .order_by(func.count().desc(), s.reason)
    )
    reasons: dict[tuple[int, str, str], dict[str, int]] = {}
    with tables(store) as connection:
        cells = [ScoreCell(*row) for row in connection.execute(values)]
        for metric, how, run, reason, n in connection.execute(missing):
            reasons.setdefault((run, metric, how), {})[reason] = n
    return cells, reasons


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """A result of a standard benchmark."""

    system: str
    task: str
    metric: str
    setting: str
    value: float
    stderr: float | None
    n: int | None


def benchmark_rows(store: Store) -> list[BenchmarkRow]:
    """All results of standard benchmarks."""
    b = benchmarks.c
    query = (
        select(systems.c.name, b.task, b.metric, b.setting, b.value, b.stderr, b.n)
        .join(systems, systems.c.id == b.system_id)
        .order_by(b.task, b.metric, b.setting)
    )
    with store.read() as connection:
        return [BenchmarkRow(*row) for row in connection.execute(query)]


def tables_version(store: Store) -> str:
    """Changes whenever a leaderboard may change; cheap, for caches.

    Judgments, duels and outputs are only added or deleted, so their number and newest id tell; of
    rows that are replaced the newest time does.
    """
    grown = (judgments, predictions, run_errors)
    replaced = (unusable, duels, scores, benchmarks)
    with store.read() as connection:
        found: list[Any] = [
            tuple(connection.execute(select(func.count()).select_from(table)).one())
            for table in grown
        ]
        found.append(connection.scalar(select(func.max(judgments.c.id))))
        found += [
            tuple(
                connection.execute(
                    select(func.count(), func.max(table.c.id), func.max(table.c.created_at))
                ).one()
            )
            for table in replaced
        ]
        found += [tuple(r) for r in connection.execute(select(systems).order_by(systems.c.id))]
        found += [tuple(r) for r in connection.execute(_sets_version())]
        names = select(runs.c.id, runs.c.name, runs.c.model, runs.c.created_at, runs.c.archived_at)
        found += [tuple(r) for r in connection.execute(names.order_by(runs.c.id))]
    return repr(found)


def _sets_version() -> Select[Any]:
    """Changes with the names, the prompts and the runs of prompt sets."""
    s, r = prompt_sets.c, prompt_set_runs.c
    return (
        select(s.id, s.name, s.sha256, r.run_id)
        .outerjoin(prompt_set_runs, r.prompt_set_id == s.id)
        .order_by(s.id, r.run_id)
    )


def asked_texts(store: Store, prompts: Sequence[str], characters: int = 200) -> dict[str, str]:
    """Prompt (its key) → the beginning of its instruction."""
    found: dict[str, str] = {}
    e = examples.c
    with store.read() as connection:
        for start in range(0, len(prompts), 500):
            query = select(e.match_key, func.substr(e.instruction, 1, characters))
            part = query.where(e.match_key.in_(prompts[start : start + 500])).order_by(e.id)
            found |= {row[0]: row[1] for row in connection.execute(part)}
    return found
