"""Analyses: further tables over the outputs of some runs, one registry for terminal and app.

Those there are come from plugins (group ``sit.analyses``): a function from the store and the names
of runs to a table, with what it leaves out counted by reason. ``sit results analysis`` and the page
Analyses show them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sit_core.errors import SitError
from sit_core.plugins import PluginError, error_text
from sit_core.registry import Registry
from sit_core.store import Store


@dataclass(frozen=True, slots=True)
class AnalysisTable:
    """What an analysis comes to."""

    rows: Sequence[Mapping[str, Any]]
    """Column → value; the columns are those of the first row. Plain values, as JSON has them."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Why something is not in the table → how many outputs that is."""
    note: str = ""
    """A sentence to read the table by."""

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results analysis NAME --json``."""
        return {
            "rows": [dict(row) for row in self.rows],
            "left_out": dict(self.left_out),
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis."""

    title: str
    """On its tab."""
    purpose: str
    """One line: the question that it answers."""
    run: Callable[[Store, Sequence[str]], AnalysisTable]
    """Store and names of runs → the table."""


def _of_plugin(name: str, thing: Any) -> Analysis:
    """A plugin's analysis, whose failure is a sentence where its table is asked for."""
    if not isinstance(thing, Analysis):
        raise PluginError(f"it is a {type(thing).__name__}, not an Analysis")

    def run(store: Store, runs: Sequence[str]) -> AnalysisTable:
        try:
            table = thing.run(store, runs)
        except SitError:
            raise
        except Exception as error:
            raise SitError(f"The analysis {name!r} failed: {error_text(error)}.") from error
        if not isinstance(table, AnalysisTable):
            raise SitError(
                f"The analysis {name!r} gave a {type(table).__name__}, no AnalysisTable."
            )
        return table

    return replace(thing, run=run)


ANALYSES: Registry[Analysis] = Registry("analysis", "sit.analyses", _of_plugin)
"""Name → analysis."""
