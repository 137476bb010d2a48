"""Two systems side by side: the prompts that the first won, lost, or that came out the same."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sit_core.errors import UsageError
from sit_core.registry import unknown
from sit_core.results.leaderboard.matrix import outcomes
from sit_core.results.leaderboard.records import (
    FOLLOWING,
    QUALITY,
    By,
    Leaderboard,
    LeaderboardRow,
    PairTest,
)
from sit_core.statistics import win_rate_clusters
from sit_core.statistics.interval import Interval
from sit_core.store import Store
from sit_core.store.leaderboard import (
    SystemEntry,
    asked_texts,
    duels_with,
    entries_named,
    read_outputs,
    verdicts_of,
)
from sit_core.store.verdict_state import UNDECIDED

BY = ("following", "quality", "duels")
_COLUMN = {"following": FOLLOWING, "quality": QUALITY}


@dataclass(frozen=True, slots=True)
class PromptPair:
    """One prompt with both outputs."""

    prompt: str
    """The key of what was asked, see `sit_core.matching`."""
    instruction: str
    """Its beginning. Untrusted text."""
    first: str
    """Id of the first system's output."""
    second: str
    first_value: float
    """1 followed, 0 not; or the rating; or 1 won, 0.5 a tie, 0 lost."""
    second_value: float


@dataclass(frozen=True, slots=True)
class SystemComparison:
    """What came of it, by one criterion."""

    first: str
    second: str
    by: By
    won: tuple[PromptPair, ...]
    lost: tuple[PromptPair, ...]
    tied: tuple[PromptPair, ...]
    left_out: int
    """Prompts that both have outputs for, but not both a value."""
    test: PairTest | None
    """The test of the two; None where there is none, as for duels."""

    @property
    def win_rate(self) -> float | None:
        """The first's wins, a tie half, of all that were compared."""
        n = len(self.won) + len(self.lost) + len(self.tied)
        return (len(self.won) + len(self.tied) / 2) / n if n else None

    @property
    def win_interval(self) -> Interval | None:
        """Of `win_rate`; a prompt with several pairs counts as a cluster."""
        by_prompt: dict[str, list[int]] = {}
        for place, pairs in enumerate((self.won, self.lost, self.tied)):
            for pair in pairs:
                by_prompt.setdefault(pair.prompt, [0, 0, 0])[place] += 1
        counts = list(by_prompt.values())
        return win_rate_clusters(
            [won for won, _, _ in counts], [lost for _, lost, _ in counts], [sum(c) for c in counts]
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "win_rate": self.win_rate}


def compare_systems(
    store: Store, board: Leaderboard, first: str, second: str, by: By = "following"
) -> SystemComparison:
    """The prompts on which two systems differ, as the board's judge sees them.

    Args:
        store: where the verdicts are.
        board: says whose verdicts count.
        first: a system with outputs.
        second: another.
        by: what was followed, the rating, or the judge's comparison of the two outputs.

    Raises:
        UsageError: a system is not on the board, has no outputs, or there is no such criterion.
    """
    if by not in BY:
        raise UsageError(unknown("criterion", by, list(BY)))
    rows = [board.row(name) for name in (first, second)]
    for row in rows:
        if row.run is None:
            raise UsageError(f"{row.system!r} is others' result, which came without outputs.")
    if rows[0].run == rows[1].run:
        raise UsageError("Choose two different systems.")
    entries = [_entry(store, row) for row in rows]
    sides = _first_outputs(store, entries)
    shared = sorted(sides[0].keys() & sides[1].keys())
    values = _values(store, board, entries, sides, shared, by)
    texts = asked_texts(store, list(values))
    lists: dict[int, list[PromptPair]] = {1: [], -1: [], 0: []}
    for prompt, (one, other) in values.items():
        pairing = PromptPair(
            prompt, texts.get(prompt, ""), sides[0][prompt], sides[1][prompt], one, other
        )
        lists[(one > other) - (one < other)].append(pairing)
    column = _COLUMN.get(by)
    return SystemComparison(
        rows[0].system,
        rows[1].system,
        by,
        tuple(lists[1]),
        tuple(lists[-1]),
        tuple(lists[0]),
        len(shared) - len(values),
        _test(board, column, rows[0].system, rows[1].system),
    )


def _entry(store: Store, row: LeaderboardRow) -> SystemEntry:
    found = [entry for entry in entries_named(store, [row.system]) if entry.run == row.run]
    found += [e for e in entries_named(store, [row.run or ""]) if e.run == row.run]
    return found[0]


def _first_outputs(store: Store, entries: Sequence[SystemEntry]) -> list[dict[str, str]]:
    """Per system: prompt → its first output."""
    outputs = read_outputs(store, [entry.run_id for entry in entries])
    sides: list[dict[str, str]] = [{} for _ in entries]
    place = {entry.run_id: i for i, entry in enumerate(entries)}
    for prediction, run, prompt, ordinal in zip(
        outputs.ids, outputs.run_ids, outputs.prompts, outputs.ordinals, strict=True
    ):
        if ordinal == 0:
            sides[place[run]][prompt] = prediction
    return sides


def _values(
    store: Store,
    board: Leaderboard,
    entries: Sequence[SystemEntry],
    sides: Sequence[Mapping[str, str]],
    shared: Sequence[str],
    by: By,
) -> dict[str, tuple[float, float]]:
    """Prompt → what both are worth, where both have a value; in the order of ``shared``."""
    question = board.question
    if by == "duels":
        if question.duels_by is None:
            return {}
        found, _ = outcomes(duels_with(store, question.duels_by, entries[1].run_id))
        pairs = {prompt: (sides[0][prompt], sides[1][prompt]) for prompt in shared}
        return {
            prompt: (found[pair], 1 - found[pair])
            for prompt, pair in pairs.items()
            if pair in found
        }
    if question.judge is None:
        return {}
    verdicts = verdicts_of(store, entries, question.judge, partly_done=question.partly_done)
    known: Mapping[str, float] = verdicts.ratings
    if by == "following":
        known = {p: float(s) for p, s in verdicts.states.items() if s != UNDECIDED}
    return {
        prompt: (known[sides[0][prompt]], known[sides[1][prompt]])
        for prompt in shared
        if sides[0][prompt] in known and sides[1][prompt] in known
    }


def _test(board: Leaderboard, column: str | None, first: str, second: str) -> PairTest | None:
    for test in board.pairs:
        if test.column == column and {test.first, test.second} == {first, second}:
            if test.first == first:
                return test
            return replace(
                test,
                first=first,
                second=second,
                difference=-test.difference,
                low=None if test.high is None else -test.high,
                high=None if test.low is None else -test.low,
            )
    return None
