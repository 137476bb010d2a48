"""A mixture, as one record and as one YAML: what it is made of, in what shares, from what seed.

# sit augment --config mixture.yaml --out train.jsonl
sources: [alpaca.json]
chains: [R+A]
held_out: 0.05
seed: 1
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sit_core.augment.chains import parse_chain
from sit_core.augment.wordings import OwnWordings, Part, Wordings, read_wordings, shipped
from sit_core.config.yaml_file import read_yaml
from sit_core.errors import SitError, UsageError
from sit_core.metrics.language import NAMES
from sit_core.models.config import ModelConfig
from sit_core.records import Step
from sit_core.sources import (
    ExampleReading,
    FileSummary,
    InstructionTemplate,
    own_template,
    parse_changes,
)

LANGUAGE_NAMES = {code: name.capitalize() for name, code in NAMES.items()}
"""Code → the language's English name, as wordings have it."""
MAX_CHAINS = 16


@dataclass(frozen=True)
class SourceConfig:
    """One data set of the mixture."""

    source: str
    """``SOURCE[:FILE]``, as `sit_core.sources.named_examples` takes it."""
    map: Mapping[str, str] = field(default_factory=dict)
    """Field → column, where the columns have other names."""
    instruction: str | None = None
    """Asked instead of each example's own; ``{instruction}`` in it stands for that."""
    language: str | None = None
    """Of the inputs, where neither a column nor the file's name tells."""
    limit: int | None = None
    """Only the first so many examples."""
    take: int | None = None
    """Only so many of them, drawn by the seed."""

    def faults(self) -> Iterator[str]:
        """What is wrong with the values."""
        if not self.source.strip():
            yield "source: Expected a file or SOURCE[:FILE], but found nothing."
        for name in ("limit", "take"):
            value = getattr(self, name)
            if value is not None and value < 1:
                yield f"{name}: Expected 1 or more, but found {value}."
        try:
            parse_changes([f"{name}={column}" for name, column in self.map.items()])
            self.template()
        except SitError as error:
            yield str(error)

    def template(self) -> InstructionTemplate | None:
        """The wording of the single task, if it is not each example's own."""
        return None if self.instruction is None else own_template(self.instruction)

    def reading(self, keep: tuple[str, ...], summary: FileSummary | None = None) -> ExampleReading:
        """How the examples are read: as training data, with the columns that are needed.

        Args:
            keep: columns that are kept with the examples.
            summary: told what became of the source's columns and values.
        """
        return ExampleReading(
            template=self.template(),
            steps=(),
            changes=dict(self.map) or None,
            limit=self.limit,
            gold=True,
            keep=keep,
            summary=summary or FileSummary(),
            option="--source",
        )


@dataclass(frozen=True)
class ChainConfig:
    """One kind of sequence."""

    chain: str
    """``R+A``, ``R+P+A``, …"""
    weight: float = 1.0
    """How many examples it gets, relative to the other chains."""
    cap: int | None = None
    """At most so many examples."""

    def faults(self) -> Iterator[str]:
        """What is wrong with the values."""
        try:
            parse_chain(self.chain)
        except UsageError as error:
            yield str(error)
        if self.weight <= 0:
            yield f"weight: Expected more than 0, but found {self.weight:g}."
        if self.cap is not None and self.cap < 0:
            yield f"cap: Expected 0 or more, but found {self.cap}."


@dataclass(frozen=True)
class ModelTexts(ModelConfig):
    """The model that writes a step's texts, by any backend."""

    prompt: str | None = None
    """A file with what the model is told; None: the one that comes with the program."""


