"""The factors that tables group runs by: given with a run, else derived from what it was asked.

    for one in run_factors(store, ["it, R+A", "sit, R+A"]):
        one.run, one.value("method"), one.value("instruction")

A run's own factors (``sit predict --factor``, experiments) win over derived ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from sit_core.errors import UsageError
from sit_core.registry import unknown
from sit_core.store import Store
from sit_core.store.run_factors import FactorRow, factor_rows

MODEL, METHOD, ADAPTER = "model", "method", "adapter"
INSTRUCTION, WORDING, CHAIN = "instruction", "wording", "chain"
LANGUAGE, CONDITION, SEED = "language", "condition", "seed"
STANDARD = (MODEL, METHOD, ADAPTER, INSTRUCTION, WORDING, CHAIN, LANGUAGE, CONDITION, SEED)
"""The order in which pages offer them; a run may have others."""
RUN = "run"
"""The factor that every run has: its name."""
UNKNOWN = "not known"
"""What a table says where a run lacks a factor."""
MOST_NAMED = 3
"""So many chains or languages of one run are named; more are counted."""


@dataclass(frozen=True, slots=True)
class RunFactors:
    """What one run is a cell of."""

    run: str
    values: dict[str, str]
    """Factor → value; a factor that nothing says is not there."""
    derived: frozenset[str] = field(default_factory=frozenset)
    """Those that nobody gave."""

    def value(self, factor: str) -> str:
        """Its value, or `UNKNOWN`; of the factor `RUN`: the run's name."""
        usual = self.run if factor == RUN else UNKNOWN
        return self.values.get(factor, usual)


def run_factors(store: Store, runs: Sequence[str]) -> list[RunFactors]:
    """The factors of these runs, in their order; a run that is not there is left out."""
    return [_of(row) for row in factor_rows(store, runs)]


def factor_names(found: Iterable[RunFactors]) -> list[str]:
    """All factors that any of the runs has: the standard ones first.

    >>> factor_names([RunFactors("a", {"shots": "0", "model": "m"})])
    ['model', 'shots']
    """
    there = {name for one in found for name in one.values}
    return [name for name in STANDARD if name in there] + sorted(there.difference(STANDARD))


def varying(found: Sequence[RunFactors]) -> list[str]:
    """The factors that differ between the runs: those worth a row or a column.

    >>> a, b = RunFactors("a", {"model": "m", "seed": "1"}), RunFactors("b", {"model": "m"})
    >>> varying([a, b])
    ['seed']
    """
    return [name for name in factor_names(found) if len({one.value(name) for one in found}) > 1]


def systems(found: Sequence[RunFactors], by: Sequence[str] = ()) -> dict[str, str]:
    """Run → what its system is called: the values of the factors that tell systems apart.

    Args:
        found: the runs.
        by: these factors, or `RUN`; none: of model, method, adapter and condition those that
            differ, without the adapter where the method says as much; the method, else the model,
            where none does. A run of which none is known is its own.

    Raises:
        UsageError: no run has such a factor.

    >>> a = RunFactors("a", {"model": "m", "method": "IT", "adapter": "x"})
    >>> b = RunFactors("b", {"model": "m", "method": "SIT", "adapter": "y"})
    >>> systems([a, b, RunFactors("c", {})])
    {'a': 'm, IT', 'b': 'm, SIT', 'c': 'c'}
    >>> systems([a, b]), systems([a, b], ["adapter"])
    ({'a': 'IT', 'b': 'SIT'}, {'a': 'x', 'b': 'y'})
    >>> systems([a]), systems([RunFactors("d", {"model": "m"})])
    ({'a': 'IT'}, {'d': 'm'})
    """
    named = list(by)
    there = [*factor_names(found), RUN]
    wrong = [unknown("factor", name, there) for name in named if name not in there]
    if found and wrong:
        raise UsageError(" ".join(wrong))
    if not named:
        named = [name for name in (MODEL, METHOD, ADAPTER, CONDITION) if name in varying(found)]
        if METHOD in named and ADAPTER in named:
            pairs = {(one.value(METHOD), one.value(ADAPTER)) for one in found}
            if len(pairs) == len({method for method, _ in pairs}):
                named.remove(ADAPTER)
        named = named or [METHOD if any(METHOD in one.values for one in found) else MODEL]
    result = {}
    for one in found:
        known = [one.value(name) for name in named if name in one.values or name == RUN]
        result[one.run] = ", ".join(known) or one.run
    return result


def _of(row: FactorRow) -> RunFactors:
    derived = {
        MODEL: _short(row.model),
        ADAPTER: _short(row.adapter),
        INSTRUCTION: row.template or row.instruction or "",
        CHAIN: _named(row.chains, "chains"),
        LANGUAGE: _named(row.languages, "languages"),
    }
    values = {name: value for name, value in derived.items() if value} | row.given
    return RunFactors(row.run, values, frozenset(values.keys() - row.given.keys()))


def _short(name: str | None) -> str:
    """The last part of a hub id or path, which tables have room for.

    >>> _short("meta-llama/Llama-2-7b-hf"), _short("runs/sit-repeat/"), _short(None)
    ('Llama-2-7b-hf', 'sit-repeat', '')
    """
    return "" if name is None else PurePosixPath(name).name or name


def _named(values: Sequence[str], what: str) -> str:
    """One text of all values.

    >>> _named(("R+A", "A"), "chains"), _named(("de", "en", "es", "zh"), "languages")
    ('R+A, A', '4 languages')
    """
    return ", ".join(values) if len(values) <= MOST_NAMED else f"{len(values)} {what}"
