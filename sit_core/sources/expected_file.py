"""Expected texts from a parallel file (``sit import --expected FILE``), matched by question or id.

The file holds, for the same questions, the text that a step should yield: XQuAD's English for a
translation, a reference for a summary. It may be

* rows (JSONL, JSON, CSV, Parquet) with the question and a column with the text,
* rows with an id and the text, where the outputs have that id, or
* a file in SQuAD's format: the text is its ``Context: …`` and ``Question: …``. The questions of the
  outputs are in another language then, so the same set in that language joins them by its ids:
  named, or found beside it (``xquad.es.json`` beside ``xquad.en.json`` for rows in ``es``). Its
  answers are kept as golds of its language (``meta["golds"]``), where its name tells that.

Questions are the same by `sit_core.matching.match_text`; if not, then without looking at blanks.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.matching import match_text
from sit_core.records import Example
from sit_core.sources.expected import FINAL
from sit_core.sources.formats import read_rows
from sit_core.sources.mapping import guess_mapping
from sit_core.sources.parallel import ID_COLUMNS, id_text
from sit_core.sources.rows import BadRow, Limits, SourceFile, megabytes

TEXT_COLUMNS = (
    "expected",
    "expected_output",
    "translation",
    "target",
    "reference",
    "output",
    "text",
)
"""Columns that may hold the expected text, the surest first."""
SHOWN = 3
"""So many examples without an expected text are named."""
REFERENCE = "reference"
_MOST_BYTES = 256 * 1024 * 1024
_MOST_ROWS = 2_000_000
_BEGINNING = 60


@dataclass
class Tally:
    """What came of one file of outputs."""

    matched: int = 0
    by_blanks: int = 0
    """Of the matched: only without looking at blanks."""
    unmatched: int = 0
    by_order: int = 0
    """Of the matched: the question is there with several texts, which were given out in order."""
    no_step: int = 0
    """Matched, but the chain has no step that the text could be expected of."""
    replaced: int = 0
    """Of the matched: another text stood in the outputs' own file."""
    shown: list[str] = field(default_factory=list)
    """Line and beginning of the first unmatched questions."""

    def to_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "matched": self.matched,
            "matched_but_for_blanks": self.by_blanks,
            "matched_by_order": self.by_order,
            "unmatched": self.unmatched,
            "without_step": self.no_step,
            "replaced": self.replaced,
            "unmatched_shown": list(self.shown),
        }

    def sentence(self, name: str) -> str:
        """For people.

        >>> Tally(matched=3, unmatched=1, shown=["line 2: Which one?"]).sentence("en.json")
        'Expected texts from en.json: 3 matched, 1 unmatched (line 2: Which one?).'
        """
        parts = [f"{self.matched:,} matched"]
        parts += [f"{self.by_blanks:,} of them but for blanks"] if self.by_blanks else []
        parts += [f"{self.by_order:,} of them in the file's order"] if self.by_order else []
        parts += [f"{self.replaced:,} in place of the file's own"] if self.replaced else []
        parts += [f"{self.no_step:,} without a step to expect it of"] if self.no_step else []
        if self.unmatched:
            more = "; …" if self.unmatched > len(self.shown) else ""
            parts.append(f"{self.unmatched:,} unmatched ({'; '.join(self.shown)}{more})")
        return f"Expected texts from {name}: {', '.join(parts)}."


@dataclass
class ExpectedTexts:
    """The texts of a file, by question and by id."""

    name: str
    step: str | None = None
    """The step's key, or ``reference``; None: the first step that is not the answer."""
    by_question: dict[str, list[str]] = field(default_factory=dict)
    by_letters: dict[str, list[str]] = field(default_factory=dict)
    """The same without blanks."""
    by_id: dict[tuple[str, str], str] = field(default_factory=dict)
    through: str = ""
    """The file that joined questions and ids, if another did."""
    language: str | None = None
    """Of the file, where its name tells."""
    golds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of a file in SQuAD's format: text → the answers to its question."""

    def add(self, questions: Iterable[str], text: str) -> None:
        """A text and the ways in which its question may be written down."""
        for question in dict.fromkeys(match_text(q) for q in questions if q.strip()):
            self.by_question.setdefault(question, []).append(text)
            self.by_letters.setdefault(_letters(question), []).append(text)

    def search(self) -> "Search":
        """A search through one file of outputs, with its own counts."""
        return Search(self)


