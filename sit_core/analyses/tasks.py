"""Unseen tasks (paper, Table 5): trained on one task, asked for another.

    sit results tasks --by rule --baseline IT --baseline-test A

A row per way of training (the factor ``method``, else the adapter), a column per test instruction
(the chain asked for): accuracy and following in each cell, and the differences to the baseline's
row and to the baseline's column, paired on the questions that both have, whatever their wording.
The cells are those of `sit_core.analyses.cells`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sit_core.analyses.cells import COLUMN, MEASURED, ROW, VALUE, CellsConfig, cells
from sit_core.config.fields import setting
from sit_core.results.analyses import (
    ANALYSES,
    Analysis,
    AnalysisConfig,
    AnalysisTable,
    runs_of,
)
from sit_core.results.run_factors import (
    ADAPTER,
    CHAIN,
    INSTRUCTION,
    METHOD,
    MODEL,
    RunFactors,
    factor_names,
    run_factors,
    varying,
)
from sit_core.results.verdict_settings import VerdictSettings, measured

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.store import Store

TRAIN, TEST = "trained on", "asked for"
"""Keys of a point, beside those of `sit_core.analyses.cells`."""


@dataclass(frozen=True, kw_only=True)
class TasksConfig(AnalysisConfig):
    """Which factors are rows and columns, and what they are compared with."""

    train: str | None = setting(
        None,
        "The factor whose values are the rows: how models were trained.",
        label="Trained on (rows)",
        placeholder="method, adapter or model",
        metavar="FACTOR",
    )
    test: str | None = setting(
        None,
        "The factor whose values are the columns: what is asked for.",
        label="Asked for (columns)",
        placeholder="chain or instruction",
        metavar="FACTOR",
    )
    metric: tuple[str, ...] = measured(("accuracy", "following"))
    baseline: str | None = setting(
        None,
        "The row that the others are compared with, such as IT.",
        label="Baseline row",
        placeholder="none",
        metavar="VALUE",
    )
    baseline_test: str | None = setting(
        None,
        "The column that the others are compared with, such as A.",
        label="Baseline column",
        placeholder="none",
        metavar="VALUE",
    )
    verdicts: VerdictSettings = setting(VerdictSettings)


def tasks(store: "Store", config: TasksConfig) -> AnalysisTable:
    """The cells, then the differences to the baseline's row and column.

    Raises:
        SitError: no run has such a factor or value, or there is no such measure.
    """
    found = run_factors(store, runs_of(store, config))
    train, test = _axes(config, found)
    known = [one for one in found if train in one.values and test in one.values]
    asked = CellsConfig(
        runs=tuple(one.run for one in known),
        rows=(train,),
        columns=(test,),
        metric=config.metric,
        verdicts=config.verdicts,
    )
    if not known:
        return AnalysisTable([], note=f"No run has both factors, {train} and {test}.")
    table, further = None, []
    for factor, value in ((train, config.baseline), (test, config.baseline_test)):
        if value is not None:
            table = cells(store, replace(asked, baseline=f"{factor}={value}"))
            further += list(table.further)
    table = table or cells(store, asked)
    points = [
        {
            TRAIN: point[train],
            TEST: point[test],
            **{key: point[key] for key in (MEASURED, VALUE, ROW, COLUMN)},
        }
        for point in table.points
    ]
    note = table.note
    if len(known) < len(found):
        note += f" {len(found) - len(known)} runs are left out: they have no {train} or no {test}."
    return replace(table, note=note.strip(), further=further, points=points)


def _axes(config: TasksConfig, found: Sequence[RunFactors]) -> tuple[str, str]:
    """The factors of the rows and of the columns."""
    there, differ = factor_names(found), varying(found)
    train = config.train or next(
        (name for name in (METHOD, ADAPTER, MODEL) if name in there), METHOD
    )
    test = config.test or (CHAIN if CHAIN in differ or CHAIN in there else INSTRUCTION)
    return train, test


_CELL = 38
"""Pixels of a cell's height."""
_HEAD = 84
"""Above a heat map, for its title and the columns' names."""
_SHADE = "11,122,111"
"""Of 100 %, on the page's own ground; the figures in the cells say the same."""


