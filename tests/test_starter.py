"""A fresh store has something to annotate; a used one is left alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, func, select

from sit_core import starter
from sit_core.records import chain_name
from sit_core.settings import Settings
from sit_core.starter import NOTE, RUNS, STUDY, ensure_starter, starter_predictions
from sit_core.store import Store, open_store
from sit_core.store.engine import Store as EngineStore
from sit_core.store.engine import _engine
from sit_core.store.schema import predictions, runs
from sit_core.store.studies import delete_study, list_studies
from tests.factories import make_run


def count(store: Store, table) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_an_empty_store_gets_three_runs_and_a_study_of_them(store: Store) -> None:
    assert ensure_starter(store)
    (study,) = list_studies(store)
    assert study.name == STUDY
    assert study.runs == tuple(RUNS)
    assert (study.chain, study.sample, study.annotators) == ("R+A", 16, 1)
    assert NOTE in study.guidelines
    assert count(store, predictions) == 48


def test_a_second_call_changes_nothing(store: Store) -> None:
    ensure_starter(store)
    assert not ensure_starter(store)
    assert len(list_studies(store)) == 1
    assert count(store, runs) == 3


def test_a_store_with_a_run_is_left_alone(store: Store) -> None:
    make_run(store, "mine", 1)
    assert not ensure_starter(store)
    assert list_studies(store) == []
    assert count(store, runs) == 1


def test_a_deleted_starter_is_not_put_back_even_without_its_runs(store: Store) -> None:
    ensure_starter(store)
    delete_study(store, STUDY)
    assert not ensure_starter(store)
    with store.write() as connection:
        connection.execute(delete(runs))
    assert count(store, predictions) == 0
    assert not ensure_starter(store)
    assert list_studies(store) == []


def test_of_eight_processes_that_start_at_once_one_puts_it_in(where: Settings) -> None:
    store = open_store(where)

    def start(_: int) -> bool:
        own = EngineStore(_engine(where), where.database_url)
        try:
            return ensure_starter(own)
        finally:
            own.engine.dispose()

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(start, range(8)))
    assert done.count(True) == 1
    assert count(store, predictions) == 48
    store.close()


def test_a_fill_that_breaks_leaves_the_store_untouched(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("sit_core.store.fill.create_study_in", broken)
    with pytest.raises(RuntimeError):
        ensure_starter(store)
    assert count(store, runs) == 0
    monkeypatch.undo()
    assert ensure_starter(store)


def test_without_its_data_folder_nothing_happens(store: Store, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(starter, "FOLDER", tmp_path / "none")
    assert not ensure_starter(store)


def test_the_content_is_labelled_and_shows_every_kind_of_failure() -> None:
    content = starter_predictions()
    assert len({p.id for p in content}) == 48
    assert len({p.example.id for p in content}) == 16
    for p in content:
        assert "no model wrote it" in p.meta["note"]
        assert p.run.startswith("made-up: ")
        assert chain_name(p.example.steps) == "R+A"
        assert p.example.steps[0].expected == p.example.input
        assert p.example.input.count("Choices: A:") == 1
        assert p.example.reference in "ABCDE"
    outputs = [p.output for p in content if p.run == "made-up: mixed"]
    inputs = [p.example.input for p in content if p.run == "made-up: mixed"]
    assert "" in outputs
    assert any(o == i for o, i in zip(outputs, inputs, strict=True))
    assert any(o.startswith("I'm sorry") for o in outputs)
    both = [p for p in content if p.run == "made-up: does both"]
    assert sum(p.output.startswith(p.example.input) for p in both) >= 10
    assert any(p.output.endswith(p.example.input) for p in both)
    assert len({p.example.reference for p in both}) == 5
