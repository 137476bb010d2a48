"""What an import made of a file: columns used and not used, values read as something else.

A reader tells it row by row, cheaply; the page, the terminal and ``--json`` show it.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sit_core.sources.paths import column_of

SHOWN_COLUMNS = 30
"""So many columns that are not used are named; the rest is counted."""
_EXAMPLE_LENGTH = 60
MODEL_COLUMNS = ("model", "model_id", "model_name", "generator")
"""Columns that may say which model wrote an output; none is taken for the run's name, because in
released files it is often the same wrong word, but several models in one run are told."""
_MODELS_KEPT = 100


@dataclass
class ValueChange:
    """Values of one field that were read as something else."""

    field: str
    what: str
    """Such as ``a number as text``."""
    count: int
    before: str
    after: str | None
    """Of the first such value; None: it was taken as absent."""

    @property
    def sentence(self) -> str:
        """For people.

        >>> ValueChange("input", "a number as text", 2, "42", "42").sentence
        'input: a number as text, 2 times (42)'
        >>> ValueChange("reference", "a whole number without its .0", 1, "3.0", "3").sentence
        'reference: a whole number without its .0, 1 time (3.0 → 3)'
        """
        shown = f"{self.before} → {self.after}" if self.after is not None else self.before
        shown = self.before if self.after == self.before else shown
        times = "time" if self.count == 1 else "times"
        return f"{self.field}: {self.what}, {self.count:,} {times} ({shown})"


@dataclass
class FileSummary:
    """Counts over one file's rows."""

    file: str = ""
    keeps: bool = True
    """Whether columns that are not used are kept, as an import keeps them with each output."""
    columns: dict[str, None] = field(default_factory=dict)
    """All that were seen, in their order."""
    used: dict[str, str] = field(default_factory=dict)
    """Field → column."""
    example_meta: tuple[str, ...] = ()
    beside: dict[str, None] = field(default_factory=dict)
    """Columns that are read as something else than a field: a judge's verdict."""
    changes: dict[tuple[str, str], ValueChange] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    """What else there is to say (``blank rows``, …), and how often."""

    models: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    """Run and column → the models that it names, up to so many as are kept."""

    def wrote(self, run: str, fields: Mapping[str, Any], read: Container[str]) -> None:
        """Remember which models a row names in a column that is not read."""
        for column in MODEL_COLUMNS:
            name = fields.get(column)
            if name and isinstance(name, str) and column not in read:
                known = self.models.setdefault((run, column), {})
                if name not in known and len(known) < _MODELS_KEPT:
                    known[name] = None

    @property
    def mixed(self) -> dict[str, int]:
        """A sentence for each run that holds outputs of several models, and how many these are."""
        return {
            f"models in the one run {run[:_EXAMPLE_LENGTH]!r}, as the column {column!r} says "
            f"({_listed(list(models)[:3])}{', …' if len(models) > 3 else ''}); "
            f"this column as the run (--map run={column}) makes a run of each": len(models)
            for (run, column), models in self.models.items()
            if len(models) > 1
        }

    def changed(self, name: str, what: str, before: Any, after: Any) -> None:
        """Count a value that was read as something else."""
        known = self.changes.get((name, what))
        if known is not None:
            known.count += 1
            return
        shown = None if after is None else _short(after)
        self.changes[name, what] = ValueChange(name, what, 1, _short(before), shown)

    def note(self, what: str, count: int = 1) -> None:
        """Count something that is no change of a value."""
        self.notes[what] = self.notes.get(what, 0) + count

    def read_beside(self, columns: Sequence[str]) -> None:
        """Name columns that are read as something else than a field (a judge's verdict)."""
        self.beside.update(dict.fromkeys(columns))

    def to_note(self) -> list[tuple[str, int]]:
        """All that is no change of a value, and how often."""
        return [*self.notes.items(), *self.mixed.items()]

    @property
    def unused(self) -> list[str]:
        """Columns that are nothing's: kept with the output as they are, and not looked at."""
        taken = {column_of(self.columns, path) for path in self.used.values()}
        taken.update(self.example_meta)
        taken.update(self.beside)
        return [column for column in self.columns if column not in taken]

    def to_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        unused = self.unused
        return {
            "file": self.file,
            "columns": dict(self.used),
            "verdicts": list(self.beside),
            "example_meta": [c for c in self.example_meta if c in self.columns],
            "not_used": unused[:SHOWN_COLUMNS],
            "not_used_count": len(unused),
            "changed": [
                {
                    "field": c.field,
                    "what": c.what,
                    "count": c.count,
                    "before": c.before,
                    "after": c.after,
                }
                for c in self.changes.values()
            ],
            "notes": dict(self.to_note()),
        }

    def remarks(self) -> list[str]:
        """What was read as something else, and what else there is to say; a sentence each."""
        said = [change.sentence for change in self.changes.values()]
        return said + [f"{what}: {count:,}" for what, count in self.to_note()]

    def sentences(self) -> list[str]:
        """For people: columns, columns not used, what was changed, what else there is to say."""
        lines = []
        if self.used:
            pairs = (n if n == c else f"{n} ← {c}" for n, c in self.used.items())
            lines.append(f"columns: {', '.join(pairs)}")
        if kept := [c for c in self.example_meta if c in self.columns]:
            lines.append(f"kept with the example: {_listed(kept)}")
        if self.beside:
            lines.append(f"read as a judge's verdict: {_listed(list(self.beside))}")
        if unused := self.unused:
            kept_so = ", kept with the output" if self.keeps else ""
            lines.append(f"not used{kept_so}: {_listed(unused)}")
        return lines + self.remarks()


def _listed(columns: list[str]) -> str:
    shown = ", ".join(c[:_EXAMPLE_LENGTH] for c in columns[:SHOWN_COLUMNS])
    more = len(columns) - SHOWN_COLUMNS
    return f"{shown} and {more:,} more" if more > 0 else shown


def _short(value: Any) -> str:
    words = {None: "null", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return words[value]
    text = value if isinstance(value, str) else str(value)
    text = '""' if text == "" else text
    return text if len(text) <= _EXAMPLE_LENGTH else f"{text[:_EXAMPLE_LENGTH]}…"


def columns_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    """All columns of the rows, in the order in which they come up."""
    found: dict[str, None] = {}
    for row in rows:
        found.update(dict.fromkeys(row))
    return found
