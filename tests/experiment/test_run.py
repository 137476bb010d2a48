"""An experiment fills in what is missing; what fails leaves the rest; nothing is destroyed."""

from pathlib import Path
from typing import Any

import pytest

from sit_core.actions import Context
from sit_core.experiment.plan import plan
from sit_core.experiment.run import ExperimentReport, PartsFailed, run_experiment
from sit_core.results.run_factors import run_factors
from sit_core.store import Store
from sit_core.store.renaming import rename_run
from sit_core.store.runs import list_runs
from sit_core.store.studies import list_studies
from tests.experiment.conftest import experiment, questions
from tests.predict.fake import calls


def run(store: Store, source: str, **more: Any) -> ExperimentReport:
    return run_experiment(experiment(source, **more), Context(store, job=0))


def names(store: Store) -> set[str]:
    return {one.name for one in list_runs(store)}


@pytest.fixture
def asked(tmp_path: Path) -> str:
    return questions(tmp_path, "a", "b", "c")


@pytest.mark.usefixtures("folder")
def test_each_cell_becomes_a_run_with_its_factors(store: Store, asked: str) -> None:
    before = plan(store, experiment(asked, metrics=["accuracy"]))
    assert [(cell.n, cell.outputs, cell.calls) for cell in before.cells] == [(3, 0, 3)] * 4
    assert all(cell.tokens_by.startswith("an estimate") for cell in before.cells)
    done = run(store, asked, metrics=["accuracy"])
    assert (done.cells, done.complete, done.written, done.scored) == (4, 4, 12, 12)
    assert names(store) == {"mine/IT, R+A", "mine/IT, P+A", "mine/SIT, R+A", "mine/SIT, P+A"}
    (one,) = run_factors(store, ["mine/SIT, P+A"])
    assert one.values == {
        "model": "SIT",
        "method": "SIT",
        "instruction": "P+A",
        "chain": "P+A",
    }
    after = plan(store, experiment(asked, metrics=["accuracy"]))
    assert after.calls == 0
    assert [(m.metric, m.scored, m.outputs) for m in after.metrics] == [("accuracy", 12, 12)]


def test_run_again_it_asks_nothing(store: Store, asked: str, folder: Path) -> None:
    run(store, asked, metrics=["accuracy"])
    before = calls(folder)
    done = run(store, asked, metrics=["accuracy"])
    assert (done.written, done.known, done.scored) == (0, 12, 0)
    assert calls(folder) == before


@pytest.mark.usefixtures("folder")
def test_a_renamed_run_is_still_its_cells(store: Store, asked: str) -> None:
    run(store, asked)
    rename_run(store, "mine/IT, R+A", "another name")
    done = run(store, asked)
    assert (done.written, done.complete, done.not_named) == (0, 4, ())


@pytest.mark.usefixtures("folder")
def test_a_changed_file_adds_cells_and_destroys_none(
    store: Store, asked: str, tmp_path: Path
) -> None:
    run(store, asked, metrics=["accuracy"])
    more = [{"name": "A", "template": "answer"}, {"name": "R+A", "template": "repeat-answer"}]
    models = [{"name": "IT", "model": {"model": "IT", "backend": "fake"}}]
    done = run(store, asked, models=models, instructions=more, metrics=["accuracy", "rouge-l"])
    assert (done.cells, done.written, done.known) == (2, 3, 3)
    assert done.scored == 3 + 6  # accuracy of the new ones, ROUGE-L of all
    assert set(done.not_named) == {"mine/IT, P+A", "mine/SIT, R+A", "mine/SIT, P+A"}
    assert len(names(store)) == 5
    # Other questions are other cells: the runs that there are stay as they are.
    other = run(store, questions(tmp_path, "x", name="other"), models=models, instructions=more[1:])
    assert (other.written, len(names(store))) == (1, 6)
    assert "mine/IT, R+A (2)" in names(store)


@pytest.mark.usefixtures("folder")
def test_a_cell_that_fails_leaves_the_others_and_is_named_with_its_reason(
    store: Store, asked: str, tmp_path: Path
) -> None:
    bad = {"name": "gone", "model": {"model": str(tmp_path / "no such model")}}
    models = [
        bad,
        *[{"name": name, "model": {"model": name, "backend": "fake"}} for name in ("IT", "SIT")],
    ]
    with pytest.raises(PartsFailed) as caught:
        run(store, asked, models=models, metrics=["accuracy", "bertscore"])
    report = caught.value.report
    assert report.complete == 4
    assert {"gone, R+A", "gone, P+A"} < set(report.failed)
    assert "no such model" in report.failed["gone, R+A"]
    assert report.scored >= 12
    assert names(store) == {f"mine/{m}, {i}" for m in ("IT", "SIT") for i in ("R+A", "P+A")}
    # Examples that can't be read are the fault of their cells alone.
    examples = [{"source": asked}, {"source": "nowhere.jsonl", "name": "gone"}]
    with pytest.raises(PartsFailed, match="nowhere"):
        run(store, asked, examples=examples)
    faults = [
        cell for cell in plan(store, experiment(asked, examples=examples)).cells if cell.fault
    ]
    assert len(faults) == 4


