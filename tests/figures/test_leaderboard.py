"""The leaderboard's charts: values, intervals, and what a click leads to; names are no markup."""

from itertools import pairwise

import pytest

from sit_core.figures.leaderboard import iterations_figure, scatter_figure
from sit_core.figures.style import run_colour
from sit_core.results.leaderboard.build import FOLLOWING, QUALITY, leaderboard
from tests.factories import make_run
from tests.results.test_leaderboard import FOLLOW, grow, say

EVIL = "<b>evil</b>"
PLACES = {"plain": 3, EVIL: 13}


@pytest.fixture
def board(sqlite_store):
    for name, verdicts in (("plain", ["yes", "no", "yes", "yes"]), (EVIL, ["no"] * 4)):
        made = make_run(sqlite_store, name, 4, steps=FOLLOW)
        say(sqlite_store, made, verdicts, [4, 2, 5, None], by="j")
    grow(sqlite_store, [1, 1, 3, 3])
    return leaderboard(sqlite_store)


def test_a_line_per_system_with_intervals_and_its_samples(board) -> None:
    plot = iterations_figure(board, board.column(FOLLOWING), ["plain", EVIL], PLACES)
    assert [trace.name for trace in plot.data] == ["plain", "&lt;b&gt;evil&lt;/b&gt;"]
    line = plot.data[0]
    assert list(line.y) == [0.5, 1.0]
    assert [tuple(of) for of in line.customdata] == [("plain", 1), ("plain", 3)]
    assert list(plot.layout.xaxis.ticktext) == ["1", "3"]
    for up, down in zip(line.error_y.array, line.error_y.arrayminus, strict=True):
        assert up >= 0 <= down
    assert max(line.error_y.arrayminus) > 0
    assert "<b>" not in "".join(plot.data[1].hovertext)


def test_a_point_per_system_by_length_and_quality(board) -> None:
    length, quality = board.column("characters"), board.column(QUALITY)
    plot = scatter_figure(board, length, quality, ["plain", EVIL], PLACES)
    row = board.row("plain").figures
    assert list(plot.data[0].x) == [row["characters"].value]
    assert list(plot.data[0].y) == [row[QUALITY].value]
    assert [trace.customdata[0][0] for trace in plot.data] == ["plain", EVIL]
    assert [t.marker.color for t in plot.data] == [run_colour(3), run_colour(13)]
    assert len({(t.marker.color, t.marker.symbol) for t in plot.data}) == 2
    assert [note.text for note in plot.layout.annotations] == ["plain", "&lt;b&gt;evil&lt;/b&gt;"]


def test_names_beside_points_do_not_lie_on_each_other(sqlite_store) -> None:
    names = [f"system {i}" for i in range(5)]
    for name in names:
        say(sqlite_store, make_run(sqlite_store, name, 2, steps=FOLLOW), ["yes", "no"], [4, 4])
    board = leaderboard(sqlite_store)
    length, quality = board.column("characters"), board.column(QUALITY)
    plot = scatter_figure(board, length, quality, names, {})
    low, high = plot.layout.yaxis.range
    heights = sorted(note.y for note in plot.layout.annotations)
    pixels = [(b - a) / (high - low) * plot.layout.height for a, b in pairwise(heights)]
    assert min(pixels) > 12
    assert len({note.text for note in plot.layout.annotations}) == 5


def test_many_systems_have_a_legend_instead_of_names(board) -> None:
    few = iterations_figure(board, board.column(FOLLOWING), ["plain"], {})
    many = iterations_figure(board, board.column(FOLLOWING), ["plain"] * 13, {})
    assert (few.layout.showlegend, many.layout.showlegend) == (False, True)
    assert not many.layout.annotations
