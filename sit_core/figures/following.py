"""Following rates → a plotly figure: per run a dot with its interval for each step and for all.

A step is told by letter, colour and mark; rate and k of n stand as text at the right.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sit_core.figures.style import GRID, WHOLE, calm, step_colour, step_kind, step_mark
from sit_core.figures.tables import label
from sit_core.results.following import FollowingRow, FollowingTable
from sit_core.statistics.interval import figure_text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_LINE, _HEAD, _GAP = 20, 24, 8
"""Pixels: a step's line, a run's name above its lines, and what is below them."""
_BELOW = 52
"""Pixels for the axis and its title."""
_RIGHT = 168
"""Pixels at the right for words, however wide the page is …"""
_WORDS = (14, 88, 100)
"""… and where in there the letter begins, the rate ends, k of n begins."""
LONGEST = 78
"""Letters of a run's name; the hover text has the whole."""


def following_figure(table: FollowingTable) -> "Figure":
    """A dot and its 95 % interval per run and step; the run with the highest rate for all on top.

    Each dot's ``customdata`` is (run, step key), so that a click can lead to the samples. Rates
    that don't exist (nothing decided yet) have no dot, and a dash at the right.
    """
    import plotly.graph_objects as go

    letters = list(dict.fromkeys(row.letter for row in table.rows))
    places: dict[tuple[str, str], float] = {}
    of_run: dict[str, list[FollowingRow]] = {}
    for row in table.rows:
        of_run.setdefault(row.run, []).append(row)
    figure = go.Figure()
    # Put in all at once: plotly looks at all that are there with each one that is added.
    bands: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    top = 0.0
    for number, whole in enumerate(table.whole()):
        rows = of_run[whole.run]
        bottom = top + _HEAD + _LINE * len(rows) + _GAP
        if number % 2 == 0:
            band = {"type": "rect", "layer": "below", "line_width": 0, "fillcolor": GRID}
            band |= {"opacity": 0.28, "xref": "paper", "yref": "y", "y0": top, "y1": bottom}
            bands.append({**band, "x0": 0, "x1": 1})
            bands.append({**band, "xsizemode": "pixel", "xanchor": 1, "x0": 0, "x1": _RIGHT})
        words.append(
            {"text": f"<b>{label(whole.run, LONGEST)}</b>", "x": 0, "xref": "paper", "yref": "y"}
            | {"xanchor": "left", "xshift": 8, "y": top + _HEAD / 2 + 2, "yanchor": "middle"}
            | {"showarrow": False}
        )
        for line, row in enumerate(rows):
            place = top + _HEAD + _LINE * (line + 0.5)
            places[row.run, row.step] = place
            words += _words(row, place, letters.index(row.letter))
        top = bottom
    for position, letter in enumerate(letters):
        _dots(figure, [row for row in table.rows if row.letter == letter], places, position)
    calm(
        figure,
        int(top) + _BELOW,
        showlegend=False,
        margin={"l": 8, "r": _RIGHT, "t": 0, "b": _BELOW},
        shapes=bands,
        annotations=words,
    )
    figure.update_xaxes(
        range=[-0.03, 1.03],
        tickvals=[0, 0.25, 0.5, 0.75, 1],
        ticktext=["0 %", "25 %", "50 %", "75 %", "100 %"],
        title_text="following rate with 95 % interval",
    )
    figure.update_yaxes(range=[top or 1, 0], visible=False)
    return figure


def _dots(
    figure: "Figure",
    rows: Sequence[FollowingRow],
    places: dict[tuple[str, str], float],
    position: int,
) -> None:
    """The dots of one step."""
    decided = [
        (row, row.rate, row.low, row.high)
        for row in rows
        if row.rate is not None and row.low is not None and row.high is not None
    ]
    letter = rows[0].letter
    colour = step_colour(letter, position)
    whole = step_kind(letter, position) == WHOLE
    figure.add_scatter(
        name=label(letter),
        mode="markers",
        x=[rate for _, rate, _, _ in decided],
        y=[places[row.run, row.step] for row, *_ in decided],
        marker={
            "color": colour,
            "symbol": step_mark(letter, position),
            "size": 13 if whole else 10,
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - rate for _, rate, _, high in decided],
            "arrayminus": [rate - low for _, rate, low, _ in decided],
            "color": colour,
            "thickness": 3.5 if whole else 1.8,
            "width": 0,
        },
        customdata=[(row.run, row.step) for row, *_ in decided],
        hovertext=[
            f"{label(row.run)}<br>{label(letter)}: {row.followed} of {row.n} = "
            f"{figure_text(rate, low, high, unit=' %')}"
            f"<br>unsure {row.unsure}, not judged {row.missing}"
            f"<br>95 % by {label(row.method or '–')}"
            for row, rate, low, high in decided
        ],
        hoverinfo="text",
    )


def _words(row: FollowingRow, place: float, position: int) -> Iterator[dict[str, Any]]:
    """Letter, rate and k of n at the right of a line."""
    whole = step_kind(row.letter, position) == WHOLE
    rate = f"<b>{row.percent}</b>" if whole else row.percent
    texts = (label(row.letter), rate, f"{row.followed:,} of {row.n:,}")
    for text, shift, anchor in zip(texts, _WORDS, ("left", "right", "left"), strict=True):
        said = {"text": text, "x": 1, "xref": "paper", "xshift": shift, "xanchor": anchor}
        said |= {"y": place, "yref": "y", "yanchor": "middle", "showarrow": False}
        if text == texts[0]:
            said["font"] = {"color": step_colour(row.letter, position)}
        yield said
