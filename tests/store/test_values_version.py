"""What pages keep of an analysis is counted again when anything changes that it rests on."""

from collections.abc import Callable

import pytest

from sit_core.metrics.registry import Score
from sit_core.store import Store
from sit_core.store.experiment_runs import set_factors
from sit_core.store.output_values import values_version
from sit_core.store.renaming import archive_runs, rename_run
from sit_core.store.runs import delete_run
from sit_core.store.scores import save_scores
from sit_core.store.studies import delete_study
from tests.factories import judge, make_run, make_study


def scored(store: Store, value: float) -> None:
    made = [Score(first_output(store), "accuracy", value)]
    save_scores(store, made, {"accuracy": ""}, "rules")


def first_output(store: Store) -> str:
    from sit_core.store.output_values import outputs_of_runs

    return outputs_of_runs(store, ["a"])[0].id


def another_run_in_its_place(store: Store) -> None:
    delete_run(store, "old")
    make_run(store, "c", 2)


CHANGES: dict[str, Callable[[Store], object]] = {
    "a run more": lambda store: make_run(store, "c", 2),
    "as many outputs of another run": another_run_in_its_place,
    "a score": lambda store: scored(store, 1.0),
    "a verdict": lambda store: judge(store, "s", first_output(store), "ann", {"answer": "yes"}),
    "factors": lambda store: set_factors(store, {"a": {"method": "SIT"}}),
    "a name": lambda store: rename_run(store, "b", "d"),
    "an archived run": lambda store: archive_runs(store, ["b"]),
    "a run from the archive": lambda store: archive_runs(store, ["old"], archived=False),
    "a study more": lambda store: make_study(store, "t", ["a"]),
    "a study less": lambda store: delete_study(store, "first"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_of_these_is_a_new_version(store: Store, change: str) -> None:
    for name in ("a", "b", "old"):
        make_run(store, name, 2)
    archive_runs(store, ["old"])
    make_study(store, "first", ["b"])
    make_study(store, "s", ["a"])
    before = values_version(store)
    assert values_version(store) == before
    CHANGES[change](store)
    assert values_version(store) != before
