"""From a model to a row of the leaderboard in one go: generate, judge, put on the board.

Each part keeps what it has made, and does only what is missing; so the same command, or its job
resumed, goes on wherever it was killed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sit_core import __version__
from sit_core.actions import Context, Report
from sit_core.judge.run import JudgeReport, judge_runs
from sit_core.predict.run import PredictReport, predict
from sit_core.seqeval.config import SeqevalConfig
from sit_core.store import Store
from sit_core.store.systems import KEEP, System, set_system


@dataclass(frozen=True)
class SeqevalReport:
    """What came of it."""

    system: System
    predicted: PredictReport
    judged: list[JudgeReport] = field(default_factory=list)


def evaluate(
    store: Store,
    wanted: SeqevalConfig,
    *,
    job: int,
    since: float,
    report: Report,
    stopped: Callable[[], bool] = lambda: False,
) -> SeqevalReport:
    """Make what is missing of a system's outputs and verdicts.

    Args:
        store: where to.
        wanted: what is asked.
        job: the number of the job that this is.
        since: when it was begun at first (seconds since 1970), for the judge's budget.
        report: told how far it is.
        stopped: asked by the models; true ends the work.

    Raises:
        UsageError: the options can't work.
        SitError: a model can't be had, nothing comes any more, or the budget is used up; what was
            written is kept.
    """
    wanted.check(store)
    judgings = wanted.judgings()
    parts = 1 + len(judgings)
    context = Context(store, job=job, report=_part(report, 1, parts), stopped=stopped)
    predicted = predict(wanted.predicting(), context)
    # On the board before it is judged: a judging that stops leaves a row that says so.
    system = set_system(
        store,
        wanted.name,
        base_model=KEEP if wanted.base_model is None else wanted.base_model,
        training_data=KEEP if wanted.training_data is None else wanted.training_data,
        provenance={"prompts": wanted.prompts, "version": __version__},
    )
    judged = [
        judge_runs(store, asked, report=_part(report, place, parts), stopped=stopped, since=since)
        for place, asked in enumerate(judgings, 2)
    ]
    return SeqevalReport(system, predicted, judged)


def _part(report: Report, place: int, parts: int) -> Report:
    """The same, saying which part of the work it is."""

    def told(done: int | None, total: int | None = None, message: str = "") -> None:
        report(done, total, f"{place} of {parts}: {message}" if message else "")

    return told
