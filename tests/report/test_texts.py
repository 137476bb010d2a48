"""Hostile names stay texts in every form, and each form is whole."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.report.content import ReportContent, ReportTable, all_figures
from sit_core.report.html import html_report
from sit_core.report.svg import axis, dots
from sit_core.report.text import MOST_ROWS, latex_report, markdown_report
from sit_core.results.estimate import Estimate
from sit_core.store import Store

TEXTS = st.text(max_size=40) | st.sampled_from(
    [
        "\\input{x}",
        "$$",
        "}{",
        "%",
        "<script>",
        "</style>",
        "|",
        "](javascript:x)",
        "日本",
        "\u202e",
    ]
)


def content_with(text: str, rows: int = 1) -> ReportContent:
    row = (text, Estimate(0.5, 0.2, 0.8, 9, "wilson-open"), 3, None)
    table = ReportTable(
        "t", text, ("run", text, "n", "x"), (row,) * rows, text, (text,), {(0, 1): "ab"}
    )
    points = ReportTable(
        "p",
        text,
        ("run", "x", "y"),
        tuple((text, float(at), Estimate(0.1 * at, 0, 1, 3)) for at in range(3)),
        text,
        curve=True,
    )
    return ReportContent(text, text, (text,), {"x": text}, (table, points), (text,))


class Tags(HTMLParser):
    """The tags of a page, in pairs, and all that is loaded."""

    VOID = ("meta",)

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


KNOWN_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "nav", "ol", "ul", "li"),
    *("a", "section", "figure", "figcaption", "div", "table", "thead", "tbody", "tr", "th", "td"),
    *("small", "sup", "svg", "text", "line", "circle", "polygon", "polyline"),
}


@given(text=TEXTS)
def test_html_has_our_tags_only_and_loads_nothing(text: str) -> None:
    page = Tags()
    page.feed(html_report(content_with(text)))
    page.close()
    assert page.open == []
    assert page.names <= KNOWN_TAGS
    assert not {name for name in page.attributes if name.startswith("on") or name == "src"}


@given(text=TEXTS)
def test_latex_is_balanced_and_has_our_commands_only(text: str) -> None:
    made = latex_report(content_with(text))
    plain = latex_report(content_with("x"))
    depth = 0
    for mark in re.findall(r"\\.|[{}]", made, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        assert depth >= 0
    assert depth == 0
    assert len(re.findall(r"(?<!\\)\$", made)) % 2 == 0
    known = set(re.findall(r"\\[a-zA-Z]+", plain)) | {
        *(r"\textbackslash", r"\textasciitilde", r"\textasciicircum", r"\textless"),
        *(r"\textgreater", r"\textbar", r"\textasciigrave", r"\textquotesingle"),
        *(r"\textquotedbl", r"\cdot", r"\kappa", r"\alpha", r"\ldots", r"\DeclareUnicodeCharacter"),
    }
    assert set(re.findall(r"\\[a-zA-Z]+", made)) <= known
    rows = made.count(r" \\" + "\n")
    assert rows == plain.count(r" \\" + "\n")


@given(text=TEXTS)
def test_markdown_has_our_headings_and_rows_only(text: str) -> None:
    made, plain = (markdown_report(content_with(one)) for one in (text, "x"))
    for begin in ("#", "|", "- "):
        lines = [line for line in made.splitlines() if line.startswith(begin)]
        assert len(lines) == len([one for one in plain.splitlines() if one.startswith(begin)])
    pipes = [len(re.findall(r"(?<!\\)\|", one)) for one in made.splitlines() if one[:1] == "|"]
    assert set(pipes) <= {5}
    assert not re.search(r"(?<!\\)<", made)
    assert not re.search(r"(?<!\\)\]\(", made)


def test_characters_that_pdflatex_lacks_are_declared() -> None:
    made = latex_report(content_with("日é"))
    assert r"\DeclareUnicodeCharacter{65E5}{[U+65E5]}" in made
    assert "{00E9}" not in made


def test_long_tables_say_in_latex_that_there_is_more() -> None:
    made = latex_report(content_with("x", MOST_ROWS + 3))
    assert "3 more rows stand in report.html." in made


def test_a_chart_has_a_dot_a_row_and_nothing_without_a_value() -> None:
    rows = [("a", Estimate(0.5, 0.2, 0.8, 9)), ("b", Estimate(None)), ("c", Estimate(1.0))]
    made = dots(rows, "t")
    assert made.count("<circle") == 2
    assert made.count('class="span"') == 1
    assert dots(rows[1:2], "t") == dots(rows * 40, "t") == ""


@given(low=st.floats(-1e6, 1e6, allow_nan=False), high=st.floats(-1e6, 1e6, allow_nan=False))
def test_an_axis_holds_both_ends(low: float, high: float) -> None:
    first, last, ticks = axis(low, high)
    room = 1e-6 * max(1.0, abs(low), abs(high))
    assert first <= min(low, high) + room
    assert last >= max(low, high) - room
    assert first < last
    assert 2 <= len(ticks) <= 12


def test_every_number_has_a_path_of_its_own() -> None:
    content = content_with("x", rows=3)
    figures = all_figures(content)
    values = [of["value"] for path, of in figures.items() if path.startswith("t / ")]
    assert values.count(0.5) == values.count(3) == 3
    assert sum(of.get("letters") == "ab" for of in figures.values()) == 1


@pytest.mark.parametrize("name", ["report.html", "report.md", "report.tex"])
def test_a_whole_report_holds_no_foreign_mark_up(one_report: tuple[Store, Path], name: str) -> None:
    text = (one_report[1] / name).read_text("utf-8")
    assert "<script" not in text.replace(r"\<script", "")
    assert name != "report.tex" or r"\input" not in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text
