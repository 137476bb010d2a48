"""The exported files of a check as plain records; nothing else is known of the store.

A folder holds ``about.json`` (what was asked), ``board.json`` and ``tables.json`` (the figures that
are checked), and what they are counted from again: ``predictions.jsonl``, ``judgments.jsonl``,
``unusable.jsonl`` and ``comparisons.jsonl`` (of LLM judges), ``scores.jsonl``, ``errors.jsonl``,
``studies.json``.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.results_check.texts import words

KIND = "sit results check"
TABLES = ("predictions", "judgments", "unusable", "comparisons", "scores", "errors")
"""The files of rows, JSON objects line by line."""
Prompt = tuple[str, str, str, int]
"""Instruction, input, image and variant, as they are compared."""


@dataclass(frozen=True, slots=True)
class ExportedStep:
    """One task of a chain."""

    task: str
    letter: str
    key: str


@dataclass(slots=True)
class Output:
    """One output, as exported."""

    id: str
    run: str
    prompt: Prompt
    example: str
    ordinal: int
    row: int
    """Its place among the outputs of its run."""
    input: str
    text: str
    golds: tuple[str, ...]
    """Those that have any word."""
    steps: tuple[ExportedStep, ...]
    expected: Mapping[str, str]
    """Step → the text that it should yield, where that is known."""
    language: str | None
    iteration: int | None
    meta: Mapping[str, Any]
    outcome: str | None
    given: int = 0
    """So many characters at its beginning were given to the model."""
    nth: int = 0
    """0 for its run's first output for the prompt, 1 for the second, …"""

    @property
    def written(self) -> str:
        """What the model wrote of it."""
        return self.text[self.given :]


@dataclass(frozen=True, slots=True)
class ExportedVerdict:
    """One revision of one verdict."""

    study: str | None
    output: str
    step: str
    verdict: str
    rating: float | None
    revision: int
    judge: str
    kind: str
    when: str
    place: int
    """Of its line in the file, which is in the order in which they were given."""


@dataclass(slots=True)
class ExportedFiles:
    """All that a folder holds."""

    about: Mapping[str, Any]
    board: Mapping[str, Any]
    tables: list[Mapping[str, Any]]
    outputs: dict[str, Output]
    judgments: list[ExportedVerdict]
    unusable: list[Mapping[str, Any]]
    comparisons: list[Mapping[str, Any]]
    scores: list[Mapping[str, Any]]
    errors: list[Mapping[str, Any]]
    studies: list[Mapping[str, Any]]
    of_run: dict[str, list[Output]] = field(default_factory=dict)
    """Run → its outputs, in its order."""
    read: dict[tuple[Any, ...], object] = field(default_factory=dict)
    """What was made of the judgments already, by how it was asked."""


def read_files(folder: Path) -> ExportedFiles:
    """Read a folder.

    Raises:
        SitError: a file is missing or is not what it should be; all of them in one message.
    """
    problems: list[str] = []
    whole = {
        name: _json(folder / f"{name}.json", problems)
        for name in ("about", "board", "tables", "studies")
    }
    rows = {name: _lines(folder / f"{name}.jsonl", problems) for name in TABLES}
    if not problems and whole["about"].get("kind") != KIND:
        problems.append(f"{folder / 'about.json'} is not of a `{KIND}`.")
    if problems:
        raise SitError(" ".join(problems))
    try:
        outputs = list(_outputs(rows["predictions"]))
        said = [_said(row, place) for place, row in enumerate(rows["judgments"])]
    except (KeyError, TypeError, ValueError) as error:
        raise SitError(f"A row in {folder} is not as it was exported ({error!r}).") from None
    of_run: dict[str, list[Output]] = {}
    for output in outputs:
        of_run.setdefault(output.run, []).append(output)
    return ExportedFiles(
        about=whole["about"],
        board=whole["board"],
        tables=whole["tables"],
        outputs={output.id: output for output in outputs},
        judgments=said,
        unusable=rows["unusable"],
        comparisons=rows["comparisons"],
        scores=rows["scores"],
        errors=rows["errors"],
        studies=whole["studies"],
        of_run=of_run,
    )


def _json(path: Path, problems: list[str]) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        problems.append(f"{path} can't be read ({error.strerror}).")
    except ValueError:
        problems.append(f"{path} is no JSON.")
    return {}


def _lines(path: Path, problems: list[str]) -> list[Mapping[str, Any]]:
    try:
        with path.open(encoding="utf-8", newline="\n") as stream:
            return [json.loads(line) for line in stream]
    except OSError as error:
        problems.append(f"{path} can't be read ({error.strerror}).")
    except ValueError:
        problems.append(f"{path} holds a line that is no JSON.")
    return []


def _outputs(rows: list[Mapping[str, Any]]) -> Iterator[Output]:
    made: list[Output] = []
    places: dict[str, int] = {}
    for row in rows:
        run, meta = row["run"], row["example_meta"] or {}
        places[run] = place = places.get(run, -1) + 1
        several = meta.get("references")
        golds = [row["reference"], *(several if isinstance(several, list) else [])]
        made.append(
            Output(
                id=row["prediction_id"],
                run=run,
                prompt=prompt_of(row),
                example=row["example_id"],
                ordinal=row["ordinal"],
                row=place,
                input=row["input"],
                text=row["output"],
                golds=tuple(gold for gold in golds if isinstance(gold, str) and words(gold)),
                expected={s["key"]: s["expected"] for s in row["steps"] or () if s["expected"]},
                steps=tuple(
                    ExportedStep(s["task"], s["letter"], s["key"]) for s in row["steps"] or ()
                ),
                language=row["language"],
                iteration=_iteration(meta.get("iteration")),
                meta=meta,
                outcome=row.get("outcome"),
                given=_given(row),
            )
        )
    seen: Counter[tuple[str, Prompt]] = Counter()
    for output in sorted(made, key=lambda o: (o.ordinal, o.row)):
        output.nth = seen[output.run, output.prompt]
        seen[output.run, output.prompt] += 1
    yield from made


def prompt_of(row: Mapping[str, Any]) -> Prompt:
    """What is asked, with line ends, blanks at the ends and Unicode forms taken away."""
    return (
        _same(row["instruction"]),
        _same(row["input"]),
        row["image"] or "",
        row.get("variant") or 0,
    )


def _same(text: str) -> str:
    r"""A text as questions are compared.

    >>> _same("Cafe\u0301 \r\n b\t") == "Café\n b"
    True
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(unicodedata.normalize("NFC", line).rstrip() for line in lines).strip()


def _given(row: Mapping[str, Any]) -> int:
    """How many characters of an output were given: a whole number, or none."""
    said = (row.get("meta") or {}).get("given_characters")
    return said if isinstance(said, int) and not isinstance(said, bool) and said > 0 else 0


def _iteration(value: Any) -> int | None:
    """How often a prompt was grown: a whole number below 100, or its text."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).removesuffix(".0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None


def _said(row: Mapping[str, Any], place: int) -> ExportedVerdict:
    return ExportedVerdict(
        study=row["study"],
        output=row["prediction_id"],
        step=row["step"],
        verdict=row["verdict"],
        rating=row["score"],
        revision=row["revision"],
        judge=row["judge"],
        kind=row["judge_kind"],
        when=row["created_at"],
        place=place,
    )
