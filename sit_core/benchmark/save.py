"""Benchmark results get their system: a run under the name it goes by, or one without outputs."""

from collections.abc import Sequence

from sit_core.errors import SitError, UsageError
from sit_core.store import Store
from sit_core.store.benchmarks import BenchmarkResult, save_benchmarks
from sit_core.store.systems import System, get_system, name_problems, put_reported, set_system

BENCHMARKS_ONLY = "benchmark results"
"""Where a system comes from that has no outputs here, only benchmark results."""


def keep(store: Store, system: str, results: Sequence[BenchmarkResult]) -> None:
    """Store results of a system, which is made if there is none of that name; repeatable.

    Raises:
        UsageError: the name can't be one.
        SitError: there is nothing to keep; a line of the board with nothing in it is not made.
    """
    problems = name_problems(system)
    if problems:
        raise UsageError(" ".join(problems))
    if not results:
        raise SitError("There is no figure to keep: what was read has no number as a value.")
    save_benchmarks(store, _number(store, system, results), results)


def _number(store: Store, name: str, results: Sequence[BenchmarkResult]) -> int:
    try:
        found = get_system(store, name)
    except UsageError:
        models = [r.provenance["model"] for r in results if r.provenance.get("model")]
        base = models[-1] if models else None
        source = {"source": BENCHMARKS_ONLY}
        put_reported(store, [System(name, None, base, None, {}, source)])
        found = get_system(store, name)
    if found.id is None:  # a run that has no row yet
        found = set_system(store, found.name)
    assert found.id is not None
    return found.id
