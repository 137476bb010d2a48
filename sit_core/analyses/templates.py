"""Templates (paper, Figure 2): the same questions asked in several wordings of one chain.

    sit results templates --by rule --metric following,accuracy

Per system and wording: following of each step and of the whole, accuracy. Over the wordings: the
mean with an interval that takes wordings and questions for draws, the lowest and the highest, and
the standard deviation between wordings beyond chance (`sit_core.statistics.crossed`), on the
questions that have a value in all of them. A wording is the factor ``wording`` of a run, else the
text of its instruction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sit_core.config.fields import setting
from sit_core.results.analyses import (
    ANALYSES,
    Analysis,
    AnalysisConfig,
    AnalysisTable,
    runs_of,
)
from sit_core.results.estimate import Estimate
from sit_core.results.verdict_settings import VerdictSettings, measured, systems_by

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.results.output_values import Measure, OutputValue
    from sit_core.store import Store
    from sit_core.store.output_values import OutputRow

SYSTEM, CHAIN_COLUMN, WORDING_COLUMN, INSTRUCTION_COLUMN = (
    "system", "chain", "wording", "instruction",
)  # fmt: skip
BETWEEN = "SD between wordings"


@dataclass(frozen=True, kw_only=True)
class TemplatesConfig(AnalysisConfig):
    """What is measured of each wording."""

    metric: tuple[str, ...] = measured(("following", "accuracy"))
    baseline: str | None = setting(
        None,
        "The wording that the others are compared with on the same questions; else the first.",
        label="Against the wording",
        placeholder="the first",
        metavar="WORDING",
    )
    group: tuple[str, ...] = systems_by()
    verdicts: VerdictSettings = setting(VerdictSettings)


@dataclass(slots=True)
class _Cell:
    """The outputs of one system for one wording."""

    text: str
    outputs: "list[OutputRow]" = field(default_factory=list)

    def counted(self, values: "Mapping[str, OutputValue]") -> "list[tuple[OutputRow, float]]":
        """The outputs that count."""
        found = []
        for one in self.outputs:
            said = values.get(one.id)
            if said is not None and said.value is not None:
                found.append((one, said.value))
        return found

    def of_questions(self, values: "Mapping[str, OutputValue]") -> dict[str, float]:
        """Question whatever the wording → its value, the mean of several outputs."""
        from sit_core.matching import content_key

        found: dict[str, list[float]] = {}
        for one, value in self.counted(values):
            found.setdefault(content_key(one.example), []).append(value)
        return {question: sum(each) / len(each) for question, each in found.items()}


Cells = dict[tuple[str, str], dict[str, _Cell]]
"""(system, chain) → wording → its outputs."""


def templates(store: "Store", config: TemplatesConfig) -> AnalysisTable:
    """A row per system and wording; then the spread over wordings, then their differences.

    Raises:
        SitError: there is no such measure or wording.
    """
    from sit_core.results.output_values import estimate_of, measure, notes_of

    runs = runs_of(store, config)
    cells = _cells(store, runs, config)
    values, columns, left_out = _values(store, runs, config)
    rows: list[dict[str, object]] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    for (system, chain), wordings in cells.items():
        for wording, cell in wordings.items():
            row: dict[str, object] = {SYSTEM: system, CHAIN_COLUMN: chain, WORDING_COLUMN: wording}
            if cell.text != wording:
                row[INSTRUCTION_COLUMN] = cell.text
            samples[len(rows), ""] = [one.id for one in cell.outputs]
            for column, of in columns.items():
                kept = cell.counted(values[column])
                if kept:
                    row[column] = estimate_of(of, [(one.question, value) for one, value in kept])
                    samples[len(rows), column] = [one.id for one, _ in kept]
            rows.append(row)
    shown = {column: of for column, of in columns.items() if not _of_step(of)}
    note = notes_of(store, runs, [measure(one) for one in config.metric], config.verdicts)
    single = sum(len(wordings) < 2 for wordings in cells.values())
    if single:
        note += f" {single} of {len(cells)} systems and chains have one wording: no spread."
    return AnalysisTable(
        _even(rows),
        left_out,
        note.strip(),
        samples=samples,
        systems={
            one.run: system
            for (system, _), wordings in cells.items()
            for cell in wordings.values()
            for one in cell.outputs
        },
        further=[
            table
            for table in (
                _spread(cells, values, shown),
                _differences(cells, values, shown, config.baseline),
            )
            if table.rows
        ],
    )


def _of_step(of: object) -> bool:
    from sit_core.results.output_values import FOLLOWING, Measure

    assert isinstance(of, Measure)
    return of.metric == FOLLOWING and bool(of.step)


def _even(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The same rows, each with all columns; those of texts first."""
    there = list(dict.fromkeys(name for row in rows for name in row))
    texts = [SYSTEM, CHAIN_COLUMN, WORDING_COLUMN, INSTRUCTION_COLUMN]
    names = [name for name in texts if name in there] + [n for n in there if n not in texts]
    return [{name: row.get(name) for name in names} for row in rows]


