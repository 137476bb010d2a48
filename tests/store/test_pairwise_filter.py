"""The rule which of two compared outputs won says the same in SQL and in Python."""

import itertools

import pytest
from sqlalchemy import literal, select, union_all

from sit_core.store import Store
from sit_core.store.pairwise_filter import outcome_of, outcomes_in_sql


@pytest.mark.parametrize("said", [*itertools.product([0.0, 0.5, 1.0], repeat=2)])
def test_sql_and_python_agree(store: Store, said: tuple[float, float]) -> None:
    rows = union_all(*(select(literal(value).label("preferred")) for value in said)).subquery()
    rule = outcomes_in_sql(rows.c.preferred)
    with store.read() as connection:
        found = dict(
            connection.execute(select(*(x.label(k) for k, x in rule.items()))).mappings().one()
        )
    outcome = outcome_of(said)
    assert {name for name in ("won", "lost", "tied") if found[name]} == {
        {1.0: "won", 0.0: "lost", 0.5: "tied"}[outcome]
    }
    assert outcome == outcome_of(said[::-1])
    assert bool(found["order"]) == (said[0] != said[1])
    assert outcome == {2.0: 1.0, 0.0: 0.0}.get(sum(said), 0.5)
