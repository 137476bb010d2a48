"""Where the texts of steps come from: a column, a parallel file, a model's texts made before.

    texts = StepTexts(config)
    found = texts.of(example, index)    # found.texts, found.wanted, found.refused

Each text is checked (`sit_core.augment.checks`) wherever it came from.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sit_core.augment.checks import fault_of_text
from sit_core.augment.config import MixtureConfig, TextsConfig
from sit_core.errors import SitError, UsageError
from sit_core.metrics.language import language
from sit_core.records import Example, Unparsed
from sit_core.registry import unknown
from sit_core.settings import user_path
from sit_core.sources import (
    ExampleReading,
    Problem,
    RawRow,
    SourceFile,
    named_examples,
    split_source,
)
from sit_core.sources.formats import read_rows

TRANSLATE = "translate"
OF_EXAMPLE = ("input", "reference", "instruction")


@dataclass
class ExampleTexts:
    """What is known of one example's steps."""

    texts: dict[str, str] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)
    """Tasks whose text the model has yet to write."""
    refused: dict[str, str] = field(default_factory=dict)
    """Task → why it has no text, or none that will do."""


class GivenTexts(Protocol):
    """Texts of one task."""

    def look(self, example: Example, index: int) -> str | Unparsed | None:
        """The text, why there is none, or None: it is yet to be made."""


class StepTexts:
    """The texts of all tasks of a mixture."""

    def __init__(self, config: MixtureConfig, made: Mapping[str, GivenTexts] | None = None) -> None:
        """Set up what the configuration names.

        Args:
            config: the mixture.
            made: task → what a model has written, where the configuration names a model.
        """
        used = {step.task for _, steps in config.all_chains() for step in steps}
        self.into = config.translate_into
        self.given: dict[str, GivenTexts] = {}
        self.refusals: Counter[str] = Counter()
        self.translates = TRANSLATE in used
        for task, where in config.texts.items():
            if task not in used:
                continue
            if where.model is not None:
                self.given[task] = (made or {})[task]
            else:
                self.given[task] = given_texts(task, where)

    def of(self, example: Example, index: int) -> ExampleTexts:
        """The texts for an example.

        Args:
            example: as its source has it.
            index: its place in its source, from 0, bad rows counted.

        Raises:
            SitError: a parallel file can't be read.
        """
        found = ExampleTexts()
        if self.translates and (fault := self._needs_no_translation(example)):
            found.refused[TRANSLATE] = fault
        for task, given in self.given.items():
            if task in found.refused:
                continue
            text = given.look(example, index)
            if text is None:
                found.wanted.add(task)
            elif isinstance(text, Unparsed):
                found.refused[task] = text.reason
            elif fault := fault_of_text(task, example, text, self.into):
                found.refused[task] = fault
            else:
                found.texts[task] = text
        self.refusals.update(found.refused.values())
        return found

    def _needs_no_translation(self, example: Example) -> str | None:
        """Why an input is not translated: the rule is that it is in another language, known so."""
        spoken = example.language or language(example.input)
        if isinstance(spoken, Unparsed):
            return "the language of its input can't be told"
        return "its input is in that language already" if spoken == self.into else None


def given_texts(task: str, where: TextsConfig) -> GivenTexts:
    """The column or the parallel file.

    Raises:
        SitError: there is no such file.
    """
    if where.column is not None:
        return TextColumn(where.column)
    return Parallel(task, where)


@dataclass(frozen=True)
class TextColumn:
    """A column of the data set, read along with each example."""

    name: str

    def look(self, example: Example, index: int) -> str | Unparsed | None:
        """What stands there."""
        text = example.meta.get(self.name)
        if isinstance(text, str):
            return text
        return Unparsed(f"there is no text in the column {self.name!r}")


class Parallel:
    """Another file with the same rows in the same order, or with something in common to match."""

    def __init__(self, task: str, where: TextsConfig) -> None:
        assert where.file is not None
        self.where, self.name = where, where.file
        self._rows: Iterator[Mapping[str, Any]] = iter(())
        self._at, self._row = -1, dict[str, Any]()
        self._missing = Unparsed(f"the parallel file has no text for the step {task!r}")
        self._by_key: dict[str, str] | None = None
        first = next(self._read(), None)
        columns = list(first or ())
        for column in (where.field, *([] if where.match == "index" else [where.match])):
            if column not in columns:
                raise UsageError(f"{self.name}: {unknown('column', column, columns)}")

    def look(self, example: Example, index: int) -> str | Unparsed | None:
        """The text of the row that belongs to the example."""
        if self.where.match == "index":
            text = self._row_at(index).get(self.where.field)
        else:
            if self._by_key is None:
                self._by_key = self._keyed()
            text = self._by_key.get(_key(example, self.where.match))
        return text if isinstance(text, str) else self._missing

    def _row_at(self, index: int) -> Mapping[str, Any]:
        """Both files are read side by side; from its beginning when another source begins."""
        if self._at < 0 or index < self._at:
            self._rows, self._at = self._read(), -1
        while self._at < index:
            self._row, self._at = dict(next(self._rows, {})), self._at + 1
        return self._row

    def _keyed(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in self._read():
            key, text = row.get(self.where.match), row.get(self.where.field)
            if key is not None and isinstance(text, str):
                found.setdefault(str(key), text)
        return found

    def _read(self) -> Iterator[Mapping[str, Any]]:
        kind, rest = split_source(self.name, gold=True)
        if kind in ("file", "alpaca"):
            path = user_path(rest or self.name)
            for row in read_rows(SourceFile.at(path)):
                if isinstance(row, RawRow):
                    yield row.fields
                elif row.line is None:
                    raise SitError(f"{path.name}: {row.reason}.")
                else:
                    yield {}
            return
        reading = ExampleReading(
            gold=True, steps=(), keep=("id",), option="texts: {file: …}, file:"
        )
        for item in named_examples(self.name, reading):
            if isinstance(item, Problem):
                yield {}
            else:
                yield {name: getattr(item, name) for name in OF_EXAMPLE} | {
                    "id": item.meta.get("id"),
                    "image": item.image,
                }


def _key(example: Example, match: str) -> str:
    if match == "id":
        return str(example.meta.get("id"))
    return example.image or "" if match == "image" else example.input
