"""Running experiments as an action; see `sit_core.actions`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sit_core.actions import Action, Context
from sit_core.config.fields import Config, setting
from sit_core.errors import SitError
from sit_core.judge.action import begun_first

if TYPE_CHECKING:
    from sit_core.experiment.config import ExperimentConfig
    from sit_core.experiment.run import ExperimentReport
    from sit_core.store import Store
    from sit_core.store.jobs import Job


@dataclass(frozen=True)
class ExperimentRunConfig(Config):
    """Which experiments are to be run."""

    files: tuple[str, ...] = setting(
        help="Of the experiments: paths, or names of those that ship.", flag="--file"
    )

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if not self.files:
            yield "Name at least one experiment's file."


def _run(config: ExperimentRunConfig, context: Context) -> list[ExperimentReport]:
    """One after another; the failures of one leave the others.

    Raises:
        AllDone: parts of some failed; raised when all are done.
    """
    from sit_core.experiment.files import keep_file, read_experiments
    from sit_core.experiment.run import PartsFailed, run_experiment
    from sit_core.store.jobs import get_job

    made: list[ExperimentReport] = []
    failed: list[PartsFailed] = []
    experiments = read_experiments(config.files)
    for _, experiment in experiments:
        if context.job and get_job(context.store, context.job).detached:
            _check_keys(experiment)  # perhaps by a visitor of the app; a terminal's is its owner's
    for file, experiment in experiments:
        keep_file(experiment, file.text)
        try:
            made.append(run_experiment(experiment, context))
        except PartsFailed as error:
            failed.append(error)
            made.append(error.report)
    if failed:
        raise AllDone(made, " ".join(map(str, failed)))
    return made


class AllDone(SitError):
    """All experiments were run, and parts of some failed."""

    def __init__(self, reports: list[ExperimentReport], said: str) -> None:
        self.reports = reports
        super().__init__(said)


def _faults(config: ExperimentRunConfig, store: Store) -> Iterator[str]:
    """What is wrong with the experiments."""
    from sit_core.experiment.cells import faults_of
    from sit_core.experiment.files import read_experiments
    from sit_core.experiment.report import faults_of_report

    try:
        for _, experiment in read_experiments(config.files):
            yield from faults_of(experiment, store)
            yield from faults_of_report(experiment)
    except SitError as error:
        yield str(error)


def _check_keys(experiment: ExperimentConfig) -> None:
    from sit_core.experiment.cells import key_variables_of
    from sit_core.settings import settings

    for name in key_variables_of(experiment):
        settings().check_key_variable(name)


def _title(config: ExperimentRunConfig) -> str:
    from sit_core.experiment.files import read_experiments

    try:
        names = [experiment.name for _, experiment in read_experiments(config.files)]
    except SitError:
        names = list(config.files)
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"Experiment {', '.join(names[:3])}{more}"


class _ExperimentAction(Action["ExperimentRunConfig", "list[ExperimentReport]"]):
    """Its job finds the experiments, and the keys that they name, in their files."""

    def start(
        self,
        config: ExperimentRunConfig,
        store: Store,
        *,
        environ: Mapping[str, str] | None = None,
        words: Sequence[str] | None = None,
    ) -> Job:
        """Start the job; see `Action.start`."""
        from sit_core.experiment.files import read_experiments

        self.check(config, store)
        for _, experiment in read_experiments(config.files):
            _check_keys(experiment)
        return super().start(config, store, environ=environ, words=words)


ACTION = _ExperimentAction(
    name="experiment",
    config=ExperimentRunConfig,
    run=_run,
    title=_title,
    faults=_faults,
    since=begun_first,
    started=lambda config: {"files": list(config.files)},
    words_of=lambda config: ["experiment", "run", *config.files],
    help="""Make what is missing of experiments: outputs, scores, verdicts.""",
)
