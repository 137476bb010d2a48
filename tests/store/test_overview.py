"""What Home counts in a store, and by which place a run has its colour."""

from sit_core.store import Store
from sit_core.store.overview import OwnWork, StoreCounts, own_work, places_of_runs, store_counts
from sit_core.store.queue import take
from sit_core.store.renaming import archive_runs, archive_studies
from sit_core.store.runs import delete_run
from sit_core.store.systems import System, put_reported, set_system
from tests.factories import judge_id, judge_whole, make_run, make_study


def test_an_empty_store_has_nothing(store: Store) -> None:
    assert store_counts(store) == StoreCounts(0, 0, 0)
    assert own_work(store, "Ann") == {}
    assert places_of_runs(store) == {}


def test_runs_outputs_and_studies_are_counted(store: Store) -> None:
    make_run(store, "a", 3)
    make_run(store, "b", 2)
    make_study(store, "s", ["a"])
    assert store_counts(store) == StoreCounts(runs=2, outputs=5, studies=1)


def test_what_is_archived_is_not_counted_but_keeps_its_place(store: Store) -> None:
    make_run(store, "a", 3)
    make_run(store, "b", 2)
    make_study(store, "s", ["b"])
    archive_runs(store, ["a"])
    assert store_counts(store) == StoreCounts(runs=1, outputs=2, studies=1)
    archive_studies(store, ["s"])
    assert store_counts(store) == StoreCounts(runs=1, outputs=2, studies=0)
    assert places_of_runs(store) == {"a": 0, "b": 1}


def test_own_work_is_of_this_person_and_counts_whole_samples(store: Store) -> None:
    make_run(store, "a", 4)
    make_study(store, "s", ["a"], annotators=2)
    make_study(store, "t", ["a"])
    judge_whole(store, "s", "Ann", 2, at=5.0)
    judge_whole(store, "s", "Ann", 1, at=7.0)
    judge_whole(store, "s", "Bob", 4, at=9.0)
    judge_whole(store, "t", "Bob", 1, at=8.0)
    assert own_work(store, "Ann") == {"s": OwnWork(3, 7.0)}
    assert own_work(store, "Bob") == {"s": OwnWork(4, 9.0), "t": OwnWork(1, 8.0)}
    assert own_work(store, "ann") == {}


def test_a_sample_that_is_only_in_hand_is_no_work_yet(store: Store) -> None:
    make_run(store, "a", 2)
    study = make_study(store, "s", ["a"])
    ann = judge_id(store, "Ann")
    with store.write() as connection:
        take(connection, study, ann, now=1.0, want=2)
    assert own_work(store, "Ann") == {}


def test_runs_have_places_in_the_order_of_their_arrival(store: Store) -> None:
    for name in ("z", "m", "a"):
        make_run(store, name, 1)
    assert places_of_runs(store) == {"z": 0, "m": 1, "a": 2}
    delete_run(store, "m")
    assert places_of_runs(store) == {"z": 0, "a": 1}


def test_others_results_come_after_all_runs_and_a_named_run_keeps_its_place(store: Store) -> None:
    put_reported(store, [System("theirs", None, None, None, {"quality": {"value": 3.0}})])
    make_run(store, "a", 1)
    make_run(store, "b", 1)
    set_system(store, "b", rename="our best")
    assert places_of_runs(store) == {"a": 0, "b": 1, "theirs": 2}
