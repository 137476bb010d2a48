"""Which model is put to which benchmarks; the options of ``sit benchmark`` and the form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sit_core.config.fields import PATH, Config, changed, setting
from sit_core.errors import SitError
from sit_core.models.config import ModelConfig

if TYPE_CHECKING:
    from sit_core.models.interface import ModelSpec

_TASK = re.compile(r"[A-Za-z0-9][\w.+*-]*")
"""A task's name; no path, which the harness would read as a file."""


@dataclass(frozen=True)
class BenchmarkConfig(Config):
    """One run of lm-eval; its model's settings are those of `ModelConfig` that lm-eval has too."""

    model: str = changed(ModelConfig, "model")
    system: str = setting(
        help="Its name on the leaderboard; a run's, or a new one.", label="System"
    )
    tasks: tuple[str, ...] = setting(
        help="As lm-eval calls them, such as gsm8k,mmlu.",
        label="Tasks",
        placeholder="gsm8k, mmlu",
        metavar="A,B",
        comma=True,
        unique=True,
    )
    adapter: str | None = changed(ModelConfig, "adapter")
    backend: str = changed(ModelConfig, "backend")
    base_url: str | None = changed(ModelConfig, "base_url")
    key_env: str | None = changed(ModelConfig, "key_env")
    revision: str | None = changed(ModelConfig, "revision")
    dtype: str = changed(ModelConfig, "dtype")
    device: str = changed(ModelConfig, "device")
    chat: bool = setting(
        False,
        "Prompts in the model's chat format; an endpoint is asked as a chat.",
        label="Chat format",
    )
    tokenizer: str | None = setting(
        None,
        "Of an endpoint's model; tasks that compare likelihoods (MMLU) need it.",
        label="Tokenizer",
        placeholder="none: a hub id or folder",
    )
    shots: int | None = setting(
        None,
        "Examples in the prompt; else as the task says.",
        label="Examples in the prompt",
        placeholder="the task's",
        ge=0,
    )
    limit: int | None = setting(
        None,
        "Use only the first N examples of each task; such results are kept apart.",
        label="Limit",
        placeholder="all",
        ge=1,
    )
    batch_size: int = setting(8, "Prompts computed together.", label="Batch size", ge=1)
    in_flight: int = changed(ModelConfig, "in_flight", 8)
    subtasks: bool = setting(False, "Also each part of a group, such as MMLU's 57.")
    tasks_folder: str | None = setting(
        None,
        "Tasks of your own, as lm-eval's YAML (which may call Python code in that folder).",
        metavar="DIRECTORY",
        kind=PATH,
    )
    run_code: bool = setting(
        False,
        "HumanEval, MBPP: run the code that the model writes, on this machine, unguarded.",
    )

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if not self.tasks:
            yield "Name at least one task, such as gsm8k."
        wrong = [task for task in self.tasks if not _TASK.fullmatch(task)]
        if wrong:
            yield f"These are no names of tasks: {', '.join(map(repr, wrong))}."
        try:
            self.spec()
        except SitError as error:
            yield str(error)

    def spec(self) -> "ModelSpec":
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
