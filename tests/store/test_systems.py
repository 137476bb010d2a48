"""The systems' names and others' results, on both databases."""

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.store import Store
from sit_core.store.runs import delete_run
from sit_core.store.systems import (
    System,
    get_system,
    list_systems,
    put_reported,
    remove_system,
    set_system,
)
from tests.factories import make_run


def test_a_run_is_a_system_under_its_own_name_until_it_gets_one(store: Store) -> None:
    make_run(store, "a")
    assert get_system(store, "a") == System("a", "a", None, None)
    assert list_systems(store) == []
    made = set_system(store, "a", rename="Ours", base_model="Llama", training_data="Alpaca")
    assert (made.name, made.run, made.base_model) == ("Ours", "a", "Llama")
    assert set_system(store, "Ours", base_model="Llama") == made
    assert get_system(store, "a") == made
    assert set_system(store, "a", training_data="").training_data is None
    remove_system(store, "Ours")
    assert get_system(store, "a").id is None


def test_a_deleted_run_takes_its_system_along(store: Store) -> None:
    make_run(store, "a")
    set_system(store, "a", rename="Ours")
    delete_run(store, "a")
    assert list_systems(store) == []


def test_names_are_taken_once(store: Store) -> None:
    make_run(store, "a")
    make_run(store, "b")
    set_system(store, "a", rename="Ours")
    with pytest.raises(SitError, match="another system 'Ours'"):
        set_system(store, "b", rename="Ours")
    with pytest.raises(UsageError, match=r"no system 'nobody'; known: Ours, a, b\.$"):
        set_system(store, "nobody", base_model="x")
    with pytest.raises(UsageError, match=r"needs a name.*base model must be text"):
        set_system(store, "a", rename=" ", base_model="\0")


def test_others_results_are_put_once_and_replaced_where_they_differ(store: Store) -> None:
    theirs = System("Theirs", None, "GPT", None, {"quality": {"value": 4.0, "n": 10}})
    assert put_reported(store, [theirs]) == (1, 0, 0)
    assert put_reported(store, [theirs]) == (0, 0, 1)
    better = System("Theirs", None, "GPT", None, {"quality": {"value": 4.5}})
    assert put_reported(store, [better, System("Other", None, None, "x")]) == (1, 1, 0)
    assert {s.name: dict(s.figures) for s in list_systems(store)} == {
        "Theirs": {"quality": {"value": 4.5}},
        "Other": {},
    }


def test_others_results_never_take_a_name_of_ours(store: Store) -> None:
    make_run(store, "a")
    set_system(store, "a", rename="Ours")
    for name in ("a", "Ours"):
        with pytest.raises(SitError, match="taken by systems with outputs"):
            put_reported(store, [System("New", None, None, None), System(name, None, None, None)])
    assert [s.name for s in list_systems(store)] == ["Ours"]
