"""A mixture, as one record and as one YAML: what it is made of, in what shares, from what seed.

# sit augment --config mixture.yaml --out train.jsonl
sources: [alpaca.json]
chains: [R+A]
held_out: 0.05
seed: 1
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sit_core.augment.chains import parse_chain
from sit_core.config.fields import LONG_TEXT, PATH, Config, setting
from sit_core.config.yaml_file import file_text, read_yaml
from sit_core.errors import SitError, UsageError
from sit_core.metrics.language import NAMES
from sit_core.models.config import ModelConfig
from sit_core.records import Step
from sit_core.settings import user_path

if TYPE_CHECKING:  # readers of files take longer to import than `sit augment --help` may
    from sit_core.augment.wordings import Wordings
    from sit_core.sources import ExampleReading, FileSummary, InstructionTemplate

LANGUAGE_NAMES = {code: name.capitalize() for name, code in NAMES.items()}
"""Code → the language's English name, as wordings have it."""
MAX_CHAINS = 16
Part = Literal["seen", "unseen"]


@dataclass(frozen=True)
class OwnWordings:
    """A researcher's wordings of one task (or of the joins)."""

    seen: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceConfig(Config):
    """One data set of the mixture."""

    source: str = setting(help="SOURCE[:FILE], as `sit_core.sources.named_examples` takes it.")
    map: Mapping[str, str] = setting({}, "Field: column, where the columns have other names.")
    instruction: str | None = setting(
        None,
        "Asked instead of each example's own; {instruction} in it stands for that.",
        kind=LONG_TEXT,
    )
    language: str | None = setting(
        None, "Of the inputs, where neither a column nor the file's name tells."
    )
    limit: int | None = setting(None, "Use only the first N examples.", ge=1)
    take: int | None = setting(None, "Use only N of them, drawn by the seed.", ge=1)

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        from sit_core.sources import parse_changes

        if not self.source.strip():
            yield "source: Expected a file or SOURCE[:FILE], but found nothing."
        try:
            parse_changes([f"{name}={column}" for name, column in self.map.items()])
            self.template()
        except SitError as error:
            yield str(error)

    def template(self) -> "InstructionTemplate | None":
        """The wording of the single task, if it is not each example's own."""
        from sit_core.sources import own_template

        return None if self.instruction is None else own_template(self.instruction)

    def reading(
        self, keep: tuple[str, ...], summary: "FileSummary | None" = None
    ) -> "ExampleReading":
        """How the examples are read: as training data, with the columns that are needed.

        Args:
            keep: columns that are kept with the examples.
            summary: told what became of the source's columns and values.
        """
        from sit_core.sources import ExampleReading, FileSummary

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
class ChainConfig(Config):
    """One kind of sequence."""

    chain: str = setting(help="R+A, R+P+A, …")
    weight: float = setting(1.0, "How many examples it gets, relative to the other chains.", gt=0)
    cap: int | None = setting(None, "Limit on examples.", ge=0)

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        try:
            parse_chain(self.chain)
        except UsageError as error:
            yield str(error)


@dataclass(frozen=True)
class ModelTexts(ModelConfig):
    """The model that writes a step's texts, by any backend."""

    prompt: str | None = setting(
        None, "A file with what the model is told; else the one that comes with the program."
    )


@dataclass(frozen=True)
class TextsConfig(Config):
    """Where the expected texts of a task come from: one of a column, a parallel file, a model."""

    column: str | None = setting(None, "A column of the data set itself.")
    file: str | None = setting(None, "A parallel data set, SOURCE[:FILE].")
    match: Literal["index", "id", "input", "image"] = setting(
        "index", "What a row of the parallel file and its example have in common; index: place."
    )
    field: str = setting("input", "The column of the parallel file that is the text.")
    model: ModelTexts | None = setting(None, "A model that writes them.")

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        given = [name for name in ("column", "file", "model") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            yield f"Expected one of column, file and model, but found {found}."
        if self.file is not None and self.match == self.field:
            yield f"field: Expected another column than the one to match, but found {self.field!r}."


@dataclass(frozen=True)
class MixtureConfig(Config):
    """All that a training file depends on, apart from the contents of the files it names."""

    sources: tuple[str | SourceConfig, ...] = setting(
        help="A file, or a data set by name.", label="Data"
    )
    chains: tuple[str | ChainConfig, ...] = setting(
        (),
        "By letters, such as R+A. None: conventional instruction tuning, the baseline, on the same "
        "examples.",
        label="Chains",
        placeholder="none: the baseline",
    )
    share: float = setting(
        1.0,
        "Of what can become a sequence, how much does.",
        label="Share that becomes a sequence",
        ge=0,
        le=1,
    )
    originals: Literal["replace", "keep"] = setting(
        "replace",
        "Whether an example that became a sequence is also kept as it was.",
        hidden=True,
    )
    plain: int | None = setting(
        None, "Limit on unchanged examples.", label="Unchanged examples at most", ge=0
    )
    texts: Mapping[str, TextsConfig] = setting({}, "Task: where its texts come from.")
    translate_into: str = setting(
        "en",
        "Language of the step T.",
        label="Translate into",
        metavar="CODE",
        choices=LANGUAGE_NAMES,
    )
    join: Literal["newline", "headings"] = setting(
        "newline", "What stands between the steps' texts.", label="Between the steps"
    )
    wordings: Mapping[str, str | OwnWordings] = setting(
        {}, "Task or joins: own wordings, or a file with them."
    )
    use: Part = setting(
        "seen",
        "unseen: a set for evaluation, in wordings that are kept out of training.",
        label="For",
        hidden=True,
    )
    held_out: int | float = setting(
        0, "Share (0.05) or number (200) of examples kept for validation.", label="Held out"
    )
    split_by: Literal["example", "id", "index"] = setting(
        "example",
        "What must not be on both sides: the same text, the same id, or the same place in parallel "
        "files.",
        hidden=True,
    )
    shuffle: bool = setting(True, "Whether the rows are put into a random order.", hidden=True)
    bad_rows: Literal["refuse", "skip"] = setting(
        "refuse",
        "Whether rows that can't be read end the work, or are left out and counted.",
        hidden=True,
    )
    format: Literal["alpaca", "messages"] = setting(
        "alpaca", "Of the training file's rows.", label="Format"
    )
    seed: int = setting(0, "Of every choice.", label="Seed", ge=0, lt=2**63)
    made: Mapping[str, Any] | None = setting(None, "In a manifest: what came of it.")

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
        if self.held_out < 0 or (isinstance(self.held_out, float) and self.held_out >= 1):
            yield (
                "held_out: Expected a share from 0 to below 1, or a number of examples, but found "
                f"{self.held_out}."
            )
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

    def all_wordings(self) -> "Wordings":
        """The wordings that are drawn from.

        Raises:
            UsageError: an own wording can't be used, or a task has none for evaluation.
        """
        from sit_core.augment.wordings import read_wordings, shipped

        own = {
            name: read_wordings(user_path(of)) if isinstance(of, str) else of
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
        SitError: the file can't be read, or all that is wrong with it.
    """
    return read_yaml(MixtureConfig, file_text(path), path.name)


@dataclass(frozen=True, kw_only=True)
class AugmentConfig(MixtureConfig):
    """A mixture, and the file that it goes into."""

    out: str = setting(help="The training file.", metavar="PATH", kind=PATH)

    @property
    def mixture(self) -> MixtureConfig:
        """The mixture alone, as manifests have it."""
        return MixtureConfig(**{one.name: getattr(self, one.name) for one in fields(MixtureConfig)})
