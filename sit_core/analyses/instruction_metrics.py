"""Instruction metrics: the numbers of the field's benchmarks from one set of step verdicts.

    sit results instruction-metrics --runs A,B --by rule --baseline A --depends answer=translate

The formulas and their sources are in `sit_core.results.instruction_metrics` (and, as a table, in
docs/statistics.md); which step builds on which, weights, levels and groups in
`sit_core.results.step_relations`. Only outputs of which every step was judged are counted; a step
that is unsure counts as not done (or its output is left out: ``--unsure left-out``). ``--check
FILE`` compares the verdicts with the per-item results of IFEval's script or of lm-eval.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sit_core.config.fields import PATH, setting
from sit_core.results.analyses import (
    ANALYSES,
    Analysis,
    AnalysisConfig,
    AnalysisTable,
    Row,
    runs_of,
)
from sit_core.results.estimate import Estimate
from sit_core.results.instruction_metrics import (
    JudgedOutput,
    all_followed,
    consistent_levels,
    depth,
    followed_share,
    weighted_share,
    with_dependencies,
)
from sit_core.results.verdict_settings import RUN, WHO, VerdictSettings

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from sit_core.store import Store

MOST_STEPS = 60
"""So many different steps have a row each; more are not listed."""


@dataclass(frozen=True, kw_only=True)
class InstructionMetricsConfig(AnalysisConfig):
    """Whose verdicts, and what binds the steps."""

    unsure: Literal["not-done", "left-out"] = setting(
        "not-done",
        "What becomes of outputs with a step that is unsure; never a success.",
        label="Unsure",
        choices={"not-done": "counts as not done", "left-out": "its output is left out"},
    )
    depends: tuple[str, ...] = setting(
        (),
        "Which step builds on which (answer=translate), or chain: each on all before it; empty: as "
        "the examples say (depends).",
        label="Depends",
        placeholder="as the examples say",
        metavar="STEP=STEP,…",
        comma=True,
        unique=True,
    )
    weights: tuple[str, ...] = setting(
        (),
        "Weights of steps in WCSR (answer=2), else 1; empty: as the examples say (weights).",
        label="Weights",
        placeholder="as the examples say, else 1",
        metavar="STEP=NUMBER,…",
        comma=True,
        unique=True,
    )
    baseline: str | None = setting(
        None,
        "The run that the others are compared with, on shared prompts.",
        label="Baseline",
        placeholder="none",
        metavar="RUN",
        kind=RUN,
    )
    check: str | None = setting(
        None,
        "Compare with the per-item results of IFEval's script or lm-eval in this file.",
        label="Check against per-item results",
        placeholder="a file: IFEval's eval_results_*.jsonl, or lm-eval's samples_*.jsonl",
        metavar="FILE",
        kind=PATH,
    )
    verdicts: VerdictSettings = setting(VerdictSettings)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one output (or group) adds to a number: Σ total / Σ count."""

    name: str
    """What is paired with the same of another run."""
    cluster: str
    total: float
    count: int = 1


Parts = Callable[[Sequence[JudgedOutput]], Iterable[_Part]]


@dataclass(frozen=True, slots=True)
class _Number:
    name: str
    source: str
    """Under which names benchmarks have it."""
    parts: Parts
    share: bool = True
    percent: bool = True
    only: Callable[[JudgedOutput], bool] = lambda _: True
    """The outputs that it is of."""


def _each(value: Callable[[JudgedOutput], float]) -> Parts:
    return lambda outputs: [_Part(one.question, one.question, float(value(one))) for one in outputs]


def _steps(outputs: Sequence[JudgedOutput]) -> Iterable[_Part]:
    for one in outputs:
        for key, done in zip(one.keys, one.done, strict=True):
            yield _Part(f"{one.question}\n{key}", one.question, float(done))


def _groups(outputs: Sequence[JudgedOutput]) -> Iterable[_Part]:
    of_group: dict[str, list[JudgedOutput]] = {}
    for one in outputs:
        of_group.setdefault(one.group, []).append(one)
    for group, members in of_group.items():
        level = consistent_levels(members)
        if level is not None:
            yield _Part(group, group, float(level))


def _bound(outputs: Sequence[JudgedOutput]) -> list[JudgedOutput]:
    return [with_dependencies(one) for one in outputs]


def _builds(one: JudgedOutput) -> bool:
    return any((one.builds_on or {}).values())


