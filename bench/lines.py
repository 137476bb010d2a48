"""The one table that measurements are printed as: what, how much, the target, met or missed."""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """One figure."""

    what: str
    value: float
    unit: str = ""
    target: float | None = None
    at_most: bool = False
    """Whether the target is the most that is allowed, not the least that is wanted."""
    low: float | None = None
    high: float | None = None
    """Over the rounds of this run, where there were several."""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none.

        >>> Line("a", 8.0, target=8).met, Line("b", 1.3, target=1.25, at_most=True).met
        (True, False)
        """
        if self.target is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target

    def __str__(self) -> str:
        """In columns.

        >>> print(Line("a thing", 2.345, "x", 2, low=2.1, high=2.5))
          a thing                                                 2.35 x   2.1 to 2.5      at least 2: met
        """  # noqa: E501
        spread = f"{self.low:.3g} to {self.high:.3g}" if self.low is not None else ""
        target = ""
        if self.target is not None:
            bound = "at most" if self.at_most else "at least"
            target = f"{bound} {self.target:g}: {'met' if self.met else 'MISSED'}"
        value = f"{self.value:.0f}" if abs(self.value) >= 1000 else f"{self.value:.3g}"
        return f"  {self.what:50} {value:>9} {self.unit:3} {spread:15} {target}".rstrip()


def over_rounds(
    what: str,
    values: Sequence[float],
    unit: str = "",
    target: float | None = None,
    *,
    at_most: bool = False,
) -> Line:
    """The median of several rounds, with the least and the greatest.

    >>> line = over_rounds("x", [3.0, 1.0, 2.0], target=2)
    >>> line.value, line.low, line.high, line.met
    (2.0, 1.0, 3.0, True)
    """
    middle = statistics.median(values)
    return Line(what, middle, unit, target, at_most, min(values), max(values))


def timed(work: Callable[[], object]) -> float:
    """Seconds by the clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def options(about: str, times: int = 3) -> argparse.ArgumentParser:
    """What every measurement can be told: ``--times`` and ``--out``."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--times", type=int, default=times, help="rounds; the median counts")
    parser.add_argument("--out", type=Path, help="write the figures as JSON, too")
    return parser


def show(title: str, lines: Sequence[Line], out: Path | None = None) -> None:
    """Print them; write them as JSON, too, if asked."""
    print(title)  # noqa: T201
    for line in lines:
        print(line)  # noqa: T201
    if out:
        out.write_text(json.dumps([asdict(line) for line in lines], indent=2), encoding="utf-8")
