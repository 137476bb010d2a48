"""Which column of a file is what: guessed from the columns' names, correctable field by field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import UnionType
from typing import Any

from sit_core.errors import UsageError
from sit_core.registry import unknown


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Field → name of its column, or None where the file has none."""

    instruction: str | None = None
    input: str | None = None
    output: str | None = None
    reference: str | None = None
    """The gold answer."""
    steps: str | None = None
    """The chain: a list, or names with commas between."""
    expected: str | None = None
    """The text that the intermediate steps should yield."""
    language: str | None = None
    image: str | None = None
    run: str | None = None
    """The run's name, where one file holds several."""
    thoughts: str | None = None
    """What a reasoning model thought before its output."""
    outcome: str | None = None
    """How the call ended: ``complete``, ``cut``, ``refused``, or a server's finish reason."""
    example_meta: tuple[str, ...] = ()
    """Columns that say something of the example (SeqEval's ``iteration``); all others that are
    not mapped are kept with the prediction."""

    def columns(self) -> dict[str, str]:
        """Field → column, for the fields that have one."""
        return {
            name: column for name in MAPPED_FIELDS if (column := getattr(self, name)) is not None
        }

    def corrected(self, changes: Mapping[str, str | None]) -> "ColumnMapping":
        """The same with some fields mapped anew; an empty column means: the file has none.

        Raises:
            UsageError: there is no such field.
        """
        for name in changes:
            if name not in MAPPED_FIELDS:
                raise UsageError(unknown("field", name, list(MAPPED_FIELDS)))
        return replace(self, **{name: column or None for name, column in changes.items()})  # type: ignore[arg-type]


MAPPED_FIELDS = tuple(f.name for f in fields(ColumnMapping) if f.name != "example_meta")
"""The fields that a column can be mapped to."""

NAMES: dict[str, tuple[str, ...]] = {
    "instruction": ("instruction", "instructions", "prompt", "question", "query"),
    "input": ("input", "inputs", "context"),
    "output": (
        "output",
        "outputs",
        "prediction",
        "response",
        "completion",
        "generated_text",
        "generation",
        "model_output",
    ),
    "reference": (
        *("target", "reference", "gold", "gold_answer", "label", "answer"),
        *("answerkey", "answer_key"),
    ),
    "steps": ("steps", "chain", "tasks"),
    "expected": ("expected", "expected_output"),
    "language": ("language", "lang"),
    "image": ("image", "image_id", "image_path"),
    "run": ("run", "run_name"),
    "thoughts": ("thoughts", "reasoning_content"),
    "outcome": ("outcome", "finish_reason", "stop_reason"),
}
"""Field → column names that mean it, the surest first. ``generator`` is left out on purpose: in
released files it names the wrong model."""

EXAMPLE_META = ("iteration",)
SQUAD_ANSWERS = "answers"
"""SQuAD's column of gold answers: ``{"text": [...], "answer_start": [...]}``. Elsewhere the name
may mean choices, or what models say, so its values decide."""


def guess_mapping(
    columns: Sequence[str], first_rows: Iterable[Mapping[str, Any]] = ()
) -> ColumnMapping:
    """The likeliest mapping; a column serves one field only.

    Args:
        columns: all columns seen, in any order; letter case, blanks and dashes don't matter.
        first_rows: a few rows. Of several columns that a field may be named by, one that holds
            what the field needs goes first; a column is never left out for what some rows hold,
            because each value is looked at by itself when its row is read.

    >>> guess_mapping(["Prompt", "Model Output", "label"]).columns()
    {'instruction': 'Prompt', 'output': 'Model Output', 'reference': 'label'}
    """
    plain: dict[str, str] = {}
    for column in columns:
        plain.setdefault(column.strip().lower().replace(" ", "_").replace("-", "_"), column)
    rows = list(first_rows)
    found: dict[str, str] = {}
    for name, names in NAMES.items():
        matches = [plain[n] for n in names if n in plain and plain[n] not in found.values()]
        if matches:
            fitting = (c for c in matches if name == "output" or _fits(name, c, rows))
            found[name] = next(fitting, matches[0])
    golds = plain.get(SQUAD_ANSWERS)
    if golds is not None and "reference" not in found and _of_squad(golds, rows):
        found["reference"] = f"{golds}.text"
    meta = tuple(plain[name] for name in EXAMPLE_META if name in plain)
    return ColumnMapping(example_meta=meta).corrected(found)


def _fits(name: str, column: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether some value of the column could be this field's, or none is there to tell."""
    fitting: dict[str, type | UnionType] = {
        "reference": object,
        "steps": str | list,
        "expected": str | int | float | list | dict,
    }
    kinds = fitting.get(name, str | int | float)
    values = [v for row in rows if (v := row.get(column)) is not None]
    return not values or any(isinstance(v, kinds) for v in values)


def _of_squad(column: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all values of a column are SQuAD's answers, and there is one."""
    values = [v for row in rows if (v := row.get(column)) is not None]
    return bool(values) and all(
        isinstance(v, Mapping) and isinstance(v.get("text"), list) and "answer_start" in v
        for v in values
    )


def parse_changes(pairs: Sequence[str]) -> dict[str, str]:
    """``["output=response", "reference="]`` as `ColumnMapping.corrected` takes it.

    Raises:
        UsageError: a pair without ``=``, or a field that does not exist.
    """
    changes = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        if not equals:
            raise UsageError(f"--map {pair!r} is not FIELD=COLUMN, such as output=response.")
        changes[name.strip()] = column
    ColumnMapping().corrected(changes)
    return changes
