"""A report as Markdown and as LaTeX (booktabs). Pure; every text is escaped.

The LaTeX file is whole and compiles with pdflatex, xelatex or lualatex. pdflatex knows few scripts:
there, other characters are printed by their number.
"""

from sit_core.export.typeset import latex_table, latex_text, markdown_table, markdown_text
from sit_core.report.content import Cell, ReportContent, ReportTable
from sit_core.results.estimate import Estimate

MOST_ROWS = 50
"""So many rows of a table fit on a page of LaTeX; it says how many more there are."""
_FLOATS = 12
"""LaTeX holds no more than 52 tables back."""
_KNOWN = 0x250
"""Below it pdflatex has the letters."""


def shown(cell: Cell) -> str:
    """A cell as one text.

    >>> shown(None), shown(3), shown(0.12345), shown(Estimate(0.5, n=4))
    ('–', '3', '0.123', '50.0 n=4')
    """
    if cell is None:
        return "–"
    if isinstance(cell, Estimate):
        return cell.shown
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)


def _rows(table: ReportTable) -> list[list[str]]:
    return [
        [
            " ".join(filter(None, (shown(cell), table.letters.get((number, place), ""))))
            for place, cell in enumerate(row)
        ]
        for number, row in enumerate(table.rows)
    ]


def markdown_report(content: ReportContent) -> str:
    """The whole file."""
    parts = [f"# {markdown_text(content.title)}\n"]
    if content.date:
        parts.append(f"{markdown_text(content.date)}\n")
    parts.append("## Methods\n")
    parts += [f"{markdown_text(one)}\n" for one in content.methods]
    if content.left_out:
        parts.append("Not in this report:\n")
        parts.append("".join(f"- {markdown_text(one)}\n" for one in content.left_out))
    for number, table in enumerate(content.tables, 1):
        parts.append(f"## {markdown_text(table.title)}\n")
        parts.append(f"Table {number}. {markdown_text(table.caption)}\n")
        if table.curve:
            parts.append("The points are drawn in report.html and stand in bundle/figures.json.\n")
        elif table.rows:
            parts.append(markdown_table(table.columns, _rows(table)))
        notes = table.further()
        if notes:
            parts.append("".join(f"- {markdown_text(one)}\n" for one in notes))
    return "\n".join(parts)


def latex_report(content: ReportContent) -> str:
    """The whole file."""
    body = []
    for number, table in enumerate(content.tables, 1):
        if not table.curve and table.rows:
            body.append(_table(table, number))
            if number % _FLOATS == 0:
                body.append(r"\clearpage")
    methods = "\n\n".join(latex_text(one) for one in content.methods)
    left_out = "\n\n".join(latex_text(f"Not in this report: {one}") for one in content.left_out)
    text = "\n".join(
        [
            r"\begin{document}",
            rf"\title{{{latex_text(content.title)}}}",
            r"\author{}",
            rf"\date{{{latex_text(content.date)}}}",
            r"\maketitle",
            r"\section*{Methods}",
            methods,
            *([left_out] if left_out else []),
            *body,
            r"\end{document}",
            "",
        ]
    )
    return f"{_HEAD}{_characters(text)}{text}"


_HEAD = r"""\documentclass{article}
\usepackage{iftex}
\ifPDFTeX\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\else\usepackage{fontspec}\fi
\usepackage{amsmath,textcomp}
\usepackage{booktabs,graphicx}
\usepackage[margin=2.2cm]{geometry}
\newcommand{\fitted}[1]{\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{#1}}
\sloppy
"""


def _characters(text: str) -> str:
    """For pdflatex: what it does not know is printed by its number."""
    others = sorted({ord(one) for one in text if ord(one) >= _KNOWN})
    return "".join(
        rf"\ifPDFTeX\DeclareUnicodeCharacter{{{one:04X}}}{{[U+{one:04X}]}}\fi" + "\n"
        for one in others
    )


def _table(table: ReportTable, number: int) -> str:
    rows = _rows(table)
    more = len(rows) - MOST_ROWS
    said = [f"{more:,} more rows stand in report.html."] if more > 0 else []
    notes = " ".join((*said, *table.further()))
    caption = latex_text(f"{table.title}. {table.caption}")
    return "\n".join(
        [
            r"\begin{table}[htbp]",
            r"\centering",
            rf"\caption{{{caption}}}",
            rf"\label{{tab:{number}}}",
            rf"\fitted{{{latex_table(table.columns, rows[:MOST_ROWS]).strip()}}}",
            *([rf"\par\smallskip{{\footnotesize {latex_text(notes)}\par}}"] if notes else []),
            r"\end{table}",
        ]
    )
