"""An experiment's runs are told by their provenance, on both databases."""

from sqlalchemy import select, update

from sit_core.store import Store
from sit_core.store.experiment_runs import experiment_names, runs_of_experiment, set_factors
from sit_core.store.schema import predictions, runs
from tests.factories import make_run


def belongs(store: Store, run: str, experiment: str, planned: int) -> None:
    with store.write() as connection:
        connection.execute(
            update(runs)
            .where(runs.c.name == run)
            .values(provenance={"experiment": experiment, "kept": 1}, planned=planned)
        )


def test_runs_with_how_far_they_are(store: Store) -> None:
    first, *_ = make_run(store, "a", 3)
    make_run(store, "b", 2)
    make_run(store, "other", 2)
    belongs(store, "a", "mine", 3)
    belongs(store, "b", "mine", 5)
    belongs(store, "other", "theirs", 2)
    with store.write() as connection:
        connection.execute(
            update(predictions).where(predictions.c.id == first).values(meta={"tokens": 7})
        )
    one, two = runs_of_experiment(store, "mine")
    assert (one.name, one.outputs, one.planned, one.complete) == ("a", 3, 3, True)
    assert (two.name, two.outputs, two.planned, two.complete) == ("b", 2, 5, False)
    assert [(run.tokens, run.counted) for run in (one, two)] == [(7, 1), (0, 0)]
    assert experiment_names(store) == ["theirs", "mine"]
    assert runs_of_experiment(store, "nobody's") == []


def test_factors_are_set_beside_what_else_is_known(store: Store) -> None:
    make_run(store, "a", 1)
    belongs(store, "a", "mine", 1)
    set_factors(store, {"a": {"method": "IT"}, "gone": {"method": "x"}})
    (one,) = runs_of_experiment(store, "mine")
    assert one.factors == {"method": "IT"}
    set_factors(store, {"a": {"seed": "1"}})
    (one,) = runs_of_experiment(store, "mine")
    assert one.factors == {"seed": "1"}
    with store.read() as connection:
        assert connection.scalar(select(runs.c.provenance))["kept"] == 1
