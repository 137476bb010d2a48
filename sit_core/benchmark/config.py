"""Which model is put to which benchmarks, as a record; and as the words of ``sit benchmark``.

The page and the command line share it, so the page can show exactly the command that it runs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

from sit_core.errors import SitError, UsageError
from sit_core.models.config import ModelConfig
from sit_core.models.interface import ModelSpec
from sit_core.store.systems import name_problems

_TASK = re.compile(r"[A-Za-z0-9][\w.+*-]*")
"""A task's name; no path, which the harness would read as a file."""


@dataclass(frozen=True, slots=True)
class BenchmarkConfig:
    """Every field is an option of ``sit benchmark`` of the same name, with ``-`` for ``_``."""

    model: str
    system: str
    """What the leaderboard calls it; a run's name: the results stand in the run's line."""
    tasks: tuple[str, ...]
    """As lm-eval calls them."""
    adapter: str | None = None
    backend: str = "transformers"
    base_url: str | None = None
    key_env: str | None = None
    revision: str | None = None
    dtype: str = "auto"
    device: str = "auto"
    chat: bool = False
    """Put prompts into the model's chat format; an endpoint is asked as a chat."""
    tokenizer: str | None = None
    """Of an endpoint's model (hub id or folder): tasks that compare likelihoods need it."""
    shots: int | None = None
    """Examples in the prompt; None: as many as the task says."""
    limit: int | None = None
    """Only the first so many examples of each task; such results are kept apart."""
    batch_size: int = 8
    in_flight: int = 8
    """Requests at once, of an endpoint."""
    subtasks: bool = False
    """Keep each subtask's results (MMLU has 57), not only the group's."""
    tasks_folder: str | None = None
    """Folder with tasks of one's own, as lm-eval's YAML."""
    run_code: bool = False
    """Run code that the model writes (HumanEval, MBPP), on this machine."""

    def spec(self) -> ModelSpec:
        """How the model is to be loaded.

        Raises:
            UsageError: a setting is off.
            SitError: the embedded model is asked for and not here.
        """
        return ModelConfig(
            self.model,
            adapter=self.adapter,
            backend=self.backend,
            base_url=self.base_url,
            key_env=self.key_env,
            revision=self.revision,
            dtype=self.dtype,
            device=self.device,
        ).spec()

    def check(self) -> None:
        """See that it can work as far as that is known before anything is loaded.

        Raises:
            UsageError: all that is wrong, in one message.
        """
        problems = name_problems(self.system)
        if not self.tasks:
            problems.append("Name at least one task, such as gsm8k.")
        wrong = [task for task in self.tasks if not _TASK.fullmatch(task)]
        if wrong:
            problems.append(f"These are no names of tasks: {', '.join(map(repr, wrong))}.")
        if self.shots is not None and self.shots < 0:
            problems.append("The examples in the prompt are a number from 0 on.")
        for value, what in (
            (self.limit, "limit"),
            (self.batch_size, "batch size"),
            (self.in_flight, "number of requests at once"),
        ):
            if value is not None and value < 1:
                problems.append(f"The {what} must be at least 1.")
        try:
            self.spec()
        except SitError as error:
            problems.append(str(error))
        if problems:
            raise UsageError(" ".join(problems))


def words_of(options: BenchmarkConfig) -> list[str]:
    """The words after ``sit`` that ask for exactly this; what is as usual is left out.

    >>> words_of(BenchmarkConfig("microlab", "mine", ("gsm8k", "mmlu"), limit=5, chat=True))
    ['benchmark', '--model=microlab', '--system=mine', '--tasks=gsm8k,mmlu', '--chat', '--limit=5']
    """
    return ["benchmark", *_words(options)]


def _words(options: BenchmarkConfig) -> Iterator[str]:
    for field in fields(options):
        value = getattr(options, field.name)
        if value == field.default:
            continue
        name = f"--{field.name.replace('_', '-')}"
        if value is True:
            yield name
        else:  # one word each: a text that begins with a dash is not taken for an option
            yield f"{name}={','.join(value) if isinstance(value, tuple) else value}"


def title_of(options: BenchmarkConfig) -> str:
    """The job's line in lists.

    >>> title_of(BenchmarkConfig("m", "mine", ("gsm8k", "mmlu")))
    'Benchmarks of mine: gsm8k, mmlu'
    """
    more = len(options.tasks) - 4
    shown = ", ".join(options.tasks[:4]) + (f" and {more} more" if more > 0 else "")
    return f"Benchmarks of {options.system}: {shown}"
