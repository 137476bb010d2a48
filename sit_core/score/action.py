"""Scoring as an action; see `sit_core.actions`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sit_core.actions import Action, Context
from sit_core.errors import SitError
from sit_core.score.config import ScoreConfig

if TYPE_CHECKING:
    from sit_core.score.run import ScoreReport
    from sit_core.store import Store


def _run(config: ScoreConfig, context: Context) -> ScoreReport:
    from sit_core.score.run import score_runs

    return score_runs(config, context)


def _faults(config: ScoreConfig, store: Store) -> Iterator[str]:
    """Runs and metrics that there are not."""
    from sit_core.metrics.registry import METRICS
    from sit_core.store.scores import check_runs

    if config.runs:
        try:
            check_runs(store, config.runs)
        except SitError as error:
            yield str(error)
    for name in config.metrics:
        try:
            METRICS.get(name)
        except SitError as error:
            yield str(error)


def _called_now(config: ScoreConfig, store: Store) -> ScoreConfig:
    """The same with what its runs are called now, where they were renamed."""
    from sit_core.store.renaming import present_runs

    return replace(config, runs=tuple(dict.fromkeys(present_runs(store, config.runs))))


def _title(config: ScoreConfig) -> str:
    more = len(config.runs) - 3
    runs = ", ".join(config.runs[:3]) + (f" and {more} more" if more > 0 else "")
    return f"Scores ({', '.join(config.metrics)}) of {runs}"


ACTION = Action(
    name="score",
    config=ScoreConfig,
    run=_run,
    title=_title,
    faults=_faults,
    prepare=_called_now,
    started=lambda config: {"runs": list(config.runs)},
    help="""Score the outputs of runs and keep the scores in the store.

    An output without what was asked for (no answer is found, it was cut off, the model refused, a
    step is missing) has no value and counts as 0 in the mean over all; the share that has a value,
    and the mean of those alone, stand beside it. Outputs with nothing to be compared with (no gold)
    are left out and counted.

    Scores are kept as they are made. A job that was stopped or killed goes on where it was when it
    is resumed; `sit results scores` shows what there is.
    """,
)
