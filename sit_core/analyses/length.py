"""Length (paper, Figure 3): do accuracy and following fall as texts grow longer?

Outputs are sorted by a length; a window of neighbours moves along, and its mean is a point of the
curve.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sit_core.config.fields import setting
from sit_core.results.analyses import ANALYSES, Analysis, AnalysisConfig, AnalysisTable, Row
from sit_core.results.verdict_settings import MEASURE, VerdictSettings

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.store import Store
    from sit_core.store.output_values import OutputRow


@dataclass(frozen=True, kw_only=True)
class LengthConfig(AnalysisConfig):
    """What is sorted by which length."""

    x: Literal["input", "output"] = setting("input", "Whose length.", label="Length of")
    unit: Literal["words", "characters"] = setting("words", "Counted in.", label="Counted in")
    smooth: int = setting(10, "Outputs in a window.", label="Window", ge=1)
    metric: tuple[str, ...] = setting(
        ("following",),
        "What is measured: a metric, or following.",
        label="Measured",
        comma=True,
        kind=MEASURE,
    )
    verdicts: VerdictSettings = setting(VerdictSettings)


def length(store: "Store", config: LengthConfig) -> AnalysisTable:
    """Curves of means in moving windows; a row per run and measure."""
    from sit_core.results.output_values import (
        estimate_of,
        measure,
        notes_of,
        output_values,
        why_missing,
    )
    from sit_core.store.browse import run_names
    from sit_core.store.output_values import outputs_of_runs

    runs = config.runs or tuple(run_names(store))
    measures = [measure(one) for one in config.metric]
    outputs = outputs_of_runs(store, runs)
    rows: list[Row] = []
    points: list[Row] = []
    point_samples: list[list[str]] = []
    samples: dict[tuple[int, str], list[str]] = {}
    left_out: dict[str, int] = {}
    for of in measures:
        values = output_values(store, runs, of, config.verdicts)
        for run in runs:
            kept: list[tuple[int, OutputRow, float]] = []
            for one in outputs:
                if one.run != run:
                    continue
                found = values.get(one.id)
                if found is None or found.value is None:
                    why = f"{of.name}: {found.reason if found else why_missing(of)}"
                    left_out[why] = left_out.get(why, 0) + 1
                    continue
                kept.append((_length(one, config), one, found.value))
            kept.sort(key=lambda each: (each[0], each[1].row))
            whole = estimate_of(of, [(one.question, value) for _, one, value in kept])
            samples[len(rows), ""] = [one.id for _, one, _ in kept]
            rows.append({"run": run, "measure": of.name, "mean": whole})
            size = config.smooth
            for start in range(len(kept) - size + 1):
                window = kept[start : start + size]
                mean = estimate_of(of, [(one.question, value) for _, one, value in window])
                middle = sum(size for size, _, _ in window) / size
                points.append({"run": run, "measure": of.name, "length": middle, "mean": mean})
                point_samples.append([one.id for _, one, _ in window])
    return AnalysisTable(
        rows,
        left_out,
        notes_of(store, runs, measures, config.verdicts),
        samples=samples,
        points=points,
        point_samples=point_samples,
    )


def _length(one: "OutputRow", config: LengthConfig) -> int:
    text = one.example.input if config.x == "input" else one.output
    return len(text.split()) if config.unit == "words" else len(text)


def length_figure(table: AnalysisTable) -> "Figure":
    """A line per run and measure."""
    import plotly.graph_objects as go

    from sit_core.figures.style import calm, run_colour
    from sit_core.figures.tables import label

    figure = go.Figure()
    lines: Sequence[tuple[str, str]] = list(
        dict.fromkeys((row["run"], row["measure"]) for row in table.points)
    )
    for place, (run, of) in enumerate(lines):
        numbers = [i for i, p in enumerate(table.points) if (p["run"], p["measure"]) == (run, of)]
        figure.add_scatter(
            name=label(f"{run}, {of}"),
            mode="lines+markers",
            x=[table.points[i]["length"] for i in numbers],
            y=[table.points[i]["mean"].value for i in numbers],
            customdata=[(-1, i) for i in numbers],
            line={"color": run_colour(place)},
        )
    return calm(figure, 380, lines="y")


ANALYSES.add(
    "length",
    Analysis(
        "Length",
        "Do accuracy and following fall as texts grow longer?",
        length,
        config=LengthConfig,
        figure=length_figure,
    ),
)
