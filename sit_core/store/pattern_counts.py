"""How many samples of each run have which pattern of verdicts, and what these patterns are.

One statement over an index of ``sample_verdicts`` (see `sit_core.store.sample_verdicts`); what the
patterns come to is worked out by `sit_core.store.verdict_patterns.PatternReader`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    any_,
    bindparam,
    func,
    select,
    union,
)

from sit_core.metrics.following import WITH_ENCODER
from sit_core.metrics.verifiable import LOOSE, PACKAGE
from sit_core.records import JudgeKind
from sit_core.store.sample_verdicts import pages
from sit_core.store.schema import (
    examples,
    judges,
    predictions,
    sample_verdicts,
    study_runs,
    verdict_patterns,
)
from sit_core.store.verdict_patterns import ALL_STUDIES, PatternReader, Said, said_in
from sit_core.store.verdict_state import (
    DECIDED,
    DONE,
    NOT_DONE,
    STATES,
    Selection,
    VerdictFilter,
)

_PAGE = 5000


class PatternCount(NamedTuple):
    """So many samples of a run have this pattern."""

    kind: JudgeKind
    run_id: int
    pattern_id: int
    samples: int


@dataclass(frozen=True, slots=True)
class PatternCounts:
    """All that judges of some kinds said in a scope."""

    rows: tuple[PatternCount, ...]
    said: dict[int, Said]
    """Pattern's number → what it says."""

    def of(self, kind: JudgeKind) -> Iterator[tuple[int, Said, int]]:
        """Run's number, what is said, of how many samples."""
        for row in self.rows:
            if row.kind == kind:
                yield row.run_id, self.said[row.pattern_id], row.samples

    def steps(self, kind: JudgeKind) -> set[str]:
        """At which steps any judge of a kind said anything."""
        return {step for _, said, _ in self.of(kind) for steps in said.values() for step in steps}


def of_scope(
    scope: Selection, kinds: Sequence[JudgeKind], table: FromClause = sample_verdicts
) -> tuple[ColumnElement[bool], ...]:
    """Which rows of the summary are meant; where no runs are named, those of all runs."""
    s = table.c
    where = [s.scope == (scope.study_id or ALL_STUDIES), s.kind.in_(kinds)]
    if scope.run_ids:
        where.append(s.run_id.in_(scope.run_ids))
    return tuple(where)


def pattern_counts(
    connection: Connection, scope: Selection, kinds: Sequence[JudgeKind] = tuple(JudgeKind)
) -> PatternCounts:
    """Which patterns the samples of a scope have, and how many have each."""
    s = sample_verdicts.c
    place = (s.kind, s.run_id, s.pattern_id)
    query = select(*place, func.count()).where(*of_scope(scope, kinds)).group_by(*place)
    of_name = {kind.value: kind for kind in JudgeKind}
    found = connection.execute(query).all()
    rows = tuple(PatternCount(of_name[kind], *more) for kind, *more in found)
    return PatternCounts(rows, patterns(connection, {row.pattern_id for row in rows}))


def patterns(connection: Connection, numbers: Iterable[int]) -> dict[int, Said]:
    """What the patterns of these numbers say."""
    return {number: said_in(text) for number, text in pattern_texts(connection, numbers).items()}


def pattern_texts(connection: Connection, numbers: Iterable[int]) -> dict[int, str]:
    """The patterns of these numbers as they are kept."""
    found: dict[int, str] = {}
    v = verdict_patterns.c
    for page in pages(sorted(numbers), _PAGE):
        rows = connection.execute(select(v.id, v.pattern).where(v.id.in_(page)))
        found |= {row[0]: row[1] for row in rows}
    return found


def patterns_there(connection: Connection, scope: Selection, kind: JudgeKind) -> dict[int, Said]:
    """The patterns that any sample of a scope has."""
    query = select(sample_verdicts.c.pattern_id).where(*of_scope(scope, [kind])).distinct()
    return patterns(connection, connection.scalars(query))


def reader(connection: Connection, scope: Selection, reading: VerdictFilter) -> PatternReader:
    """What works out the patterns of a scope, read so."""
    who = select(judges.c.id).where(judges.c.kind == reading.by)
    if reading.annotator is not None:
        who = who.where(judges.c.name == reading.annotator)
    elif reading.by == JudgeKind.RULE:
        # What asked an encoder, or checked loosely, is read by its name only.
        who = who.where(judges.c.name.not_like(f"%{WITH_ENCODER}%"))
        who = who.where(judges.c.name.not_like(f"{PACKAGE}%, {LOOSE}"))
    checks = select(judges.c.id).where(judges.c.name.like(f"{PACKAGE}%"))
    of = [connection.scalars(query).all() for query in (who, checks)]
    return PatternReader(scope, reading, *of)


