"""Adversarial intermediate text (paper, Table 4): what the answer is after a text that is wrong.

    sit results adversarial --runs "sit none,sit true,sit negative" --baseline "it none"

Runs of one system differ in the *condition* (``sit predict --condition``): none (the last step
alone is asked), own, true, negative (the intermediate text of another training item), corrupted
(one fact changed) or written. Of each: accuracy and following of the last step (of what was
generated after the given text); the share of answers that *follow the text* (are the answer that
the wrong text implies) against those that *stay right*, both of the outputs whose wrong text
implies a known answer; the paired difference from the conditions none and true on the questions
that both have (Bonett and Price, `sit_core.results.output_values`).

How far a text contradicts the answer is told in two ways: by its distance from the expected text
(1 − ROUGE-L F1 of words, in thirds), and by which of the two answers it mentions in words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sit_core.config.fields import setting
from sit_core.results.analyses import (
    ANALYSES,
    Analysis,
    AnalysisConfig,
    AnalysisTable,
    Row,
    runs_of,
)
from sit_core.results.verdict_settings import MEASURE, RUN, WHO, VerdictSettings

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.results.conditions import ConditionRun
    from sit_core.results.estimate import Estimate
    from sit_core.results.output_values import Measure, OutputValue
    from sit_core.store import Store

NOT_GIVEN = "not given"
PAPER = {"none": "IT", "own": "SIT", "negative": "SIT (neg.)"}
"""Condition → the row of the paper's Table 4."""
PAPER_COLUMNS = ("VQAv2", "GQA")
FOLLOWS, RIGHT, NEITHER = "follows the text", "stays right", "another answer"
ANSWER = "following of the answer"


@dataclass(frozen=True, kw_only=True)
class RuleVerdicts(VerdictSettings):
    """Whose verdicts; rules are what such runs usually have."""

    by: Literal["human", "llm", "rule"] = setting(
        "rule", "Whose verdicts.", label="Verdicts of", choices=WHO
    )


@dataclass(frozen=True, kw_only=True)
class AdversarialConfig(AnalysisConfig):
    """Which runs, and what they are compared with."""

    metric: str = setting(
        "accuracy", "What makes an answer right.", label="Right by", metavar="METRIC", kind=MEASURE
    )
    baseline: str | None = setting(
        None,
        "The run that is the condition none of every system, such as IT's; else each has its own.",
        label="Condition none is",
        metavar="RUN",
        placeholder="each system's own",
        kind=RUN,
    )
    items: int = setting(
        50, "So many questions of a system are listed.", label="Questions listed", ge=0, le=10_000
    )
    verdicts: RuleVerdicts = setting(RuleVerdicts)


def adversarial(store: "Store", config: AdversarialConfig) -> AnalysisTable:
    """A row per system and condition; then strength, flips, and questions side by side.

    Raises:
        SitError: a name is unknown, or the runs have no such step.
    """
    from sit_core.analyses.adversarial_tables import flips, side_by_side, strength
    from sit_core.results.conditions import condition_runs, fill
    from sit_core.results.output_values import measure, notes_of, output_values
    from sit_core.store.renaming import present_runs
    from sit_core.store.scores import check_runs

    always = present_runs(store, [config.baseline] if config.baseline else [])
    if always:
        check_runs(store, always)
    asked = tuple(dict.fromkeys([*runs_of(store, config), *always]))
    made, others = condition_runs(store, asked, always)
    names = [run.name for run in made]
    of, followed = measure(config.metric), measure("following:last")
    left_out: dict[str, int] = {}
    rows: list[Row] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    if made:
        values = output_values(store, names, of, config.verdicts)
        verdicts = output_values(store, names, followed, config.verdicts)
        for run in made:
            for why in fill(run, of, values):
                left_out[why] = left_out.get(why, 0) + 1
        paper = _paper()
        for run in made:
            row, ids = _row(run, made, of, verdicts, next(iter(always), None))
            row |= {f"paper, {name}": paper(run.condition, name) for name in PAPER_COLUMNS}
            samples |= {(len(rows), column): found for column, found in ids.items()}
            rows.append(row)
    said = [notes_of(store, names, [of, followed], config.verdicts)] if made else []
    said += [
        "Differences are paired, over the questions that both runs have. The paper's figures are "
        "of questions about images after captions, by another model (Table 4)."
    ]
    if others:
        said.append(f"{others:,} runs of systems that were given no text are not shown.")
    further = (strength(made, of), flips(made, config.items), side_by_side(made, config.items))
    return AnalysisTable(
        rows,
        left_out,
        " ".join(said),
        samples=samples,
        further=tuple(one for one in further if one.rows),
        systems={run.name: run.system for run in made},
    )