NUMBERS = (
    _Number("instruction-level accuracy", "IFEval; DRFR (InFoBench, StructFlowBench)", _steps),
    _Number(
        "prompt-level accuracy",
        "IFEval; ISR (CFBench, StructFlowBench); HSR (FollowBench)",
        _each(all_followed),
    ),
    _Number(
        "CSR", "CFBench, StructFlowBench; SSR (FollowBench)", _each(followed_share), share=False
    ),
    _Number("WCSR", "StructFlowBench", _each(weighted_share), share=False),
    _Number(
        "instruction-level, with dependencies",
        "ComplexBench",
        lambda outputs: _steps(_bound(outputs)),
        only=_builds,
    ),
    _Number(
        "CSR, with dependencies",
        "ComplexBench's verdicts",
        lambda outputs: _each(followed_share)(_bound(outputs)),
        share=False,
        only=_builds,
    ),
    _Number(
        "CSL", "FollowBench", _groups, share=False, percent=False, only=lambda one: bool(one.group)
    ),
    _Number("instruction depth", "SIFo", _each(depth), share=False, percent=False),
    _Number("last step", "sample-level accuracy (SIFo)", _each(lambda one: one.done[-1])),
    _Number(
        "in order",
        "",
        _each(lambda one: bool(one.in_order)),
        only=lambda one: one.in_order is not None,
    ),
    _Number(
        "all done and in order",
        "",
        _each(lambda one: all_followed(one) and bool(one.in_order)),
        only=lambda one: one.in_order is not None,
    ),
)


def instruction_metrics(store: "Store", config: InstructionMetricsConfig) -> AnalysisTable:
    """A row per number and run; further tables by step, by place in the chain, by level.

    Raises:
        UsageError: ``depends`` or ``weights`` are not of their form; a name is unknown.
        SitError: the file to check against can't be read.
    """
    from sit_core.results.instruction_check import checked

    runs = runs_of(store, config)
    if config.baseline is not None and config.baseline not in runs:
        runs = (config.baseline, *runs)
    judged, left_out, said = _judged(store, runs, config)
    rows: list[Row] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    for number in NUMBERS:
        of_run = {run: [o for o in judged[run] if number.only(o)] for run in runs}
        for run in runs:
            if not any(of_run.values()):
                break
            parts = list(number.parts(of_run[run]))
            row: dict[str, Any] = {"number": number.name, "in benchmarks": number.source}
            row |= {"run": run, "value": _estimate(number, parts, of_run[run])}
            if config.baseline is not None:
                base = list(number.parts(of_run[config.baseline]))
                same = run == config.baseline
                row["− baseline"] = (
                    Estimate(None, why="it is the baseline")
                    if same
                    else _difference(number, parts, base)
                )
            samples[len(rows), ""] = [one.id for one in of_run[run]]
            rows.append(row)
    further = [*_by_step(judged), *_by_place(judged), *_by_level(judged)]
    if config.check is not None:
        every = [(run, one) for run in runs for one in judged[run]]
        further.insert(0, checked(config.check, every, config.verdicts.annotator))
    return AnalysisTable(rows, left_out, said, samples=samples, further=further)


def _judged(
    store: "Store", runs: Sequence[str], config: InstructionMetricsConfig
) -> tuple[dict[str, list[JudgedOutput]], dict[str, int], str]:
    """Run → its outputs with their verdicts; what is not among them; the note."""
    from sit_core.records import IN_ORDER
    from sit_core.results.step_relations import UNREAD, parse_weights, relations
    from sit_core.store.output_values import sampled, step_states, steps_of_outputs
    from sit_core.store.sample_selection import scopes, whole_runs
    from sit_core.store.verdict_state import DONE, FOLLOW, UNDECIDED

    parse_weights(config.weights)
    asked = config.verdicts
    reading = asked.query(runs).reading
    study = scopes(store, asked.study, ()) if asked.study else []
    meant = study or whole_runs(store, runs)
    states: dict[str, dict[str, int]] = {}
    for scope in meant:
        states |= step_states(store, scope, reading)
    within = set[str]().union(*(sampled(store, scope) for scope in study))
    own = tuple(step.key for step in study[0].steps) if study else ()
    found: dict[str, list[JudgedOutput]] = {run: [] for run in runs}
    left_out: dict[str, int] = {}
    unsure_steps = unsure_outputs = unsure_order = 0

    def leave(run: str, why: str) -> None:
        left_out[f"{run}: {why}"] = left_out.get(f"{run}: {why}", 0) + 1

    unread: dict[str, int] = {}
    for one in steps_of_outputs(store, runs):
        keys, said = own or one.keys, states.get(one.id, {})
        here = [said.get(key) for key in keys]
        unsure = tuple(state == UNDECIDED for state in here)
        if study and one.id not in within:
            leave(one.run, "not among the samples of the study")
        elif not keys:
            leave(one.run, "its prompt names no steps")
        elif all(state is None for state in here):
            whole = "judged as a whole, not step by step" if FOLLOW in said else "not judged"
            leave(one.run, whole)
        elif None in here:
            leave(one.run, "some of its steps were not judged")
        elif any(unsure) and config.unsure == "left-out":
            leave(one.run, "a step is unsure")
        else:
            unsure_steps += sum(unsure)
            unsure_outputs += any(unsure)
            bound = relations(keys, one.meta, config.depends, config.weights)
            for name in bound.unread:
                unread[name] = unread.get(name, 0) + 1
            order = said.get(IN_ORDER) if len(keys) > 1 else None
            unsure_order += order == UNDECIDED
            if order == UNDECIDED and config.unsure == "left-out":
                order = None
            found[one.run].append(
                JudgedOutput(
                    one.id,
                    one.question,
                    keys,
                    tuple(state == DONE for state in here),
                    unsure,
                    bound.builds_on,
                    bound.weights,
                    None if order is None else order == DONE,
                    bound.level,
                    bound.group,
                    bound.item,
                )
            )
    who = WHO[asked.by] + (f" ({asked.annotator})" if asked.annotator else "")
    notes = [f"Verdicts of {who}; partly counts as {asked.partly.replace('-', ' ')}."]
    if unsure_steps:
        notes.append(
            f"{unsure_steps:,} unsure verdicts, in {unsure_outputs:,} outputs, count as not done."
        )
    if unsure_order:
        what = "are left out there" if config.unsure == "left-out" else "count as not in order"
        notes.append(f"{unsure_order:,} outputs whose order is unsure {what}.")
    notes += [f"{many:,} times {UNREAD.format(name=name)}." for name, many in unread.items()]
    if not any(_builds(one) for of_run in found.values() for one in of_run):
        notes.append("Nothing says which step builds on which (--depends).")
    return found, left_out, " ".join(notes)


