r"""XQuAD and SQuAD: a context, a question, and the spans that answer it; 1,190 in each language.

After the colon stands a file in SQuAD's format (``xquad.es.json``), a folder with such files, or a
language, which comes from the hub. The same question has the same ``meta["id"]`` in all languages.
The input is ``Context: …\nQuestion: …``, in the language. Where the English file lies beside
another language's (``xquad.en.json``, or whatever the name says with ``en`` in place of the
language), the golds of both are kept by language (``meta["golds"]``), so that exact match and F1
are reported against either.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sit_core.errors import UsageError
from sit_core.records import Example
from sit_core.settings import user_path
from sit_core.sources.field_values import check_fields
from sit_core.sources.file_names import language_of
from sit_core.sources.formats import read_rows
from sit_core.sources.named import EXAMPLE_SOURCES, DataSource, ExampleReading
from sit_core.sources.problem import Problem, RowFault
from sit_core.sources.reworded import reworded
from sit_core.sources.row_source import hub_rows, text_of
from sit_core.sources.rows import RawRow, SourceFile, megabytes

INSTRUCTION = "Answer the question in the input with a few words from its context."
HUB = "google/xquad"
LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh")
ENGLISH = "en"
_MOST_BYTES = 256 * 1024 * 1024
"""A SQuAD file is one nested object, so it is read whole."""


def read_xquad(rest: str, how: ExampleReading) -> Iterator[Example | Problem]:
    """The questions of a file, of all files of a folder, or of a language on the hub.

    Raises:
        SitError: the hub can't be reached; or nothing says which language is meant.
    """
    if how.changes:
        raise UsageError("The columns of XQuAD are known; leave out the mapping.")
    if not rest:
        raise UsageError(
            f"Name a file, a folder or a language ({', '.join(LANGUAGES)}): "
            f"{how.option} xquad:FILE."
        )
    path = user_path(rest)
    if rest in LANGUAGES and not path.exists():
        rows = hub_rows(HUB, "validation", f"xquad.{rest}", how.option)[1]
        return (_made(row.fields, rest, HUB, row.line, how) for row in rows)
    if path.is_dir():
        files = sorted(path.glob("*.json"))
        if not files:
            raise UsageError(f"There are no files *.json in {rest!r}.")
        return (item for file in files for item in _file(file, how))
    return iter(_file(path, how))


def _file(path: Path, how: ExampleReading) -> Iterator[Example | Problem]:
    language = language_of(path.name)
    try:
        if path.stat().st_size > _MOST_BYTES:
            yield Problem(path.name, None, f"the file is larger than {megabytes(_MOST_BYTES)}")
            return
        data = json.loads(path.read_bytes())
    except json.JSONDecodeError as error:
        yield from _rows(path, language, how, error)
        return
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        said = getattr(error, "strerror", None) or "it is no UTF-8 text, or nested too deeply"
        yield Problem(path.name, None, f"the file can't be read: {said}")
        return
    if isinstance(data, Mapping) and isinstance(data.get("data"), list):
        english = _english_beside(path, language)
        for place, fields in _questions(data["data"]):
            found = _made(fields, language, path.name, None, how, english)
            if isinstance(found, Problem):
                found = Problem(path.name, None, f"{place}: {found.reason}")
            yield found
        return
    yield from _rows(path, language, how, None)


def _english_beside(path: Path, language: str | None) -> dict[str, list[str]]:
    """Question's id → its English answers, from the file beside; empty where there is none."""
    parts = path.name.split(".")
    if language in (None, ENGLISH) or language not in parts:
        return {}
    place = len(parts) - 1 - parts[::-1].index(language)
    beside = path.with_name(".".join([*parts[:place], ENGLISH, *parts[place + 1 :]]))
    try:
        if beside.stat().st_size > _MOST_BYTES:
            return {}
        data = json.loads(beside.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    articles = data.get("data") if isinstance(data, Mapping) else None
    found = {}
    for _, fields in _questions(articles) if isinstance(articles, list) else ():
        try:
            found[str(fields["id"])] = _answers(fields.get("answers"))
        except (KeyError, RowFault):
            continue
    return found


def _rows(
    path: Path, language: str | None, how: ExampleReading, error: json.JSONDecodeError | None
) -> Iterator[Example | Problem]:
    """Flat rows, one question each, as the hub has them."""
    for row in read_rows(SourceFile.at(path), limits=how.limits):
        if isinstance(row, RawRow) and ("context" in row.fields or error is None):
            yield _made(row.fields, language, path.name, row.line, how)
        elif isinstance(row, RawRow):
            yield Problem(path.name, row.line, "Expected a context and a question in each row")
        elif error is not None and path.suffix == ".json":
            yield Problem(path.name, error.lineno, f"broken JSON: {error.msg}")
            return
        else:
            yield Problem(path.name, row.line, row.reason)


def _questions(articles: list[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each question with its context, and its place in words."""
    for a, article in enumerate(articles, 1):
        paragraphs = article.get("paragraphs") if isinstance(article, Mapping) else None
        if not isinstance(paragraphs, list):
            yield f"article {a}", {}
            continue
        for p, paragraph in enumerate(paragraphs, 1):
            place = f"article {a}, paragraph {p}"
            asked = paragraph.get("qas") if isinstance(paragraph, Mapping) else None
            if not isinstance(asked, list):
                yield place, {}
                continue
            for q, question in enumerate(asked, 1):
                own = question if isinstance(question, Mapping) else {}
                yield f"{place}, question {q}", {**own, "context": paragraph.get("context")}


def _made(
    fields: Mapping[str, Any],
    language: str | None,
    name: str,
    line: int | None,
    how: ExampleReading,
    english: Mapping[str, list[str]] | None = None,
) -> Example | Problem:
    try:
        check_fields(fields, how.limits)
        context, question = text_of(fields, "context"), text_of(fields, "question")
        answers = _answers(fields.get("answers"))
    except RowFault as fault:
        return Problem(name, line, str(fault))
    meta: dict[str, Any] = {"id": str(fields["id"])} if "id" in fields else {}
    if len(answers) > 1:
        meta["references"] = answers
    if language and english and meta.get("id") in english:
        meta["golds"] = {language: answers, ENGLISH: english[meta["id"]]}
    example = Example(
        INSTRUCTION,
        f"Context: {context}\nQuestion: {question}",
        language=language,
        reference=answers[0],
        meta=meta,
    )
    return reworded(example, how.template, how.steps)


def _answers(value: Any) -> list[str]:
    """The spans; SQuAD has a list of objects, the hub an object of lists."""
    texts = value.get("text") if isinstance(value, Mapping) else value
    if isinstance(texts, list):
        found = [text.get("text") if isinstance(text, Mapping) else text for text in texts]
        said = [text for text in found if isinstance(text, str)]
        if said and len(said) == len(found):
            return list(dict.fromkeys(said))
    raise RowFault(f"Expected answers with their texts, but found {value!r:.60}")


def looks_like_xquad(row: Mapping[str, Any]) -> bool:
    """Whether a row is a whole SQuAD file, or a question with its context."""
    return isinstance(row.get("data"), list) or {"context", "question", "answers"} <= set(row)


EXAMPLE_SOURCES.add(
    "xquad",
    DataSource(
        "xquad",
        "XQuAD in 12 languages, and any file in SQuAD's format: xquad:FILE, a folder, a language.",
        read_xquad,
        looks_like_xquad,
    ),
)
