"""What the tables of the analysis *chain-length* are made of: outputs in groups, shares, rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sit_core.results.analyses import AnalysisTable
from sit_core.results.estimate import Estimate

if TYPE_CHECKING:
    from sit_core.results.judged_outputs import JudgedOutput

SYSTEM, NUMBER, WHOLE, IN_ORDER_COLUMN = "system", "steps", "following", "in order"


@dataclass(slots=True)
class Asked:
    """One output as the tables need it."""

    one: "JudgedOutput"
    system: str
    number: int
    order: str
    content: str
    """The question, whatever the wording."""


@dataclass(slots=True)
class Rows:
    """A table under way."""

    title: str
    rows: list[dict[str, object]] = field(default_factory=list)
    samples: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    note: str = ""

    def add(self, row: Mapping[str, object], ids: Mapping[str, Iterable[str]]) -> None:
        """A row, and per column (``""``: all others) its outputs."""
        for column, those in ids.items():
            self.samples[len(self.rows), column] = list(those)
        self.rows.append(dict(row))

    def leave(self, why: str, count: int = 1) -> None:
        """Count outputs that are not in it."""
        if count:
            self.left_out[why] = self.left_out.get(why, 0) + count

    def table(self) -> AnalysisTable:
        """As it is shown."""
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        rows = [{name: row.get(name) for name in columns} for row in self.rows]
        return AnalysisTable(rows, self.left_out, self.note, title=self.title, samples=self.samples)


def grouped(
    kept: Sequence[Asked], key: Callable[[Asked], tuple[object, ...]]
) -> dict[tuple[object, ...], list[Asked]]:
    """The outputs by a key; numbers in the key sort as numbers, the rest as texts."""
    found: dict[tuple[object, ...], list[Asked]] = {}
    for one in kept:
        found.setdefault(key(one), []).append(one)
    return dict(sorted(found.items(), key=lambda item: tuple(map(_order, item[0]))))


def _order(value: object) -> tuple[int, float, str]:
    return (0, float(value), "") if isinstance(value, int) else (1, 0.0, str(value))


def share_of(
    made: Rows, cases: Sequence[Asked], state: Callable[[Asked], int | None], what: str
) -> tuple[Estimate, list[str]]:
    """The share done of those decided; the others are counted in the table with their reason."""
    from sit_core.results.judged_outputs import state_reason
    from sit_core.results.output_values import FOLLOWING, Measure, estimate_of

    values, ids = [], []
    for one in cases:
        said = state(one)
        if said in (0, 1):
            values.append((one.content, float(said)))
            ids.append(one.one.output.id)
        else:
            made.leave(f"{what}: {state_reason(said)}")
    return estimate_of(Measure(FOLLOWING), values), ids
