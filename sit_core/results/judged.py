"""What an LLM judge says of runs: rates with n and Wilson's interval, quality, wins and losses.

The rate is yes (and partly, where that counts) over the decided ones; outputs without a usable
verdict are left out of it and counted beside it, as are those that were not judged.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sit_core.results.intervals import wilson
from sit_core.store import Store
from sit_core.store.llm_judgments import (
    DuelCount,
    VerdictCount,
    duel_counts,
    judged_runs,
    verdict_counts,
)


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """One run at one step."""

    run: str
    step: str
    """The step's key; ``follow``: all the tasks."""
    followed: int
    n: int
    """Decided: yes, partly or no."""
    rate: float | None
    low: float | None
    high: float | None
    quality: float | None
    """The mean."""
    quality_n: int
    unsure: int
    unusable: int
    missing: int
    """Not judged."""
    samples: int


@dataclass(frozen=True, slots=True)
class DuelRow:
    """One run against another; what only the order decided counts as a tie."""

    run: str
    against: str
    won: int
    lost: int
    tied: int
    """With those that only the order decided."""
    inconsistent: int
    """Of the ties: only the order decided."""
    n: int
    """Won, lost and tied."""
    win_rate: float | None
    """Wins and half the ties, of n: the same as on the leaderboard."""
    low: float | None
    """Of Wilson's interval; a tie as half a win, which makes it a little wider than it need be."""
    high: float | None
    unusable: int
    missing: int
    samples: int


@dataclass(frozen=True, slots=True)
class Judged:
    """All that a judge says of some runs."""

    judge: str
    rows: tuple[JudgedRow, ...]
    duels: tuple[DuelRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit judge --json``."""
        return {
            "judge": self.judge,
            "rows": [asdict(row) for row in self.rows],
            "duels": [asdict(row) for row in self.duels],
        }


def judged(
    store: Store,
    *,
    judge: str,
    runs: Sequence[str] = (),
    against: str | None = None,
    study: str | None = None,
    partly_done: bool = True,
) -> Judged:
    """What a judge says of runs.

    Args:
        store: where the verdicts are.
        judge: the judge's name in the store.
        runs: in this order; empty: all that it has said anything of.
        against: comparisons with this run only.
        study: only the samples of this study.
        partly_done: whether *partly* is *done*.

    Raises:
        SitError: there is no such judge.
    """
    names = list(runs) or judged_runs(store, judge)
    return Judged(
        judge,
        tuple(
            judged_row(count, partly_done) for count in verdict_counts(store, judge, names, study)
        ),
        tuple(map(duel_row, duel_counts(store, judge, names, against, study))),
    )


def judged_row(count: VerdictCount, partly_done: bool = True) -> JudgedRow:
    """Rate and interval of one count; pure."""
    followed = count.yes + (count.partly if partly_done else 0)
    n = count.yes + count.partly + count.no
    interval = wilson(followed, n)
    return JudgedRow(
        run=count.run,
        step=count.step,
        followed=followed,
        n=n,
        rate=followed / n if n else None,
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
        quality=count.quality,
        quality_n=count.quality_n,
        unsure=count.unsure,
        unusable=count.unusable,
        missing=count.missing,
        samples=count.samples,
    )


def duel_row(count: DuelCount) -> DuelRow:
    """Win rate and interval of one count; pure."""
    tied = count.tied + count.inconsistent
    n = count.won + count.lost + tied
    gained = count.won + tied / 2
    interval = wilson(gained, n)
    return DuelRow(
        run=count.run,
        against=count.against,
        won=count.won,
        lost=count.lost,
        tied=tied,
        inconsistent=count.inconsistent,
        n=n,
        win_rate=gained / n if n else None,
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
        unusable=count.unusable,
        missing=count.samples - n - count.unusable,
        samples=count.samples,
    )