class Search:
    """Finds the text for one example after another; a question asked again gets the next text."""

    def __init__(self, texts: ExpectedTexts) -> None:
        self.texts = texts
        self.tally = Tally()
        self._asked: dict[str, int] = {}

    def text_for(self, example: Example, fields: Mapping[str, Any], line: int) -> str | None:
        """The expected text of an example; None where the file has none, which is counted.

        Args:
            example: what was asked.
            fields: the row's columns, for its id.
            line: of the row, to name it.
        """
        found = self._found(example, fields)
        if found is None:
            self.tally.unmatched += 1
            if len(self.tally.shown) < SHOWN:
                begins = " ".join((example.input or example.instruction).split())[:_BEGINNING]
                self.tally.shown.append(f"line {line}: {begins}")
        else:
            self.tally.matched += 1
        return found

    def put(self, example: Example, fields: Mapping[str, Any], line: int) -> Example:
        """The example with the text where it belongs: a step's ``expected``, or the reference.

        A chain without such a step is counted.
        """
        text = self.text_for(example, fields, line)
        if text is None:
            return example
        step = self.texts.step
        if step != REFERENCE:
            example = self._with_golds(example, text)
        if step == REFERENCE:
            self.tally.replaced += example.reference not in (None, text)
            return replace(example, reference=text)
        keys = [s.key for s in example.steps if step is not None or s.task != FINAL]
        if not keys or (step is not None and step not in keys):
            self.tally.no_step += 1
            return example
        key = keys[0] if step is None else step
        before = next(s.expected for s in example.steps if s.key == key)
        self.tally.replaced += before not in (None, text)
        steps = tuple(replace(s, expected=text) if s.key == key else s for s in example.steps)
        return replace(example, steps=steps)

    def _with_golds(self, example: Example, text: str) -> Example:
        """The answers in the file's language, and the reference in the example's, by language."""
        golds, language = self.texts.golds.get(text, ()), self.texts.language
        if not golds or language is None:
            return example
        known = example.meta.get("golds")
        by_language = dict(known) if isinstance(known, Mapping) else {}
        if example.language and example.reference:
            by_language.setdefault(example.language, [example.reference])
        by_language[language] = list(golds)
        return replace(example, meta={**example.meta, "golds": by_language})

    def _found(self, example: Example, fields: Mapping[str, Any]) -> str | None:
        for column in ID_COLUMNS:
            if fields.get(column) is not None:
                text = self.texts.by_id.get((column, id_text(fields[column])))
                if text is not None:
                    return text
        keys = [match_text(question) for question in _questions(example.instruction, example.input)]
        for key in keys:
            if key in self.texts.by_question:
                return self._next(key, self.texts.by_question[key])
        for key in map(_letters, keys):
            if key in self.texts.by_letters:
                self.tally.by_blanks += 1
                return self._next(key, self.texts.by_letters[key])
        return None

    def _next(self, key: str, texts: list[str]) -> str:
        """Of several texts for the same question the next one, and the last one from then on."""
        if len(texts) == 1:
            return texts[0]
        number = self._asked.get(key, 0)
        self._asked[key] = number + 1
        self.tally.by_order += len(set(texts)) > 1
        return texts[min(number, len(texts) - 1)]


def read_expected(
    source: SourceFile,
    *,
    joined: SourceFile | None = None,
    language: str | None = None,
    step: str | None = None,
    limits: Limits | None = None,
) -> ExpectedTexts:
    """The expected texts of a file.

    Args:
        source: with the texts.
        joined: the same questions as the outputs have them, with the ids of ``source``.
        language: of the outputs, to find such a file beside ``source`` where none is named.
        step: what the texts are expected of.
        limits: how large a row may be.

    Raises:
        SitError: the file can't be read, or holds no such texts.
    """
    from sit_core.sources.predictions import language_of  # which reads this file's texts

    texts = ExpectedTexts(source.name, step, language=language_of(source.name))
    whole = _squad(source)
    if joined is None and whole is not None:
        joined = _beside(source, language)
    by_id = dict[str, str]()
    rows = _of_squad(whole) if whole is not None else _of_rows(source, limits)
    for number, row in enumerate(rows):
        if number >= _MOST_ROWS:
            raise SitError(f"{source.name} holds more than {_MOST_ROWS:,} expected texts.")
        for key in row.ids:
            texts.by_id.setdefault(key, row.text)
            by_id.setdefault(key[1], row.text)
        texts.add(row.questions, row.text)
        if row.golds:
            texts.golds.setdefault(row.text, row.golds)
    if joined is not None:
        _join(texts, joined, by_id, limits)
    if not texts.by_question and not texts.by_id:
        raise SitError(f"{source.name} holds no expected texts.")
    return texts


@dataclass(frozen=True, slots=True)
class _Row:
    questions: tuple[str, ...]
    text: str
    ids: tuple[tuple[str, str], ...] = ()
    golds: tuple[str, ...] = ()


