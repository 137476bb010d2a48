"""A run is written as it comes, gone on with after a kill, and says where it is from."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, text

from sit_core.actions import Context
from sit_core.errors import SitError, UsageError
from sit_core.jobs import JobState, cancel_job, current_job, resume_job, start_job
from sit_core.predict import PredictConfig
from sit_core.predict.action import ACTION
from sit_core.predict.run import PredictReport, predict
from sit_core.store import Store
from sit_core.store.run_contents import error_reasons
from sit_core.store.runs import delete_run, list_runs
from sit_core.store.schema import examples, predictions, run_errors
from sit_core.store.studies import StudyPlan, create_study
from tests.jobs.conftest import ended, kill_nine, until
from tests.predict.conftest import examples_file, options
from tests.predict.fake import calls


def outputs(store: Store) -> list[str]:
    with store.read() as connection:
        query = select(predictions.c.output).order_by(predictions.c.row)
        return list(connection.scalars(query))


def metas(store: Store) -> list[dict]:
    with store.read() as connection:
        return list(connection.scalars(select(predictions.c.meta).order_by(predictions.c.row)))


def make(store: Store, wanted: PredictConfig, job: int = 1) -> PredictReport:
    return predict(wanted, Context(store, job=job))


def start(store: Store, wanted: PredictConfig):
    return start_job(store, ACTION.words(wanted), title="a run", run=wanted.run)


def test_every_example_gets_its_output_in_its_place(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    report = make(store, options(examples_file(tmp_path, "a", "b", "c")))
    assert (report.written, report.known, report.errors, report.cut) == (3, 0, 0, 0)
    assert outputs(store) == ["A", "B", "C"]  # though they came in another order
    with store.read() as connection:
        rows = connection.execute(select(examples).order_by(examples.c.input)).all()
    assert {row.instruction for row in rows} == {
        "First repeat the input, then answer the question."
    }
    assert [row.reference for row in rows] == ["gold"] * 3
    assert [s["letter"] for s in rows[0].steps] == ["R", "A"]
    assert rows[0].steps[0]["expected"] == "a"
    (run,) = list_runs(store)
    assert (run.state, run.planned, run.outputs, run.chains) == ("complete", 3, 3, ("R+A",))
    assert (folder / "closed").exists()


def test_a_run_says_where_it_is_from(store: Store, folder: Path, tmp_path: Path) -> None:
    make(store, options(examples_file(tmp_path, "a"), seed=7, max_new_tokens=9))
    (run,) = list_runs(store)
    assert (run.model, run.adapter) == ("m", None)
    assert (run.settings["seed"], run.settings["max_new_tokens"]) == (7, 9)
    assert run.settings["instruction"] == "First repeat the input, then answer the question."
    (attempt,) = run.provenance["attempts"]
    assert attempt["model"]["model"] == "m"
    assert attempt["first_prompt"].startswith("First repeat")
    assert len(attempt["same"]["prompt texts"]) == 64
    assert run.provenance["version"]
    assert len(run.provenance["instruction"]["sha256"]) == 64


@pytest.mark.usefixtures("fake_in_jobs")
def test_killed_and_resumed_it_generates_nothing_twice(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    inputs = [f"q{i}" for i in range(12)]
    (folder / "gate-5").touch()
    job = start(store, options(examples_file(tmp_path, *inputs)))
    until(lambda: (folder / "waiting").exists() and len(outputs(store)) == 5)
    (run,) = list_runs(store)
    assert (run.state, run.planned) == ("unfinished", 12)
    with pytest.raises(UsageError, match="'r' is unfinished"):
        create_study(store, StudyPlan("s", ["r"]))
    with pytest.raises(SitError, match="cancel the job first"):
        delete_run(store, "r")
    kill_nine(current_job(store, job.id))
    assert current_job(store, job.id).state == JobState.DEAD
    assert len(outputs(store)) == 5
    (folder / "open").touch()
    job = ended(store, resume_job(store, job.id))
    assert (job.state, job.reason) == (JobState.DONE, "12 of 12 outputs")
    assert (job.done, job.total, job.first_done) == (12, 12, 6)  # the rate is of this attempt
    assert sorted(calls(folder)) == sorted(inputs)  # each asked exactly once
    assert outputs(store) == [i.upper() for i in inputs]
    assert list_runs(store)[0].state == "complete"
    assert len(list_runs(store)[0].provenance["attempts"]) == 2


@pytest.mark.usefixtures("fake_in_jobs")
def test_cancelled_it_keeps_what_came_and_goes_on_later(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    (folder / "gate-2").touch()
    wanted = options(examples_file(tmp_path, "a", "b", "c"))
    job = start(store, wanted)
    until(lambda: len(outputs(store)) == 2)
    assert cancel_job(store, job.id, wait=30).state == JobState.CANCELLED
    assert outputs(store) == ["B", "C"]
    (folder / "open").touch()
    assert make(store, wanted, job=99).known == 2  # the same from a terminal
    assert outputs(store) == ["A", "B", "C"]
    assert len(calls(folder)) == 3


@pytest.mark.usefixtures("fake_in_jobs")
def test_no_two_jobs_write_the_same_run(store: Store, folder: Path, tmp_path: Path) -> None:
    (folder / "gate-1").touch()
    wanted = options(examples_file(tmp_path, "a", "b"))
    first = start(store, wanted)
    until(lambda: (folder / "waiting").exists())
    second = ended(store, start(store, wanted))
    assert second.state == JobState.FAILED
    assert f"The job {first.id} is writing the run 'r'" in (second.reason or "")
    (folder / "open").touch()
    assert ended(store, first).state == JobState.DONE
    assert sorted(calls(folder)) == ["a", "b"]


def test_a_complete_run_is_not_made_again_nor_the_model_loaded(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    wanted = options(examples_file(tmp_path, "a"))
    make(store, wanted)
    (folder / "closed").unlink()
    report = make(store, wanted)
    assert (report.written, report.known) == (0, 1)
    assert not (folder / "closed").exists()


def test_an_error_is_no_output_and_is_tried_again(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    wanted = options(examples_file(tmp_path, "a", "an error", "c"))
    report = make(store, wanted)
    assert (report.written, report.errors) == (2, 1)
    assert outputs(store) == ["A", "C"]
    assert error_reasons(store, "r") == [(1, "The prompt is longer than the model's context.")]
    (run,) = list_runs(store)
    assert (run.state, run.errors, run.outputs) == ("complete", 1, 2)
    (folder / "open").touch()
    report = make(store, wanted)
    assert (report.written, report.known, report.errors) == (1, 2, 0)
    assert outputs(store) == ["A", "AN ERROR", "C"]
    assert error_reasons(store, "r") == []


def test_nothing_but_errors_is_a_failure(store: Store, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SitError, match="None of the 2 examples"):
        make(store, options(examples_file(tmp_path, "error 1", "error 2")))
    assert list_runs(store)[0].state == "unfinished"


def test_after_many_errors_in_a_row_it_stops(store: Store, folder: Path, tmp_path: Path) -> None:
    inputs = [*(f"error {i}" for i in range(30)), "good"]  # the fake begins at the end
    with pytest.raises(SitError, match=r"20 examples in a row .*longer than the model's context"):
        make(store, options(examples_file(tmp_path, *inputs)))
    assert len(calls(folder)) == 21
    assert outputs(store) == ["GOOD"]


def test_errors_between_outputs_are_not_in_a_row(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    inputs = [*(f"error {i}" for i in range(15)), "good", *(f"error {i}" for i in range(15, 30))]
    report = make(store, options(examples_file(tmp_path, *inputs)))
    assert (report.written, report.errors) == (1, 30)
    assert len(calls(folder)) == 31


def test_what_came_before_a_fault_is_kept(store: Store, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SitError, match="The endpoint is down"):
        make(store, options(examples_file(tmp_path, "down", "b", "c")))
    assert outputs(store) == ["B", "C"]
    assert list_runs(store)[0].state == "unfinished"


def test_a_cut_output_is_marked(store: Store, folder: Path, tmp_path: Path) -> None:
    report = make(store, options(examples_file(tmp_path, "a long one", "b"), max_new_tokens=4))
    assert report.cut == 1
    assert outputs(store) == ["A LO", "B"]
    assert metas(store) == [
        {"seconds": 0.5, "tokens": 4, "cut": True},
        {"seconds": 0.25, "tokens": 3},
    ]


def test_characters_that_no_database_holds_are_replaced_and_that_is_noted(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    make(store, options(examples_file(tmp_path, "a nul")))
    assert outputs(store) == ["A \ufffd\ufffd"]
    assert metas(store)[0]["replaced_characters"] is True


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seed": 2}, "seed"),
        ({"model": "n"}, "model"),
        ({"template": "answer"}, "examples_sha256, instruction"),
        ({"limit": 1}, "examples_sha256"),
    ],
)
def test_a_run_is_not_gone_on_with_under_other_settings(
    sqlite_store: Store, folder: Path, tmp_path: Path, change: dict, named: str
) -> None:
    file = examples_file(tmp_path, "a", "down")
    with pytest.raises(SitError, match="down"):
        make(sqlite_store, options(file))
    with pytest.raises(SitError, match=rf"begun with other settings \({named}\)"):
        make(sqlite_store, options(file, **change))


def test_a_run_is_not_gone_on_with_by_other_weights(
    sqlite_store: Store, folder: Path, tmp_path: Path
) -> None:
    file = examples_file(tmp_path, "down", "b")
    (folder / "weights").write_text("these")
    with pytest.raises(SitError, match="down"):
        make(sqlite_store, options(file))
    (folder / "weights").write_text("others")
    with pytest.raises(SitError, match="other model weights"):
        make(sqlite_store, options(file))


def test_an_imported_run_is_never_written_into(
    sqlite_store: Store, folder: Path, tmp_path: Path
) -> None:
    from tests.factories import make_run

    make_run(sqlite_store, "r", 1)
    with pytest.raises(SitError, match="imported run 'r' already"):
        make(sqlite_store, options(examples_file(tmp_path, "a")))


def test_nothing_is_imported_into_an_unfinished_run(
    sqlite_store: Store, folder: Path, tmp_path: Path
) -> None:
    from sit_core.sources import SourceFile, plan_for
    from sit_core.store.runs import import_predictions

    with pytest.raises(SitError, match="down"):
        make(sqlite_store, options(examples_file(tmp_path, "down", "b")))
    path = tmp_path / "r.jsonl"
    path.write_text('{"instruction": "Do.", "output": "x"}\n')
    with pytest.raises(SitError, match="still being made"):
        import_predictions(sqlite_store, [plan_for(SourceFile.at(path))])
    assert outputs(sqlite_store) == ["B"]


def test_the_same_question_twice_is_two_outputs_and_other_golds_are_told_apart(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    wanted = options(examples_file(tmp_path, "a", "a"))
    make(store, wanted)
    with store.read() as connection:
        assert sorted(connection.scalars(select(predictions.c.ordinal))) == [0, 1]
    assert make(store, wanted).known == 2


def test_a_run_of_examples_of_a_run_asks_the_same_in_other_words(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    make(store, options(examples_file(tmp_path, "a", "b")))
    make(store, options("run:r", run="s", template="paraphrase-answer", limit=1))
    make(store, options("run:r", run="t", template=None))
    with store.read() as connection:
        asked = connection.execute(
            text(
                "select r.name as run, e.instruction as asked, e.reference as gold "
                "from predictions p join runs r on r.id = p.run_id "
                "join examples e on e.id = p.example_id order by 1, 2"
            )
        ).all()
        assert connection.scalar(text("select count(*) from examples")) == 3
    first = "First repeat the input, then answer the question."
    assert [tuple(row) for row in asked] == [
        ("r", first, "gold"),
        ("r", first, "gold"),
        ("s", "First paraphrase the input, then answer the question.", "gold"),
        ("t", first, "gold"),
        ("t", first, "gold"),
    ]


def test_a_deleted_run_takes_its_errors_and_examples_along(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    make(store, options(examples_file(tmp_path, "a", "an error")))
    delete_run(store, "r")
    with store.read() as connection:
        for table in (predictions, run_errors, examples):
            assert connection.execute(select(table)).all() == []


def test_all_that_is_wrong_is_said_at_once(sqlite_store: Store, folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        make(
            sqlite_store,
            options(" ", run=" ", limit=0, temperature=-1, template="repaet-answer"),
        )
    for part in ("run needs a name", "limit", "Name the examples", "temperature", "did you mean"):
        assert part in str(caught.value)


def test_a_model_that_is_not_there_leaves_nothing_behind(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    wanted = options(examples_file(tmp_path, "a"), model="missing")
    for _ in range(2):
        with pytest.raises(SitError, match="no model 'missing'"):
            make(store, wanted)
    assert list_runs(store) == []
    with store.read() as connection:
        assert connection.execute(select(examples)).all() == []


def test_deleting_a_run_leaves_the_examples_that_an_unfinished_one_is_about_to_answer(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    make(store, options(examples_file(tmp_path, "a", "b", "c"), run="first"))
    (folder / "weights").write_text("these")
    wanted = options(examples_file(tmp_path, "a", "b", "c"), run="second")

    def then_delete(done: int | None, total: int | None = None, message: str = "") -> None:
        if done == 0 and message == "generating":
            delete_run(store, "first")

    predict(wanted, Context(store, job=1, report=then_delete))
    assert outputs(store) == ["A", "B", "C"]


def test_the_report_can_stop_it(sqlite_store: Store, folder: Path, tmp_path: Path) -> None:
    seen: list[tuple] = []

    class Enough(KeyboardInterrupt):
        pass

    def report(done: int | None, total: int | None = None, message: str = "") -> None:
        seen.append((done, total))
        if done == 2:
            raise Enough

    run: Callable[[], PredictReport] = lambda: predict(  # noqa: E731
        options(examples_file(tmp_path, "a", "b", "c")), Context(sqlite_store, 1, report=report)
    )
    with pytest.raises(Enough):
        run()
    assert outputs(sqlite_store) == ["B", "C"]
    assert seen[-3:] == [(0, 3), (1, 3), (2, 3)]
