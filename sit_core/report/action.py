"""Writing a report as an action; see `sit_core.actions`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sit_core.actions import Action, Context
from sit_core.errors import SitError
from sit_core.report.config import ReportConfig, folder_of

if TYPE_CHECKING:
    from sit_core.report.write import ReportMade
    from sit_core.store import Store


def _run(config: ReportConfig, context: Context) -> ReportMade:
    from sit_core.report.write import write_report

    return write_report(config, context)


def _faults(config: ReportConfig, store: Store) -> Iterator[str]:
    """Names that there are not, and a folder that holds something else."""
    from sit_core.report.write import check_place, question_of

    if list(config.faults()):
        return
    try:
        question_of(config, store)
    except SitError as error:
        yield str(error)
    try:
        check_place(folder_of(config))
    except SitError as error:
        yield str(error)


def _title(config: ReportConfig) -> str:
    named = config.title or config.study or config.experiment
    return f"Report on {named or ', '.join(config.runs[:3])}"


ACTION = Action(
    name="report",
    config=ReportConfig,
    run=_run,
    title=_title,
    faults=_faults,
    started=lambda config: {"folder": str(folder_of(config))},
    help="""Write a report: one HTML file, the same in Markdown and LaTeX, and what it counts.

    Tables of following rates, scores, comparisons, agreement, the leaderboard and the analyses
    asked for, each with n, interval, method and whose verdicts; the methods in words. The folder's
    bundle holds outputs and verdicts with all revisions, every number, versions, seeds and hashes:
    `sit report --verify DIR` counts every number again from it, anywhere.

    Annotators are called annotator 1, 2, … unless --names keeps their names; their notes are not
    taken. Texts of outputs are taken as they are.
    """,
)