def _questions(instruction: str, input: str) -> tuple[str, ...]:
    """How a question may be written in a parallel file, the most particular first."""
    # Not the instruction alone where there is an input: many inputs share one.
    return (f"{instruction}\n\x1f\n{input}", input) if input else (instruction,)


def _letters(question: str) -> str:
    return "".join(question.split())


def _join(
    texts: ExpectedTexts, source: SourceFile, by_id: Mapping[str, str], limits: Limits | None
) -> None:
    """Let the questions of another file lead to the texts, through the ids that both have."""
    whole = _squad(source)
    found = 0
    for row in _of_squad(whole) if whole is not None else _of_rows(source, limits, text=False):
        text = next((by_id[value] for _, value in row.ids if value in by_id), None)
        if text is not None:
            found += 1
            texts.add(row.questions, text)
    if not found:
        raise SitError(f"{source.name} and {texts.name} have no id in common.")
    texts.through = source.name


def _squad(source: SourceFile) -> list[Any] | None:
    """The articles of a file in SQuAD's format; None if it is of none."""
    try:
        with source.open() as stream:
            head = stream.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
            if not head.startswith(b"{") or (b'"data"' not in head and b'"version"' not in head):
                return None
            stream.seek(0)
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        said = error.strerror or str(error)
        raise SitError(f"{source.name} can't be read: {said}.") from None
    if len(data) > _MOST_BYTES:
        raise SitError(f"{source.name} is larger than {megabytes(_MOST_BYTES)}.")
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        return None
    articles = whole.get("data") if isinstance(whole, dict) else None
    nested = isinstance(articles, list) and all(
        isinstance(a, Mapping) and isinstance(a.get("paragraphs"), list) for a in articles
    )
    return articles if nested else None


def _of_squad(articles: list[Any]) -> Iterator[_Row]:
    for article in articles:
        for paragraph in article["paragraphs"]:
            asked = paragraph.get("qas") if isinstance(paragraph, Mapping) else None
            context = paragraph.get("context") if isinstance(paragraph, Mapping) else None
            for one in asked if isinstance(asked, list) else ():
                question = one.get("question") if isinstance(one, Mapping) else None
                if isinstance(context, str) and isinstance(question, str):
                    text = f"Context: {context}\nQuestion: {question}"
                    known = one.get("id")
                    ids = () if known is None else (("id", id_text(known)),)
                    yield _Row((text,), text, ids, _answers(one.get("answers")))


def _answers(said: Any) -> tuple[str, ...]:
    """The answers' texts, as far as they are texts."""
    several = said if isinstance(said, list) else []
    found = [a.get("text") if isinstance(a, Mapping) else a for a in several]
    return tuple(dict.fromkeys(a for a in found if isinstance(a, str) and a.strip()))


def _of_rows(source: SourceFile, limits: Limits | None, text: bool = True) -> Iterator[_Row]:
    """Rows with a question or an id, and the text that is expected."""
    column: str | None = None
    for row in read_rows(source, limits=limits):
        if isinstance(row, BadRow):
            place = "" if row.line is None else f":{row.line}"
            raise SitError(f"The expected texts can't be read: {source.name}{place}: {row.reason}.")
        fields = row.fields
        if text and (column is None or column not in fields):
            column = next((c for c in TEXT_COLUMNS if isinstance(fields.get(c), str)), None)
            if column is None:
                raise SitError(
                    f"The expected texts can't be read: {source.name}:{row.line}: there is no "
                    f"column with a text ({', '.join(TEXT_COLUMNS)})."
                )
        ids = tuple((c, id_text(fields[c])) for c in ID_COLUMNS if fields.get(c) is not None)
        mapping = guess_mapping([name for name in fields if name != column], [fields])
        said = [fields.get(c) if c else None for c in (mapping.instruction, mapping.input)]
        instruction, input = (value if isinstance(value, str) else "" for value in said)
        context, question = fields.get("context"), fields.get("question")
        questions = _questions(instruction, input) if instruction or input else ()
        if isinstance(context, str) and isinstance(question, str):
            questions = (f"Context: {context}\nQuestion: {question}", *questions)
        expected = fields.get(column) if column else ""
        if isinstance(expected, str) and (questions or ids):
            yield _Row(tuple(questions), expected, ids)


def _beside(source: SourceFile, language: str | None) -> SourceFile | None:
    """The same set in the outputs' language, in the folder of the file: xquad.es.json."""
    if source.path is None or not language:
        return None
    stem, dot, _own = Path(source.name).stem.rpartition(".")
    path = source.path.with_name(f"{stem}.{language}{Path(source.name).suffix}")
    return SourceFile.at(path) if dot and path.is_file() and path != source.path else None
