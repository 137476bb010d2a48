"""Colours by meaning, the quiet frame of charts, labels that keep their distance."""

from itertools import pairwise

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.elements.lib import streamlit_plotly_theme as theme

from sit_core.figures.style import (
    GRID,
    STEP_KINDS,
    TEXT,
    calm,
    run_colour,
    spread,
    step_colour,
    step_kind,
    step_mark,
    verdict_colour,
)
from sit_core.records import Verdict

RUNS = [getattr(theme, f"CATEGORY_{i}") for i in range(10)]
STEPS = [getattr(theme, f"DIVERGING_{i}") for i in range(10)]


def test_the_placeholders_are_those_that_this_streamlit_replaces() -> None:
    assert [run_colour(place) for place in range(10)] == RUNS
    assert [step_colour(kind) for kind in ("R", "A", "R+A", "T", "P", "C")] == STEPS[:6]
    assert [verdict_colour(verdict) for verdict in Verdict] == STEPS[6:]
    assert (TEXT, GRID) == (theme.GRAY_90, theme.FADED_TEXT_05)


def test_the_eleventh_run_has_the_first_ones_colour() -> None:
    assert [run_colour(place) for place in range(10, 25)] == [*RUNS, *RUNS[:5]]


@pytest.mark.parametrize(
    ("letter", "position", "kind"),
    [
        ("R", 5, "R"),
        ("A", 0, "A"),
        ("R+A", 1, "all"),
        ("R+P+A", 1, "all"),
        ("F", 0, "all"),
        ("P2", 3, "P"),
        ("X", 0, "R"),
        ("X", 1, "A"),
        ("X", 2, "T"),
        ("X", 7, "T"),
    ],
)
def test_a_step_is_drawn_by_its_letter_and_an_unknown_one_by_its_place(
    letter: str, position: int, kind: str
) -> None:
    assert step_kind(letter, position) == kind
    assert step_colour(letter, position) == STEPS[STEP_KINDS.index(kind)]


def test_kinds_of_step_differ_in_their_marks_too() -> None:
    marks = [step_mark(kind) for kind in ("R", "A", "R+A", "T", "P", "C")]
    assert len(set(marks)) == len(marks)


def test_a_calm_figure_has_hair_lines_in_one_direction_and_no_ground() -> None:
    figure = calm(go.Figure(go.Scatter(x=[1], y=[2])), 300)
    assert figure.layout.height == 300
    assert figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.xaxis.showgrid is True
    assert figure.layout.yaxis.showgrid is False
    assert calm(go.Figure(), 100, lines="y").layout.yaxis.showgrid is True
    assert calm(go.Figure(), 100, lines="").layout.xaxis.showgrid is False


def test_what_a_chart_says_of_its_layout_wins() -> None:
    figure = calm(go.Figure(), 100, showlegend=False, margin={"l": 1, "r": 2, "t": 3, "b": 4})
    assert figure.layout.showlegend is False
    assert figure.layout.margin.b == 4


PLACES = st.lists(st.floats(-1e6, 1e6), max_size=40)


@given(PLACES, st.floats(0.01, 1e4))
def test_labels_keep_their_distance_and_their_order(places: list[float], gap: float) -> None:
    moved = spread(places, gap)
    assert len(moved) == len(places)
    order = sorted(range(len(places)), key=lambda i: places[i])
    slack = 1e-6 * max(1.0, gap, *(abs(one) for one in [0.0, *moved]))
    for before, after in pairwise(order):
        assert moved[after] - moved[before] >= gap - slack


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 10))
def test_labels_that_nearly_touch_keep_their_distance_too(places: list[int], gap: int) -> None:
    moved = sorted(spread(places, gap))
    assert all(after - before >= gap - 1e-9 for before, after in pairwise(moved))
    assert sum(moved) == pytest.approx(sum(places))  # as a whole they stay where they were


@given(PLACES)
def test_labels_far_from_each_other_stay(places: list[float]) -> None:
    far = [1000.0 * i for i in range(len(places))]
    assert spread(far, 10) == far
