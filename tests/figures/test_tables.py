"""Figures show the table's numbers and names, and nothing in a name is markup."""

import pytest

from sit_core.figures.tables import following_figure
from sit_core.results.following import FollowingRow, FollowingTable
from sit_core.results.table_query import TableQuery

HOSTILE = '<a href="javascript:alert(1)">m</a><br>&lt;'


def table(*rows: tuple[str, str, int, int]) -> FollowingTable:
    """(run, letter, followed, n) with an interval of ± 0.1."""
    made = []
    for run, letter, followed, n in rows:
        rate = followed / n if n else None
        low, high = (rate - 0.1, rate + 0.1) if rate is not None else (None, None)
        made.append(
            FollowingRow(run, letter.lower(), letter, followed, n, rate, low, high, 2, 3, n + 5)
        )
    return FollowingTable(TableQuery("s"), tuple(made), ())


def test_every_bar_is_a_row_with_its_interval_and_leads_back_to_it() -> None:
    figure = following_figure(table(("m1", "R", 5, 10), ("m1", "A", 8, 10), ("m2", "R", 2, 10)))
    r, a = figure.data
    assert (r.name, list(r.x), list(r.y)) == ("R", [0.5, 0.2], [0, 1])
    assert (a.name, list(a.x), list(a.y)) == ("A", [0.8], [0])
    assert list(r.error_x.array) == pytest.approx([0.1, 0.1])
    assert list(r.error_x.arrayminus) == pytest.approx([0.1, 0.1])
    assert [tuple(c) for c in r.customdata] == [("m1", "r"), ("m2", "r")]
    assert "5 of 10" in r.hovertext[0]
    assert "unsure 2, not judged 3" in r.hovertext[0]
    assert list(figure.layout.yaxis.ticktext) == ["m1", "m2"]


def test_a_rate_that_does_not_exist_has_no_bar() -> None:
    figure = following_figure(table(("m1", "R", 0, 0), ("m2", "R", 0, 4)))
    assert list(figure.data[0].y) == [1]
    assert list(figure.data[0].x) == [0.0]


def test_names_are_never_markup() -> None:
    figure = following_figure(table((HOSTILE, "<b>", 1, 2)))
    shown = [*figure.layout.yaxis.ticktext, figure.data[0].name, *figure.data[0].hovertext]
    assert all("<a" not in text and "<b>" not in text for text in shown)
    assert "&amp;lt;" in figure.data[0].hovertext[0]


def test_two_long_names_with_the_same_beginning_keep_their_own_bars() -> None:
    figure = following_figure(table(("m" * 90 + "1", "R", 1, 2), ("m" * 90 + "2", "R", 2, 2)))
    assert list(figure.data[0].y) == [0, 1]
    assert max(map(len, figure.layout.yaxis.ticktext)) == 40


def test_an_empty_table_is_an_empty_figure() -> None:
    assert len(following_figure(table()).data) == 0