@pytest.mark.usefixtures("folder")
def test_questions_without_output_are_named_and_tried_again(store: Store, tmp_path: Path) -> None:
    asked = questions(tmp_path, "a", "an error")
    with pytest.raises(PartsFailed, match="1 of its questions got no output"):
        run(store, asked)
    state = plan(store, experiment(asked)).cells[0]
    assert (state.outputs, state.errors, state.calls, state.complete) == (1, 1, 1, False)


@pytest.mark.usefixtures("folder")
def test_people_judge_in_a_study_for_each_wording(store: Store, asked: str) -> None:
    verdicts = [{"by": "people", "study": {"sample": 2, "annotators": 2}}]
    done = run(store, asked, verdicts=verdicts)
    assert set(done.studies) == {"mine, R+A", "mine, P+A"}
    one, other = list_studies(store)
    assert {one.runs, other.runs} == {
        ("mine/IT, R+A", "mine/SIT, R+A"),
        ("mine/IT, P+A", "mine/SIT, P+A"),
    }
    assert (one.sample, one.annotators, one.blind) == (2, 2, True)
    run(store, asked, verdicts=verdicts)
    assert len(list_studies(store)) == 2


@pytest.mark.usefixtures("folder")
def test_prices_make_the_cost_of_what_is_left(store: Store, asked: str) -> None:
    models = [
        {
            "name": "IT",
            "model": {"model": "IT", "backend": "fake", "max_new_tokens": 10},
            "prices": {"input": 1_000_000, "output": 2_000_000},
        }
    ]
    state = plan(store, experiment(asked, models=models))
    cell = state.cells[0]
    assert cell.output_tokens == 30
    assert cell.cost == cell.prompt_tokens + 60
    assert state.cost == sum(cell.cost or 0 for cell in state.cells)
    run(store, asked, models=models)
    assert plan(store, experiment(asked, models=models)).cost == 0


@pytest.mark.usefixtures("folder")
def test_a_budget_is_one_of_all_runs_and_its_end_leaves_the_rest(store: Store, asked: str) -> None:
    judge = {
        "model": {"model": "j", "backend": "fake"},
        "prices": {"input": 1_000_000, "output": 1, "budget": 1000},
    }
    with pytest.raises(PartsFailed, match="budget") as caught:
        run(store, asked, metrics=["accuracy"], verdicts=[{"by": "llm", "judge": judge}])
    report = caught.value.report
    assert list(report.failed) == ["judge seqeval by j"]
    assert (report.complete, report.scored) == (4, 12)
    assert report.asked < 12
    state = plan(
        store,
        experiment(asked, metrics=["accuracy"], verdicts=[{"by": "llm", "judge": judge}]),
    )
    assert state.verdicts[0].left > 0
    assert state.verdicts[0].cost is not None


@pytest.mark.usefixtures("folder")
def test_a_run_that_can_not_be_judged_leaves_the_others(store: Store, tmp_path: Path) -> None:
    judge = {"judge": "steps", "model": {"model": "j", "backend": "fake"}}
    entry = {"by": "llm", "judge": judge}
    instructions = [{"name": "own"}, {"name": "R+A", "template": "repeat-answer"}]
    asked = questions(tmp_path, "a", "b")
    try:
        done = run(store, asked, instructions=instructions, verdicts=[entry])
    except PartsFailed as error:
        done = error.report
    assert done.complete == 4
    assert done.asked > 0


def test_a_model_that_is_another_one_by_now_gets_a_run_of_its_own(
    store: Store, tmp_path: Path, folder: Path
) -> None:
    """A run is not filled up with outputs of other weights; the new one is the cell's then."""
    asked = questions(tmp_path, "a", "an error")
    weights = folder / "weights"
    weights.write_text("old")
    with pytest.raises(PartsFailed):
        run(store, asked, metrics=["accuracy"])
    weights.write_text("new")
    with pytest.raises(PartsFailed, match="1 of its questions") as caught:
        run(store, asked, metrics=["accuracy"])
    assert len(names(store)) == 8
    assert "mine/IT, R+A (2)" in names(store)
    assert caught.value.report.scored == 4
    with pytest.raises(PartsFailed) as caught:
        run(store, asked, metrics=["accuracy"])
    report = caught.value.report
    assert len(names(store)) == 8
    assert set(report.not_named) == {
        f"mine/{m}, {i}" for m in ("IT", "SIT") for i in ("R+A", "P+A")
    }
