"""Tables → plotly figures, without colours or background of their own: the page's theme sets them.

Plotly reads pseudo-HTML in labels and hover texts, so every text goes through `label`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sit_core.augment.statistics import BINS
from sit_core.results.following import FollowingTable

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LONGEST = 40
"""Longer names are cut on an axis; the hover text has the whole."""


def label(text: str, longest: int | None = None) -> str:
    """A text that plotly shows as it is: no tags, no entities, no line breaks.

    >>> label("<b>llama & co</b>")
    '&lt;b&gt;llama &amp; co&lt;/b&gt;'
    >>> label("self-seq-Llama-2-7b", 10)
    'self-seq-…'
    """
    flat = " ".join(text.split())
    if longest is not None and len(flat) > longest:
        flat = flat[: longest - 1] + "…"
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def following_figure(table: FollowingTable) -> "Figure":
    """Following rates: a group of bars per run, a bar per step, Wilson 95 % intervals as whiskers.

    Each bar's ``customdata`` is (run, step key), so that a click can lead to the samples. Rates
    that don't exist (nothing decided yet) have no bar.
    """
    import plotly.graph_objects as go

    runs = list(dict.fromkeys(row.run for row in table.rows))
    letters = dict.fromkeys(row.letter for row in table.rows)
    figure = go.Figure()
    for letter in letters:
        rows = [
            (row, row.rate, row.low, row.high)
            for row in table.rows
            if row.letter == letter and row.rate is not None
        ]
        decided = [
            (row, rate, low, high)
            for row, rate, low, high in rows
            if low is not None and high is not None
        ]
        figure.add_bar(
            name=label(letter),
            orientation="h",
            marker={"opacity": 0.5},
            # A number, not the name: two long names may look the same once they are cut.
            y=[runs.index(row.run) for row, *_ in decided],
            x=[rate for _, rate, _, _ in decided],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - rate for _, rate, _, high in decided],
                "arrayminus": [rate - low for _, rate, low, _ in decided],
                "color": "#858b92",  # seen on light and dark; plotly's own is near black
                "thickness": 2.2,
                "width": 3,
            },
            customdata=[(row.run, row.step) for row, *_ in decided],
            hovertext=[
                f"{label(row.run)}<br>{label(letter)}: {row.followed} of {row.n} = {rate:.1%} "
                f"[{low:.1%}–{high:.1%}]<br>unsure {row.unsure}, not judged {row.missing}"
                for row, rate, low, high in decided
            ],
            hoverinfo="text",
        )
    figure.update_layout(
        barmode="group",
        bargap=0.25,
        height=120 + len(runs) * (30 + 20 * len(letters)),
        margin={"l": 10, "r": 20, "t": 40, "b": 40},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", title="following rate")
    figure.update_yaxes(
        tickvals=list(range(len(runs))),
        ticktext=[label(run, LONGEST) for run in runs],
        range=[len(runs) - 0.5, -0.5],
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    return figure


def lengths_figure(made: Mapping[str, Any]) -> "Figure":
    """How long the inputs and outputs of a mixture are: rows by length in characters.

    Args:
        made: the counts of a mixture's manifest; a bin is named by its lower bound.
    """
    import plotly.graph_objects as go

    bounds = sorted({int(low) for name in _LENGTHS for low in made[f"{name}_characters"]})
    names = [_bin_name(low) for low in bounds]
    figure = go.Figure()
    for name in _LENGTHS:
        counts = {int(low): n for low, n in made[f"{name}_characters"].items()}
        figure.add_bar(
            name=f"{name}s",
            x=names,
            y=[counts.get(low, 0) for low in bounds],
            hovertemplate="%{y:,} rows with %{x} characters<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(
        height=280,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.12},
        xaxis={"title": "characters", "type": "category"},
        yaxis={"title": "rows"},
    )
    return figure


_LENGTHS = ("input", "output")


def _bin_name(low: int) -> str:
    """The lengths of a bin, by its lower bound."""
    place = BINS.index(low) + 1
    if low == 0:
        return "empty"
    return f"{low:,}–{BINS[place] - 1:,}" if place < len(BINS) else f"{low:,}+"
