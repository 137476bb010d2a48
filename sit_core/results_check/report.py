"""What a check found: figures that were checked, that differ, and that could not be checked.

A figure is one number (or set of letters, or reason with its count) that a table shows. It counts
as checked only after the second computation has said something to compare it with.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

RELATIVE, ABSOLUTE = 1e-6, 1e-11
"""Numbers that are nearer to each other than that differ by rounding only."""


@dataclass(frozen=True, slots=True)
class DifferingFigure:
    """A figure that came out otherwise."""

    table: str
    """Where it stands: ``board``, ``following``, ``scores of outputs``, …"""
    figure: str
    ours: Any
    """What is shown."""
    theirs: Any
    """What the second computation says."""
    n: int | None = None
    """Of how many outputs, where that is known."""


@dataclass(slots=True)
class CheckReport:
    """The outcome of one check."""

    checked: Counter[str] = field(default_factory=Counter)
    """Table → figures that were compared, those that differ among them."""
    differ: list[DifferingFigure] = field(default_factory=list)
    not_checked: Counter[str] = field(default_factory=Counter)
    """Why → figures that nothing could be compared with."""
    notes: list[str] = field(default_factory=list)
    """What a reader must know of how far the check goes."""

    def compare(
        self, table: str, figure: str, ours: Any, theirs: Any, n: int | None = None
    ) -> None:
        """Count a figure as checked, and list it where the two are not the same."""
        self.checked[table] += 1
        if not same(ours, theirs):
            self.differ.append(DifferingFigure(table, figure, ours, theirs, n))

    def compare_parts(
        self,
        table: str,
        figure: str,
        ours: Mapping[str, Any],
        theirs: Mapping[str, Any],
        n: int | None = None,
    ) -> None:
        """The same of several numbers of one cell, by the names that the second computation has.

        A number that it has no name for is one that can't be checked.
        """
        for part, value in theirs.items():
            self.compare(table, f"{figure}: {part}", ours.get(part), value, n)
        for part in ours.keys() - theirs.keys() - {"level"}:
            if _is_number(ours[part]):
                self.left_out(f"nothing counts {part!r} of the table {table!r} a second time")

    def left_out(self, why: str, n: int = 1) -> None:
        """Count figures as not checked."""
        if n:
            self.not_checked[why] += n

    def note(self, sentence: str) -> None:
        """Say something once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    @property
    def figures(self) -> int:
        """All that were checked."""
        return self.checked.total()

    @property
    def sentence(self) -> str:
        """The outcome in one line.

        >>> report = CheckReport()
        >>> report.compare("board", "x", 1, 1)
        >>> report.left_out("there is no second way")
        >>> report.sentence
        '1 figure checked, 0 differ, 1 not checked (1: there is no second way).'
        """
        what = "figure" if self.figures == 1 else "figures"
        said = f"{self.figures:,} {what} checked, {len(self.differ):,} differ"
        if not self.not_checked:
            return f"{said}, 0 not checked."
        why = "; ".join(f"{n:,}: {reason}" for reason, n in self.not_checked.most_common())
        return f"{said}, {self.not_checked.total():,} not checked ({why})."

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results check --json``."""
        return {
            "checked": self.figures,
            "checked_of": dict(self.checked),
            "differ": [asdict(one) for one in self.differ],
            "not_checked": dict(self.not_checked),
            "notes": list(self.notes),
        }


def same(ours: Any, theirs: Any) -> bool:
    """Whether two figures are the same but for rounding.

    >>> same(0.1 + 0.2, 0.3), same(1, 2), same(None, 0.0), same({"a": 1}, {"a": 1.0})
    (True, False, False, True)
    """
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    if _is_number(ours) and _is_number(theirs):
        return math.isclose(ours, theirs, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(ours) is type(theirs) and bool(ours == theirs)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
