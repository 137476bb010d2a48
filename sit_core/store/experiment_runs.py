"""The runs that belong to an experiment, as their provenance says, with how far each is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from sit_core.store.engine import Store
from sit_core.store.run_resume import FACTORS
from sit_core.store.schema import predictions, run_errors, runs

EXPERIMENT = "experiment"
"""Key in a run's provenance: the experiment's name."""


@dataclass(frozen=True, slots=True)
class ExperimentRun:
    """One run."""

    name: str
    """As it is called now."""
    settings: dict[str, Any]
    """All that its outputs depend on."""
    factors: dict[str, str]
    planned: int
    outputs: int
    errors: int
    """Examples without output."""
    tokens: int
    """Of its outputs, as far as that is known."""
    counted: int
    """Outputs of which it is known."""
    archived: bool

    @property
    def complete(self) -> bool:
        """Whether every example has its output."""
        return self.outputs >= self.planned


def runs_of_experiment(store: Store, name: str) -> list[ExperimentRun]:
    """Its runs, the oldest first."""
    with store.read() as connection:
        rows = [
            row
            for row in connection.execute(select(runs).order_by(runs.c.id))
            if (row.provenance or {}).get(EXPERIMENT) == name
        ]
        ids = [row.id for row in rows]
        outputs, errors = (
            {
                run_id: int(n)
                for run_id, n in connection.execute(
                    select(table.c.run_id, func.count())
                    .where(table.c.run_id.in_(ids))
                    .group_by(table.c.run_id)
                )
            }
            for table in (predictions, run_errors)
        )
        tokens = predictions.c.meta["tokens"].as_integer()
        used = {
            run_id: (int(total or 0), int(n))
            for run_id, total, n in connection.execute(
                select(predictions.c.run_id, func.sum(tokens), func.count(tokens))
                .where(predictions.c.run_id.in_(ids))
                .group_by(predictions.c.run_id)
            )
        }
    return [
        ExperimentRun(
            name=row.name,
            settings=dict(row.settings or {}),
            factors={str(k): str(v) for k, v in dict(row.provenance.get(FACTORS) or {}).items()},
            planned=row.planned or 0,
            outputs=outputs.get(row.id, 0),
            errors=errors.get(row.id, 0),
            tokens=used.get(row.id, (0, 0))[0],
            counted=used.get(row.id, (0, 0))[1],
            archived=row.archived_at is not None,
        )
        for row in rows
    ]


def set_factors(store: Store, factors_of: Mapping[str, Mapping[str, str]]) -> None:
    """Let runs have just these factors; nothing is written where they have them already.

    Args:
        store: where.
        factors_of: run, by its present name → factor → value.
    """
    with store.write() as connection:
        rows = connection.execute(
            select(runs.c.id, runs.c.name, runs.c.provenance).where(runs.c.name.in_(factors_of))
        ).all()
        for row in rows:
            known, wanted = row.provenance or {}, dict(factors_of[row.name])
            if known.get(FACTORS) != wanted:
                connection.execute(
                    update(runs)
                    .where(runs.c.id == row.id)
                    .values(provenance={**known, FACTORS: wanted})
                )


def experiment_names(store: Store) -> list[str]:
    """The experiments that have any run, the newest first."""
    with store.read() as connection:
        found = connection.execute(select(runs.c.provenance).order_by(runs.c.id.desc()))
        named = ((row.provenance or {}).get(EXPERIMENT) for row in found)
        return list(dict.fromkeys(str(name) for name in named if name))