def tasks_figure(table: AnalysisTable) -> "Figure":
    """A heat map per measure; every cell has its figure and interval as text.

    The longer side runs down, so that there is room for the figures.
    """
    from plotly.subplots import make_subplots

    from sit_core.figures.style import TEXT, calm, panel_titles
    from sit_core.figures.tables import label

    there = [(i, p) for i, p in enumerate(table.points) if p[VALUE].value is not None]
    measures = list(dict.fromkeys(str(point[MEASURED]) for _, point in there))
    down, across = TRAIN, TEST
    rows, columns = (
        list(dict.fromkeys(str(p[key]) for p in table.points)) for key in (down, across)
    )
    if len(columns) > len(rows):
        down, across, rows, columns = across, down, columns, rows
    panels = max(1, len(measures))
    height = _CELL * max(1, len(rows))
    figure = make_subplots(
        panels,
        1,
        subplot_titles=[label(one) for one in measures],
        vertical_spacing=min(0.9 / panels, _HEAD / (panels * (height + _HEAD))),
    )
    for panel, name in enumerate(measures, start=1):
        mine = [(i, point) for i, point in there if point[MEASURED] == name]
        at = {(str(p[down]), str(p[across])): p[VALUE] for _, p in mine}
        figure.add_heatmap(
            row=panel,
            col=1,
            x=list(range(len(columns))),
            y=list(range(len(rows))),
            z=[[None if (r, c) not in at else 100 * at[r, c].value for c in columns] for r in rows],
            zmin=0,
            zmax=100,
            colorscale=[[0, f"rgba({_SHADE},0)"], [1, f"rgba({_SHADE},0.6)"]],
            showscale=False,
            hoverinfo="skip",
            xgap=3,
            ygap=3,
        )
        figure.add_scatter(
            row=panel,
            col=1,
            mode="markers+text",
            showlegend=False,
            x=[columns.index(str(p[across])) for _, p in mine],
            y=[rows.index(str(p[down])) for _, p in mine],
            text=[_words(p[VALUE]) for _, p in mine],
            textfont={"color": TEXT, "size": 12.5},
            customdata=[(-1, i) for i, _ in mine],
            hovertext=[
                f"{label(str(p[TRAIN]))}, asked {label(str(p[TEST]))}: {p[VALUE].shown}"
                for _, p in mine
            ],
            hovertemplate="%{hovertext}<extra></extra>",
            marker={"size": 34, "symbol": "square", "color": f"rgba({_SHADE},0.01)"},
        )
        figure.update_xaxes(
            tickvals=list(range(len(columns))), ticktext=[label(c, 24) for c in columns],
            range=[-0.5, len(columns) - 0.5], side="top", row=panel, col=1,
        )  # fmt: skip
        figure.update_yaxes(
            tickvals=list(range(len(rows))), ticktext=[label(r, 32) for r in rows],
            range=[len(rows) - 0.5, -0.5], row=panel, col=1,
        )  # fmt: skip
    calm(figure, panels * (height + _HEAD), lines="")
    panel_titles(figure.layout.annotations, above=28)
    figure.update_layout(margin={"t": 58})
    return figure


def _words(one: object) -> str:
    """The figure, and its interval below."""
    from sit_core.results.estimate import Estimate
    from sit_core.statistics.interval import figure_text

    assert isinstance(one, Estimate)
    assert one.value is not None
    whole = figure_text(one.value, one.low, one.high, digits=0)
    return whole.replace(" [", "<br>[")


ANALYSES.add(
    "tasks",
    Analysis(
        "Unseen tasks",
        "Does a model that was trained on one task follow instructions for another?",
        tasks,
        config=TasksConfig,
        figure=tasks_figure,
    ),
)
