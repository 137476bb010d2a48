"""Others' results from a file: CSV or JSON as we export a leaderboard, or AlpacaEval's CSV.

Each line is one system; what is wrong with one is a problem with its line and reason, never a
guess. Texts are kept as they are: they are shown verbatim and escaped wherever they go.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.results.leaderboard.alpaca_eval import alpaca_rows
from sit_core.results.leaderboard.records import BENCHMARK, QUALITY
from sit_core.results.leaderboard.reported import KINDS, known_key
from sit_core.sources import Problem
from sit_core.sources.formats import read_rows
from sit_core.sources.problem import Problems
from sit_core.sources.rows import BadRow, Limits, SourceFile
from sit_core.store.study_plan import is_text
from sit_core.store.systems import MAX_TEXT, System, name_problems

MOST_BYTES = 64 * 1024 * 1024
PARTS = ("n", "low", "high", "without")
NOT_KEPT = ("method", "letters", "share_scored", "mean_scored")
"""Of a figure in our exports; what they say depends on the rest of that board."""
ABOUT = (
    "system",
    "run",
    "base_model",
    "training_data",
    "outputs",
    "empty",
    "errors",
    "source",
    "level",
)
OF_BOARD = ("judge", "duels_by", "reference", "prompt_set", "seed", "version")
_FORMULAS = tuple("=+-@\t\r\n＝＋－＠")


class _Fault(Exception):
    """What is wrong with a line."""


@dataclass(frozen=True)
class Reported:
    """What a file holds."""

    systems: tuple[System, ...]
    problems: Problems


def read_reported(path: Path, source: str | None = None) -> Reported:
    """The systems in a file.

    Args:
        path: CSV (``.csv``) or JSON as `sit results leaderboard --out` writes it.
        source: who reported them; None: the file's name.

    Raises:
        SitError: the file can't be read or is of another kind.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SitError(f"{path.name} is too large for a leaderboard.")
        content = path.read_bytes()
    except OSError as error:
        raise SitError(f"{path} can't be read ({error.strerror}).") from None
    where = {"source": source or path.name, "sha256": hashlib.sha256(content).hexdigest()}
    if path.suffix.lower() == ".csv":
        rows = alpaca_rows(content) or _of_csv(path)
    else:
        rows = _of_json(path.name, content)
    problems = Problems()
    found: dict[str, System] = {}
    for line, row in rows:
        try:
            if isinstance(row, str):
                raise _Fault(row)
            system = _system(row, where)
            if system.name in found:
                raise _Fault(f"the system {system.name!r:.80} is in the file twice")
            found[system.name] = system
        except _Fault as fault:
            problems.add(Problem(path.name, line, str(fault)))
    if not found and not problems.count:
        problems.add(Problem(path.name, 1, "there is no system in it"))
    return Reported(tuple(found.values()), problems)


def _of_csv(path: Path) -> Iterator[tuple[int | None, dict[str, Any] | str]]:
    for row in read_rows(SourceFile.at(path), limits=Limits(MAX_TEXT * 8)):
        if isinstance(row, BadRow):
            yield row.line, row.reason
            continue
        plain = {k: _plain(v) for k, v in row.fields.items()}
        figures: dict[str, dict[str, Any]] = {}
        about: dict[str, Any] = {}
        for name, text in plain.items():
            key, dot, part = name.rpartition(".")
            if name in (*ABOUT, *OF_BOARD):
                about[name] = text
            elif text is not None:
                if dot and part in NOT_KEPT:
                    continue
                key, part = (key, part) if dot and part in PARTS else (name, "value")
                figures.setdefault(key, {})[part] = _number_of(text)
        yield row.line, {**about, "figures": figures}


def _plain(value: Any) -> Any:
    """A cell without the apostrophe that keeps spreadsheets from running it; empty: None."""
    if not isinstance(value, str) or not value:
        return value or None
    return value[1:] if value[0] == "'" and value[1:].startswith(_FORMULAS) else value


def _number_of(text: Any) -> Any:
    try:
        return float(text)
    except (TypeError, ValueError):
        return text