def _measure(number: _Number) -> Any:
    from sit_core.results.output_values import FOLLOWING, Measure

    return Measure(FOLLOWING if number.share else "f1")  # the estimators of shares and of means


def _estimate(number: _Number, parts: Sequence[_Part], outputs: Sequence[JudgedOutput]) -> Estimate:
    from sit_core.results.output_values import estimate_of
    from sit_core.statistics import mean_interval

    if not parts:
        why = "no group of prompts has level 1" if outputs else "no output was judged in full"
        return Estimate(None, why=why, percent=number.percent)
    if number.percent:
        return estimate_of(_measure(number), [(part.cluster, part.total) for part in parts])
    sums, counts = _by_cluster((part.cluster, part.total) for part in parts)
    interval = mean_interval(sums, counts, scale=(0.0, float(_most(number, outputs))))
    return Estimate.of(sum(sums) / len(parts), interval, len(parts), percent=False)


def _most(number: _Number, outputs: Sequence[JudgedOutput]) -> int:
    """The greatest value there can be."""
    if number.name == "CSL":
        return max(one.level or 1 for one in outputs)
    return max(len(one.keys) for one in outputs)


def _by_cluster(values: Iterable[tuple[str, float]]) -> tuple[list[float], list[int]]:
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    for cluster, value in values:
        sums[cluster] = sums.get(cluster, 0.0) + value
        counts[cluster] = counts.get(cluster, 0) + 1
    return list(sums.values()), list(counts.values())


def _difference(number: _Number, first: Sequence[_Part], second: Sequence[_Part]) -> Estimate:
    from sit_core.results.output_values import difference_of_pairs, pairs_of
    from sit_core.statistics import mean_interval

    pairs = pairs_of(
        [(part.name, part.total) for part in first],
        [(part.name, part.total) for part in second],
        {part.name: part.cluster for part in first},
    )
    if number.percent or not pairs:
        return difference_of_pairs(_measure(number), pairs)
    sums, counts = _by_cluster((cluster, mine - theirs) for cluster, mine, theirs in pairs)
    far = max(abs(value) for _, *both in pairs for value in both) or 1.0
    interval = mean_interval(sums, counts, scale=(-far, far))
    value = sum(sums) / len(pairs)
    return Estimate.of(value, interval, len(pairs), percent=False, signed=True)


_SHARE = _Number("", "", _each(all_followed))
_MEAN = _Number("", "", _each(followed_share), share=False)


def _share_of(outputs: Sequence[JudgedOutput], value: Callable[[JudgedOutput], bool]) -> Estimate:
    return _estimate(_SHARE, list(_each(value)(outputs)), outputs)


def _by_step(judged: Mapping[str, Sequence[JudgedOutput]]) -> Iterable[AnalysisTable]:
    """Each step, wherever it stands in a chain: IFEval's accuracy by kind of instruction."""
    keys = list(dict.fromkeys(key for of_run in judged.values() for o in of_run for key in o.keys))
    shown = keys[:MOST_STEPS]
    if not shown:
        return
    rows: list[Row] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    for key in shown:
        row: dict[str, Any] = {"step": key}
        for run, outputs in judged.items():
            mine = [one for one in outputs if key in one.keys]
            row[run] = _share_of(mine, lambda one, key=key: one.done[one.keys.index(key)])  # type: ignore[misc]
            samples[len(rows), run] = [one.id for one in mine]
        rows.append(row)
    more = len(keys) - len(shown)
    note = f"{more:,} more steps are not listed." if more else ""
    yield AnalysisTable(rows, note=note, title="Each step", samples=samples)


