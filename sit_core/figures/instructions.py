"""Figures of instructions: what became of them, how long they are, what kinds there are.

As in `sit_core.figures.tables`: no colours of the page's theme are overruled, every text goes
through `label`.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sit_core.figures.tables import label
from sit_core.results.seq_instruct import OUTCOMES, LengthRow, OutcomeRow
from sit_core.results.verb_noun import KindTable, petals
from sit_core.statistics.interval import figure_text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

CLEAR = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}
NO_NOUN = "(no noun)"
PATTERNS = {"held before": "/", "gated": "x", "failed": "\\"}
"""What came to nothing is hatched, so that it is told apart without its colour too."""


def outcomes_figure(rows: Sequence[OutcomeRow]) -> "Figure":
    """A bar per iteration, stacked by outcome, with counts; ``customdata`` (iteration, outcome)."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for outcome, name in OUTCOMES.items():
        found = [row for row in rows if row.outcome == outcome]
        if not found:
            continue
        figure.add_bar(
            name=name,
            orientation="h",
            y=[f"iteration {row.iteration}" for row in found],
            x=[row.share for row in found],
            text=[f"{row.n:,}" for row in found],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            marker={
                "pattern": {
                    "shape": PATTERNS.get(outcome, ""),
                    "fillmode": "overlay",
                    "fgopacity": 0.45,
                }
            },
            customdata=[(row.iteration, row.outcome) for row in found],
            hovertext=[
                f"iteration {row.iteration}, {name}<br>{row.n:,} of {row.of:,} = "
                f"{figure_text(row.share, row.low, row.high, unit=' %')}"
                for row in found
            ],
            hoverinfo="text",
        )
    iterations = len({row.iteration for row in rows})
    figure.update_layout(
        barmode="stack",
        height=110 + 42 * iterations,
        bargap=0.3,
        margin={"l": 8, "r": 12, "t": 34, "b": 30},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        **CLEAR,
    )
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    figure.update_yaxes(autorange="reversed", automargin=True, showgrid=False)
    return figure


def instruction_lengths_figure(rows: Sequence[LengthRow]) -> "Figure":
    """A box per iteration and kind of text, from their five numbers; lengths in words."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for what in dict.fromkeys(row.what for row in rows):
        found = [row for row in rows if row.what == what]
        figure.add_box(
            name=f"{what}s",
            x=["seeds" if row.iteration == 0 else f"iteration {row.iteration}" for row in found],
            q1=[row.first for row in found],
            median=[row.median for row in found],
            q3=[row.third for row in found],
            lowerfence=[row.low for row in found],
            upperfence=[row.high for row in found],
            mean=[row.mean for row in found],
        )
    figure.update_layout(
        height=300,
        boxmode="group",
        margin={"l": 8, "r": 8, "t": 30, "b": 30},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom"},
        yaxis={"title": "words", "rangemode": "tozero"},
        xaxis={"type": "category"},
        **CLEAR,
    )
    return figure


def kinds_figure(table: KindTable) -> "Figure":
    """The sunburst: verbs inside, their nouns outside; an ``id`` is read by `petal_of`."""
    import plotly.graph_objects as go

    pieces = petals(table)
    shown = sum(piece.n for piece in pieces if piece.inner)
    figure = go.Figure(
        go.Sunburst(
            ids=[_id(piece.verb, piece.noun, piece.inner) for piece in pieces],
            labels=[
                label(piece.verb if piece.inner else piece.noun or NO_NOUN, 24) for piece in pieces
            ],
            parents=["" if piece.inner else _id(piece.verb, None, True) for piece in pieces],
            values=[piece.n for piece in pieces],
            branchvalues="total",
            sort=False,
            insidetextorientation="radial",
            leaf={"opacity": 0.9},
            marker={"line": {"width": 1, "color": "rgba(128,128,128,0.7)"}},
            hovertext=[
                f"{label(piece.verb)}{'' if piece.inner else ' → ' + label(piece.noun or NO_NOUN)}"
                f"<br>{piece.n:,} of {table.clauses:,} clauses, {len(piece.ids):,} instructions"
                for piece in pieces
            ],
            hoverinfo="text",
        )
    )
    figure.update_layout(
        height=520,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        meta={"shown": shown, "clauses": table.clauses},
        **CLEAR,
    )
    return figure


def _id(verb: str, noun: str | None, inner: bool) -> str:
    return json.dumps([verb] if inner else [verb, noun])


def petal_of(ident: object) -> tuple[str, str | None, bool] | None:
    """What a piece's id stands for: verb, noun, and whether it is the verb with all its nouns.

    >>> petal_of('["write"]'), petal_of('["write", null]'), petal_of("?")
    (('write', None, True), ('write', None, False), None)
    """
    try:
        found: Any = json.loads(str(ident))
    except ValueError:
        return None
    if not isinstance(found, list) or not 1 <= len(found) <= 2 or not isinstance(found[0], str):
        return None
    if len(found) == 1:
        return found[0], None, True
    return (found[0], found[1], False) if found[1] is None or isinstance(found[1], str) else None
