"""What tables group runs by, as the store knows it: given with a run, or said by what it was asked.

``factor_rows(store, ["a", "b"])`` reads each run once; `sit_core.results.run_factors` names them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, text

from sit_core.store.engine import Store
from sit_core.store.renaming import run_id_of
from sit_core.store.run_resume import FACTORS
from sit_core.store.runs import CHAIN_LETTERS
from sit_core.store.schema import examples, predictions, runs


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One run."""

    run: str
    """As it is called now."""
    model: str | None
    adapter: str | None
    given: dict[str, str]
    """Factor → value, as `sit predict --factor` or an experiment said."""
    settings: dict[str, Any]
    template: str | None
    """The name of the wording that it was asked in; None: the researcher's own, or each row's."""
    instruction: str | None = None
    """The one instruction of all its examples; None where there are several."""
    languages: tuple[str, ...] = ()
    """Of its examples, the commonest first; those without one are left out."""
    chains: tuple[str, ...] = ()
    """``R+A``, …, the commonest first."""
    outputs: int = 0


def factor_rows(store: Store, names: Sequence[str]) -> list[FactorRow]:
    """What is known of these runs, in their order; a run that is not there is left out."""
    with store.read() as connection:
        ids = {name: run_id_of(connection, name) for name in names}
        wanted = [number for number in ids.values() if number is not None]
        known = {
            row.id: row
            for row in connection.execute(
                select(
                    runs.c.id,
                    runs.c.name,
                    runs.c.model,
                    runs.c.adapter,
                    runs.c.settings,
                    runs.c.provenance,
                ).where(runs.c.id.in_(wanted))
            )
        }
        asked = {
            row.run_id: row
            for row in connection.execute(
                select(
                    predictions.c.run_id,
                    func.count().label("outputs"),
                    func.min(examples.c.instruction).label("first"),
                    func.max(examples.c.instruction).label("last"),
                )
                .join(examples, examples.c.id == predictions.c.example_id)
                .where(predictions.c.run_id.in_(wanted))
                .group_by(predictions.c.run_id)
            )
        }
        # Steps once for each example, which runs share, not once for each output.
        letters = CHAIN_LETTERS[connection.dialect.name]
        asked_of = text(
            "with used as (select distinct example_id from predictions where run_id in :runs), "
            f"e2 as (select e.id, e.language, {letters} as chain from examples e "
            "join used on used.example_id = e.id) "
            "select p.run_id as run_id, e2.language as language, e2.chain as chain, count(*) as n "
            "from predictions p join e2 on e2.id = p.example_id where p.run_id in :runs "
            "group by 1, 2, 3 order by 1, 4 desc, 2, 3"
        )
        languages: dict[int, list[str]] = {}
        chains: dict[int, list[str]] = {}
        if wanted:
            these: Any = bindparam("runs", value=wanted, expanding=True)
            for row in connection.execute(asked_of.bindparams(these)):
                for found, value in ((languages, row.language), (chains, row.chain)):
                    of = found.setdefault(row.run_id, [])
                    if value and value not in of:
                        of.append(value)
    result = []
    for number in ids.values():
        if number is None:
            continue
        row, seen = known[number], asked.get(number)
        provenance = row.provenance or {}
        result.append(
            FactorRow(
                run=row.name,
                model=row.model,
                adapter=row.adapter,
                given={str(k): str(v) for k, v in dict(provenance.get(FACTORS) or {}).items()},
                settings=dict(row.settings or {}),
                template=(provenance.get("instruction") or {}).get("name"),
                instruction=seen.first if seen is not None and seen.first == seen.last else None,
                languages=tuple(languages.get(number, ())),
                chains=tuple(chains.get(number, ())),
                outputs=0 if seen is None else seen.outputs,
            )
        )
    return result
