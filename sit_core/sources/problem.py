"""What is wrong with a file, line by line: the first twenty are kept, all are counted.

What is wrong with one row, raised by whatever reads it and told with its line.
"""

from dataclasses import dataclass, field

MAX_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a row, or a whole file, can't be used. May quote the file: plain text only."""

    file: str
    line: int | None
    """Line of the file (row of a Parquet file), from 1; None when the whole file is meant."""
    reason: str

    def __str__(self) -> str:
        """``file:line: reason``, as compilers write it."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.reason}"


@dataclass
class Problems:
    """A count of problems with the first `MAX_SHOWN` of them."""

    shown: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, problem: Problem) -> None:
        """Count one more."""
        self.count += 1
        if len(self.shown) < MAX_SHOWN:
            self.shown.append(problem)


class RowFault(Exception):
    """What is wrong with a row."""
