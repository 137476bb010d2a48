"""The gold answer of a row: a text, a number, true or false, a choice's index, or several of them.

A gold that is compared with texts must be one. What a number or a truth value stands for is said by
the row's own choices; where nothing says it, the row is refused rather than scored wrongly.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sit_core.metrics.input_choices import asked, plain
from sit_core.sources.json_values import is_absent, json_kind, number_text
from sit_core.sources.paths import MISSING, value_at
from sit_core.sources.problem import RowFault
from sit_core.sources.summary import FileSummary

CHOICE_COLUMNS = ("choices", "options", "answer_choices", "endings")
"""Columns that list what may be answered; the first that a row has counts."""
_LETTER = "the index of a choice, as its letter"
_INTEGRAL = re.compile(r"(-?\d+)\.0+")
_INDEX = re.compile(r"\d{1,2}")
_TRUTH = {True: ("true", "yes"), False: ("false", "no")}
_PAIRS = re.compile(r"\b(true|yes)\b\W{0,3}(?:or|and|/|,)?\W{0,3}\b(false|no)\b", re.IGNORECASE)


def gold_of(
    fields: Mapping[str, Any],
    column: str | None,
    prompt: Sequence[str],
    summary: FileSummary,
    *,
    untyped: bool = False,
) -> tuple[str | None, list[str] | None]:
    """The gold answer; of several the first, and then all of them for the example's meta.

    Args:
        fields: the row.
        column: where the gold is, or None.
        prompt: the instruction and the input, which may list choices.
        summary: told what was read as something else.
        untyped: whether all of the file's values are texts (CSV). ``3.0`` is then a number, too:
            what becomes of a column of whole numbers with a gap in it.

    Raises:
        RowFault: what the value stands for is not known.
    """
    value = None if column is None else value_at(fields, column)
    if value is None or value is MISSING or column is None:
        return None, None
    if value == "" or value == [] or is_absent(value):
        summary.changed("reference", "no gold answer", value, None)
        return None, None
    several = value if isinstance(value, list) else [value]
    if untyped and isinstance(value, str) and (whole := _INTEGRAL.fullmatch(value.strip())):
        text = whole.group(1)
        chosen = _choice(text, fields, column, prompt, sure=False)
        what = "a whole number without its .0" if chosen is None else _LETTER
        summary.changed("reference", what, value, chosen or text)
        texts = [chosen or text]
    else:
        texts = [_one(v, fields, column, prompt, summary) for v in several]
    golds = list(dict.fromkeys([*texts, *_words_of(texts, fields, prompt, summary)]))
    return texts[0], golds if len(golds) > 1 or len(texts) > 1 else None


def _one(
    value: Any,
    fields: Mapping[str, Any],
    column: str,
    prompt: Sequence[str],
    summary: FileSummary,
) -> str:
    if isinstance(value, bool):
        return _truth(value, fields, column, prompt, summary)
    if isinstance(value, str):
        return _of_digits(value, fields, column, prompt, summary) if len(value) < 3 else value
    if is_absent(value) or not isinstance(value, int | float):
        raise RowFault(f"the reference ({column!r}) should be text, but is {json_kind(value)}")
    written = number_text(value)
    whole = _INTEGRAL.fullmatch(written)
    text = whole.group(1) if whole else written
    chosen = _choice(text, fields, column, prompt, sure=True)
    if chosen is not None:
        summary.changed("reference", _LETTER, text, chosen)
        return chosen
    what = "a whole number without its .0" if whole else "a number as text"
    summary.changed("reference", what, written, text)
    return text


def _words_of(
    labels: Sequence[str], fields: Mapping[str, Any], prompt: Sequence[str], summary: FileSummary
) -> list[str]:
    """The words of the choices that letters stand for, where only a column lists the choices.

    A model that was not shown the letters answers in words, which no letter is equal to.
    """
    if not all(len(label) == 1 for label in labels) or not any(c in fields for c in CHOICE_COLUMNS):
        return []
    choices, listed = _choices(fields, prompt)
    words = dict(choices)
    if not listed or not all(words.get(label) for label in labels) or _choices({}, prompt)[0]:
        return []
    for label in labels:
        summary.changed("reference", "a choice's words count as well", label, words[label])
    return [words[label] for label in labels]


def _of_digits(
    text: str, fields: Mapping[str, Any], column: str, prompt: Sequence[str], summary: FileSummary
) -> str:
    """A text of one or two digits may be an index too: a CSV file has no other numbers."""
    chosen = _choice(text, fields, column, prompt, sure=False)
    if chosen is None:
        return text
    summary.changed("reference", _LETTER, text, chosen)
    return chosen


def _truth(
    value: bool,
    fields: Mapping[str, Any],
    column: str,
    prompt: Sequence[str],
    summary: FileSummary,
) -> str:
    words = _TRUTH[value]
    meant = [label for label, text in _choices(fields, prompt)[0] if plain(text) in words]
    if not meant:
        pairs = {(m.group(1), m.group(2)) for text in prompt for m in _PAIRS.finditer(text)}
        meant = sorted({yes if value else no for yes, no in pairs})
        meant = meant if len({word.lower() for word in meant}) == 1 else []
    if not meant:
        raise RowFault(
            f"the reference ({column!r}) is {'true' if value else 'false'}, and neither choices "
            "nor the question say which word that is; write the right answer as text"
        )
    summary.changed("reference", "true or false, as the word for it", value, meant[0])
    return meant[0]


def _choice(
    text: str, fields: Mapping[str, Any], column: str, prompt: Sequence[str], sure: bool
) -> str | None:
    """The letter of the choice that the number is the index of; None where there are no choices.

    Args:
        text: the number.
        fields: the row.
        column: where the gold is, for the message.
        prompt: instruction and input.
        sure: whether it is a number in the file; digits in a text may just be an answer.
    """
    if not _INDEX.fullmatch(text):
        return None
    choices, listed = _choices(fields, prompt)
    labels = [label for label, _ in choices]
    if not choices or text in labels:
        return None
    index, n = int(text), len(choices)
    said = plain(text) in (plain(words) for _, words in choices)
    if said and (index >= n or not sure or plain(choices[index][1]) == plain(text)):
        return None
    if said:
        raise RowFault(
            f"the reference ({column!r}) is {text}, which is one of the choices and also the index "
            f"of another ({labels[index]}); give the letter"
        )
    if index < n:
        return labels[index]
    if sure or listed or index == n:
        raise RowFault(
            f"the reference ({column!r}) is {text}, but the {n} choices are counted from 0 "
            f"({labels[0]}) to {n - 1} ({labels[-1]}); give the letter"
        )
    return None


def _choices(
    fields: Mapping[str, Any], prompt: Sequence[str]
) -> tuple[list[tuple[str, str]], bool]:
    """Label and text of each choice, and whether a column lists them; else the prompt does."""
    for name in CHOICE_COLUMNS:
        if found := _listed(fields.get(name)):
            return found, True
    for text in reversed(prompt):
        if choices := asked(text).choices:
            return [(choice.letter, choice.text) for choice in choices], False
    return [], False


def _listed(value: Any) -> list[tuple[str, str]]:
    """A list of texts, of pairs, or an object with two lists, as data sets on the hub have them."""
    labels: Any = None
    texts = value
    if isinstance(value, Mapping):
        labels, texts = value.get("label"), value.get("text")
    elif isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
        labels, texts = [v.get("label") for v in value], [v.get("text") for v in value]
    if not isinstance(texts, list) or not 2 <= len(texts) <= 26:
        return []
    words = [
        number_text(t) if isinstance(t, int | float) and not isinstance(t, bool) else t
        for t in texts
    ]
    if labels is None:
        labels = [chr(ord("A") + i) for i in range(len(words))]
    if not isinstance(labels, list) or len(labels) != len(words):
        return []
    pairs = [(str(label), str(text)) for label, text in zip(labels, words, strict=True)]
    return pairs if len({label for label, _ in pairs}) == len(pairs) else []
