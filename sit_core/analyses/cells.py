"""Cells: any measure by factors of the runs, with differences to a baseline on the same questions.

    sit results cells --rows model --columns instruction --metric accuracy,following --by rule \
        --baseline model=IT

A cell is the mean over all outputs of the runs that have its factors' values (given by
``sit predict --factor``, an experiment, or derived: `sit_core.results.run_factors`). Interval and n
are those of the measure (`sit_core.results.output_values.estimate_of`). A difference is paired by
the question, whatever the wording: its id in the data set, else its input; of several outputs for
one question (seeds, samples) their mean counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sit_core.config.fields import setting
from sit_core.errors import UsageError
from sit_core.registry import unknown
from sit_core.results.analyses import (
    ANALYSES,
    Analysis,
    AnalysisConfig,
    AnalysisTable,
    Row,
    runs_of,
)
from sit_core.results.estimate import Estimate
from sit_core.results.run_factors import RUN, RunFactors, factor_names, run_factors
from sit_core.results.verdict_settings import VerdictSettings, measured

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.records import Example
    from sit_core.results.output_values import Measure, OutputValue
    from sit_core.store import Store

Place = tuple[str, ...]
"""Values of factors."""
NO_STEP = "its chain has no such step"
LONGEST_TICK = 36
"""Letters of a column's name under its bars."""


@dataclass(frozen=True, kw_only=True)
class CellsConfig(AnalysisConfig):
    """Which factors, what is measured."""

    rows: tuple[str, ...] = setting(
        ("run",),
        "Factors whose values are the rows; run: each run by itself.",
        label="Rows",
        comma=True,
        unique=True,
    )
    columns: tuple[str, ...] = setting(
        ("chain",),
        "Factors whose values are the columns.",
        label="Columns",
        comma=True,
        unique=True,
    )
    metric: tuple[str, ...] = measured(("accuracy", "following"))
    baseline: str | None = setting(
        None,
        "Differences to the cell that has this value of one of the factors, paired.",
        label="Baseline",
        placeholder="none, or FACTOR=VALUE",
        metavar="FACTOR=VALUE",
    )
    verdicts: VerdictSettings = setting(VerdictSettings)


@dataclass(slots=True)
class _Cell:
    """The outputs of one cell by one measure."""

    values: list[tuple[str, float]]
    """(question as runs share it, value): what the mean is over."""
    pairs: dict[str, list[float]]
    """Question whatever the wording → values."""
    ids: list[str]


def cells(store: "Store", config: CellsConfig) -> AnalysisTable:
    """A row per values of the row factors, a column per values of the column factors and measure.

    ``points`` hold the same one by one: factors, ``measure``, ``estimate``, and where it stands.

    Raises:
        UsageError: no run has such a factor, or there is no such measure.
    """
    from sit_core.results.output_values import difference_of, estimate_of, measure, notes_of

    found = run_factors(store, runs_of(store, config))
    asked = [*config.rows, *config.columns]
    _check(found, asked, config)
    measures = [measure(one) for one in config.metric]
    left_out: dict[str, int] = {}
    filled: dict[tuple[Place, Place, str], _Cell] = {}
    systems: dict[str, str] = {}
    for one in found:
        row = tuple(one.value(name) for name in config.rows)
        systems[one.run] = ", ".join(row)
        column = tuple(one.value(name) for name in config.columns)
        _fill(store, one.run, config, measures, (row, column), filled, left_out)
    rows_there = list(dict.fromkeys(row for row, _, _ in filled))
    columns_there = list(dict.fromkeys(column for _, column, _ in filled))

    def laid_out(figure: Any, title: str) -> tuple[AnalysisTable, list[Row], list[Sequence[str]]]:
        rows: list[Row] = []
        samples: dict[tuple[int, str], Sequence[str]] = {}
        points: list[Row] = []
        point_samples: list[Sequence[str]] = []
        for place, row in enumerate(rows_there):
            cells_of_row: dict[str, Any] = dict(zip(config.rows, row, strict=True))
            for column in columns_there:
                for of in measures:
                    cell = filled.get((row, column, of.name))
                    name = _column(column, of, measures)
                    value = None if cell is None else figure(of, row, column, cell)
                    cells_of_row[name] = value
                    if cell is not None and value is not None:
                        samples[place, name] = cell.ids
                        facts = dict(zip(asked, (*row, *column), strict=True))
                        points.append(
                            {**facts, MEASURED: of.name, VALUE: value, ROW: place, COLUMN: name}
                        )
                        point_samples.append(cell.ids)
            rows.append(cells_of_row)
        return AnalysisTable(rows, title=title, samples=samples), points, point_samples

    table, points, point_samples = laid_out(
        lambda of, row, column, cell: estimate_of(of, cell.values), ""
    )
    further = []
    if config.baseline is not None:

        def apart(of: "Measure", row: Place, column: Place, cell: _Cell) -> Estimate | None:
            place = _baseline(config, row, column, rows_there, columns_there)
            if place == (row, column):
                return None
            base = None if place is None else filled.get((*place, of.name))
            if base is None:
                return Estimate(None, signed=True, why=f"there is no one cell of {config.baseline}")
            return difference_of(of, _means(cell), _means(base))

        apart_from, _, _ = laid_out(apart, f"Difference to {config.baseline}, same questions")
        further.append(apart_from)
    return AnalysisTable(
        table.rows,
        left_out,
        notes_of(store, [one.run for one in found], measures, config.verdicts),
        samples=table.samples,
        further=further,
        points=points,
        point_samples=point_samples,
        systems=systems,
    )


