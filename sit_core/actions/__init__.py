"""A long action: one configuration, one function, one report; terminal, job and form follow.

    ACTION = Action(
        name="score",
        config=ScoreConfig,
        run=run,  # (configuration, context) → what came of it
        title=lambda config: f"Scores of {', '.join(config.runs)}",
        help="Score the outputs of runs …",
    )

An action's package has ``config.py`` and ``action.py``, which import nothing heavy (no store, no
metrics, no sources: ``sit VERB --help`` answers at once), and ``run.py``, which its `Action.run`
imports. Its command is `sit_core.cli.action_command.command_of`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from sit_core.config.arguments import CONFIG, argv, from_words
from sit_core.config.fields import check, key_variables
from sit_core.config.parse import from_plain
from sit_core.errors import SitError, UsageError

if TYPE_CHECKING:
    from sit_core.store import Store
    from sit_core.store.jobs import Job

C = TypeVar("C")
R = TypeVar("R")


class Report(Protocol):
    """Told how far the work is; may raise to stop it."""

    def __call__(self, done: int | None, total: int | None = None, message: str = "") -> None:
        """See `sit_core.jobs.worker.JobProcess.report`."""


def silent(done: int | None, total: int | None = None, message: str = "") -> None:
    """Tell nobody."""


def never() -> bool:
    """Nobody asks it to stop."""
    return False


@dataclass(frozen=True)
class Context:
    """What an action works with; all but the store has a default, for tests and notebooks."""

    store: Store
    job: int = 0
    """The number of the job that this is."""
    since: float = 0.0
    """When this work was begun at first (seconds since 1970), earlier attempts included."""
    report: Report = silent
    stopped: Callable[[], bool] = never
    """True ends the work; asked often."""
    patient: Callable[[], AbstractContextManager[None]] = nullcontext
    """Around what must not be interrupted: inside, a request to stop only makes `stopped` true."""


@dataclass(frozen=True, kw_only=True)
class Action(Generic[C, R]):
    """One long action; see the head of this module."""

    name: str
    """The verb: ``sit NAME``."""
    config: type[C]
    run: Callable[[C, Context], R]
    title: Callable[[C], str]
    """The job's line in lists."""
    help: str
    """The text of ``sit NAME --help``."""
    faults: Callable[[C, Store], Iterable[str]] = lambda config, store: ()
    """What the configuration alone can't know: one sentence for each thing that is wrong."""
    prepare: Callable[[C, Store], C] = lambda config, store: config
    """The configuration as its job has it, such as a run's name as it is spelled in the store."""
    writes: Callable[[C], str | None] = lambda config: None
    """The run that it writes, if it writes one: no two jobs write the same."""
    since: Callable[[Store, Job], float] = lambda store, job: job.created_at
    """When the work of a job was begun at first."""
    started: Callable[[C], Mapping[str, Any]] = lambda config: {}
    """What ``--detach`` prints beside the job's number."""
    preset: Callable[[str], Path | None] = lambda name: None
    """The file of a configuration that ships under a name, for ``--config NAME``."""
    by_file: bool = False
    """Its settings have no options: they come from a file and from ``--set``."""
    as_given: tuple[str, ...] = ()
    """Its job's words are the options as they were given, in the order of these parameters; empty:
    they are those of the configuration."""
    printed: Callable[[C], Any] = lambda config: config
    """What of the configuration stands in a file for ``--config``."""
    alone: Callable[[Store, C, AbstractContextManager[Any]], AbstractContextManager[Any]] = (
        lambda store, config, job: job
    )
    """Around the job's process: makes sure that no other one works on the same."""
    words_of: Callable[[C], list[str]] | None = None
    """Its job's words, where these are not the configuration's: a folder holds that."""

    def content_of(self, name: str, folder: Path | None = None) -> dict[str, Any]:
        """What a configuration's file says, as plain values.

        Args:
            name: a path, or the name of one that ships.
            folder: where a relative path begins; None: where this process is.

        Raises:
            SitError: it can't be read.
            UsageError: it holds no settings.
        """
        from sit_core.config.yaml_file import file_text, read_plain

        path = self.preset(name) or Path(folder or "", name)
        content = read_plain(file_text(path), name)
        if not isinstance(content, Mapping | None):
            raise UsageError(f"{name}: Expected settings with values, but found something else.")
        return dict(content or {})

    def words(self, config: C) -> list[str]:
        """The words after ``sit`` that ask for exactly this."""
        return [self.name, *argv(config)] if self.words_of is None else self.words_of(config)

    def store_faults(self, config: C, store: Store) -> list[str]:
        """What is wrong beyond the configuration's own faults."""
        return list(self.faults(config, store))

    def all_faults(self, config: C, store: Store) -> list[str]:
        """All that is wrong with a configuration, as far as that is known beforehand."""
        return list(dict.fromkeys([*check(config), *self.store_faults(config, store)]))

    def check(self, config: C, store: Store) -> None:
        """See that it can work as far as that is known before anything is loaded.

        Raises:
            UsageError: all that is wrong, in one message.
        """
        if faults := self.all_faults(config, store):
            raise UsageError(" ".join(faults))

    def start(
        self,
        config: C,
        store: Store,
        *,
        environ: Mapping[str, str] | None = None,
        words: Sequence[str] | None = None,
    ) -> Job:
        """Check the configuration and start its job, if no job does just that.

        Args:
            config: what is to be done.
            store: where the job's state is kept.
            environ: variables to add to the process's environment (a key); stored nowhere.
            words: of the job's command, where they are not those of the configuration.

        Raises:
            UsageError: all that is wrong with it.
            SitError: a job does just that, or its process can't be started.
        """
        from sit_core.jobs import current_jobs, start_job
        from sit_core.settings import settings

        self.check(config, store)
        config = self.prepare(config, store)
        for name in key_variables(config):
            settings().check_key_variable(name)
        words = self.words(config) if words is None else list(words)
        for job in current_jobs(store):
            if job.active and list(job.command) == words:
                raise SitError(f"The job {job.id} does just that at the moment.")
        return start_job(
            store, words, title=self.title(config), run=self.writes(config), environ=environ
        )


