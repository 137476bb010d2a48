"""A fresh store has something to annotate; a used one is left alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, func, select

from sit_core import starter
from sit_core.errors import SitError
from sit_core.records import JudgeKind, chain_name
from sit_core.reproduction.outputs import read_outputs
from sit_core.reproduction.plan import MODELS
from sit_core.reproduction.storing import NOTE, content_of, missing_tests, store_outputs
from sit_core.results.following import following
from sit_core.results.scores import scores
from sit_core.results.table_query import TableQuery
from sit_core.settings import Settings
from sit_core.starter import SAMPLE, STUDY, TEST, add_starter, ensure_starter
from sit_core.store import Store, open_store
from sit_core.store.engine import Store as EngineStore
from sit_core.store.engine import _engine
from sit_core.store.runs import delete_run, run_models
from sit_core.store.schema import judgments, predictions, runs
from sit_core.store.studies import delete_study, list_studies
from tests.factories import make_run

RUNS = tuple(model.run(TEST) for model in MODELS.values())
OUTPUTS = 100 * len(RUNS)


def count(store: Store, table) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_an_empty_store_gets_a_run_of_each_model_and_a_study_of_them(store: Store) -> None:
    assert ensure_starter(store)
    (study,) = list_studies(store)
    assert study.name == STUDY
    assert study.runs == RUNS
    assert (study.chain, study.sample, study.annotators) == ("R+A", SAMPLE, 1)
    assert NOTE in study.guidelines
    assert count(store, predictions) == OUTPUTS
    assert set(run_models(store).values()) == {"microlab"}


@pytest.mark.slow
def test_its_outputs_are_scored_by_rule_and_nobody_has_judged(store: Store) -> None:
    ensure_starter(store)
    table = scores(store, RUNS)
    assert {row.metric for row in table.rows} == {"accuracy", "rouge-l", "following"}
    whole = {row.run: row for row in table.rows if row.metric == "following" and not row.step}
    assert all(row.scored == 100 for row in whole.values())
    ruled = following(store, TableQuery(STUDY, by=JudgeKind.RULE))
    assert {row.n for row in ruled.rows if row.step == "chain"} == {SAMPLE}
    assert [who.kind for who in ruled.annotators] == [JudgeKind.RULE]
    assert following(store, TableQuery(STUDY)).judged() == (0, SAMPLE * len(RUNS))


@pytest.mark.slow
def test_a_second_call_changes_nothing(store: Store) -> None:
    ensure_starter(store)
    said = count(store, judgments)
    assert not ensure_starter(store)
    assert len(list_studies(store)) == 1
    assert count(store, runs) == len(RUNS)
    assert count(store, judgments) == said > 0


def test_a_store_with_a_run_is_left_alone(store: Store) -> None:
    make_run(store, "mine", 1)
    assert not ensure_starter(store)
    assert list_studies(store) == []
    assert count(store, runs) == 1


@pytest.mark.slow
def test_a_deleted_starter_is_not_put_back_even_without_its_runs(store: Store) -> None:
    ensure_starter(store)
    delete_study(store, STUDY)
    assert not ensure_starter(store)
    with store.write() as connection:
        connection.execute(delete(judgments))
        connection.execute(delete(runs))
    assert count(store, predictions) == 0
    assert not ensure_starter(store)
    assert list_studies(store) == []


@pytest.mark.slow
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
    assert count(store, predictions) == OUTPUTS
    store.close()


@pytest.mark.slow
def test_a_fill_that_breaks_leaves_the_store_untouched(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("sit_core.store.seed.create_study_in", broken)
    with pytest.raises(RuntimeError):
        ensure_starter(store)
    assert count(store, runs) == 0
    assert count(store, judgments) == 0
    monkeypatch.undo()
    assert ensure_starter(store)


def test_without_its_data_folder_nothing_happens(store: Store, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(starter, "FOLDER", tmp_path / "none")
    assert not ensure_starter(store)


def test_every_model_was_asked_the_same_questions_with_their_expected_texts() -> None:
    content = content_of(tests=(TEST,))
    assert len({p.id for p in content.predictions}) == OUTPUTS
    assert len({p.example.id for p in content.predictions}) == 100
    for p in content.predictions:
        assert chain_name(p.example.steps) == "R+A"
        assert p.example.steps[0].expected == p.example.input
        assert p.example.input.count("Choices: A:") == 1
        assert f":{p.example.reference}" in p.example.input


@pytest.mark.slow
def test_the_other_outputs_are_added_once_and_only_where_they_are_missing(store: Store) -> None:
    ensure_starter(store)
    others = [test for test in next(iter(read_outputs().values())) if test != TEST]
    assert missing_tests(store) == others
    added = store_outputs(store)
    assert sorted(added) == sorted(MODELS[key].run(t) for key in MODELS for t in others)
    assert missing_tests(store) == []
    assert store_outputs(store) == []
    assert count(store, predictions) == OUTPUTS * (1 + len(others))
    assert len(list_studies(store)) == 1


def test_a_run_that_somebody_else_named_so_is_left_as_it_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sit_core.reproduction.storing.missing_tests", lambda *_: ["A"])
    taken = MODELS["it"].run("A")
    make_run(store, taken, 2)
    added = store_outputs(store)
    assert sorted([taken, *added]) == sorted(model.run("A") for model in MODELS.values())
    with store.read() as connection:
        query = select(func.count()).select_from(predictions).join(runs)
        assert connection.scalar(query.where(runs.c.name == taken)) == 2


def test_who_asks_for_it_gets_it_in_an_untouched_store(store: Store) -> None:
    assert add_starter(store) == STUDY
    assert [study.name for study in list_studies(store)] == [STUDY]
    assert count(store, predictions) == OUTPUTS


@pytest.mark.slow
def test_who_deleted_it_gets_it_back_on_request_only(store: Store) -> None:
    ensure_starter(store)
    delete_study(store, STUDY)
    for run in RUNS:
        delete_run(store, run)
    assert not ensure_starter(store)
    assert count(store, runs) == 0
    add_starter(store)
    (study,) = list_studies(store)
    assert (study.name, study.runs, study.sample) == (STUDY, RUNS, SAMPLE)
    assert count(store, predictions) == OUTPUTS
    add_starter(store)  # it is there
    assert (count(store, runs), len(list_studies(store))) == (len(RUNS), 1)


def test_it_stands_beside_what_is_there(store: Store) -> None:
    make_run(store, "mine", 2)
    add_starter(store)
    assert count(store, runs) == len(RUNS) + 1
    assert list_studies(store)[0].runs == RUNS


def test_an_installation_without_it_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setattr(starter, "FOLDER", tmp_path)
    with pytest.raises(SitError, match="not part of this installation"):
        add_starter(store)
    assert count(store, runs) == 0
