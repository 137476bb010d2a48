"""Which systems of a leaderboard differ: all pairs tested, corrected, as letters. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sit_core.results.leaderboard.matrix import OutputMatrix
from sit_core.results.leaderboard.records import (
    FOLLOWING,
    QUALITY,
    LeaderboardQuestion,
    PairTest,
)
from sit_core.results.significance import (
    PairResults,
    holm,
    letters,
    mean_pairs,
    pairs_of,
    share_pairs,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

TESTED = (FOLLOWING, QUALITY)
"""Columns whose systems are tested against each other."""


@dataclass
class PairTestResults:
    """What the tests came to."""

    pairs: tuple[PairTest, ...] = ()
    letters: dict[str, dict[int, str]] = field(default_factory=dict)
    """Column → system's number → letters."""
    notes: list[str] = field(default_factory=list)


def tested(
    grid: OutputMatrix, question: LeaderboardQuestion, values: "Mapping[str, NDArray[Any]]"
) -> PairTestResults:
    """Test all pairs of systems at every column that has a test.

    Args:
        grid: the systems.
        question: has alpha.
        values: column → a number per output, NaN for none. Of quality a system's first output for
            a prompt counts; of following all do, paired output by output.
    """
    import numpy as np

    found = PairTestResults()
    pairs: list[PairTest] = []
    repeated = bool((grid.asked_often > 1).any())
    for key in TESTED:
        if key not in values:
            continue
        firsts = grid.firsts(values[key])
        there = np.flatnonzero((~np.isnan(firsts)).any(axis=1))
        if len(there) < 2:
            continue
        if key == QUALITY:
            tests = mean_pairs(firsts[there])
        elif repeated:
            slots, prompts = grid.slots(values[key])
            tests = share_pairs(slots[there], prompts)
        else:
            tests = share_pairs(firsts[there])
        first, second = pairs_of(len(there))
        shared = tests.n > 0
        corrected = np.ones(len(first))
        corrected[shared] = holm(tests.p[shared])
        names = [grid.entries[int(i)].name for i in there]
        pairs += _pair_tests(key, names, tests, corrected)
        apart = np.flatnonzero(shared & (corrected < question.alpha))
        means = grid.measure(values[key]).means()
        ranked = sorted(there.tolist(), key=lambda i: (-means[i], grid.entries[i].name))
        grouped = letters(ranked, {(int(there[first[i]]), int(there[second[i]])) for i in apart})
        if grouped is None:
            found.notes.append(f"Too many groups for letters at {key}; see the pairs.")
        else:
            found.letters[key] = grouped
        if not shared.all():
            found.notes.append(
                f"{int((~shared).sum())} pairs of systems share no judged prompt ({key}); their "
                "letters say nothing about each other."
            )
    found.pairs = tuple(pairs)
    if pairs:
        found.notes.insert(
            0,
            "Systems that share a letter don't differ significantly: Bonett and Price's paired "
            "difference (following; McNemar's exact p stands beside it), exact sign-flip "
            "permutation test (quality), on the prompts that both have, Holm's correction over "
            f"all pairs, α = {question.alpha:g}.",
        )
    return found


def _pair_tests(
    key: str, names: list[str], tests: PairResults, corrected: "NDArray[Any]"
) -> Iterator[PairTest]:
    """Of the pairs that share a prompt."""
    import numpy as np

    first, second = pairs_of(len(names))
    exact = np.full(len(first), np.nan) if tests.p_mcnemar is None else tests.p_mcnemar
    columns = (tests.n, tests.difference, tests.p, corrected, tests.low, tests.high, exact)
    numbers = zip(first.tolist(), second.tolist(), *(c.tolist() for c in columns), strict=True)
    for pair, (a, b, n, difference, p, holm_p, low, high, mcnemar) in enumerate(numbers):
        if n > 0:
            there = not np.isnan(low)
            yield PairTest(
                key,
                names[a],
                names[b],
                int(n),
                difference,
                p,
                holm_p,
                low=low if there else None,
                high=high if there else None,
                method=tests.method_of(pair) if there else None,
                p_mcnemar=None if np.isnan(mcnemar) else mcnemar,
            )
