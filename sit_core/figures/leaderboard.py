"""The leaderboard → plotly figures: lines per number of iterations, and length against quality.

Every point's ``customdata`` says what it is of, so that a click can lead to its samples.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sit_core.figures.tables import LONGEST, PAIRS, label
from sit_core.results.leaderboard.build import BoardColumn, BoardFigure, Leaderboard, shown

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Plot

_LAYOUT: dict[str, Any] = {
    "margin": {"l": 10, "r": 10, "t": 10, "b": 40},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
}
_MARKS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star", "hexagon")


def iterations_figure(board: Leaderboard, column: BoardColumn, systems: Sequence[str]) -> "Plot":
    """A line per system over the number of iterations, with its 95 % intervals.

    Args:
        board: the board.
        column: following or quality.
        systems: whose lines, in the order of their colours.
    """
    import plotly.graph_objects as go

    plot = go.Figure()
    share = column.kind == "share"
    numbers = sorted({row.iteration for row in board.iterations if row.column == column.key})
    for place, system in enumerate(systems):
        points = [
            (row.iteration, row.figure)
            for row in board.iterations
            if row.column == column.key and row.system == system and row.figure.value is not None
        ]
        points.sort(key=lambda point: point[0])
        # Beside each other: whiskers of ten systems at one place would hide each other.
        aside = 0.03 * (place - (len(systems) - 1) / 2)
        plot.add_scatter(
            name=label(system, LONGEST),
            x=[numbers.index(iteration) + aside for iteration, _ in points],
            y=[figure.value for _, figure in points],
            mode="lines+markers",
            line={"color": _colour(place)},
            marker={"size": 8, "symbol": _mark(place)},
            error_y=_whiskers([figure for _, figure in points], _colour(place)),
            customdata=[(system, iteration) for iteration, _ in points],
            hovertext=[
                f"{label(system)}<br>{iteration} iteration{'s' * (iteration != 1)}: "
                f"{shown(figure, column.kind)}"
                for iteration, figure in points
            ],
            hoverinfo="text",
        )
    plot.update_layout(height=380 + min(14 * len(systems), 160), **_LAYOUT)
    plot.update_xaxes(
        title="iterations by which the prompt was grown",
        tickvals=list(range(len(numbers))),
        ticktext=[str(number) for number in numbers],
        zeroline=False,
    )
    plot.update_yaxes(title=label(column.label), tickformat=".0%" if share else None)
    return plot


def scatter_figure(
    board: Leaderboard, across: BoardColumn, up: BoardColumn, systems: Sequence[str]
) -> "Plot":
    """A point per system: how long it writes, and how good that is.

    Args:
        board: the board.
        across: a length.
        up: quality or following.
        systems: whose points.
    """
    import plotly.graph_objects as go

    plot = go.Figure()
    for place, system in enumerate(systems):
        figures = board.row(system).figures
        x, y = figures.get(across.key), figures.get(up.key)
        if x is None or y is None or x.value is None or y.value is None:
            continue
        plot.add_scatter(
            name=label(system, LONGEST),
            x=[x.value],
            y=[y.value],
            mode="markers",
            marker={"size": 12, "color": _colour(place), "symbol": _mark(place)},
            error_x=_whiskers([x], _colour(place)),
            error_y=_whiskers([y], _colour(place)),
            customdata=[(system,)],
            hovertext=[
                f"{label(system)}<br>{label(across.label)}: {shown(x, across.kind)}"
                f"<br>{label(up.label)}: {shown(y, up.kind)}"
            ],
            hoverinfo="text",
        )
    plot.update_layout(height=400 + min(14 * len(systems), 160), showlegend=True, **_LAYOUT)
    plot.update_xaxes(title=f"mean {label(across.label)} of an output", rangemode="tozero")
    share = up.kind == "share"
    plot.update_yaxes(title=label(up.label), tickformat=".0%" if share else None)
    return plot


def _colour(place: int) -> str:
    return PAIRS[place % len(PAIRS)]


def _mark(place: int) -> str:
    """Another shape when the colours begin again: no two of the first 48 look the same."""
    return _MARKS[place // len(PAIRS) % len(_MARKS)]


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
        "thickness": 1.2,
        "width": 3,
        "color": colour,
    }
