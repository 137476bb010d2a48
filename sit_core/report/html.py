"""A report as one HTML file: nothing is loaded, nothing runs, light and dark, printed as well.

The page forbids itself everything but its own style by a content security policy. Every text of a
run, judge or file is escaped.
"""

from collections.abc import Sequence
from html import escape

from sit_core.report.content import Cell, ReportContent, ReportTable
from sit_core.report.svg import Curve, curves, dots
from sit_core.report.text import shown
from sit_core.results.estimate import Estimate

STYLE = """
:root{color-scheme:light dark;--ink:#1c1e21;--paper:#fff;--faint:#5d6470;--line:#d9dce1;
--head:#f3f4f6;--mark:#1f5fbf;--c0:#1f5fbf;--c1:#b3541e;--c2:#1d7a4f;--c3:#7a3fa8}
@media(prefers-color-scheme:dark){:root{--ink:#e6e7ea;--paper:#14161a;--faint:#9aa0a8;
--line:#343840;--head:#1d2026;--mark:#7fb0ff;--c0:#7fb0ff;--c1:#f0a070;--c2:#6cd0a0;--c3:#c79bf0}}
*{box-sizing:border-box}
body{margin:2rem auto;max-width:80rem;padding:0 1.2rem;background:var(--paper);color:var(--ink);
font:15px/1.55 system-ui,sans-serif}
h1{font-size:1.5rem;margin-bottom:.2rem;overflow-wrap:anywhere}
h2{font-size:1.12rem;margin:2.4rem 0 .5rem;overflow-wrap:anywhere}
p,li,figcaption{overflow-wrap:anywhere;max-width:62rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.93em}
figure{margin:0}
figcaption{color:var(--faint);padding:0 0 .5rem;font-size:.93em}
th,td{padding:.34rem .7rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th{background:var(--head);font-weight:600}
th[scope=row]{background:none;font-weight:400}
.text{text-align:left;overflow-wrap:break-word;min-width:7rem;max-width:22rem}
td small{color:var(--faint);white-space:nowrap;display:block;font-size:.86em}
.notes{color:var(--faint);font-size:.9em;margin:.5rem 0 0;padding-left:1.1rem}
.date,.faint{color:var(--faint)}
nav ol{columns:2;padding-left:1.3rem;font-size:.93em}
a{color:var(--mark)}
svg.chart{width:100%;min-width:34rem;max-width:760px;height:auto;display:block;margin:.8rem 0;
font:12px system-ui,sans-serif;fill:var(--ink)}
.grid{stroke:var(--line)}.zero{stroke:var(--faint);stroke-dasharray:3 3}
.span{stroke:var(--mark);stroke-width:2}.dot{fill:var(--mark)}.tick{fill:var(--faint)}
.curve{fill:none;stroke-width:2}.band{opacity:.14}
.c0{stroke:var(--c0)}.c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}
.band.c0{fill:var(--c0);stroke:none}.band.c1{fill:var(--c1);stroke:none}
.band.c2{fill:var(--c2);stroke:none}.band.c3{fill:var(--c3);stroke:none}
@media(max-width:600px){body{margin:1rem auto}nav ol{columns:1}}
@media print{:root{color-scheme:light;--ink:#000;--paper:#fff;--faint:#444;--line:#bbb;--head:#eee;
--mark:#1f5fbf;--c0:#1f5fbf;--c1:#b3541e;--c2:#1d7a4f;--c3:#7a3fa8}
body{max-width:none;margin:0;font-size:10.5pt}nav{display:none}.wide{overflow:visible}
td small{white-space:normal}.text{min-width:0;overflow-wrap:anywhere}
table{font-size:8.5pt}h2{break-after:avoid}tr,svg{break-inside:avoid}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def html_report(content: ReportContent) -> str:
    """The whole file."""
    contents = "".join(
        f'<li><a href="#t{number}">{escape(table.title)}</a></li>'
        for number, table in enumerate(content.tables, 1)
    )
    date = f'<p class="date">{escape(content.date)}</p>' if content.date else ""
    methods = "".join(f"<p>{escape(one)}</p>" for one in content.methods)
    sections = "".join(_section(table, number) for number, table in enumerate(content.tables, 1))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(content.title)}</title><style>{STYLE}</style></head>\n<body>"
        f"<h1>{escape(content.title)}</h1>{date}<nav><ol>{contents}</ol></nav>\n"
        f"<h2>Methods</h2>{methods}{_left_out(content.left_out)}\n{sections}</body></html>\n"
    )


def _left_out(said: Sequence[str]) -> str:
    if not said:
        return ""
    items = "".join(f"<li>{escape(one)}</li>" for one in said)
    return f'<p>Not in this report:</p><ul class="notes">{items}</ul>'


def _section(table: ReportTable, number: int) -> str:
    drawn = charts_of(table)
    chart = f'<div class="wide">{drawn}</div>' if drawn else ""
    rows = "" if table.curve else _table(table, number)
    caption = f'<p class="faint">{escape(table.caption)}</p>' if table.curve else ""
    notes = "".join(f"<li>{escape(one)}</li>" for one in table.further())
    below = f'<ul class="notes">{notes}</ul>' if notes else ""
    return (
        f'<section><h2 id="t{number}">{escape(table.title)}</h2>{caption}{chart}{rows}{below}'
        "</section>\n"
    )


def _table(table: ReportTable, number: int) -> str:
    texts = text_columns(table)
    head = "".join(
        f'<th scope="col"{_class(place in texts)}>{escape(name)}</th>'
        for place, name in enumerate(table.columns)
    )
    body = "".join(
        "<tr>"
        + "".join(
            _cell(
                cell,
                first=place == 0,
                text=place in texts,
                letters=table.letters.get((at, place), ""),
            )
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for at, row in enumerate(table.rows)
    )
    caption = f'<figcaption id="c{number}">Table {number}. {escape(table.caption)}</figcaption>'
    return (
        f'<figure>{caption}<div class="wide"><table aria-labelledby="c{number}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></figure>"
    )


def _class(text: bool) -> str:
    return ' class="text"' if text else ""


def _cell(cell: Cell, *, first: bool, text: bool, letters: str) -> str:
    tag, more = ("th", ' scope="row"') if first else ("td", "")
    if isinstance(cell, Estimate) and cell.value is not None:
        value, _, rest = cell.shown.partition(" ")
        raised = f" <sup>{escape(letters)}</sup>" if letters else ""
        below = f"<small>{escape(rest)}</small>" if rest else ""
        return f"<{tag}{more}>{escape(value)}{raised}{below}</{tag}>"
    return f"<{tag}{more}{_class(text)}>{escape(shown(cell))}</{tag}>"


def text_columns(table: ReportTable) -> set[int]:
    """The columns that hold texts."""
    return {
        place
        for place in range(len(table.columns))
        if any(isinstance(row[place], str) for row in table.rows)
    }


def charts_of(table: ReportTable) -> str:
    """What of a table is drawn: a curve's points, else its figures in percent."""
    texts = sorted(text_columns(table))
    if table.curve:
        return _curves(table, texts)
    many = table.drawn is None or len(table.drawn) > 1
    rows = [
        (", ".join([*([column] if many else []), *(str(row[t]) for t in texts if row[t])]), cell)
        for place, column in enumerate(table.columns)
        if table.drawn is None or column in table.drawn
        for row in table.rows
        if isinstance(cell := row[place], Estimate) and cell.percent
    ]
    return dots(rows, table.title)


def _curves(table: ReportTable, texts: Sequence[int]) -> str:
    numbers = [
        place
        for place in range(len(table.columns))
        if any(isinstance(row[place], int | float) for row in table.rows)
    ]
    figures = [
        place
        for place in range(len(table.columns))
        if any(isinstance(row[place], Estimate) for row in table.rows)
    ]
    if not numbers or not figures:
        return ""
    lines: dict[str, list[tuple[float, Estimate]]] = {}
    for row in table.rows:
        at, one = row[numbers[0]], row[figures[0]]
        if isinstance(at, int | float) and isinstance(one, Estimate):
            lines.setdefault(", ".join(str(row[t]) for t in texts), []).append((float(at), one))
    drawn: list[Curve] = [(name, sorted(of, key=lambda p: p[0])) for name, of in lines.items()]
    return curves(drawn, table.title, table.columns[numbers[0]])