@dataclass(frozen=True)
class TextsConfig:
    """Where the expected texts of a task come from: one of a column, a parallel file, a model."""

    column: str | None = None
    """A column of the data set itself."""
    file: str | None = None
    """A parallel data set, ``SOURCE[:FILE]``."""
    match: Literal["index", "id", "input", "image"] = "index"
    """What a row of the parallel file and its example have in common; index: their place."""
    field: str = "input"
    """The column of the parallel file that is the text."""
    model: ModelTexts | None = None

    def faults(self) -> Iterator[str]:
        """What is wrong with the values."""
        given = [name for name in ("column", "file", "model") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            yield f"Expected one of column, file and model, but found {found}."
        if self.file is not None and self.match == self.field:
            yield f"field: Expected another column than the one to match, but found {self.field!r}."


@dataclass(frozen=True)
class MixtureConfig:
    """All that a training file depends on, apart from the contents of the files it names."""

    sources: tuple[str | SourceConfig, ...]
    chains: tuple[str | ChainConfig, ...] = ()
    """None: conventional instruction tuning, the baseline, on the same examples."""
    share: float = 1.0
    """Of the examples that can become a sequence, how many do."""
    originals: Literal["replace", "keep"] = "replace"
    """Whether an example that became a sequence is also kept as it was."""
    plain: int | None = None
    """At most so many unchanged examples; None: all of them."""
    texts: Mapping[str, TextsConfig] = field(default_factory=dict)
    """Task → where its texts come from."""
    translate_into: str = "en"
    join: Literal["newline", "headings"] = "newline"
    """What stands between the steps' texts."""
    wordings: Mapping[str, str | OwnWordings] = field(default_factory=dict)
    """Task or ``joins`` → own wordings, or a file with them."""
    use: Part = "seen"
    """``unseen``: a set for evaluation, in wordings that are kept out of training."""
    held_out: int | float = 0
    """Share or number of examples that go into the held-out file."""
    split_by: Literal["example", "id", "index"] = "example"
    """What must not be on both sides: the same text, the same id, or the same place in parallel
    files."""
    shuffle: bool = True
    bad_rows: Literal["refuse", "skip"] = "refuse"
    """Whether rows that can't be read end the work, or are left out and counted."""
    format: Literal["alpaca", "messages"] = "alpaca"
    seed: int = 0
    made: Mapping[str, Any] | None = None
    """In a manifest: what came of it."""

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if not self.sources:
            yield "sources: Expected at least one, but found none."
        for chain in self.chains:
            if isinstance(chain, str):
                yield from ChainConfig(chain).faults()
        for source in self.sources:
            if isinstance(source, str):
                yield from SourceConfig(source).faults()
        if len(self.chains) > MAX_CHAINS:
            yield f"chains: Expected {MAX_CHAINS} at most, but found {len(self.chains)}."
        if not 0 <= self.share <= 1:
            yield f"share: Expected a number from 0 to 1, but found {self.share:g}."
        if self.plain is not None and self.plain < 0:
            yield f"plain: Expected 0 or more, but found {self.plain}."
        if self.held_out < 0 or (isinstance(self.held_out, float) and self.held_out >= 1):
            yield (
                "held_out: Expected a share from 0 to below 1, or a number of examples, but found "
                f"{self.held_out}."
            )
        if not 0 <= self.seed < 2**63:
            yield f"seed: Expected 0 to 2**63 - 1, but found {self.seed}."
        if self.translate_into not in LANGUAGE_NAMES:
            known = ", ".join(sorted(LANGUAGE_NAMES))
            yield f"translate_into: Expected one of {known}, but found {self.translate_into!r}."
        yield from self._faults_of_texts()
        try:
            self.all_wordings()
        except UsageError as error:
            yield f"wordings: {error}"

    def _faults_of_texts(self) -> Iterator[str]:
        from sit_core.registry import unknown
        from sit_core.tasks import TASKS

        for task, texts in self.texts.items():
            if task not in TASKS:
                yield f"texts: {unknown('task', task, list(TASKS))}"
            elif task == "caption" and texts.model is not None:
                yield "texts.caption: Expected a column or a file: no model here looks at images."

    def all_sources(self) -> list[SourceConfig]:
        """The sources as records."""
        return [SourceConfig(s) if isinstance(s, str) else s for s in self.sources]

    def all_chains(self) -> list[tuple[ChainConfig, tuple[Step, ...]]]:
        """The chains as records, with their steps."""
        found = [ChainConfig(c) if isinstance(c, str) else c for c in self.chains]
        return [(chain, parse_chain(chain.chain)) for chain in found]

    def all_wordings(self) -> Wordings:
        """The wordings that are drawn from.

        Raises:
            UsageError: an own wording can't be used, or a task has none for evaluation.
        """
        own = {
            name: read_wordings(Path(of).expanduser()) if isinstance(of, str) else of
            for name, of in self.wordings.items()
        }
        made = shipped().with_own(own)
        if self.use == "unseen":
            made = made.for_evaluation()
            for _, steps in self.all_chains():
                for step in steps[:-1]:
                    made.clauses_of(step.task)
        return made

    @property
    def language(self) -> str:
        """The name of the language to translate into."""
        return LANGUAGE_NAMES[self.translate_into]


def read_mixture(path: Path) -> MixtureConfig:
    """The mixture that a YAML file (or a manifest) describes.

    Raises:
        UsageError: the file can't be read, or all that is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(f"The configuration {str(path)!r} can't be read: {reason}.") from None
    return read_yaml(MixtureConfig, text, path.name)