def _of_json(name: str, content: bytes) -> Iterator[tuple[int | None, dict[str, Any] | str]]:
    try:
        board = json.loads(content)
    except (ValueError, RecursionError):
        raise SitError(f"{name} is no JSON; export a leaderboard as JSON or CSV.") from None
    if not isinstance(board, dict) or not isinstance(board.get("rows"), list):
        raise SitError(f"{name} holds no leaderboard (an object with a list 'rows').")
    common = {key: board[key] for key in OF_BOARD if isinstance(board.get(key), str)}
    for number, row in enumerate(board["rows"], start=1):
        good = isinstance(row, dict) and isinstance(row.get("figures"), dict)
        if not good:
            yield number, "this row is no object with 'figures'"
            continue
        # A row that was reported to them has a judge of its own, told in its source.
        yield number, {**(common if row.get("run") is not None else {}), **row}


def _system(row: Mapping[str, Any], where: Mapping[str, Any]) -> System:
    name = row.get("system")
    if not isinstance(name, str) or name_problems(name):
        raise _Fault("a system needs a name ('system') of at most 200 characters")
    texts = {key: _text(row, key) for key in ("base_model", "training_data", "source", *OF_BOARD)}
    figures = {}
    for key, figure in row["figures"].items():
        if not isinstance(key, str) or not _is_key(key):
            raise _Fault(f"there is no column {key!r:.80}")
        figures[key] = _figure(key, figure)
    if not any(figure is not None for figure in figures.values()):
        raise _Fault(f"the system {name!r:.80} has no figures")
    about = {key: texts[key] for key in OF_BOARD if texts[key] is not None}
    return System(
        name=name,
        run=None,
        base_model=texts["base_model"],
        training_data=texts["training_data"],
        figures={key: figure for key, figure in figures.items() if figure is not None},
        provenance={**about, **where, **({"source": texts["source"]} if texts["source"] else {})},
    )


def _is_key(key: str) -> bool:
    try:
        return len(key) <= MAX_TEXT and is_text(key) and known_key(key)
    except ValueError:
        return False


def _text(row: Mapping[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        if key in OF_BOARD:
            return str(value)[:MAX_TEXT]
        raise _Fault(f"{key!r} should be text")
    if len(value) > MAX_TEXT or not is_text(value):
        raise _Fault(f"{key!r} should be text of at most {MAX_TEXT} characters")
    return value


def _figure(key: str, figure: Any) -> dict[str, Any] | None:
    """The figure's numbers, checked; None where it has no value."""
    if not isinstance(figure, Mapping):
        raise _Fault(f"{key!r:.80} should have a 'value'")
    numbers = {part: figure.get(part) for part in ("value", *PARTS)}
    for part, number in numbers.items():
        if number is not None and not _finite(number):
            raise _Fault(f"{key!r:.80} has {_begins(number)} where a number should be ({part})")
    if numbers["value"] is None:
        return None
    least, most = _bounds(key)
    for part in ("value", "low", "high"):
        number = numbers[part]
        if number is not None and not least <= number <= most:
            raise _Fault(
                f"{key!r:.80} should be from {least:g} to {most:g}, but is {number:g} ({part})"
            )
    for part in ("n", "without"):
        number = numbers[part]
        if number is not None and (number < 0 or number != int(number) or number > 1e12):
            raise _Fault(f"{key!r:.80} should have a whole number from 0 on ({part})")
        numbers[part] = None if number is None else int(number)
    low, high = numbers["low"], numbers["high"]
    if low is not None and high is not None and low > high:
        raise _Fault(f"the interval of {key!r:.80} ends before it begins")
    return {part: number for part, number in numbers.items() if number is not None}


def _finite(number: Any) -> bool:
    if not isinstance(number, int | float) or isinstance(number, bool):
        return False
    try:
        return math.isfinite(number)
    except OverflowError:  # JSON has whole numbers of any length
        return False


def _begins(value: Any) -> str:
    """A value for a message; a whole number of thousands of digits can't be written out."""
    long = isinstance(value, int) and value.bit_length() > 1000
    return "a number too large" if long else f"{value!r:.40}"


def _bounds(key: str) -> tuple[float, float]:
    if key == QUALITY:
        return 1.0, 5.0
    if key.startswith(f"{BENCHMARK}/"):
        return -math.inf, math.inf
    return (0.0, math.inf) if key in KINDS and KINDS[key][1] == "length" else (0.0, 1.0)
