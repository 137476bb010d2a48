"""Expected texts from a parallel file (``sit import --expected FILE``), matched by question or id.

The file holds, for the same questions, the text that a step should yield: XQuAD's English for a
translation, a reference for a summary. It may be

* rows (JSONL, JSON, CSV, Parquet) with the question and a column with the text,
* rows with an id and the text, where the outputs have that id, or
* a file in SQuAD's format: the text is its ``Context: …`` and ``Question: …``. The questions of the
  outputs are in another language then, so the same set in that language joins them by its ids:
  named, or found beside it (``xquad.es.json`` beside ``xquad.en.json`` for rows in ``es``). Its
  answers are kept as golds of its language (``meta["golds"]``), where its name tells that.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.sources.expected_search import ExpectedTexts, ways_of_asking
from sit_core.sources.file_names import language_of
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
_MOST_BYTES = 256 * 1024 * 1024
_MOST_ROWS = 2_000_000


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
        questions = ways_of_asking(instruction, input) if instruction or input else ()
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
