"""Tables → plotly figures, without colours or background of their own: the page's theme sets them.

Plotly reads pseudo-HTML in labels and hover texts, so every text goes through `label`.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sit_core.augment.manifest import BINS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.train.curves import Curves
    from sit_core.train.lengths import Lengths

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


_ENDS = " -_/.·"
"""Where a part of a name ends."""


def distinct_names(names: Sequence[str], longest: int) -> dict[str, str]:
    """Names as short labels that still differ: without the beginning that all have in common.

    >>> distinct_names(["wren-7b-sit", "wren-7b-it"], 20)
    {'wren-7b-sit': '…sit', 'wren-7b-it': '…it'}
    >>> distinct_names(["wren", "heron-13b-chat"], 9)
    {'wren': 'wren', 'heron-13b-chat': 'hero…chat'}
    """
    shared = 0  # letters that all begin with, up to the end of a part
    for at, letters in enumerate(zip(*names, strict=False), start=1):
        if len(set(letters)) > 1:
            break
        shared = at if letters[0] in _ENDS and len(set(names)) > 1 else shared
    found = {}
    for name in names:
        short = " ".join(name.split())
        if shared > 3 and len(name) > shared:
            short = f"…{name[shared:]}"
        if len(short) > longest:
            half = (longest - 1) // 2
            short = f"{short[:half]}…{short[-half:]}"
        found[name] = label(short)
    return found


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


def token_lengths_figure(lengths: "Lengths") -> "Figure":
    """Rows by their length in tokens; those beyond the limit stand out, the limit is a line."""
    import plotly.graph_objects as go

    edges = lengths.edges
    middles = [(low + high - 1) / 2 for low, high in pairwise(edges)]
    spans = [f"{low:,}–{high - 1:,}" for low, high in pairwise(edges)]
    limit = lengths.max_length
    figure = go.Figure()
    for name, inside in (("fits", True), ("longer", False)):
        places = [i for i, low in enumerate(edges[:-1]) if (low <= limit) == inside]
        figure.add_bar(
            name=name,
            x=[middles[i] for i in places],
            y=[lengths.counts[i] for i in places],
            width=edges[1] - edges[0],
            customdata=[spans[i] for i in places],
            hovertemplate="%{y:,} rows of %{customdata} tokens<extra></extra>",
        )
    if limit <= edges[-1]:
        figure.add_vline(x=limit + 0.5, line={"color": "#858b92", "dash": "dot"})
    figure.update_layout(
        height=220,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        barmode="overlay",
        bargap=0,
        legend={"orientation": "h", "y": 1.15},
        xaxis={"title": "tokens of prompt and output", "rangemode": "tozero"},
        yaxis={"title": "rows"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure


def curves_figure(found: Mapping[str, "Curves"]) -> "Figure":
    """Losses over updates: the training's faint, the held-out rows' with points."""
    import plotly.graph_objects as go

    figure = go.Figure()
    several = len(found) > 1
    for place, (name, curves) in enumerate(found.items()):
        colour = place if several else None
        for what, points, style in (
            ("training", thinned(curves.loss), {"mode": "lines", "opacity": 0.45}),
            ("held out", curves.held_out, {"mode": "lines+markers"}),
        ):
            figure.add_scatter(
                name=f"{label(name, LONGEST)}, {what}" if several else what,
                x=[step for step, _ in points],
                y=[loss for _, loss in points],
                hovertemplate="update %{x:,}: %{y:.4f}<extra>%{fullData.name}</extra>",
                meta=colour,
                **style,
            )
    if several:
        _coloured_in_pairs(figure)
    figure.update_layout(
        height=340,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.1},
        xaxis={"title": "update", "rangemode": "tozero"},
        yaxis={"title": "loss per output token (nats)"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        uirevision="curves",  # a zoom survives the next points
    )
    return figure


PAIRS = ("#3f7fdf", "#d9822b", "#2e9b6b", "#a55ad6", "#d9434e", "#1f9aa8")
"""Seen on light and dark; the two curves of a training have the same."""


def _coloured_in_pairs(figure: "Figure") -> None:
    for trace in figure.data:
        trace.line.color = PAIRS[trace.meta % len(PAIRS)]


POINTS = 600
"""More than a screen can show; longer curves are averaged into so many."""


def thinned(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most about `POINTS` points, each the mean of its neighbours, at the last one's step.

    >>> thinned([(1, 2.0), (2, 4.0)])
    [(1, 2.0), (2, 4.0)]
    """
    size = -(-len(points) // POINTS)
    if size <= 1:
        return list(points)
    blocks = [points[i : i + size] for i in range(0, len(points), size)]
    return [(block[-1][0], sum(y for _, y in block) / len(block)) for block in blocks]
