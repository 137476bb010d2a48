"""The pages Runs and Jobs: start a run, watch it, stop and resume it; what a dead one is."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sit_core.actions import Context
from sit_core.jobs import JobState, current_job, current_jobs, start_job
from sit_core.predict.action import ACTION
from sit_core.store import Store
from sit_core.store.jobs import end_job
from sit_core.store.runs import list_runs
from tests.factories import judge, make_run
from tests.jobs.conftest import ended, kill_nine, until
from tests.predict.conftest import examples_file, options
from tests.predict.fake import calls

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The one database that matters here, without the made-up study."""
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


def page(name: str, **params: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=30).run()
    app.switch_page(name)
    for key, value in params.items():
        app.query_params[key] = value
    return seen(app.run())


def seen(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label == label).click()
    return seen(app.run())


def labels(app: AppTest) -> list[str]:
    return [b.label for b in app.button]


def said(app: AppTest) -> str:
    return " ".join(h.value for h in app.html)


def shown(app: AppTest) -> str:
    return "\n".join(t.value for t in app.text)


def table(app: AppTest) -> list[dict[str, Any]]:
    return app.dataframe[-1].value.to_dict("records")


def test_an_empty_store_shows_the_form_and_says_that_there_are_no_jobs(store: Store) -> None:
    app = page("runs/page.py")
    assert "Start the run" in labels(app)
    assert not app.dataframe
    app = page("jobs/page.py")
    assert "no jobs yet" in said(app)


def test_all_that_is_missing_is_said_and_nothing_is_started(store: Store) -> None:
    app = page("runs/page.py")
    app.selectbox(key="new run kind").select("Model by hub id or folder")
    app.selectbox(key="new run examples").select("A file")
    app = press(app, "Start the run")
    for part in ("run needs a name", "Name the examples", "Name a model"):
        assert part in said(app)
    assert current_jobs(store) == []


def test_a_visitor_can_name_no_variable_but_a_key_s(store: Store) -> None:
    make_run(store, "old", 1)
    app = page("runs/page.py")
    app.selectbox(key="new run kind").select("OpenAI-compatible endpoint").run()
    app.text_input(key="new run url").input("http://localhost:1/v1")
    app.text_input(key="new run served").input("m")
    app.text_input(key="new run variable").input("HOME")
    app.selectbox(key="new run examples").select("Another run's")
    app.text_input(key="new run run").input("r").run()
    assert "HOME&#x27; may not be used as a key here" in said(press(app, "Start the run"))
    assert current_jobs(store) == []


def test_an_intermediate_text_is_given_by_the_form_as_by_the_command(store: Store) -> None:
    make_run(store, "old", 1)
    app = page("runs/page.py")

    def command() -> list[str]:
        (shown,) = [c.value for c in app.code if c.value.startswith("sit predict")]
        return [word for word in shlex.split(shown) if word.startswith(("--cond", "--g", "--p"))]

    assert command() == []
    app.selectbox(key="new run given.condition").select("written").run()
    app.text_area(key="new run given.text").input("It rains.").run()
    app.selectbox(key="new run given.place").select("output").run()
    assert seen(app)
    words = ["--condition=written", "--place=output", "--given-text=It rains."]
    assert command() == words
    app.selectbox(key="new run given.condition").select("negative").run()
    assert seen(app)
    assert "--condition=negative" in command()
    app.selectbox(key="new run kind").select("OpenAI-compatible endpoint").run()
    app.selectbox(key="new run given.condition").select("true").run()
    assert "continue_by" in " ".join(b.key or "" for b in app.selectbox)
    app.selectbox(key="new run given.condition").select("own").run()
    app.selectbox(key="new run given.from_run").select("old").run()
    assert "--given-from=old" in command()


