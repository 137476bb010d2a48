"""From a model to a row of the leaderboard in one go: generate, judge, put on the board.

Each part keeps what it has made, and does only what is missing; so the same command, or its job
resumed, goes on wherever it was killed.
"""

from dataclasses import dataclass, field, replace

from sit_core import __version__
from sit_core.actions import Context, Report
from sit_core.judge.run import JudgeReport, judge_runs
from sit_core.predict.run import PredictReport, predict
from sit_core.seqeval.config import SeqevalConfig
from sit_core.store.systems import KEEP, System, set_system


@dataclass(frozen=True)
class SeqevalReport:
    """What came of it."""

    system: System
    predicted: PredictReport
    judged: list[JudgeReport] = field(default_factory=list)


def evaluate(config: SeqevalConfig, context: Context) -> SeqevalReport:
    """Make what is missing of a system's outputs and verdicts.

    Args:
        config: what is asked.
        context: where to; its ``since`` counts for the judge's budget.

    Raises:
        UsageError: the configuration can't work.
        SitError: a model can't be had, nothing comes any more, or the budget is used up; what was
            written is kept.
    """
    store = context.store
    config.check(store)
    judgings = config.judgings()
    parts = 1 + len(judgings)
    predicted = predict(
        config.predicting(), replace(context, report=_part(context.report, 1, parts))
    )
    # On the board before it is judged: a judging that stops leaves a row that says so.
    system = set_system(
        store,
        config.name,
        base_model=KEEP if config.base_model is None else config.base_model,
        training_data=KEEP if config.training_data is None else config.training_data,
        provenance={"prompts": config.prompts, "version": __version__},
    )
    judged = [
        judge_runs(
            store,
            asked,
            report=_part(context.report, place, parts),
            stopped=context.stopped,
            since=context.since,
        )
        for place, asked in enumerate(judgings, 2)
    ]
    return SeqevalReport(system, predicted, judged)


def _part(report: Report, place: int, parts: int) -> Report:
    """The same, saying which part of the work it is."""

    def told(done: int | None, total: int | None = None, message: str = "") -> None:
        report(done, total, f"{place} of {parts}: {message}" if message else "")

    return told
