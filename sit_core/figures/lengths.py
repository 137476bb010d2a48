"""Curves over a length → a plotly figure: a panel per measure, a line with its band per run.

A run is told by colour, dash and mark, and by its name. Each point's ``customdata`` is (-1, its
number), so that a click can lead to its samples.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sit_core.figures.style import calm, run_colour, run_dash, run_mark, see_through
from sit_core.figures.tables import LONGEST, label

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HEIGHT, _ABOVE, _BELOW = 310, 46, 44
"""Pixels: of a row of panels, of the legend with the titles, and of the axis's title."""
_SIDE_BY_SIDE = 3
"""Panels in a row."""


def lengths_figure(
    points: Sequence[Mapping[str, Any]], places: Mapping[str, int], across: str, most: int
) -> "Figure":
    """Means over a length.

    Args:
        points: with ``run``, ``measure``, ``length``, ``from``, ``to`` and ``mean``, an `Estimate`.
        places: run → its order of arrival in the store, which is its colour.
        across: what the axis is.
        most: runs that are drawn; the first of them.
    """
    from plotly.subplots import make_subplots

    measures = list(dict.fromkeys(point["measure"] for point in points))
    runs = list(dict.fromkeys(point["run"] for point in points))[:most]
    wide = min(len(measures), _SIDE_BY_SIDE) or 1
    high = -(-len(measures) // wide) or 1
    plot = make_subplots(
        rows=high,
        cols=wide,
        subplot_titles=[label(one, LONGEST) for one in measures] if len(measures) > 1 else None,
        horizontal_spacing=0.06,
        vertical_spacing=0.16 if high > 1 else 0,
    )
    for number, of in enumerate(measures):
        at = {"row": number // wide + 1, "col": number % wide + 1}
        top = 0.0
        for run in runs:
            mine = [
                (place, point)
                for place, point in enumerate(points)
                if point["run"] == run and point["measure"] == of
            ]
            if mine:
                top = max(top, *(p["mean"].high for _, p in mine))
                _line(plot, run, mine, places.get(run, runs.index(run)), number == 0, at)
        ends = (0, 1.02) if top > 0.5 else (0, max(top * 1.1, 0.02))
        share = ".0%" if ends[1] > 0.1 else ".1%"
        name = label(of, LONGEST) if len(measures) == 1 else None
        plot.update_yaxes(range=ends, tickformat=share, title_text=name, **at)
        plot.update_xaxes(title_text=label(across, 80), **at)
    margin = {"l": 8, "r": 8, "t": _ABOVE if len(measures) > 1 else 30, "b": _BELOW}
    calm(plot, _HEIGHT * high + _ABOVE, lines="y", margin=margin, hovermode="closest")
    plot.update_layout(legend={"y": 1.02 + 0.06 * (len(measures) > 1)}, showlegend=True)
    plot.update_annotations(font={"size": 12.5})
    return plot


def _line(
    plot: "Figure",
    run: str,
    mine: Sequence[tuple[int, Mapping[str, Any]]],
    place: int,
    named: bool,
    at: Mapping[str, int],
) -> None:
    """The band, then the line with its marks."""
    colour = run_colour(place)
    x = [point["length"] for _, point in mine]
    means = [point["mean"] for _, point in mine]
    common = {"legendgroup": run, "x": x, **at}
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    plot.add_scatter(y=[mean.low for mean in means], **edge, **common)
    fill = {"fill": "tonexty", "fillcolor": see_through(colour)}
    plot.add_scatter(y=[mean.high for mean in means], **edge, **fill, **common)
    plot.add_scatter(
        name=label(run, LONGEST),
        showlegend=named,
        mode="lines+markers",
        y=[mean.value for mean in means],
        line={"color": colour, "width": 2, "dash": run_dash(place)},
        marker={"color": colour, "symbol": run_mark(place), "size": 6},
        customdata=[(-1, number) for number, _ in mine],
        hovertext=[
            f"{label(run)}<br>{label(point['measure'])}: {point['mean'].shown}"
            f"<br>length {point['from']:,}–{point['to']:,}"
            for _, point in mine
        ],
        hoverinfo="text",
        **common,
    )