MEASURED, VALUE, ROW, COLUMN = "measure", "estimate", "in row", "in column"
"""Keys of a point, beside its factors."""
BESIDE = ", paper"
"""After a column's name: published numbers in percent that an experiment puts beside it."""


def _check(found: Sequence[RunFactors], asked: Sequence[str], config: CellsConfig) -> None:
    known = [*factor_names(found), RUN]
    for name in asked:
        if name not in known:
            raise UsageError(unknown("factor", name, known))
    if twice := sorted(set(config.rows) & set(config.columns)):
        raise UsageError(f"{twice[0]} can't be both in the rows and in the columns.")
    if config.baseline is not None:
        factor, equals, value = config.baseline.partition("=")
        if not equals or factor not in asked:
            raise UsageError(
                f"The baseline {config.baseline!r} must be FACTOR=VALUE with one of the factors "
                f"{', '.join(asked)}."
            )
        values = list(dict.fromkeys(one.value(factor) for one in found))
        if value not in values:
            raise UsageError(unknown(factor, value, values))


def _baseline(
    config: CellsConfig,
    row: Place,
    column: Place,
    rows: Sequence[Place],
    columns: Sequence[Place],
) -> tuple[Place, Place] | None:
    """Where the cell stands that another one is compared with; None: that is not one cell."""
    factor, _, value = (config.baseline or "").partition("=")
    if factor in config.rows:
        found = _nearest(row, config.rows.index(factor), value, rows)
        return None if found is None else (found, column)
    found = _nearest(column, config.columns.index(factor), value, columns)
    return None if found is None else (row, found)


def _nearest(place: Place, at: int, value: str, there: Sequence[Place]) -> Place | None:
    """The only one with the value; of several the one that is else the same.

    >>> _nearest(("SIT", "a"), 0, "IT", [("IT", "b"), ("SIT", "a")])
    ('IT', 'b')
    >>> _nearest(("SIT", "a"), 0, "IT", [("IT", "b"), ("IT", "a"), ("SIT", "a")])
    ('IT', 'a')
    """
    if place[at] == value:
        return place
    with_it = [one for one in there if one[at] == value]
    same = (*place[:at], value, *place[at + 1 :])
    return with_it[0] if len(with_it) == 1 else same if same in with_it else None


def _fill(
    store: "Store",
    run: str,
    config: CellsConfig,
    measures: Sequence["Measure"],
    place: tuple[Place, Place],
    filled: dict[tuple[Place, Place, str], _Cell],
    left_out: dict[str, int],
) -> None:
    """Put a run's outputs into its cells."""
    from sit_core.matching import content_key
    from sit_core.results.output_values import why_missing
    from sit_core.store.output_values import outputs_of_runs

    outputs = outputs_of_runs(store, [run])
    for of in measures:
        values, why_none = _values(store, run, of, config)
        cell = filled.setdefault((*place, of.name), _Cell([], {}, []))
        for one in outputs:
            said = values.get(one.id)
            if said is None or said.value is None:
                why = said.reason if said else (why_none or why_missing(of))
                if said is None and _lacks_step(one.example, of):
                    why = NO_STEP
                why = f"{of.name}: {why}"
                left_out[why] = left_out.get(why, 0) + 1
                continue
            cell.values.append((one.question, said.value))
            cell.pairs.setdefault(content_key(one.example), []).append(said.value)
            cell.ids.append(one.id)