def sample_counts(connection: Connection, scope: Selection) -> dict[int, int]:
    """Run's number → how many samples of it are meant, where there are any."""
    if scope.study_id is not None:
        r = study_runs.c
        query = select(r.run_id, r.samples).where(r.study_id == scope.study_id, r.samples > 0)
        query = query.where(r.run_id.in_(scope.run_ids))
    else:
        p = predictions.c
        query = select(p.run_id, func.count()).where(p.run_id.in_(scope.run_ids)).group_by(p.run_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def repeated_runs(connection: Connection, run_ids: Sequence[int]) -> set[int]:
    """The runs that have several outputs for one prompt.

    Of an example itself, or of two examples that are the same question.
    """
    p, e = predictions.c, examples.c
    often = select(p.run_id).where(p.ordinal > 0, p.run_id.in_(run_ids))
    alike = select(e.match_key).group_by(e.match_key).having(func.count() > 1)
    twice = (
        select(p.run_id)
        .join(examples, e.id == p.example_id)
        .where(e.match_key.in_(alike), p.run_id.in_(run_ids))
        .group_by(p.run_id, e.match_key)
        .having(func.count() > 1)
    )
    return set(connection.scalars(union(often, twice)))


def prompt_patterns(
    connection: Connection, scope: Selection, kind: JudgeKind, run_ids: Iterable[int]
) -> Iterator[tuple[int, str, int, int]]:
    """Run, prompt (its key), pattern and how many outputs for it have that; prompt by prompt."""
    s, e = sample_verdicts.c, examples.c
    place = (s.run_id, e.match_key, s.pattern_id)
    query = (
        select(*place, func.count())
        .join(predictions, predictions.c.id == s.prediction_id)
        .join(examples, e.id == predictions.c.example_id)
        .where(*of_scope(scope, [kind]), s.run_id.in_(list(run_ids)))
        .group_by(*place)
        .order_by(s.run_id, e.match_key)
    )
    for row in connection.execution_options(yield_per=_PAGE).execute(query):
        yield row[0], row[1], row[2], row[3]


def with_pattern(
    connection: Connection, scope: Selection, kind: JudgeKind, numbers: Iterable[int]
) -> Select[Any]:
    """The outputs of a scope that have one of these patterns; there may be any number of them."""
    s = sample_verdicts.c
    wanted = sorted(numbers)
    among: ColumnElement[bool]
    if connection.dialect.name == "sqlite":
        listed = func.json_each(str(wanted)).table_valued("value")
        among = s.pattern_id.in_(select(listed.c.value))
    else:
        among = s.pattern_id == any_(bindparam(None, wanted, ARRAY(BigInteger)))
    return select(s.prediction_id).where(*of_scope(scope, [kind]), among)


def sample_patterns(scope: Selection, kind: JudgeKind) -> Select[Any]:
    """The outputs of a scope that judges of a kind judged, and the number of their pattern."""
    s = sample_verdicts.c
    return select(s.prediction_id, s.pattern_id).where(*of_scope(scope, [kind]))


def output_states(
    connection: Connection, scope: Selection, reading: VerdictFilter, key: str
) -> dict[str, int]:
    """The outputs of a scope with a state at a step → that state."""
    return {
        prediction: state for _, prediction, state in states_by_run(connection, scope, reading, key)
    }


def states_by_run(
    connection: Connection, scope: Selection, reading: VerdictFilter, key: str
) -> Iterator[tuple[int, str, int]]:
    """The run's number, the output and its state at a step, of all outputs that have one."""
    of, i = reader(connection, scope, reading), scope.keys.index(key)
    state = {
        number: together[i]
        for number, said in patterns_there(connection, scope, reading.by).items()
        if (together := of.majority(said)) is not None
    }
    s = sample_verdicts.c
    query = select(s.run_id, s.prediction_id, s.pattern_id).where(*of_scope(scope, [reading.by]))
    for run_id, prediction, number in connection.execute(query):
        if (known := state.get(number)) is not None:
            yield run_id, prediction, known


def samples_in_state(
    connection: Connection, scope: Selection, reading: VerdictFilter, key: str, state: str
) -> Select[Any]:
    """The prediction ids that a following-rate table counts at ``key`` as ``state``.

    Those of the whole store that nobody judged are ``missing`` too: combine with the scope.
    """
    of, i = reader(connection, scope, reading), scope.keys.index(key)
    there = {
        number: together[i]
        for number, said in patterns_there(connection, scope, reading.by).items()
        if (together := of.majority(said)) is not None
    }
    wanted = (DONE, NOT_DONE) if state == DECIDED else (STATES.get(state),)
    if state == "missing":
        judged = [number for number, found in there.items() if found is not None]
        rest = predictions.c.id.not_in(with_pattern(connection, scope, reading.by, judged))
        return select(predictions.c.id).where(rest)
    meant = [number for number, found in there.items() if found in wanted]
    return with_pattern(connection, scope, reading.by, meant)