ACTIONS = {
    "benchmark": "sit_core.benchmark.action:ACTION",
    "seqeval": "sit_core.seqeval.action:ACTION",
    "judge": "sit_core.judge.action:ACTION",
    "seq-instruct": "sit_core.seq_instruct.action:ACTION",
    "augment": "sit_core.augment.action:ACTION",
    "train": "sit_core.train.action:ACTION",
    "predict": "sit_core.predict.action:ACTION",
    "score": "sit_core.score.action:ACTION",
}
"""Verb → where its action is; imported when it is asked for."""


def action_called(name: str) -> Action[Any, Any] | None:
    """The action of a verb; None: the verb is no action."""
    if name not in ACTIONS:
        return None
    module, attribute = ACTIONS[name].split(":")
    action = getattr(importlib.import_module(module), attribute)
    assert isinstance(action, Action)
    return action


def config_of(words: Sequence[str], folder: Path | None = None) -> tuple[Action[Any, Any], Any]:
    """The action of a job and its configuration, read back from the words of its command.

    Args:
        words: after ``sit``.
        folder: in which the command was called, for the file that it names.

    Raises:
        SitError: the verb is no action, the file is gone, or the words are not (or no longer) in
            order.
    """
    action = action_called(words[0]) if words else None
    if action is None or action.words_of is not None:
        raise SitError(f"There is no form for {' '.join(words[:1]) or 'an empty command'!r}.")
    content: dict[str, Any] = {}
    rest: list[str] = []
    for word in words[1:]:
        flag, _, name = word.partition("=")
        if flag == CONFIG:
            content = action.content_of(name, folder)
        else:
            rest.append(word)
    values = from_words(action.config, rest, content)
    return action, from_plain(action.config, values, f"sit {action.name}")
