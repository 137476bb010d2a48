"""The leaderboard → plotly figures: lines per number of iterations, and length against quality.

Every point's ``customdata`` says what it is of, so that a click can lead to its samples.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sit_core.figures.style import RUNS, calm, run_colour, spread
from sit_core.figures.tables import LONGEST, distinct_names, label
from sit_core.results.leaderboard.build import BoardColumn, BoardFigure, Leaderboard, shown
from sit_core.results.leaderboard.table_view import SCALES

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Plot

_MARKS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star", "hexagon")
_HEIGHT = 330
"""Of a chart, in pixels; about `_ROOM` of them are between its lowest and highest value."""
_ROOM = 260
_LINE = 15
"""Pixels between two lines of labels."""
LABEL = 24
"""Letters of a name beside a point."""
LABELLED = 12
"""So many systems have their name beside their points; with more the names are in the hover text
and in a legend."""


def iterations_figure(
    board: Leaderboard, column: BoardColumn, systems: Sequence[str], places: Mapping[str, int]
) -> "Plot":
    """A line per system over the number of iterations, with its 95 % intervals.

    Args:
        board: the board.
        column: following or quality.
        systems: whose lines.
        places: system → its order of arrival in the store, which is its colour.
    """
    import plotly.graph_objects as go

    plot = go.Figure()
    share = column.kind == "share"
    numbers = sorted({row.iteration for row in board.iterations if row.column == column.key})
    ends: list[tuple[str, float, float]] = []
    for number, system in enumerate(systems):
        points = [
            (row.iteration, row.figure)
            for row in board.iterations
            if row.column == column.key and row.system == system and row.figure.value is not None
        ]
        points.sort(key=lambda point: point[0])
        # Beside each other: whiskers of ten systems at one place would hide each other.
        aside = 0.03 * (number - (len(systems) - 1) / 2)
        place = places.get(system, number)
        plot.add_scatter(
            name=label(system, LONGEST),
            x=[numbers.index(iteration) + aside for iteration, _ in points],
            y=[figure.value for _, figure in points],
            mode="lines+markers",
            line={"color": run_colour(place), "width": 2.2},
            marker={"size": 8, "symbol": _mark(place)},
            error_y=_whiskers([figure for _, figure in points], run_colour(place)),
            customdata=[(system, iteration) for iteration, _ in points],
            hovertext=[
                f"{label(system)}<br>{iteration} iteration{'s' * (iteration != 1)}: "
                f"{shown(figure, column.kind)}"
                for iteration, figure in points
            ],
            hoverinfo="text",
        )
        if points:
            last, figure = points[-1]
            ends.append((system, numbers.index(last), figure.value or 0.0))
    low, high = _range(column, board)
    few = len(systems) <= LABELLED
    calm(plot, _HEIGHT, lines="y", showlegend=not few)
    plot.update_xaxes(
        title_text="iterations of the prompt",
        tickvals=list(range(len(numbers))),
        ticktext=[str(number) for number in numbers],
        # Room for the names at the right.
        range=[-0.3, (len(numbers) - 1 + 0.3) * (1.5 if few else 1) + 0.2 * few],
    )
    plot.update_yaxes(
        title_text=label(column.label), tickformat=".0%" if share else None, range=[low, high]
    )
    if few:
        _names(plot, [(s, x + 0.12, y, "left") for s, x, y in ends], (high - low) / _ROOM)
    return plot


def scatter_figure(
    board: Leaderboard,
    across: BoardColumn,
    up: BoardColumn,
    systems: Sequence[str],
    places: Mapping[str, int],
) -> "Plot":
    """A point per system: how long it writes, and how good that is.

    Args:
        board: the board.
        across: a length.
        up: quality or following.
        systems: whose points.
        places: system → its order of arrival in the store, which is its colour.
    """
    import plotly.graph_objects as go

    plot = go.Figure()
    points: list[tuple[str, float, float, float]] = []
    for number, system in enumerate(systems):
        figures = board.row(system).figures
        x, y = figures.get(across.key), figures.get(up.key)
        if x is None or y is None or x.value is None or y.value is None:
            continue
        place = places.get(system, number)
        low, high = (x.value if end is None else end for end in (x.low, x.high))
        points.append((system, low, high, y.value))
        plot.add_scatter(
            name=label(system, LONGEST),
            x=[x.value],
            y=[y.value],
            mode="markers",
            marker={"size": 11, "color": run_colour(place), "symbol": _mark(place)},
            error_x=_whiskers([x], run_colour(place)),
            error_y=_whiskers([y], run_colour(place)),
            customdata=[(system,)],
            hovertext=[
                f"{label(system)}<br>{label(across.label)}: {shown(x, across.kind)}"
                f"<br>{label(up.label)}: {shown(y, up.kind)}"
            ],
            hoverinfo="text",
        )
    bottom, top = _range(up, board)
    few = len(points) <= LABELLED
    widest = 1.2 * max((high for _, _, high, _ in points), default=1.0)
    calm(plot, _HEIGHT, lines="y", showlegend=not few)
    plot.update_xaxes(title_text=f"mean {label(across.label)} of an output", range=[0, widest])
    plot.update_yaxes(
        title_text=label(up.label),
        tickformat=".0%" if up.kind == "share" else None,
        range=[bottom, top],
    )
    if few:
        beside = [
            (system, high + 0.02 * widest, y, "left")
            if high < 0.6 * widest
            else (system, low - 0.02 * widest, y, "right")
            for system, low, high, y in points
        ]
        _names(plot, beside, (top - bottom) / _ROOM)
    return plot


def _range(column: BoardColumn, board: Leaderboard) -> tuple[float, float]:
    """The ends of an axis: the whole scale, a little wider than what lies on it."""
    if column.kind in SCALES:
        low, high = SCALES[column.kind]
    else:
        figures = [row.figures.get(column.key) for row in board.rows]
        low, high = 0.0, max([f.value for f in figures if f and f.value is not None], default=1.0)
    wider = 0.04 * (high - low)
    return low - wider, high + wider


def _names(plot: "Plot", points: Sequence[tuple[str, float, float, str]], pixel: float) -> None:
    """Names beside points (name, x, y, side of the anchor), moved apart until none lies on another.

    Args:
        plot: gets the annotations.
        points: where.
        pixel: how much of the values' axis one pixel is.
    """
    labels = distinct_names([name for name, *_ in points], LABEL)
    for (name, x, _, side), y in zip(
        points, spread([y for *_, y, _ in points], _LINE * pixel), strict=True
    ):
        plot.add_annotation(
            x=x,
            y=y,
            text=labels[name],
            showarrow=False,
            xanchor=side,
            yanchor="middle",
            font={"size": 12},
        )


def _mark(place: int) -> str:
    """Another shape when the colours begin again: no two of the first 80 look the same."""
    return _MARKS[place // RUNS % len(_MARKS)]


def _whiskers(figures: Sequence[BoardFigure], colour: str) -> dict[str, Any]:
    ends = [
        (figure.value or 0.0, figure.low, figure.high)
        if figure.low is not None and figure.high is not None
        else (0.0, 0.0, 0.0)
        for figure in figures
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [(high or 0.0) - value for value, _, high in ends],
        "arrayminus": [value - (low or 0.0) for value, low, _ in ends],
        "thickness": 1.1,
        "width": 0,
        "color": colour,
    }
