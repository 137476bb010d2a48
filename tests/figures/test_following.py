"""The chart of following rates: dots are the table's rows, and nothing in a name is markup."""

import pytest

from sit_core.figures.following import LONGEST, following_figure
from sit_core.figures.style import step_colour, step_mark
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


def names(figure) -> list[str]:
    """The runs, from above."""
    bold = [note.text for note in figure.layout.annotations if note.xshift == 8]
    return [text.removeprefix("<b>").removesuffix("</b>") for text in bold]


def words(figure) -> list[str]:
    """What stands at the right."""
    return [note.text for note in figure.layout.annotations if note.x == 1]


def test_every_dot_is_a_row_with_its_interval_and_leads_back_to_it() -> None:
    figure = following_figure(table(("m1", "R", 5, 10), ("m1", "A", 8, 10), ("m2", "R", 2, 10)))
    r, a = figure.data
    assert (r.name, list(r.x)) == ("R", [0.5, 0.2])
    assert (a.name, list(a.x)) == ("A", [0.8])
    assert r.y[0] < a.y[0] < r.y[1]  # a line per run and step, from above
    assert list(r.error_x.array) == pytest.approx([0.1, 0.1])
    assert list(r.error_x.arrayminus) == pytest.approx([0.1, 0.1])
    assert [tuple(c) for c in r.customdata] == [("m1", "r"), ("m2", "r")]
    assert "5 of 10" in r.hovertext[0]
    assert "unsure 2, not judged 3" in r.hovertext[0]
    assert names(figure) == ["m1", "m2"]


def test_a_rate_that_does_not_exist_has_no_bar() -> None:
    figure = following_figure(table(("m1", "R", 0, 0), ("m2", "R", 0, 4)))
    assert [run for run, _ in figure.data[0].customdata] == ["m2"]
    assert list(figure.data[0].x) == [0.0]
    assert "–" in words(figure)


def test_names_are_never_markup() -> None:
    figure = following_figure(table((HOSTILE, "<b>", 1, 2)))
    shown = [*(note.text[3:-4] for note in figure.layout.annotations[:1]), *words(figure)]
    shown += [figure.data[0].name, *figure.data[0].hovertext]
    assert all("<a" not in text and "<b>" not in text for text in shown)
    assert "&amp;lt;" in figure.data[0].hovertext[0]


def test_two_long_names_with_the_same_beginning_keep_their_own_lines() -> None:
    figure = following_figure(table(("m" * 90 + "1", "R", 1, 2), ("m" * 90 + "2", "R", 2, 2)))
    assert len(set(figure.data[0].y)) == 2
    assert max(map(len, names(figure))) == LONGEST


def test_an_empty_table_is_an_empty_figure() -> None:
    assert len(following_figure(table()).data) == 0


def test_the_run_that_follows_all_steps_most_is_on_top_with_its_numbers() -> None:
    rows = [("m1", "R", 9, 10), ("m1", "R+A", 2, 10), ("m2", "R", 5, 10), ("m2", "R+A", 4, 8)]
    made = table(*rows).rows
    chain = [
        FollowingRow(**{**{n: getattr(r, n) for n in r.__slots__}, "step": "chain"})
        if r.letter == "R+A"
        else r
        for r in made
    ]
    figure = following_figure(FollowingTable(TableQuery("s"), tuple(chain), ()))
    assert names(figure) == ["m2", "m1"]
    assert words(figure)[:6] == ["R", "50 %", "5 of 10", "R+A", "<b>50 %</b>", "4 of 8"]
    whole = figure.data[1]
    assert (whole.marker.color, whole.marker.symbol) == (step_colour("R+A"), step_mark("R+A"))
    assert whole.marker.color != figure.data[0].marker.color
    assert whole.marker.symbol != figure.data[0].marker.symbol


def test_runs_without_a_rate_come_last_and_leading_ones_share_a_place() -> None:
    made = table(("a", "R", 0, 0), ("b", "R", 1, 4), ("c", "R", 2, 4), ("d", "R", 1, 2))
    assert [row.run for row in made.whole()] == ["c", "d", "b", "a"]
    assert [row.run for row in made.leading()] == ["c", "d"]
    assert [row.run for row in made.leading(2)] == ["b"]
    assert made.leading(3) == []
