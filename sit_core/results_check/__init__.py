"""Every figure of a board, counted a second time from exported files by other code.

``check_folder(folder)`` reads what `sit results check` exported and says what differs. Nothing here
is taken from the code that made the figures (`sit_core.results`, `sit_core.statistics`,
`sit_core.metrics`, `sit_core.store`): a fault would have to be made twice, in two ways, to stay
unseen. What makes the files is `sit_core.export.check_files`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.results_check.agreement_tables import check_agreement, check_both
from sit_core.results_check.exported_files import ExportedFiles, read_files
from sit_core.results_check.judged import check_judged
from sit_core.results_check.leaderboard import check_board
from sit_core.results_check.report import CheckReport, DifferingFigure
from sit_core.results_check.scores import OF_OUTPUTS, check_score_table, check_scores
from sit_core.results_check.tables import check_comparison, check_following

__all__ = ["CheckReport", "DifferingFigure", "check_folder"]

TABLES: Mapping[str, Callable[[ExportedFiles, Mapping[str, Any], CheckReport], None]] = {
    "following": check_following,
    "comparison": check_comparison,
    "agreement": check_agreement,
    "judge agreement": check_both,
    "rule agreement": check_both,
    "judge": check_judged,
    "scores": check_score_table,
}


def check_folder(folder: Path) -> CheckReport:
    """Count again whatever the tables in a folder show.

    Raises:
        SitError: a file is missing or is not as it was exported.
    """
    files = read_files(folder)
    report = CheckReport()
    try:
        check_board(files, report)
        for table in files.tables:
            if table["table"] in TABLES:
                TABLES[table["table"]](files, table, report)
            else:
                why = f"nothing is known of the table {table['table']!r}"
                report.left_out(why, len(table.get("rows", ())))
        check_scores(files, report)
        if any(one.table in OF_OUTPUTS for one in report.differ):
            report.note("Scores that no longer belong to their texts are made anew by `sit score`.")
        for why in files.about.get("not_made", ()):
            report.note(why)
    except (AttributeError, KeyError, StopIteration, TypeError, ValueError) as error:
        raise SitError(f"A file in {folder} is not as it was exported ({error!r}).") from None
    return report