def _cells(store: "Store", runs: Sequence[str], config: TemplatesConfig) -> Cells:
    from sit_core.errors import UsageError
    from sit_core.registry import unknown
    from sit_core.results.run_factors import CHAIN, WORDING, run_factors, systems
    from sit_core.store.output_values import outputs_of_runs

    factors = {one.run: one for one in run_factors(store, runs)}
    named = systems(list(factors.values()), config.group)
    cells: Cells = {}
    for one in outputs_of_runs(store, runs):
        of = factors[one.run]
        text = one.example.instruction
        wording = of.values.get(WORDING, text)
        place = named[one.run], of.value(CHAIN)
        cells.setdefault(place, {}).setdefault(wording, _Cell(text)).outputs.append(one)
    all_wordings = list(dict.fromkeys(name for found in cells.values() for name in found))
    if config.baseline is not None and config.baseline not in all_wordings:
        raise UsageError(unknown("wording", config.baseline, all_wordings))
    return dict(sorted(cells.items()))


def _values(
    store: "Store", runs: Sequence[str], config: TemplatesConfig
) -> "tuple[dict[str, Mapping[str, OutputValue]], dict[str, Measure], dict[str, int]]":
    """Column → values by output, and the measure; why outputs have none → how many."""
    from sit_core.results.judged_outputs import judged_outputs, state_reason
    from sit_core.results.output_values import (
        FOLLOWING,
        Measure,
        OutputValue,
        measure,
        output_values,
        why_missing,
    )
    from sit_core.results.table_query import labels
    from sit_core.store.output_values import outputs_of_runs

    values: dict[str, Mapping[str, OutputValue]] = {}
    columns: dict[str, Measure] = {}
    left_out: dict[str, int] = {}
    ids = [one.id for one in outputs_of_runs(store, runs)]
    for text in config.metric:
        of = measure(text)
        if of.metric != FOLLOWING or of.step:
            values[of.name], columns[of.name] = output_values(store, runs, of, config.verdicts), of
            for one in ids:
                said = values[of.name].get(one)
                if said is None or said.value is None:
                    why = f"{of.name}: {said.reason if said else why_missing(of)}"
                    left_out[why] = left_out.get(why, 0) + 1
            continue
        judged, none = judged_outputs(store, runs, config.verdicts)
        for why, many in none.items():
            left_out[f"{FOLLOWING}: {why}"] = many
        steps: dict[str, dict[str, OutputValue]] = {}
        whole: dict[str, OutputValue] = {}
        for each in judged:
            names = labels(each.steps)
            states = {names[step.key]: each.state(step.key) for step in each.steps}
            for column, state in [*states.items(), (FOLLOWING, each.whole)]:
                into = whole if column == FOLLOWING else steps.setdefault(column, {})
                if state in (0, 1):
                    into[each.output.id] = OutputValue(float(state))
                elif column == FOLLOWING:
                    why = f"{FOLLOWING}: {state_reason(state)}"
                    left_out[why] = left_out.get(why, 0) + 1
        for column, found in steps.items():
            values[column], columns[column] = found, Measure(FOLLOWING, column)
        values[FOLLOWING], columns[FOLLOWING] = whole, Measure(FOLLOWING)
    return values, columns, left_out


def _spread(
    cells: Cells,
    values: "Mapping[str, Mapping[str, OutputValue]]",
    columns: "Mapping[str, Measure]",
) -> AnalysisTable:
    """Per system, chain and measure with two wordings or more."""
    from sit_core.results.output_values import estimate_of
    from sit_core.statistics import crossed_mean

    rows: list[dict[str, object]] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    unshared = 0
    for (system, chain), wordings in cells.items():
        for column, of in columns.items():
            each = {name: cell.of_questions(values[column]) for name, cell in wordings.items()}
            each = {name: found for name, found in each.items() if found}
            if len(each) < 2:
                continue
            shared = [
                question
                for question in next(iter(each.values()))
                if all(question in found for found in each.values())
            ]
            found = crossed_mean([[one[q] for q in shared] for one in each.values()])
            if found is None:
                unshared += 1
                continue
            rates = dict(zip(each, found.each, strict=True))
            low, high = min(rates, key=rates.__getitem__), max(rates, key=rates.__getitem__)
            n = len(shared)
            row: dict[str, object] = {SYSTEM: system, CHAIN_COLUMN: chain, "measure": column}
            row |= {"wordings": len(each), "questions": n}
            row["mean"] = Estimate.of(found.value, found.interval, n * len(each))
            for name, which in (("lowest", low), ("highest", high)):
                row[name] = estimate_of(of, [(q, each[which][q]) for q in shared])
                row[f"{name} wording"] = which
                samples[len(rows), name] = [one.id for one in wordings[which].outputs]
            row[BETWEEN] = Estimate.of(found.sd, found.sd_interval, n * len(each))
            samples[len(rows), ""] = [
                one.id for name in each for one, _ in wordings[name].counted(values[column])
            ]
            rows.append(row)
    note = "On the questions that have a value in every wording."
    if unshared:
        note += f" {unshared} rows are left out: no two questions have a value in all wordings."
    return AnalysisTable(rows, title="Spread over wordings", note=note, samples=samples)