def _values(
    store: "Store", run: str, of: "Measure", config: CellsConfig
) -> tuple[Mapping[str, "OutputValue"], str]:
    """What is measured of a run's outputs, or why that can't be."""
    from sit_core.results.output_values import output_values

    try:
        return output_values(store, [run], of, config.verdicts), ""
    except UsageError as error:
        return {}, NO_STEP if "no step" in str(error) else str(error)


def _lacks_step(example: "Example", of: "Measure") -> bool:
    """Whether the measure is of a step that the example does not ask for."""
    from sit_core.metrics.registry import GOLD
    from sit_core.results.output_values import LAST

    if not of.step or of.step == LAST or of.step.startswith(GOLD):
        return False
    return all(step.key != of.step for step in example.steps)


def _means(cell: _Cell) -> dict[str, float]:
    return {question: sum(values) / len(values) for question, values in cell.pairs.items()}


def _column(column: Place, of: "Measure", measures: Sequence["Measure"]) -> str:
    """What a column is called: its factors' values, and the measure where there are several."""
    parts = [", ".join(column)] if column else []
    if len(measures) > 1 or not parts:
        parts.append(of.name)
    return ": ".join(parts)


def cells_figure(table: AnalysisTable) -> "Figure":
    """Bars with their intervals: a colour and a name per row, a group per column.

    Published numbers that stand beside them are white diamonds.
    """
    import plotly.graph_objects as go

    from sit_core.figures.estimates import percents, whiskers
    from sit_core.figures.style import TEXT, calm, run_colour
    from sit_core.figures.tables import distinct_names, label

    figure = go.Figure()
    there = [point for point in table.points if point[VALUE].value is not None]
    # An instruction's whole text is no label; the table below has it.
    ticks = distinct_names(list(dict.fromkeys(point[COLUMN] for point in there)), LONGEST_TICK)
    published = 0
    for place in dict.fromkeys(point[ROW] for point in there):
        mine = [point for point in there if point[ROW] == place]
        row = table.rows[place]
        named = ", ".join(str(row[name]) for name in row if name in mine[0])
        values = [point[VALUE] for point in mine]
        figure.add_bar(
            name=label(named),
            x=[ticks[point[COLUMN]] for point in mine],
            y=percents(values),
            error_y=whiskers(values, color=TEXT, thickness=1),
            text=[f"{100 * one.value:.0f}" for one in values],
            textposition="inside",
            insidetextanchor="start",
            customdata=[(place, point[COLUMN]) for point in mine],
            marker={"color": run_colour(table.run_places.get(named, place))},
            offsetgroup=str(place),
        )
        numbers = [(p[COLUMN], row.get(p[COLUMN] + BESIDE)) for p in mine]
        given = [(name, number) for name, number in numbers if isinstance(number, int | float)]
        if given:
            figure.add_scatter(
                name="paper",
                mode="markers",
                x=[ticks[name] for name, _ in given],
                y=[number for _, number in given],
                marker={
                    "symbol": "diamond",
                    "size": 10,
                    "color": "rgba(255,255,255,0.9)",
                    "line": {"width": 1.5, "color": "rgba(20,20,20,0.9)"},
                },
                offsetgroup=str(place),
                showlegend=not published,
                customdata=[(place, name) for name, _ in given],
            )
            published += 1
    figure.update_yaxes(range=[0, 100], ticksuffix=" %")
    return calm(figure, 380, lines="y", barmode="group", scattermode="group")


ANALYSES.add(
    "cells",
    Analysis(
        "Cells",
        "How do the runs compare by model, instruction, language, …?",
        cells,
        config=CellsConfig,
        figure=cells_figure,
    ),
)