@pytest.mark.usefixtures("fake_in_jobs")
def test_a_run_is_started_as_exactly_the_command_that_is_shown(
    store: Store,
    folder: Path,
    tmp_path: Path,
) -> None:
    make_run(store, "old", 2)
    app = page("runs/page.py")
    app.selectbox(key="new run kind").select("OpenAI-compatible endpoint").run()
    app.text_input(key="new run url").input("http://localhost:1/v1")
    app.text_input(key="new run served").input("m")
    app.selectbox(key="new run examples").select("Another run's")
    app.text_input(key="new run run").input("mine, *bold*").run()
    (command,) = [c.value for c in app.code if c.value.startswith("sit predict")]
    (folder / "gate-1").touch()
    press(app, "Start the run")
    (job,) = current_jobs(store)
    assert shlex.split(command)[1:] == list(job.command)
    assert job.run == "mine, *bold*"
    until(lambda: current_job(store, job.id).done == 1)
    app = page("runs/page.py", run="mine, *bold*")  # another visitor, or the app started anew
    assert "1 of 2" in app.get("progress")[0].proto.text
    assert "Cancel" in labels(app)
    assert {r["Run"]: r["State"] for r in table(app)} == {
        "old": "imported",
        "mine, *bold*": "unfinished (running)",
    }
    (folder / "open").touch()
    assert ended(store, job).state == JobState.DONE
    app = page("runs/page.py", run="mine, *bold*")
    assert "2 of 2 outputs" in said(app)
    assert "Cancel" not in labels(app)
    assert table(app)[0]["State"] == "complete"
    assert any('"written": 2' in c.value for c in app.code)  # the log
    press(app, "Make a study")
    assert app.session_state["new study runs"] == ["mine, *bold*"]


@pytest.mark.usefixtures("fake_in_jobs")
def test_a_dead_run_is_shown_as_dead_and_resumed_from_the_page(
    store: Store,
    folder: Path,
    tmp_path: Path,
) -> None:
    (folder / "gate-1").touch()
    wanted = options(examples_file(tmp_path, "a", "b"))
    job = start_job(store, ACTION.words(wanted), title="Run r", run="r")
    until(lambda: (folder / "waiting").exists() and list_runs(store)[0].outputs == 1)
    kill_nine(current_job(store, job.id))
    app = page("runs/page.py", run="r")
    assert "it can be resumed" in said(app)
    assert table(app)[0]["State"] == "unfinished (dead)"
    (folder / "open").touch()
    press(app, "Resume")
    assert ended(store, job).state == JobState.DONE
    assert sorted(calls(folder)) == ["a", "b"]


@pytest.mark.usefixtures("fake_in_jobs")
def test_a_run_is_cancelled_from_the_page_and_keeps_what_came(
    store: Store,
    folder: Path,
    tmp_path: Path,
) -> None:
    (folder / "gate-1").touch()
    wanted = options(examples_file(tmp_path, "a", "b"))
    job = start_job(store, ACTION.words(wanted), title="Run r", run="r")
    until(lambda: (folder / "waiting").exists() and list_runs(store)[0].outputs == 1)
    press(page("jobs/page.py"), "Cancel")
    assert ended(store, job).state == JobState.CANCELLED
    app = page("jobs/page.py", job=str(job.id))
    assert "what was written is kept" in said(app)
    assert list_runs(store)[0].outputs == 1
    assert "Resume" in labels(app)


def test_errors_are_listed_with_their_reasons(
    store: Store,
    folder: Path,
    tmp_path: Path,
) -> None:
    from sit_core.predict.run import predict

    wanted = options(examples_file(tmp_path, "a", "an error"))
    predict(wanted, Context(store, job=1))
    app = page("runs/page.py", run="r")
    assert "1 of 2 examples got no output" in said(app)
    assert app.dataframe[0].value["reason"].tolist() == [
        "The prompt is longer than the model's context."
    ]


def test_what_jobs_say_is_never_markup(store: Store) -> None:
    from sit_core.jobs.process import this_host
    from sit_core.store.jobs import add_job

    evil = "<img src=x onerror=alert(1)> ![x](http://x/y.png) $x$"
    job = add_job(store, ["predict", evil], title=evil, folder="/", host=this_host(), run=evil)
    end_job(store, job, JobState.FAILED, evil)
    for app in (page("jobs/page.py", job=str(job.id)), page("runs/page.py", run=evil)):
        assert "<img" not in said(app)
        assert evil in shown(app)
        assert not any(evil in m.value for m in app.markdown)


def test_an_address_with_an_unknown_job_or_run_is_one_sentence(store: Store) -> None:
    make_run(store, "old", 1)
    assert "There is no run 'older'" in shown(page("runs/page.py", run="older"))
    from sit_core.jobs.process import this_host
    from sit_core.store.jobs import add_job

    add_job(store, ["x"], title="x", folder="/", host=this_host())
    assert "There is no job 77" in said(page("jobs/page.py", job="77"))