def _by_place(judged: Mapping[str, Sequence[JudgedOutput]]) -> Iterable[AnalysisTable]:
    """Accuracy at the j-th step: all up to j done (SIFo), and the step by itself."""
    rows: list[Row] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    for run, outputs in judged.items():
        for place in range(max((len(one.keys) for one in outputs), default=0)):
            mine = [one for one in outputs if len(one.keys) > place]
            up_to = _share_of(mine, lambda one, place=place: depth(one) > place)  # type: ignore[misc]
            alone = _share_of(mine, lambda one, place=place: one.done[place])  # type: ignore[misc]
            samples[len(rows), ""] = [one.id for one in mine]
            rows.append(
                {"run": run, "j": place + 1, "steps 1 to j done": up_to, "step j done": alone}
            )
    if rows:
        yield AnalysisTable(rows, title="Accuracy at the j-th step (SIFo)", samples=samples)


def _by_level(judged: Mapping[str, Sequence[JudgedOutput]]) -> Iterable[AnalysisTable]:
    """HSR and SSR of each level (FollowBench)."""
    rows: list[Row] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    lacking = 0
    for run, outputs in judged.items():
        levels = sorted({one.level for one in outputs if one.level is not None})
        lacking += sum(one.level is None for one in outputs)
        for level in levels:
            mine = [one for one in outputs if one.level == level]
            soft = _estimate(_MEAN, list(_MEAN.parts(mine)), mine)
            samples[len(rows), ""] = [one.id for one in mine]
            hard = _share_of(mine, all_followed)
            rows.append({"run": run, "level": level, "HSR": hard, "SSR": soft})
    if rows:
        left_out = {"no level is given": lacking} if lacking else {}
        yield AnalysisTable(rows, left_out, title="By level (FollowBench)", samples=samples)


def instruction_metrics_figure(table: AnalysisTable) -> "Figure":
    """Dots with intervals: a number a line, a colour and a mark per run; shares only."""
    import plotly.graph_objects as go

    from sit_core.figures.style import TEXT, calm, run_colour, run_mark
    from sit_core.figures.tables import distinct_names

    shown = [
        (place, row)
        for place, row in enumerate(table.rows)
        if row["value"].percent and row["value"].value is not None
    ]
    figure = go.Figure()
    runs = list(dict.fromkeys(row["run"] for _, row in shown))
    called = distinct_names(runs, 40)
    for number, run in reversed(list(enumerate(runs))):  # the first one lies above the others
        mine = [(place, row) for place, row in shown if row["run"] == run]
        figures = [row["value"] for _, row in mine]
        figure.add_scatter(
            name=called[run],
            meta=run,
            mode="markers",
            x=[100 * one.value for one in figures],
            y=[_in_lines(row["number"]) for _, row in mine],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [100 * (_end(one.high, one) - one.value) for one in figures],
                "arrayminus": [100 * (one.value - _end(one.low, one)) for one in figures],
                "color": TEXT,
                "thickness": 1,
                "width": 0,
            },
            marker={
                "color": run_colour(table.run_places.get(run, number)),
                "symbol": run_mark(table.run_places.get(run, number)),
                "size": 10,
            },
            customdata=[(place, "value") for place, _ in mine],
            hovertext=[one.shown for one in figures],
            hovertemplate="%{y}: %{hovertext}<extra>%{fullData.name}</extra>",
            offsetgroup=str(number),
            orientation="h",
            cliponaxis=False,
        )
    names = list(dict.fromkeys(row["number"] for _, row in shown))
    figure = calm(
        figure,
        120 + len(names) * max(34, 14 * len(runs)),
        scattermode="group",
        xaxis={"title": {"text": "%"}, "range": [-2, 102]},
        yaxis={"categoryorder": "array", "categoryarray": [*map(_in_lines, reversed(names))]},
    )
    return figure.update_layout(legend_traceorder="reversed")


def _in_lines(name: str) -> str:
    """A number's name in short lines, so that a narrow screen has room for the dots."""
    import textwrap

    from sit_core.figures.tables import label

    return "<br>".join(map(label, textwrap.wrap(name, 18)))


def _end(end: float | None, one: Estimate) -> float:
    return (one.value or 0.0) if end is None else end


ANALYSES.add(
    "instruction-metrics",
    Analysis(
        "Instruction metrics",
        "What would IFEval, FollowBench, InFoBench, ComplexBench, StructFlowBench and SIFo say?",
        instruction_metrics,
        config=InstructionMetricsConfig,
        figure=instruction_metrics_figure,
    ),
)