def _differences(
    cells: Cells,
    values: "Mapping[str, Mapping[str, OutputValue]]",
    columns: "Mapping[str, Measure]",
    baseline: str | None,
) -> AnalysisTable:
    """Each wording less the baseline, on the questions that both have."""
    from sit_core.results.output_values import difference_of

    rows: list[dict[str, object]] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    for (system, chain), wordings in cells.items():
        if len(wordings) < 2:
            continue
        base = next(iter(wordings)) if baseline is None else baseline
        if base not in wordings:
            continue
        for name, cell in wordings.items():
            if name == base:
                continue
            row: dict[str, object] = {SYSTEM: system, CHAIN_COLUMN: chain}
            row |= {WORDING_COLUMN: name, "less": base}
            for column, of in columns.items():
                pair = [one.of_questions(values[column]) for one in (cell, wordings[base])]
                row[column] = difference_of(of, *pair)
                samples[len(rows), column] = [
                    one.id
                    for which in (cell, wordings[base])
                    for one, _ in which.counted(values[column])
                ]
            rows.append(row)
    title = "Differences between wordings, on the same questions"
    return AnalysisTable(rows, title=title, samples=samples)


_MARKS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon")
_LINE = 18
"""Pixels of a wording."""
_HEAD = 56
"""Pixels between two panels."""
_LONGEST = 60


def _called(wording: str) -> str:
    """In the legend; a number or letter is said to be a wording."""
    from sit_core.figures.tables import label

    return f"wording {label(wording)}" if len(wording) < 4 else label(wording, _LONGEST)


def templates_figure(table: AnalysisTable) -> "Figure":
    """A panel per measure; per system a line for each wording, told by its mark and its number."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    from sit_core.figures.estimates import percents, whiskers
    from sit_core.figures.style import calm, panel_titles, run_colour
    from sit_core.figures.tables import label

    rows = table.rows
    spread = next((one for one in table.further if one.title.startswith("Spread")), None)
    measures = [
        name
        for name in dict.fromkeys(name for row in rows for name in row)
        if any(isinstance(row.get(name), Estimate) for row in rows)
        and (spread is None or any(row["measure"] == name for row in spread.rows))
    ] or ["following"]
    lines = [(str(row[SYSTEM]), str(row[CHAIN_COLUMN])) for row in rows]
    systems = list(dict.fromkeys(lines))
    wordings = list(dict.fromkeys(str(row[WORDING_COLUMN]) for row in rows))
    heights: dict[tuple[str, str], float] = {}
    top = 0.0
    for place in systems:
        heights[place] = top
        top += lines.count(place) + 1.4
    tall, panels = round(top * _LINE), len(measures)
    figure = make_subplots(
        panels,
        1,
        shared_xaxes=True,
        subplot_titles=[label(m) for m in measures],
        vertical_spacing=min(0.9 / panels, _HEAD / (panels * (tall + _HEAD))),
    )
    for number, wording in enumerate(wordings):
        mine = [(i, row) for i, row in enumerate(rows) if str(row[WORDING_COLUMN]) == wording]
        for panel, measure in enumerate(measures, start=1):
            points = []
            for i, row in mine:
                one = row.get(measure)
                if not isinstance(one, Estimate) or one.value is None:
                    continue
                place = lines[i]
                points.append((i, heights[place] + 1 + lines[:i].count(place), one))
            figure.add_scatter(
                row=panel,
                col=1,
                name=_called(wording),
                legendgroup=str(number),
                showlegend=panel == 1,
                mode="markers",
                x=percents([one for *_, one in points]),
                y=[height for _, height, _ in points],
                error_x=whiskers([one for *_, one in points]),
                customdata=[(i, measure) for i, _, _ in points],
                text=[f"{_called(wording)}: {one.shown}" for *_, one in points],
                hovertemplate="%{text}<extra></extra>",
                marker={
                    "color": run_colour(number),
                    "size": 9,
                    "symbol": _MARKS[number % len(_MARKS)],
                },
            )
    for place in systems:
        name = place[0] if len({chain for _, chain in systems}) == 1 else ", ".join(place)
        for panel in range(1, panels + 1):
            figure.add_annotation(
                text=f"<b>{label(name, _LONGEST)}</b>", x=0, xref="x domain", xanchor="left",
                y=heights[place] + 0.2, yanchor="middle", showarrow=False, row=panel, col=1,
            )  # fmt: skip
    calm(figure, panels * (tall + _HEAD) + 24 * (2 + len(wordings) // 2))
    panel_titles(figure.layout.annotations[:panels])
    figure.update_xaxes(range=[-3, 106], dtick=25, ticksuffix=" %", showticklabels=True)
    figure.update_yaxes(range=[top, -0.6], showticklabels=False)
    figure.update_layout(
        margin={"t": 28}, legend={"y": -44 / (panels * (tall + _HEAD)), "yanchor": "top"}
    )
    assert isinstance(figure, go.Figure)
    return figure


ANALYSES.add(
    "templates",
    Analysis(
        "Templates",
        "How much do following and accuracy depend on how the same chain is worded?",
        templates,
        config=TemplatesConfig,
        figure=templates_figure,
    ),
)
