"""The experiment itself: what is missing of outputs, scores and verdicts is made, cell by cell.

Each output, score and verdict is kept as it comes, by the actions that make it (`predict`, `score`,
`judge`), so an experiment that was killed anywhere goes on where it was. A cell that fails leaves
the others, and is named with its reason.
"""

import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sit_core.actions import Context, Report
from sit_core.errors import OutOfReach, SitError
from sit_core.experiment.cells import AskedExamples, chosen
from sit_core.experiment.config import (
    LLM,
    PEOPLE,
    ExperimentConfig,
    StudySettings,
    VerdictsEntry,
    all_metrics,
)
from sit_core.experiment.plan import (
    PlacedCell,
    free_name,
    placed_cells,
    scoring,
    write_factors,
)
from sit_core.jobs.worker import fault
from sit_core.judge.config import JudgeConfig
from sit_core.judge.run import judge_runs
from sit_core.names import clean_name
from sit_core.predict.run import PredictReport, predict
from sit_core.score.run import score_runs
from sit_core.store import Store
from sit_core.store.browse import run_names
from sit_core.store.experiment_runs import EXPERIMENT
from sit_core.store.run_resume import OtherOrigin
from sit_core.store.studies import StudyPlan, create_study, list_studies


@dataclass(frozen=True)
class ExperimentReport:
    """What came of it."""

    name: str
    cells: int
    """All of them."""
    complete: int
    """Cells in which every question has its output."""
    written: int
    """Outputs made by this attempt."""
    known: int
    """Outputs that were there."""
    scored: int
    """Scores made by this attempt."""
    asked: int
    """Questions asked of judges by this attempt."""
    studies: tuple[str, ...] = ()
    """In which people judge."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Cell, metric or source of verdicts → why it is not (wholly) there."""
    not_named: tuple[str, ...] = ()
    """Runs of the experiment that its file does not name (any more); they stay as they are."""


class PartsFailed(SitError):
    """Some cells, metrics or verdicts could not be made; all the others were."""

    def __init__(self, report: ExperimentReport) -> None:
        self.report = report
        shown = [f"{what}: {reason}" for what, reason in list(report.failed.items())[:3]]
        more = len(report.failed) - len(shown)
        parts = "part" if len(report.failed) == 1 else "parts"
        super().__init__(
            f"{len(report.failed)} {parts} of the experiment {report.name!r} failed; all others "
            f"were made. {' '.join(shown)}{f' And {more} more.' if more else ''}"
        )


@dataclass
class _Count:
    written: int = 0
    known: int = 0
    scored: int = 0
    asked: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    studies: list[str] = field(default_factory=list)


def run_experiment(config: ExperimentConfig, context: Context) -> ExperimentReport:
    """Make what is missing.

    Args:
        config: the experiment.
        context: where to, as which job.

    Raises:
        UsageError: the experiment is not in order.
        PartsFailed: some cells failed; the others are there.
        SitError: it can't be stored.
    """
    store, count = context.store, _Count()
    context.report(None, None, "reading the examples")
    asked = AskedExamples(store)
    placed, others = placed_cells(store, config, asked)
    write_factors(store, placed)
    sizes = [0 if one.fault else len(asked.of(one.cell)) for one in placed]
    total, before = sum(sizes), 0
    ready: list[PlacedCell] = []
    for place, (one, size) in enumerate(zip(placed, sizes, strict=True), 1):
        head = f"{config.name}, cell {place} of {len(placed)}, {one.cell.name}"
        made = _make(config, context, one, count, _part(context.report, head, before, total))
        before += size
        if made is not None:
            ready.append(made)
    _score(config, context, ready, count, total)
    for entry in config.verdicts:
        _verdicts(config, context, entry, ready, count, total)
    complete = sum(
        one.there is not None and one.there.complete
        for one in placed_cells(store, config, asked)[0]
    )
    done = ExperimentReport(
        clean_name(config.name),
        cells=len(placed),
        complete=complete,
        written=count.written,
        known=count.known,
        scored=count.scored,
        asked=count.asked,
        studies=tuple(count.studies),
        failed=count.failed,
        not_named=tuple(run.name for run in others),
    )
    said = f"{complete} of {len(placed)} cells complete"
    context.report(total, total, said)
    if done.failed:
        raise PartsFailed(done)
    return done


def _make(
    config: ExperimentConfig, context: Context, one: PlacedCell, count: _Count, report: Report
) -> PlacedCell | None:
    """The cell with its run, if that has any output now."""
    if one.fault:
        count.failed[one.cell.name] = one.fault
        return None
    if one.there is not None and one.there.complete:
        count.known += one.there.outputs
        report(one.there.outputs, None, "there already")
        return one

    def made(run: str) -> PredictReport:
        return predict(
            replace(one.cell.config, run=run),
            replace(context, report=report),
            {EXPERIMENT: clean_name(config.name)},
        )

    try:
        try:
            done = made(one.run)
        except OtherOrigin:  # the model behind the name is another one: so is the run
            done = made(free_name(one.cell.config.run, run_names(context.store)))
    except OutOfReach:
        raise  # the store is gone: no other cell could be kept
    except Exception as error:  # noqa: BLE001 - a cell that fails, however, leaves the others
        if not isinstance(error, SitError):
            traceback.print_exc()
        count.failed[one.cell.name] = str(error) if isinstance(error, SitError) else fault(error)
        return one if one.there is not None and one.there.outputs else None
    count.written += done.written
    count.known += done.known
    if done.errors:
        count.failed[one.cell.name] = (
            f"{done.errors} of its questions got no output; the run {done.run} says why."
        )
    return replace(one, run=done.run)


