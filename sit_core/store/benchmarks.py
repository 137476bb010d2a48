"""Results of standard benchmarks in the store: kept per system, task, metric and setting.

A result that comes again replaces the one before it, so reading a file twice changes nothing.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from sit_core.store.engine import Store
from sit_core.store.schema import benchmarks, systems

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """One figure of one task."""

    task: str
    metric: str
    """As the harness calls it: ``acc``, ``exact_match``, …"""
    setting: str
    """Shots, filter and the like: what makes it another figure."""
    value: float
    """As the harness gives it; shares from 0 to 1."""
    stderr: float | None = None
    n: int | None = None
    """Of how many examples."""
    provenance: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredBenchmark:
    """A result and the system that it is of."""

    system: str
    result: BenchmarkResult
    created_at: float


def save_benchmarks(store: Store, system_id: int, results: Sequence[BenchmarkResult]) -> None:
    """Keep results of a system; one transaction, repeatable.

    Args:
        store: where.
        system_id: the number of a row in ``systems``.
        results: of one and the same task, metric and setting the last one stays.
    """
    now = time.time()
    latest = {(r.task, r.metric, r.setting): r for r in results}
    rows = [
        {
            "system_id": system_id,
            "task": r.task,
            "metric": r.metric,
            "setting": r.setting,
            "value": r.value,
            "stderr": r.stderr,
            "n": r.n,
            "provenance": r.provenance,
            "created_at": now,
        }
        for r in latest.values()
    ]
    with store.write() as connection:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(benchmarks)
        changed = ("value", "stderr", "n", "provenance", "created_at")
        upsert = statement.on_conflict_do_update(
            index_elements=["system_id", "task", "metric", "setting"],
            set_={name: statement.excluded[name] for name in changed},
        )
        for start in range(0, len(rows), _AT_ONCE):
            connection.execute(upsert, rows[start : start + _AT_ONCE])


def read_benchmarks(store: Store, names: Sequence[str] = ()) -> list[StoredBenchmark]:
    """All results, by system, task, metric and setting; only of these systems where some are named.

    Args:
        store: where.
        names: of systems; empty: of all.
    """
    b = benchmarks.c
    query = (
        select(
            systems.c.name, b.task, b.metric, b.setting, b.value, b.stderr, b.n, b.provenance,
            b.created_at,
        )
        .join(systems, systems.c.id == b.system_id)
        .order_by(systems.c.name, b.task, b.metric, b.setting)
    )  # fmt: skip
    if names:
        query = query.where(systems.c.name.in_(names))
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [StoredBenchmark(row[0], BenchmarkResult(*row[1:8]), row[8]) for row in rows]
