"""What an LLM judge says of runs: rates, quality, wins and losses, each with n and interval.

The rate is yes (and partly, where that counts) over the decided ones; outputs without a usable
verdict are left out of it and counted beside it, as are those that were not judged. The intervals
are those of the leaderboard: where prompts repeat they know that outputs of one prompt are alike.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sit_core.statistics import LEVEL, mean_interval, share_interval, win_rate_clusters
from sit_core.store import Store
from sit_core.store.llm_judgments import (
    DuelCount,
    VerdictCount,
    duel_counts,
    judged_runs,
    verdict_counts,
)

QUALITY_SCALE = (1.0, 5.0)
"""Of ratings, where a judge's own folder does not say otherwise; ratings beyond it show that."""


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
    method: str | None = None
    """Of the rate's interval; a key of `sit_core.statistics.METHODS`."""
    quality_low: float | None = None
    quality_high: float | None = None
    quality_method: str | None = None


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
    high: float | None
    unusable: int
    missing: int
    samples: int
    method: str | None = None


@dataclass(frozen=True, slots=True)
class JudgeResults:
    """All that a judge says of some runs."""

    judge: str
    rows: tuple[JudgedRow, ...]
    duels: tuple[DuelRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit judge --json``."""
        return {
            "judge": self.judge,
            "level": LEVEL,
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
) -> JudgeResults:
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
    return JudgeResults(
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
    prompts: Counter[tuple[int, int]] = Counter()
    for (yes, partly, decided), many in count.prompts.items():
        prompts[yes + (partly if partly_done else 0), decided] += many
    interval = share_interval(followed, n, prompts)
    rated = [pair for pair, many in count.ratings.items() for _ in range(many)]
    of_quality = mean_interval(
        [total for total, _ in rated], [of for _, of in rated], scale=QUALITY_SCALE
    )
    return JudgedRow(
        run=count.run,
        step=count.step,
        followed=followed,
        n=n,
        rate=followed / n if n else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        quality=count.quality,
        quality_n=count.quality_n,
        unsure=count.unsure,
        unusable=count.unusable,
        missing=count.missing,
        samples=count.samples,
        method=interval.method if interval else None,
        quality_low=of_quality.low if of_quality else None,
        quality_high=of_quality.high if of_quality else None,
        quality_method=of_quality.method if of_quality else None,
    )


def duel_row(count: DuelCount) -> DuelRow:
    """Win rate and interval of one count; pure."""
    tied = count.tied + count.inconsistent
    n = count.won + count.lost + tied
    gained = count.won + tied / 2
    each = [one for one, many in count.prompts.items() for _ in range(many)]
    won, lost, decided = zip(*each, strict=True) if each else ((), (), ())
    interval = win_rate_clusters(won, lost, decided)
    return DuelRow(
        run=count.run,
        against=count.against,
        won=count.won,
        lost=count.lost,
        tied=tied,
        inconsistent=count.inconsistent,
        n=n,
        win_rate=gained / n if n else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        unusable=count.unusable,
        missing=count.samples - n - count.unusable,
        samples=count.samples,
        method=interval.method if interval else None,
    )
