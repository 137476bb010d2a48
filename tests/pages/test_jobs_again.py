"""Again with changes: the form holds what the job was asked for, and starts what it then says."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sit_core.jobs import current_jobs
from sit_core.jobs import start as starting
from sit_core.jobs.process import this_host
from sit_core.store import Store
from sit_core.store.jobs import JobState, add_job, end_job, get_job
from tests.factories import make_run
from tests.pages.test_runs import labels, page, press, said


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The one database that matters here; jobs are noted, but not begun."""
    monkeypatch.setenv("SIT_STARTER", "0")
    monkeypatch.setattr(starting, "_spawn", lambda *_: None)
    return sqlite_store


def opened(store: Store, *words: str) -> tuple[AppTest, int]:
    """The form of an ended job of these words."""
    job = add_job(store, words, title="t", folder="/", host=this_host())
    end_job(store, get_job(store, job.id), JobState.FAILED, "It failed.")
    app = page("jobs/page.py", job=str(job.id))
    return press(app, "Again with changes"), job.id


def command(app: AppTest) -> list[str]:
    """The command of the form: the last one that is shown."""
    return shlex.split([c.value for c in app.code if c.value.startswith("sit ")][-1])[1:]


ODD = (
    ("score", "--run=a,b", "--run=-x", "--metrics=f1,accuracy", "--layers=3", "--again"),
    ("score", "--run=m", "--metrics="),
    (
        *("predict", "--model=-m", "--backend=openai", "--base-url=http://localhost:8000/v1"),
        *("--key-env=MY_API_KEY", "--seed=9223372036854775807", "--temperature=0.7"),
        *("--stop=\n\n", "--stop=###", "--thoughts=keep", "--instruction=two\nlines "),
        *("--examples=microlab:repeat", "--map=input=a b", "--run=größe=2"),
    ),
)


@pytest.mark.parametrize("words", ODD, ids=lambda words: words[0])
def test_what_is_not_touched_is_asked_for_again(store: Store, words: tuple[str, ...]) -> None:
    app, _ = opened(store, *words)
    assert sorted(command(app)) == sorted(words)


def test_a_change_stands_in_the_new_job(store: Store) -> None:
    make_run(store, "m", 2)
    app, earlier = opened(
        store, "score", "--run=m", "--metrics=accuracy", "--tokenizer=rouge_score"
    )
    app.selectbox(key=f"again {earlier} tokenizer").select("unicode").run()
    app.text_input(key=f"again {earlier} metrics").input("accuracy, f1").run()
    asked = ["score", "--run=m", "--metrics=accuracy,f1"]
    assert command(app) == asked
    app = press(app, "Start it")
    new = current_jobs(store)[0]
    assert (new.id != earlier, list(new.command)) == (True, asked)
    assert app.query_params["job"] == str(new.id)


def test_what_is_wrong_is_said_and_nothing_is_started(store: Store) -> None:
    app, earlier = opened(store, "score", "--run=gone", "--tokenizer=rouge_score")
    app.text_input(key=f"again {earlier} metrics").input("acuracy").run()
    found = said(press(app, "Start it"))
    assert "There is no run" in found
    assert "accuracy" in found
    assert [job.id for job in current_jobs(store)] == [earlier]


def test_a_run_is_not_written_over(store: Store) -> None:
    make_run(store, "mine", 2)
    app, earlier = opened(store, "predict", "--model=m", "--examples=microlab", "--run=mine")
    assert "mine" in said(press(app, "Start it"))
    assert [job.id for job in current_jobs(store)] == [earlier]


def test_jobs_of_other_commands_have_no_form(store: Store) -> None:
    job = add_job(store, ["import", "x"], title="t", folder="/", host=this_host())
    assert "Again with changes" not in labels(page("jobs/page.py", job=str(job.id)))


def test_a_command_that_is_no_longer_in_order_is_a_sentence(store: Store) -> None:
    app, _ = opened(store, "score", "--run=m", "--gone=1")
    assert "no option" in said(app)


def test_the_file_that_a_job_names_is_read_where_it_was_called(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "mixture.yaml").write_text("sources: [a.json]\nchains: [R+A]\nseed: 7\n")
    words = ["augment", "--config=mixture.yaml", "--out=o.jsonl"]
    job = add_job(store, words, title="t", folder=str(tmp_path), host=this_host())
    end_job(store, get_job(store, job.id), JobState.FAILED, "It failed.")
    app = press(page("jobs/page.py", job=str(job.id)), "Again with changes")
    app.number_input(key=f"again {job.id} seed").set_value(8).run()
    assert {"--seed=8", "--out=o.jsonl"} < set(command(app))
    assert "a.json" in app.text_area(key=f"again {job.id} others").value
    assert str(tmp_path) in said(app)


def test_what_has_no_widget_is_there_as_yaml(store: Store, tmp_path: Any) -> None:
    app, earlier = opened(
        store, "train", "--config=it", '--set=name="t"', '--set=model.base="b"',
        '--set=data.train="d.jsonl"', "--set=method.rank=4",
    )  # fmt: skip
    area = app.text_area(key=f"again {earlier} others")
    assert "rank: 4" in area.value
    area.input(area.value.replace("rank: 4", "rank: 5")).run()
    assert "--set=method.rank=5" in command(app)
    area = app.text_area(key=f"again {earlier} others")
    area.input("method: {rank: 0}").run()
    assert "rank" in said(app)
