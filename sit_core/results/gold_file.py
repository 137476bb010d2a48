r"""Files of careful readings: which verdicts people gave to which outputs.

A JSON list, a JSON object of lists under ``rows``, or JSONL; one object per output. The output is
told by ``prediction`` (or ``prediction_id``, ``id``), by ``example`` (or ``example_id``), or by
``row``, counted from 0 in its run; ``run`` names the run where the file holds several. Verdicts
(yes, partly, no, unsure) stand under the step's key or its letter (``T``, ``P2`` for the second
P), ``order`` or ``in_order`` for the order: in the object itself, or in ``agreed``, ``verdicts``
or ``steps``. Where only ``reader1`` and ``reader2`` stand, what both say counts. A verdict that is
null, or "na", is none: it is counted as such.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.records import IN_ORDER, Step, Verdict

_MOST_BYTES = 64 * 1024 * 1024
_IDS = ("prediction", "prediction_id", "id")
_EXAMPLES = ("example", "example_id")
_INSIDE = ("agreed", "verdicts", "steps")
_ORDER = frozenset({"order", IN_ORDER})
_VERDICTS = frozenset(v.value for v in Verdict)
_NONE = frozenset({"na", "n/a", ""})


@dataclass(frozen=True, slots=True)
class GoldVerdicts:
    """What people say of one output."""

    run: str | None
    prediction: str | None
    example: str | None
    row: int | None
    said: Mapping[str, str | None]
    """Name of the step as the file has it → the verdict; None where there is none."""

    def of(self, step: str, keys: Sequence[str]) -> str | None:
        """The verdict on a step by any of its names."""
        return next((self.said[key] for key in (step, *keys) if key in self.said), None)


def read_gold(path: Path) -> list[GoldVerdicts]:
    """The readings of a file.

    Raises:
        SitError: it can't be read, or isn't of this form; says what is wrong and where.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise SitError(f"{path.name} is larger than 64 MB; a file of readings is small.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise SitError(f"The file {path.name} can't be read: {why}.") from None
    return gold_verdicts(text, path.name)


def gold_verdicts(text: str, name: str) -> list[GoldVerdicts]:
    """The readings of a file's text.

    Raises:
        SitError: it isn't of this form.
    """
    found = [_reading(fields, f"{name}, {place}") for place, fields in _objects(text, name)]
    if not found:
        raise SitError(f"{name} holds no readings.")
    return found


def names_of(steps: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    """Step key → the other names that a file may have for it.

    >>> from sit_core.records import chain
    >>> names_of(chain([Step("paraphrase", "P"), Step("paraphrase", "P"), Step("answer", "A")]))
    {'paraphrase': ('P', 'P1'), 'paraphrase-2': ('P2',), 'answer': ('A', 'A1')}
    """
    count: dict[str, int] = {}
    found: dict[str, tuple[str, ...]] = {}
    for step in steps:
        n = count[step.letter] = count.get(step.letter, 0) + 1
        found[step.key] = (step.letter, f"{step.letter}1") if n == 1 else (f"{step.letter}{n}",)
    return found


def _objects(text: str, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, Mapping) and isinstance(whole.get("rows"), list):
        whole = whole["rows"]
    if isinstance(whole, Mapping):
        whole = [whole]
    if isinstance(whole, list):
        pairs: Iterator[tuple[str, Any]] = ((f"entry {n}", x) for n, x in enumerate(whole, 1))
    else:
        pairs = _lines(text, name)
    for place, fields in pairs:
        if not isinstance(fields, Mapping):
            raise SitError(f"{name}, {place}: expected an object with verdicts.")
        yield place, fields


def _lines(text: str, name: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", json.loads(line)
        except (ValueError, RecursionError):
            raise SitError(
                f"{name}, line {number} is no JSON; give a JSON list or one object per line."
            ) from None


def _reading(fields: Mapping[str, Any], place: str) -> GoldVerdicts:
    def text(names: Sequence[str]) -> str | None:
        return next((str(fields[n]) for n in names if isinstance(fields.get(n), str)), None)

    row = fields.get("row")
    if not isinstance(row, int) or isinstance(row, bool):
        row = None
    prediction, example = text(_IDS), text(_EXAMPLES)
    if prediction is None and example is None and row is None:
        raise SitError(f"{place}: give a row, a prediction or an example that it is about.")
    return GoldVerdicts(text(("run",)), prediction, example, row, _said(fields))


def _said(fields: Mapping[str, Any]) -> dict[str, str | None]:
    for name in _INSIDE:
        if isinstance(inside := fields.get(name), Mapping):
            return _verdicts(inside)
    one, other = fields.get("reader1"), fields.get("reader2")
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        first, second = _verdicts(one), _verdicts(other)
        return {
            key: verdict if second[key] == verdict else None
            for key, verdict in first.items()
            if key in second
        }
    return _verdicts(fields)


def _verdicts(said: Mapping[str, Any]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for key, value in said.items():
        name = IN_ORDER if key in _ORDER else key
        if value is None or (isinstance(value, str) and value.strip().lower() in _NONE):
            found[name] = None
        elif isinstance(value, str) and value.strip().lower() in _VERDICTS:
            found[name] = value.strip().lower()
    return found
