"""What Seq-Instruct is asked to do, as one record and as one YAML.

# sit seq-instruct --name mine --config seq.yaml
sources: [alpaca.json]
iterations: 2
writer: {model: some-model, backend: openai, base_url: http://localhost:8000/v1, in_flight: 64}
prices: {input: 0.5, output: 1.5, budget: 10}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sit_core.augment.config import SourceConfig
from sit_core.config.yaml_file import read_yaml
from sit_core.errors import UsageError
from sit_core.models.config import ModelConfig
from sit_core.models.usage import Prices
from sit_core.registry import unknown
from sit_core.seq_instruct.filters import GATES
from sit_core.seq_instruct.stages import STAGES

RULES: Literal["rules"] = "rules"
"""The writer that needs no model; see `sit_core.seq_instruct.rule_writer`."""
MOST_ITERATIONS = 10


@dataclass(frozen=True)
class WriterModel(ModelConfig):
    """A model that writes; samples as the paper's writers did unless it is said otherwise."""

    max_new_tokens: int = 2048
    temperature: float = 1.0
    top_p: float = 0.9
    top_k: int = 50
    in_flight: int = 64
    prices: Prices | None = None
    """Of this model; None: those of the whole configuration."""

    def faults(self) -> Iterator[str]:
        """What is wrong with the values."""
        yield from super().faults()
        if self.prices is not None and self.prices.budget is not None:
            yield "prices: The budget is one for all models; put it into the configuration's."


Writer = WriterModel | Literal["rules"]


@dataclass(frozen=True)
class SeqInstructConfig:
    """All that the result depends on, apart from the contents of files that it names."""

    sources: tuple[str | SourceConfig, ...]
    limit: int | None = None
    """Only the first so many instructions, over all sources."""
    iterations: int = 2
    seed: int = 0
    """Of the few-shot examples and of what models draw."""
    writer: WriterModel | Literal["rules"] = RULES
    """Of all stages that have no other."""
    classify: WriterModel | Literal["rules"] | None = None
    generate: WriterModel | Literal["rules"] | None = None
    refine: WriterModel | Literal["rules"] | None = None
    respond: WriterModel | Literal["rules"] | None = None
    prices: Prices = field(default_factory=Prices)
    attempts: int = 3
    """Of each stage, before an instruction has failed."""
    shots: int = 3
    """Examples in a prompt, drawn and shuffled for each call."""
    gates: tuple[str, ...] = GATES.shipped()
    """Which of the quality gates are looked at; those of plugins only where they are named."""
    max_words: int = 400
    """Of an instruction."""
    max_response_words: int = 2000
    duplicate_similarity: float = 0.8
    """Share of word triples that two instructions have in common, from which on they are one."""
    answers: Literal["each", "last", "never"] = "each"
    """In which iterations new instructions are answered."""
    answer_held: bool = False
    """Whether the writer also answers held ones that have the data's own output."""
    prompts: str | None = None
    """A folder with own prompts (``classify.txt`` …); what is not in it is the program's."""
    bad_rows: Literal["refuse", "skip"] = "refuse"
    format: Literal["alpaca", "messages"] = "alpaca"
    """Of the training file."""
    failed: Literal["leave out", "before"] = "leave out"
    """Failed and gated ones in the training file: not there, or as they last were made."""
    wave: int = 1000
    """So many instructions go through the stages together; memory holds one wave."""
    made: Mapping[str, Any] | None = None
    """In a manifest: what came of it."""

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if not self.sources:
            yield "sources: Expected at least one, but found none."
        for source in self.sources:
            if isinstance(source, str):
                yield from SourceConfig(source).faults()
        for name, low, high in (
            ("iterations", 1, MOST_ITERATIONS),
            ("attempts", 1, 20),
            ("shots", 0, 20),
            ("max_words", 1, 100_000),
            ("max_response_words", 1, 100_000),
            ("wave", 1, 100_000),
            ("seed", 0, 2**31 - 1),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                yield f"{name}: Expected {low:,} to {high:,}, but found {value:,}."
        if self.limit is not None and self.limit < 1:
            yield f"limit: Expected 1 or more, but found {self.limit}."
        if not 0 < self.duplicate_similarity <= 1:
            yield (
                "duplicate_similarity: Expected a number above 0 and at most 1, but found "
                f"{self.duplicate_similarity:g}."
            )
        for gate in self.gates:
            if gate not in GATES:
                yield f"gates: {unknown('gate', gate, list(GATES))}"
        if self.prompts is not None and not Path(self.prompts).expanduser().is_dir():
            yield f"prompts: There is no folder {self.prompts!r}."

    def all_sources(self) -> list[SourceConfig]:
        """The sources as records."""
        return [SourceConfig(s) if isinstance(s, str) else s for s in self.sources]

    def writer_of(self, stage: str) -> WriterModel | Literal["rules"]:
        """Who writes in a stage."""
        own: WriterModel | Literal["rules"] | None = getattr(self, stage)
        return self.writer if own is None else own

    def prices_of(self, stage: str) -> Prices:
        """What the stage's model costs."""
        writer = self.writer_of(stage)
        if writer == RULES:
            return Prices()
        return self.prices if writer.prices is None else writer.prices

    def answered(self, iteration: int) -> bool:
        """Whether new instructions of an iteration (1, 2, …) are answered."""
        return self.answers == "each" or (self.answers == "last" and iteration == self.iterations)

    def key_variables(self) -> set[str]:
        """The environment variables that it names as keys."""
        writers = [self.writer_of(stage) for stage in STAGES]
        return {w.key_env for w in writers if isinstance(w, WriterModel) and w.key_env}


def read_config(path: Path) -> SeqInstructConfig:
    """The configuration in a YAML file.

    Raises:
        UsageError: the file can't be read, or all that is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(f"The configuration {str(path)!r} can't be read: {reason}.") from None
    return read_yaml(SeqInstructConfig, text, path.name)