def test_an_uploaded_file_is_kept_for_the_job(store: Store, tmp_path: Path) -> None:
    app = page("runs/page.py")
    app.selectbox(key="new run examples").select("A file").run()
    row = {"instruction": "Do.", "input": "x"}
    app.file_uploader[0].upload("../my set.jsonl", (json.dumps(row) + "\n").encode())
    seen(app.run())
    (command,) = [c.value for c in app.code if c.value.startswith("sit predict")]
    (word,) = [w for w in shlex.split(command) if w.startswith("--examples=file:")]
    path = Path(word.removeprefix("--examples=file:"))
    assert json.loads(path.read_text()) == row
    assert tmp_path in path.parents


def many_jobs(store: Store, *states: JobState) -> list[int]:
    from sit_core.jobs.process import this_host
    from sit_core.store.jobs import add_job

    made = []
    for state in states:
        job = add_job(store, ["runs"], title="x" * 300, folder="/", host=this_host(), run="r")
        end_job(store, job, state, f"It is {state}.")
        made.append(job.id)
    return made


def test_jobs_are_picked_by_state_and_the_address_says_so(store: Store) -> None:
    done, failed, dead = many_jobs(store, JobState.DONE, JobState.FAILED, JobState.DEAD)
    app = page("jobs/page.py")
    assert [r["Job"] for r in table(app)] == [dead, failed, done]
    pills = app.pills[0]
    assert pills.options == ["done 1", "failed 1", "dead 1"]
    pills.select("failed").run()
    assert [r["Job"] for r in table(app)] == [failed]
    assert app.query_params["state"] == "failed"
    app = page("jobs/page.py", state="dead")  # the link, sent to somebody
    assert [r["Job"] for r in table(app)] == [dead]
    assert table(app)[0]["Message"] == "It is dead."


def test_a_job_leads_to_its_run_and_a_run_to_its_job(store: Store) -> None:
    (number,) = many_jobs(store, JobState.FAILED)
    make_run(store, "r", 1)

    def links(app: AppTest) -> set[tuple[str, str]]:
        found = [link.proto for link in app.get("page_link")]
        return {(link.page, link.query_string) for link in found}

    assert ("runs", "run=r") in links(page("jobs/page.py", job=str(number)))
    assert ("jobs", f"job={number}") in links(page("runs/page.py", run="r"))


def test_a_file_is_looked_at_before_anything_is_started(store: Store) -> None:
    app = page("runs/page.py")
    app.selectbox(key="new run examples").select("A file").run()
    app.text_input(key="new run run").input("mine").run()
    app.file_uploader[0].upload("x.jsonl", b'{"question": "<b>Why?</b>", "gold": "so"}\nno json\n')
    assert "The examples can&#x27;t be used: x.jsonl:2:" in said(seen(app.run()))
    press(app, "Start the run")
    assert current_jobs(store) == []
    app.file_uploader[0].upload("y.jsonl", b'{"question": "<b>Why?</b>", "gold": "so"}\n')
    app.text_input(key="new run column input").input("question")
    app.text_input(key="new run column reference").input("gold")
    app = seen(app.run())
    assert "can&#x27;t be used" not in said(app)
    assert "&lt;b&gt;Why?&lt;/b&gt;" in said(app)
    (command,) = [c.value for c in app.code if c.value.startswith("sit predict")]
    assert "--map=input=question --map=reference=gold" in command


def test_the_prompt_set_of_a_new_run_can_be_named(store: Store) -> None:
    app = page("runs/page.py")
    app.text_input(key="new run run").input("mine")
    app.text_input(key="new run prompt_set").input("own set")
    app = seen(app.run())
    (command,) = [c.value for c in app.code if c.value.startswith("sit predict")]
    assert "'--prompt-set=own set'" in command
    app.text_input(key="new run prompt_set").input("x" * 500)
    app = press(app, "Start the run")
    assert "prompt set" in said(app)
    assert current_jobs(store) == []


def test_a_run_nobody_judged_can_be_deleted_others_say_why_not(store: Store) -> None:
    make_run(store, "free", 4)
    used = make_run(store, "used", 4)
    judge(store, None, used[0], "ann", {"repeat": "yes"})
    app = page("runs/page.py", run="used")
    app.button(key="delete run used").click()
    assert "never deleted" in said(seen(app.run()))
    app = page("runs/page.py", run="free")
    app.button(key="delete run free").click()
    assert "free&#x27; is deleted" in said(seen(app.run()))
    assert [run.name for run in list_runs(store)] == ["used"]
