"""What Seq-Instruct is asked to do, as one record and as one YAML.

# sit seq-instruct --name mine --config seq.yaml
sources: [alpaca.json]
iterations: 2
writer: {model: some-model, backend: openai, base_url: http://localhost:8000/v1, in_flight: 64}
prices: {input: 0.5, output: 1.5, budget: 10}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from sit_core.augment.config import SourceConfig
from sit_core.config.fields import PATH, Config, changed, setting
from sit_core.config.yaml_file import file_text, read_yaml
from sit_core.models.config import ModelConfig
from sit_core.models.usage import Prices
from sit_core.registry import unknown
from sit_core.seq_instruct.stages import GATE_NAMES, STAGES
from sit_core.settings import user_path

RULES: Literal["rules"] = "rules"
"""The writer that needs no model; see `sit_core.seq_instruct.rule_writer`."""
MOST_ITERATIONS = 10


@dataclass(frozen=True)
class WriterModel(ModelConfig):
    """A model that writes; samples as the paper's writers did unless it is said otherwise."""

    max_new_tokens: int = changed(ModelConfig, "max_new_tokens", 2048)
    temperature: float = changed(ModelConfig, "temperature", 1.0)
    top_p: float = changed(ModelConfig, "top_p", 0.9)
    top_k: int = changed(ModelConfig, "top_k", 50)
    in_flight: int = changed(ModelConfig, "in_flight", 64)
    prices: Prices | None = setting(None, "Of this model; else those of the whole configuration.")

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        yield from super().faults()
        if self.prices is not None and self.prices.budget is not None:
            yield "prices: The budget is one for all models; put it into the configuration's."


Writer = WriterModel | Literal["rules"]


@dataclass(frozen=True)
class SeqInstructConfig(Config):
    """All that the result depends on, apart from the contents of files that it names."""

    sources: tuple[str | SourceConfig, ...] = setting(help="Source data.", label="Data")
    limit: int | None = setting(
        None, "Use only the first N instructions, over all sources.", label="Limit", ge=1
    )
    iterations: int = setting(
        2, "How often each is made longer.", label="Iterations", ge=1, le=MOST_ITERATIONS
    )
    seed: int = setting(
        0,
        "Seed for sampling and for few-shot examples.",
        label="Seed",
        ge=0,
        lt=2**31,
    )
    writer: WriterModel | Literal["rules"] = setting(
        RULES, "Generator model of every stage that names none of its own."
    )
    classify: WriterModel | Literal["rules"] | None = setting(None, "Generator of this stage.")
    generate: WriterModel | Literal["rules"] | None = setting(None, "Generator of this stage.")
    refine: WriterModel | Literal["rules"] | None = setting(None, "Generator of this stage.")
    respond: WriterModel | Literal["rules"] | None = setting(None, "Generator of this stage.")
    prices: Prices = setting(Prices, "Price of the generator models' tokens.")
    attempts: int = setting(
        3, "Attempts per stage before it counts as failed.", label="Attempts", ge=1, le=20
    )
    shots: int = setting(
        3,
        "Few-shot examples per prompt, drawn and shuffled for each call.",
        label="Examples in a prompt",
        ge=0,
        le=20,
        hidden=True,
    )
    gates: tuple[str, ...] = setting(
        GATE_NAMES, "Quality gates that are applied.", label="Gates", hidden=True
    )
    max_words: int = setting(
        400,
        "Most words in an instruction.",
        label="Words of an instruction",
        ge=1,
        le=100_000,
        hidden=True,
    )
    max_response_words: int = setting(
        2000,
        "Most words in a response.",
        label="Words of a response",
        ge=1,
        le=100_000,
        hidden=True,
    )
    duplicate_similarity: float = setting(
        0.8,
        "Two instructions that share at least this fraction of word triples are duplicates.",
        label="Duplicates from",
        gt=0,
        le=1,
        hidden=True,
    )
    answers: Literal["each", "last", "never"] = setting(
        "each", "In which iterations new instructions are answered.", label="Answers", hidden=True
    )
    answer_held: bool = setting(
        False,
        "Whether the writer also answers held ones that have the data's own output.",
        label="Answer held ones too",
        hidden=True,
    )
    prompts: str | None = setting(
        None,
        "Folder with your own prompts (classify.txt …); the defaults fill in for missing files.",
        label="Own prompts",
        metavar="FOLDER",
        kind=PATH,
    )
    bad_rows: Literal["refuse", "skip"] = setting(
        "refuse", "Stop at rows that can't be read, or leave them out.", hidden=True
    )
    format: Literal["alpaca", "messages"] = setting(
        "alpaca", "Format of the training file.", label="Format", hidden=True
    )
    failed: Literal["leave out", "before"] = setting(
        "leave out",
        "In the training file, leave out failed and rejected ones, or use their last good version.",
        label="Failed ones",
        hidden=True,
    )
    wave: int = setting(
        1000,
        "Instructions processed together; all of them are held in memory.",
        label="Instructions together",
        ge=1,
        le=100_000,
        hidden=True,
    )
    made: Mapping[str, Any] | None = setting(None, "In a manifest: counts of the result.")

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if not self.sources:
            yield "sources: Expected at least one, but found none."
        for source in self.sources:
            if isinstance(source, str):
                yield from SourceConfig(source).faults()
        if self.gates != GATE_NAMES:
            from sit_core.seq_instruct.filters import GATES

            for gate in self.gates:
                if gate not in GATES:
                    yield f"gates: {unknown('gate', gate, list(GATES))}"
        if self.prompts is not None and not user_path(self.prompts).is_dir():
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
        SitError: the file can't be read, or all that is wrong with it.
    """
    return read_yaml(SeqInstructConfig, file_text(path), path.name)


@dataclass(frozen=True, kw_only=True)
class SeqInstructAction(SeqInstructConfig):
    """What ``sit seq-instruct`` does: a set by its name, and where its training file goes too."""

    name: str = setting(
        help="Of the set; its folder is SIT_HOME/seq_instruct/NAME.", label="Name of the set"
    )
    out: str | None = setting(None, "Also write the training file here.", metavar="PATH", kind=PATH)

    @property
    def set_config(self) -> SeqInstructConfig:
        """The set's own configuration."""
        return SeqInstructConfig(
            **{one.name: getattr(self, one.name) for one in fields(SeqInstructConfig)}
        )
