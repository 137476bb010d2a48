"""One figure of a table: its value, its interval by name, and of how many it is."""

from dataclasses import dataclass
from typing import Any

from sit_core.statistics.interval import Interval, figure_text


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with what it rests on; `value` None: there is none, for the reason in `why`."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    """Of how many outputs (of a paired difference: pairs)."""
    method: str | None = None
    """How `low` and `high` were made; a key of `sit_core.statistics.METHODS`."""
    p: float | None = None
    """Of the test that goes with the interval, where there is one."""
    percent: bool = True
    """Whether it is a share (or a difference of shares), shown in percent."""
    signed: bool = False
    """Whether it is a difference, shown with its sign."""
    why: str = ""
    """Why there is no value, or no interval."""

    @classmethod
    def of(cls, value: float | None, interval: Interval | None, n: int, **more: Any) -> "Estimate":
        """A value with the interval that an estimator returned."""
        if value is None or interval is None:
            return cls(value, n=n, **more)
        return cls(value, interval.low, interval.high, n, interval.method, **more)

    @property
    def shown(self) -> str:
        """The figure in one cell.

        >>> Estimate(.9, .596, .982, 10).shown, Estimate(None, why="nobody judged them").shown
        ('90.0 [59.6–98.2] n=10', '–')
        >>> Estimate(-.041, -.143, .063, 40, signed=True).shown
        '−4.1 [−14.3, +6.3] n=40'
        >>> Estimate(.33, .1, .5, 40, percent=False).shown
        '0.33 [0.10–0.50] n=40'
        """
        if self.value is None:
            return "–"
        sign, digits, scale = "+" if self.signed else "", 1 if self.percent else 2, 100
        text = figure_text(
            self.value,
            self.low,
            self.high,
            n=self.n,
            digits=f"{sign}.{digits}f",
            scale=scale if self.percent else 1,
        )
        return text.replace("–", ", ").replace("-", "−") if self.signed else text

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` has it: value, ends, n, method; p and the reason where there is one."""
        found: dict[str, Any] = {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "method": self.method,
        }
        if self.p is not None:
            found["p"] = self.p
        if self.why:
            found["why"] = self.why
        return found
