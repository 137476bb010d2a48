"""Every figure of a board, counted a second time from exported files by other code.

``check_folder(folder)`` reads what `sit results check` exported and says what differs. Nothing here
is taken from the code that made the figures (`sit_core.results`, `sit_core.statistics`,
`sit_core.scoring`, `sit_core.store`): a fault would have to be made twice, in two ways, to stay
unseen. What makes the files is `sit_core.export.check_files`.
"""

from pathlib import Path

from sit_core.checking.board import check_board
from sit_core.checking.reading import read_files
from sit_core.checking.report import Difference, Report
from sit_core.checking.scores import check_score_table, check_scores
from sit_core.checking.tables import check_table

__all__ = ["Difference", "Report", "check_folder"]


def check_folder(folder: Path) -> Report:
    """Count again whatever the tables in a folder show.

    Raises:
        SitError: a file is missing or is not as it was exported.
    """
    files = read_files(folder)
    report = Report()
    check_board(files, report)
    for table in files.tables:
        if table["table"] == "scores":
            check_score_table(files, table, report)
        else:
            check_table(files, table, report)
    check_scores(files, report)
    for why in files.about.get("not_made", ()):
        report.note(why)
    return report
