"""Number of tasks and order (paper, Table 6): how chains of 1, 2, 3 … steps fare.

    sit results chain-length --by rule --fit-up-to 3

Per number of steps and per step: following, ROUGE-L and BERTScore; which step is the first to be
dropped; a logistic curve of success against the number of steps, fitted on short chains and held
against longer ones; steps listed as they are to be done against *jumping* order (RIFT, arXiv
2601.18924). A mean *of all* is over every output that is asked for the step, one without it as 0;
*of present* leaves those out, and is another figure with a name of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sit_core.analyses.chain_tables import (
    IN_ORDER_COLUMN,
    NUMBER,
    SYSTEM,
    WHOLE,
    Asked,
    Rows,
    grouped,
    share_of,
)
from sit_core.config.fields import setting
from sit_core.results.analyses import (
    ANALYSES,
    Analysis,
    AnalysisConfig,
    AnalysisTable,
    Row,
    runs_of,
)
from sit_core.results.estimate import Estimate
from sit_core.results.verdict_settings import VerdictSettings, systems_by

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.records import Unparsed
    from sit_core.store import Store

SCORES = {"rouge-l": "ROUGE-L", "bertscore": "BERTScore"}
"""Metrics of steps that have an expected text → their columns."""
PRESENT = "{} of present"
DROPPED, SHARE = "first dropped", "share"
"""Keys of a point that is a part of a bar."""
_CURVE, _BETWEEN = 340, 90
"""Pixels of the curves, and between them and the bars."""
_WIDE_ENOUGH = 0.07
"""Of a part of a bar, for its name."""
STEPS, ITERATION = "steps", "iteration"
FOLLOW_LETTER = "F"
"""The chain of prompts whose tasks were judged together."""


@dataclass(frozen=True, kw_only=True)
class ChainLengthConfig(AnalysisConfig):
    """What counts as the number of tasks, and what the curve is fitted on."""

    count: Literal["steps", "iteration"] = setting(
        STEPS,
        "What the number of tasks is: the steps of the chain, or SeqEval's iteration.",
        label="Number of",
        choices={STEPS: "steps of the chain", ITERATION: "iterations (SeqEval)"},
    )
    fit_up_to: int = setting(
        3, "The curve is fitted on chains up to so long.", label="Fit up to", ge=2, le=64
    )
    group: tuple[str, ...] = systems_by()
    verdicts: VerdictSettings = setting(VerdictSettings)


def chain_length(store: "Store", config: ChainLengthConfig) -> AnalysisTable:
    """By number of steps; then by step, first dropped, the curve on longer chains, order."""
    from sit_core.analyses.step_order import order_tables
    from sit_core.results.output_values import measure, notes_of
    from sit_core.store.output_values import scores_of_outputs

    runs = runs_of(store, config)
    kept, left_out = _kept(store, config, runs)
    linear = [one for one in kept if one.order not in ("listed", "jumping")] or kept
    keys = sorted({step.key for each in linear for step in each.one.steps[:-1]})
    scores = {
        (metric, key): scores_of_outputs(store, runs, metric, key)
        for metric in SCORES
        for key in ("", *keys)
    }
    scored = [metric for metric in SCORES if any(scores[metric, key] for key in ("", *keys))]
    whole = Rows("By number of steps", left_out=left_out)
    _by_number(whole, linear, scores, scored)
    tables = [Rows("By step"), Rows("First step dropped")]
    if config.count == STEPS:
        _by_step(tables[0], linear, scores, scored)
        _first_dropped(tables[1], linear)
    curve, points, point_samples = _curve(config, linear)
    for number, row in enumerate(tables[1].rows):
        for point, those in dropped_points(tables[1], number, row):
            points.append(point)
            point_samples.append(those)
    tables += [curve, *order_tables(kept)]
    said = notes_of(store, runs, [measure("following")], config.verdicts)
    if scored:
        said += " Of all: an output without the step counts as 0. Of present: without those."
    else:
        said += " ROUGE-L and BERTScore: not scored yet (sit score --metrics rouge-l,bertscore)."
    if len(linear) < len(kept):
        said += (
            f" {len(kept) - len(linear):,} outputs with tasks listed one by one (listed, jumping) "
            "are in the last table only."
        )
    whole.note = said
    first = whole.table()
    return AnalysisTable(
        first.rows,
        first.left_out,
        first.note,
        title=first.title,
        samples=first.samples,
        further=[made.table() for made in tables if made.rows or made.left_out],
        points=points,
        point_samples=point_samples,
        systems={each.one.output.run: each.system for each in kept},
    )


def _kept(
    store: "Store", config: ChainLengthConfig, runs: Sequence[str]
) -> tuple[list[Asked], dict[str, int]]:
    from sit_core.matching import content_key
    from sit_core.results.judged_outputs import judged_outputs
    from sit_core.results.run_factors import INSTRUCTION, run_factors, systems
    from sit_core.store.leaderboard import iterations

    factors = {one.run: one for one in run_factors(store, runs)}
    named = systems(list(factors.values()), config.group)
    outputs, left_out = judged_outputs(store, runs, config.verdicts)
    grown = iterations(store, None) if config.count == ITERATION else {}
    kept = []
    for one in outputs:
        number = len(one.steps) if config.count == STEPS else grown.get(one.output.question)
        if number is None:
            why = "its iteration is not known"
            left_out[why] = left_out.get(why, 0) + 1
            continue
        of_run = factors[one.output.run]
        template = of_run.values.get(INSTRUCTION, "").partition(":")[0]
        order = of_run.values.get("order") or (
            template if template in ("listed", "jumping") else "linear"
        )
        content = content_key(one.output.example)
        kept.append(Asked(one, named[one.output.run], number, order, content))
    return kept, left_out


Scores = Mapping[tuple[str, str], "Mapping[str, tuple[float | None, float | Unparsed]]"]


def _by_number(made: Rows, kept: Sequence[Asked], scores: Scores, scored: Sequence[str]) -> None:
    for (system, number), cases in grouped(kept, lambda x: (x.system, x.number)).items():
        chains = list(dict.fromkeys(case.one.chain for case in cases))
        following, ids = share_of(made, cases, lambda x: x.one.whole, WHOLE)
        row: dict[str, object] = {SYSTEM: system, NUMBER: number}
        if chains != [FOLLOW_LETTER]:
            row["chains"] = ", ".join(chains)
        of: dict[str, Iterable[str]] = {"": [x.one.output.id for x in cases], WHOLE: ids}
        row[WHOLE] = following
        row[IN_ORDER_COLUMN] = None
        if any(len(case.one.steps) > 1 for case in cases):
            unclear = Rows("")  # fewer than two steps done: there is no order to speak of
            row[IN_ORDER_COLUMN], of[IN_ORDER_COLUMN] = share_of(
                unclear, cases, lambda x: x.one.in_order, IN_ORDER_COLUMN
            )
        for metric in scored:
            _means(made, row, of, metric, cases, "", scores)
        made.add(row, of)


def _means(
    made: Rows,
    row: dict[str, object],
    ids: dict[str, Iterable[str]],
    metric: str,
    cases: Sequence[Asked],
    key: str,
    scores: Scores,
) -> None:
    """Two columns: the mean over all that are asked for the step, and over those that have it."""
    from sit_core.results.output_values import Measure, estimate_of

    every: list[tuple[str, float]] = []
    present: list[tuple[str, float]] = []
    named: tuple[list[str], list[str]] = ([], [])
    for one in cases:
        known = scores.get((metric, key), {}).get(one.one.output.id)
        if known is None:
            made.leave(f"{metric}: not scored yet (sit score --metrics {metric})")
            continue
        counted, value = known
        if counted is None:
            continue  # nothing to compare with: the final step, or no expected text
        every.append((one.content, counted))
        named[0].append(one.one.output.id)
        if isinstance(value, float):
            present.append((one.content, value))
            named[1].append(one.one.output.id)
    of, column = Measure(metric), SCORES[metric]
    row[column], ids[column] = estimate_of(of, every), named[0]
    column = PRESENT.format(column)
    row[column], ids[column] = estimate_of(of, present), named[1]


def _by_step(made: Rows, kept: Sequence[Asked], scores: Scores, scored: Sequence[str]) -> None:
    groups = grouped(kept, lambda x: (x.system, x.number, x.one.chain))
    for (system, number, chain), cases in groups.items():
        for place, step in enumerate(cases[0].one.steps):
            key = step.key
            following, ids = share_of(made, cases, _state_of(key), f"step {step.letter}")
            row: dict[str, object] = {SYSTEM: system, NUMBER: number, "chain": chain}
            row |= {"place": place + 1, "step": step.letter, WHOLE: following}
            of: dict[str, Iterable[str]] = {"": [x.one.output.id for x in cases], WHOLE: ids}
            for metric in scored if place < len(cases[0].one.steps) - 1 else ():
                _means(made, row, of, metric, cases, key, scores)
            made.add(row, of)


def _state_of(key: str) -> Callable[[Asked], int | None]:
    return lambda one: one.one.state(key)


def _first_dropped(made: Rows, kept: Sequence[Asked]) -> None:
    """Per chain: the share of outputs whose first step not done is the 1st, 2nd, …; none."""
    from sit_core.results.output_values import FOLLOWING, Measure, estimate_of

    made.note = (
        "The share of outputs whose first step that was not done is the one at this place; the "
        "shares of a row, with none dropped, add up to 100."
    )
    groups = grouped(kept, lambda x: (x.system, x.number, x.one.chain))
    for (system, number, chain), cases in groups.items():
        known = [case for case in cases if case.one.first_dropped is not None]
        made.leave("first dropped: a step before it is not decided", len(cases) - len(known))
        if not known:
            continue
        steps = cases[0].one.steps
        row: dict[str, object] = {SYSTEM: system, NUMBER: number, "chain": chain}
        of: dict[str, Iterable[str]] = {"": [x.one.output.id for x in known]}
        for place in (len(steps), *range(len(steps))):
            column = "none dropped" if place == len(steps) else f"{place + 1}. dropped"
            values = [(x.content, float(x.one.first_dropped == place)) for x in known]
            row[column] = estimate_of(Measure(FOLLOWING), values)
            of[column] = [x.one.output.id for x in known if x.one.first_dropped == place]
        made.add(row, of)


def dropped_points(
    made: Rows, number: int, row: Mapping[str, object]
) -> list[tuple[Row, Sequence[str]]]:
    """What the figure draws of a row of the first steps dropped: a part of a bar for each place."""
    found: list[tuple[Row, Sequence[str]]] = []
    letters = str(row["chain"]).split("+")
    for column, share in row.items():
        if not isinstance(share, Estimate):
            continue
        place = column.partition(".")[0]
        letter = letters[int(place) - 1] if place.isdecimal() else ""
        name = f"{place}. {letter}" if letter else "none"
        point: Row = {SYSTEM: row[SYSTEM], "chain": row["chain"], DROPPED: name, SHARE: share}
        found.append((point, made.samples[number, column]))
    return found


def _curve(
    config: ChainLengthConfig, kept: Sequence[Asked]
) -> tuple[Rows, list[Row], list[Sequence[str]]]:
    """Success against the number of steps: fitted on short chains, predicted for longer ones."""
    from sit_core.analyses.success_curve import CurveData, curve_rows

    made = Rows(f"Success by the number of steps, fitted up to {config.fit_up_to}")
    points: list[Row] = []
    point_samples: list[Sequence[str]] = []
    notes = []
    for (system,), cases in grouped(kept, lambda x: (x.system,)).items():
        data = CurveData(str(system))
        for (number,), some in grouped(cases, lambda x: (x.number,)).items():
            seen, ids = share_of(Rows(""), some, lambda x: x.one.whole, WHOLE)
            chains: dict[str, dict[str, list[int]]] = {}
            for one in some:
                if one.one.whole in (0, 1):
                    of = chains.setdefault(one.one.chain, {}).setdefault(one.content, [0, 0])
                    of[0] += one.one.whole
                    of[1] += 1
            assert isinstance(number, int)
            data.add(number, seen, ids, [list(each.values()) for each in chains.values()])
        rows, note = curve_rows(data, config.fit_up_to)
        for row, those in rows:
            made.add(row, {"": those})
        notes.append(note)
        for point, those in data.points(config.fit_up_to):
            points.append(point)
            point_samples.append(those)
    made.note = " ".join(filter(None, notes))
    return made, points, point_samples


def chain_length_figure(table: AnalysisTable) -> "Figure":
    """Per system its rates and the fitted curve; below, per chain, the first steps dropped."""
    from plotly.subplots import make_subplots

    from sit_core.analyses.success_curve import draw_curves
    from sit_core.figures.style import calm, panel_titles

    bars = len({(row[SYSTEM], row["chain"]) for row in table.points if DROPPED in row})
    below = 24 * bars + 40 if bars else 0
    heights = [_CURVE, below] if bars else [_CURVE]
    titles = ["whole chain followed", "first step dropped"]
    figure = make_subplots(
        len(heights),
        1,
        row_heights=heights,
        subplot_titles=titles[: len(heights)],
        vertical_spacing=_BETWEEN / (sum(heights) + _BETWEEN),
    )
    draw_curves(figure, table)
    if bars:
        _draw_dropped(figure, table)
    tall = sum(heights) + _BETWEEN + 40
    calm(figure, tall, lines="", barmode="stack")
    panel_titles(figure.layout.annotations)
    figure.update_layout(margin={"t": 60}, legend={"y": 1 + 30 / tall})
    figure.update_yaxes(showgrid=True, row=1, col=1)
    return figure


def _draw_dropped(figure: "Figure", table: AnalysisTable) -> None:
    """A bar per system and chain; its parts are said in words, and coloured by the step."""
    from sit_core.figures.estimates import percents
    from sit_core.figures.style import step_colour
    from sit_core.figures.tables import label

    mine = [(i, row) for i, row in enumerate(table.points) if DROPPED in row]
    names = list(dict.fromkeys(row[DROPPED] for _, row in mine))
    for name in sorted(names, key=lambda one: (one != "none", one)):
        here = [(i, row) for i, row in mine if row[DROPPED] == name]
        letter = "R+A" if name == "none" else name.split(". ")[1]
        figure.add_bar(
            row=2,
            col=1,
            name=name,
            showlegend=False,
            orientation="h",
            y=[label(f"{row[SYSTEM]}: {row['chain']}", 40) for _, row in here],
            x=percents([row[SHARE] for _, row in here]),
            text=[name if (row[SHARE].value or 0) > _WIDE_ENOUGH else "" for _, row in here],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            customdata=[(-1, i) for i, _ in here],
            hovertext=[f"{label(row['chain'])}, {name}: {row[SHARE].shown}" for _, row in here],
            hovertemplate="%{hovertext}<extra></extra>",
            marker={
                "color": step_colour("R+A" if letter == WHOLE else letter),
                "line": {"width": 1},
            },
        )
    figure.update_yaxes(autorange="reversed", row=2, col=1)
    figure.update_xaxes(range=[0, 100], ticksuffix=" %", row=2, col=1)


ANALYSES.add(
    "chain-length",
    Analysis(
        "Number of tasks",
        "How do chains of 1, 2, 3 … steps fare, which step is dropped first, is the order kept?",
        chain_length,
        config=ChainLengthConfig,
        figure=chain_length_figure,
    ),
)
