"""A leaderboard as one HTML file to publish: read-only, nothing loaded, nothing run but sorting.

The page forbids itself everything by a content security policy; its one script is named there by
its hash. Every text of a system, judge or file is escaped.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from html import escape

from sit_core.results.leaderboard.build import (
    LEVEL,
    REPORTED,
    BoardColumn,
    BoardFigure,
    IterationFigure,
    Leaderboard,
    LeaderboardRow,
    value_shown,
)
from sit_core.results.leaderboard.records import beside

STYLE = """
:root{color-scheme:light dark;--ink:#1c1e21;--paper:#fff;--faint:#667;--line:#d9dce1;--head:#f3f4f6}
@media(prefers-color-scheme:dark){:root{--ink:#e6e7ea;--paper:#14161a;--faint:#9aa0a8;
--line:#343840;--head:#1d2026}}
body{margin:2rem auto;max-width:90rem;padding:0 1rem;background:var(--paper);color:var(--ink);
font:15px/1.45 system-ui,sans-serif}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .7rem;border-bottom:1px solid var(--line);text-align:right;
vertical-align:top;white-space:nowrap}
th{background:var(--head);position:sticky;top:0}
th:first-child,td:first-child,.text{text-align:left;white-space:normal;overflow-wrap:anywhere}
th button{all:unset;cursor:pointer;font-weight:600}
th button:focus-visible{outline:2px solid currentColor;outline-offset:2px}
th[aria-sort=ascending] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
sup{line-height:0}
small{color:var(--faint);display:block;font-size:.8em}
footer,.faint{color:var(--faint);font-size:.9em}
dt{float:left;clear:left;width:11rem}dd{margin-left:11rem;overflow-wrap:anywhere}
"""
SCRIPT = """
document.querySelectorAll("th button").forEach(function (button) {
  button.addEventListener("click", function () {
    var head = button.closest("th"), table = head.closest("table"), body = table.tBodies[0];
    var place = head.cellIndex, down = head.getAttribute("aria-sort") !== "descending";
    table.querySelectorAll("th").forEach(function (th) { th.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    var value = function (row) { return row.cells[place].getAttribute("data-value"); };
    var order = function (one, other) {
      var a = value(one), b = value(other);
      if (a === "" || b === "") { return (a === "") - (b === ""); }
      var numbers = !isNaN(a) && !isNaN(b);
      var apart = numbers ? a - b : a.localeCompare(b);
      return down === numbers ? -apart : apart;
    };
    Array.from(body.rows).sort(order).forEach(function (row) { body.appendChild(row); });
  });
});
"""


def html_page(board: Leaderboard, made_at: datetime, columns: Sequence[str] = ()) -> str:
    """The whole file.

    Args:
        board: what it shows.
        made_at: its date; UTC.
        columns: only these, by key; empty: all.
    """
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    chosen = [board.column(key) for key in columns] or list(board.columns)
    notes = "".join(f"<p>{escape(note)}</p>" for note in board.notes)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>Leaderboard</title><style>{STYLE}</style></head><body>"
        f"<h1>Leaderboard</h1>{_board(board, chosen)}"
        f"{_by_iteration(board)}"
        f"<footer><h2>How it was made</h2>{notes}{_about(board, made_at)}</footer>"
        f"<script>{SCRIPT}</script></body></html>\n"
    )


def _board(board: Leaderboard, columns: Sequence[BoardColumn]) -> str:
    head = _head("System", "")
    head += "".join(_head(label, "", text=True) for label in ("Base model", "Training data"))
    head += "".join(_head(column.label, column.about) for column in columns)
    rows = "".join(f"<tr>{_row(row, columns)}</tr>" for row in board.rows)
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        "</div>"
        f'<p class="faint">Below each value its {LEVEL:.0%} interval, n, and how many outputs have '
        "none. Shares are in percent. Press a heading to sort.</p>"
    )


def _head(label: str, about: str, *, text: bool = False) -> str:
    title = (f' title="{escape(about)}"' if about else "") + (' class="text"' if text else "")
    return f'<th scope="col"{title}><button type="button">{escape(label)}</button></th>'


def _row(row: LeaderboardRow, columns: Sequence[BoardColumn]) -> str:
    more = [
        row.origin or f"{row.outputs:,} outputs",
        *([f"{row.empty:,} empty"] if row.empty else []),
    ]
    more += [f"{row.errors:,} prompts without output"] if row.errors else []
    more += [f"source: {row.source}"] if row.origin == REPORTED and row.source else []
    first = (
        f'<td data-value="{escape(row.system)}">{escape(row.system)}'
        f"<small>{escape(', '.join(more))}</small></td>"
    )
    texts = "".join(
        f'<td class="text" data-value="{escape(text)}">{escape(text) or "–"}</td>'
        for text in (row.base_model or "", row.training_data or "")
    )
    return first + texts + "".join(_cell(row.figures.get(c.key), c) for c in columns)


def _cell(figure: BoardFigure | None, column: BoardColumn) -> str:
    if figure is None:
        return '<td data-value="">–</td>'
    said = [f"95 % by {figure.method}"] if figure.method else []
    said += [f"{reason}: {n:,}" for reason, n in figure.reasons.items()]
    title = f' title="{escape("; ".join(said))}"' if said else ""
    parts = beside(figure)
    if figure.value is None:
        return f'<td data-value=""{title}>–<small>{", ".join(parts)}</small></td>'
    parts.insert(0, f"n={figure.n:,}" if figure.n else "")
    if figure.low is not None and figure.high is not None:
        low, high = (value_shown(v, column.kind) for v in (figure.low, figure.high))
        parts.insert(0, f"{low}–{high}")
    letters = f" <sup>{escape(figure.letters)}</sup>" if figure.letters else ""
    below = ", ".join(part for part in parts if part)
    return (
        f'<td data-value="{figure.value!r}"{title}>{value_shown(figure.value, column.kind)}'
        f"{letters}<small>{below}</small></td>"
    )


def _by_iteration(board: Leaderboard) -> str:
    parts = []
    for column in board.columns:
        found: dict[str, dict[int, IterationFigure]] = {}
        for one in board.iterations:
            if one.column == column.key:
                found.setdefault(one.system, {})[one.iteration] = one
        if not found:
            continue
        numbers = sorted({number for of in found.values() for number in of})
        head = _head("System", "") + "".join(_head(f"iteration {n}", "") for n in numbers)
        rows = ""
        for row in board.rows:
            of_row = found.get(row.system, {})
            cells = "".join(
                _cell(of_row[n].figure if n in of_row else None, column) for n in numbers
            )
            name = escape(row.system)
            rows += f'<tr><td data-value="{name}">{name}</td>{cells}</tr>' if of_row else ""
        parts.append(
            f"<h2>{escape(column.label)} by number of iterations</h2>"
            f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
            "</div>"
        )
    return "".join(parts)


def _about(board: Leaderboard, made_at: datetime) -> str:
    asked = board.question
    rows = {
        "Prompt set": asked.prompt_set,
        "Judge": asked.judge,
        "Comparing judge": asked.duels_by,
        "Reference": asked.reference,
        "Study of people's verdicts": asked.study,
        "Seed": str(asked.seed),
        "Level": f"{LEVEL:.0%}",
        "Program": f"sit {board.version}",
        "Date": made_at.strftime("%Y-%m-%d %H:%M UTC"),
    }
    return "<dl>{}</dl>".format(
        "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in rows.items() if text)
    )