def _row(
    run: "ConditionRun",
    made: "Sequence[ConditionRun]",
    of: "Measure",
    verdicts: "Mapping[str, OutputValue]",
    baseline: str | None,
) -> tuple[dict[str, Any], dict[str, Sequence[str]]]:
    """One run's figures, and the outputs that each is about."""
    from sit_core.results.conditions import NONE, TRUE, compared_with, pairs_of
    from sit_core.results.output_values import Measure, difference_of_pairs, estimate_of

    share = Measure("following")
    asked = {one.id: place[0] for place, one in run.outputs.items()}
    done = {
        one: said.value for one in asked if (said := verdicts.get(one)) and said.value is not None
    }
    ids: dict[str, Sequence[str]] = {
        "": list(asked),
        of.name: list(run.right),
        ANSWER: list(done),
        FOLLOWS: [one for one, follows in run.follows.items() if follows],
        RIGHT: [one for one in run.follows if run.right[one] == 1],
        NEITHER: [one for one, yes in run.follows.items() if not yes and run.right[one] != 1],
    }
    row: dict[str, Any] = {
        "system": run.system,
        "condition": run.label,
        "n": len(asked),
        of.name: estimate_of(of, [(asked[one], value) for one, value in run.right.items()]),
        ANSWER: estimate_of(share, [(asked[one], value) for one, value in done.items()]),
    }
    for name in (FOLLOWS, RIGHT, NEITHER):
        there = set(ids[name])
        told = [(asked[one], float(one in there)) for one in run.follows]
        row[name] = estimate_of(share, told) if told else None
    for condition in (NONE, TRUE):
        name, other = f"difference from {condition}", compared_with(run, made, condition, baseline)
        row[name] = None
        if other is not None and other is not run:
            pairs = pairs_of(run, other)
            row[name] = difference_of_pairs(of, [(place[0], a, b) for place, a, b in pairs])
            ids[name] = [one.outputs[place].id for place, *_ in pairs for one in (run, other)]
    return row, ids


def _paper() -> Callable[[str, str], float | str]:
    """(condition, column) → the paper's Table 4, in percent; `NOT_GIVEN` where it has none."""
    import json

    from sit_core.settings import DATA

    said = json.loads((DATA / "reproduction" / "paper_tables.json").read_text(encoding="utf-8"))
    rows = {row["method"]: row for row in said["table4"]["rows"]}
    return lambda condition, column: rows.get(PAPER.get(condition), {}).get(column, NOT_GIVEN)


def adversarial_figure(table: AnalysisTable) -> "Figure":
    """Bars of accuracy by condition, a colour and a pattern per system; the paper's beside them."""
    import plotly.graph_objects as go

    from sit_core.figures.style import GRID, TEXT, calm, run_colour
    from sit_core.figures.tables import label

    figure = go.Figure()
    metric = _metric(table)
    systems = list(dict.fromkeys(row["system"] for row in table.rows))
    conditions = list(dict.fromkeys(row["condition"] for row in table.rows))
    for number, system in enumerate(systems):
        mine = [(i, row) for i, row in enumerate(table.rows) if row["system"] == system]
        found: list[Estimate] = [row[metric] for _, row in mine]
        figure.add_bar(
            name=label(system, 60),
            x=[label(row["condition"]) for _, row in mine],
            y=[None if one.value is None else 100 * one.value for one in found],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [_points(one.high, one.value) for one in found],
                "arrayminus": [_points(one.value, one.low) for one in found],
                "color": TEXT,
                "thickness": 1,
            },
            marker={
                "color": run_colour(table.run_places.get(system, number)),
                "pattern": {"shape": _PATTERNS[number % len(_PATTERNS)]},
            },
            customdata=[(i, metric) for i, _ in mine],
            text=[label(_hover(row, metric)) for _, row in mine],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
    for column, shape in zip(PAPER_COLUMNS, ("/", "x"), strict=True):
        known = {row["condition"]: row[f"paper, {column}"] for row in table.rows}
        there = {c: value for c, value in known.items() if value != NOT_GIVEN}
        if there:
            figure.add_bar(
                name=f"paper, {column} (Table 4)",
                x=[label(one) for one in there],
                y=list(there.values()),
                marker={"color": GRID, "pattern": {"shape": shape, "fgcolor": TEXT}},
                hovertemplate="paper, " + column + ": %{y}<extra></extra>",
            )
    figure.update_xaxes(categoryorder="array", categoryarray=[label(one) for one in conditions])
    figure.update_yaxes(title=f"{label(metric)}, percent", range=[0, 105])
    return calm(figure, 420, lines="y", barmode="group", bargap=0.25)


_PATTERNS = ("", "\\", ".", "-", "|", "+")


def _metric(table: AnalysisTable) -> str:
    """The column after the number of outputs."""
    columns = list(table.rows[0])
    return columns[columns.index("n") + 1]


def _hover(row: Row, metric: str) -> str:
    parts = [f"{row['system']}, {row['condition']}: {metric} {row[metric].shown}"]
    parts += [f"{name} {row[name].shown}" for name in (FOLLOWS, RIGHT) if row[name] is not None]
    return "; ".join(parts)


def _points(one: float | None, less: float | None) -> float:
    return 0.0 if one is None or less is None else 100 * (one - less)


ANALYSES.add(
    "adversarial",
    Analysis(
        "Adversarial text",
        "What does a model answer after an intermediate text that is wrong?",
        adversarial,
        config=AdversarialConfig,
        figure=adversarial_figure,
    ),
)