def _score(
    config: ExperimentConfig, context: Context, ready: list[PlacedCell], count: _Count, total: int
) -> None:
    if not ready:
        return
    for metric in all_metrics(config):
        # All runs in one go, so that an encoder is loaded once; one by one where that fails, so
        # that it is known whose outputs can't be scored.
        told = _part(context.report, f"{config.name}, {metric}", total, total, fixed=True)
        each = replace(context, report=told, since=0.0)
        try:
            names = [one.run for one in ready]
            count.scored += score_runs(scoring(config, names, (metric,)), each).scored
        except SitError as error:
            failed: dict[str, str] = {}
            for one in ready if len(ready) > 1 else ():
                try:
                    count.scored += score_runs(scoring(config, [one.run], (metric,)), each).scored
                except SitError as of_one:
                    failed[f"{metric} of {one.cell.name}"] = str(of_one)
            if len(failed) in (0, len(ready)):
                failed = {metric: str(error)}  # the same for all
            count.failed |= failed


def _verdicts(
    config: ExperimentConfig,
    context: Context,
    entry: VerdictsEntry,
    ready: list[PlacedCell],
    count: _Count,
    total: int,
) -> None:
    mine = [one for one in ready if chosen(one.cell.factors, entry.only)]
    if not mine:
        return
    if entry.by == LLM and entry.judge is not None:
        told = _part(context.report, f"{config.name}, judge", total, total, fixed=True)
        _judge(replace(context, report=told), entry.judge, mine, count)
    elif entry.by == PEOPLE:
        for name, runs in _study_groups(context.store, config, entry.study, mine):
            try:
                _study(context.store, name, runs, entry.study)
                count.studies.append(name)
            except SitError as error:
                count.failed[f"the study {name}"] = str(error)


def _judge(context: Context, judge: JudgeConfig, mine: list[PlacedCell], count: _Count) -> None:
    """All runs together, so that a budget is one of all.

    Where that fails, one by one, so that a run that can't be judged leaves the others; with a
    budget not, for each would have it for itself.
    """
    who = f"judge {judge.judge} by {judge.model.model}"

    def ask(runs: list[PlacedCell]) -> None:
        asked = replace(judge, runs=tuple(one.run for one in runs))
        count.asked += judge_runs(
            context.store,
            asked,
            report=context.report,
            stopped=context.stopped,
            since=context.since,
        ).asked

    try:
        ask(mine)
    except SitError as error:
        if len(mine) == 1 or judge.prices.budget is not None:
            count.failed[who] = str(error)
            return
        for one in mine:
            try:
                ask([one])
            except SitError as of_one:
                count.failed[f"{who}, {one.cell.name}"] = str(of_one)


def _study_groups(
    store: Store, config: ExperimentConfig, study: StudySettings, ready: list[PlacedCell]
) -> Iterator[tuple[str, list[str]]]:
    """One study for the runs that were asked the same questions in the same words."""
    asked = AskedExamples(store)
    groups: dict[tuple[str, ...], list[PlacedCell]] = {}
    for one in ready:
        ids = tuple(example.id for example in asked.of(one.cell))
        groups.setdefault(ids, []).append(one)
    base = clean_name(study.name or config.name)
    for group in groups.values():
        factors = group[0].cell.factors
        kept = ("instruction", "language", "examples", "condition")
        same = [
            factors[name]
            for name in kept
            if name in factors and len({one.cell.factors.get(name) for one in group}) == 1
        ]
        called = ", ".join([base, *dict.fromkeys(same)]) if len(groups) > 1 else base
        yield called, [one.run for one in group]


def _study(store: Store, name: str, runs: list[str], study: StudySettings) -> None:
    """Make the study, unless it is there; it stays as it was made.

    Raises:
        SitError: it can't be made, or there is one without some of the runs.
    """
    for there in list_studies(store, archived=True):
        if there.name == name:
            if lacking := [run for run in runs if run not in there.runs]:
                raise SitError(
                    f"It was made without {', '.join(lacking[:3])}; a study stays as it was made, "
                    "so give the experiment another study's name."
                )
            return
    create_study(
        store,
        StudyPlan(
            name=name,
            runs=runs,
            sample=study.sample,
            seed=study.seed,
            guidelines=None,
            blind=study.blind,
            ask_order=study.ask_order,
            annotators=study.annotators,
        ),
    )


def _part(report: Report, head: str, before: int, whole: int, *, fixed: bool = False) -> Report:
    """The progress of a part as that of the whole, which counts outputs."""

    def told(done: int | None, total: int | None = None, message: str = "") -> None:
        so_far = before if fixed or done is None else min(whole, before + done)
        report(so_far, whole, f"{head}: {message}" if message else head)

    return told
