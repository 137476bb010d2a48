"""Home: what it says of a store, where its links lead, and that old links still open Annotate."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.home.content import job_line
from sit_core.embedded.shipped import NAME
from sit_core.jobs import JobState
from sit_core.results.leaderboard.build import leaderboard
from sit_core.starter import STUDY, ensure_starter
from sit_core.store import Store
from sit_core.store.jobs import add_job, end_job
from tests.factories import judge_whole, make_run, make_study

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The one database that matters here, without the starter study."""
    monkeypatch.setenv("SIT_STARTER", "0")
    monkeypatch.setenv("SIT_WARM", "0")
    return sqlite_store


def opened(who: str = "", **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    if who:
        app.session_state["annotator"] = who
    app.run()
    assert not app.exception
    return app


def home(who: str = "") -> dict[str, Any]:
    """What the component is given."""
    (component,) = opened(who).get("bidi_component")
    return json.loads(component.proto.json)


def step(data: dict[str, Any], label: str) -> tuple[str, str]:
    """Number and words of one step of the work."""
    return next((one["value"], one["words"]) for one in data["way"] if one["label"] == label)


def test_a_fresh_store_offers_its_starter_study(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIT_STARTER", "1")
    data = home()
    assert not data["empty"]
    assert [line["name"] for line in data["resume"]] == [STUDY]
    assert data["resume"][0]["href"] == "annotate?study=Try+it%3A+repeat%2C+then+answer"


def test_an_empty_store_offers_the_example_and_says_what_to_do(store: Store) -> None:
    data = home()
    assert data["empty"]
    assert data["research"] == "import"
    assert step(data, "Outputs") == ("", "import or generate")
    assert data["resume"] == data["jobs"] == []
    assert data["best"] is None
    assert not data["counting"]  # nothing is there to be counted


def test_where_the_program_has_no_example_it_offers_none(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sit_core.starter.FOLDER", tmp_path)
    assert not home()["empty"]


def test_the_steps_of_the_work_say_how_much_there_is(store: Store) -> None:
    make_run(store, "a", 6)
    make_run(store, "b", 6)
    make_study(store, "s", ["a", "b"], annotators=2)
    make_study(store, "t", ["a"])
    judge_whole(store, "s", "Ann", 5)
    data = home()
    assert step(data, "Outputs") == ("12", "in 2 runs")
    assert step(data, "Studies") == ("2", "18 samples")
    assert step(data, "Judged") == ("5", "of 30 judgments")
    assert step(data, "Results") == ("1", "study with rates")
    assert data["way"][2]["share"] == 5 / 30


def test_studies_stand_in_the_order_in_which_one_goes_on(store: Store) -> None:
    make_run(store, "a", 4)
    for name in ("whole", "older", "newer", "latest"):
        make_study(store, name, ["a"])
    judge_whole(store, "whole", "Ann", 4, at=9.0)
    judge_whole(store, "older", "Ann", 1, at=2.0)
    judge_whole(store, "newer", "Bob", 3, at=3.0)
    assert [line["name"] for line in home()["resume"]] == ["latest", "newer", "older"]
    lines = home("Ann")["resume"]
    assert [line["name"] for line in lines] == ["older", "latest", "newer"]
    assert lines[0]["words"] == "3 of 4 judgments left, 1 by you"
    assert lines[0]["state"] == "25 %"
    assert lines[2]["words"] == "1 of 4 judgments left"


def test_a_study_that_is_judged_leads_to_its_results(store: Store) -> None:
    make_run(store, "a", 2)
    make_study(store, "s & t", ["a"])
    judge_whole(store, "s & t", "Ann", 2)
    (line,) = home()["resume"]
    assert line["href"] == "results?study=s+%26+t"
    assert line["words"] == "all judged: see the results"
    assert (line["state"], line["tone"]) == ("100 %", "green")


def test_the_best_are_shown_once_they_are_counted(store: Store) -> None:
    ensure_starter(store)
    waiting = home()
    assert waiting["best"] is None
    assert waiting["counting"]
    assert step(waiting, "Leaderboard")[0] == "…"
    board = leaderboard(store)  # what the browser asks for once the page is there
    app = opened()
    data = json.loads(app.get("bidi_component")[0].proto.json)
    assert not data["counting"]
    assert data["best"]["by"] == "by rules, an estimate"
    shown = [(one["system"], one["share"]) for one in data["best"]["systems"]]
    rates = {row.system: row.figures["following_rule"].value for row in board.rows}
    assert [rate for _, rate in shown] == sorted(rates.values(), reverse=True)[:3]
    assert all(rates[system] == rate for system, rate in shown)
    assert step(data, "Leaderboard") == ("5", "systems")
    assert sum(NAME in caption.value for caption in app.caption) == 1


def test_recent_jobs_say_how_they_ended(store: Store) -> None:
    job = add_job(store, ["score", "--run=m"], title="Scores of <m>", folder="/", host="here")
    end_job(store, job, JobState.FAILED, "It did not work.")
    (line,) = home()["jobs"]
    assert line["name"] == "Scores of <m>"
    assert (line["state"], line["tone"], line["icon"]) == ("failed", "red", "calculate")
    assert line["href"] == f"jobs?job={job.id}"


def test_a_job_tells_how_long_ago_it_was(store: Store) -> None:
    job = add_job(store, ["predict"], title="t", folder="/", host="here")
    assert job_line(job, time.time() + 600)["words"] == "10 min ago"


def test_an_old_link_with_a_study_opens_annotate_with_it(store: Store) -> None:
    make_run(store, "a", 2)
    for name in ("other", "s", "newest"):
        make_study(store, name, ["a"])
    app = opened(study="s")
    assert [field.label for field in app.text_input] == ["Your name"]
    assert "Start with s" in [button.label for button in app.button]
    assert app.query_params["study"] == "s"


def test_an_old_link_with_study_and_name_opens_the_desk(store: Store) -> None:
    make_run(store, "a", 2)
    make_study(store, "s", ["a"])
    make_study(store, "newest", ["a"])
    desk = opened(study="s", annotator="Ann").get("bidi_component")[-1]
    shown = json.loads(desk.proto.json)["study"]
    assert (shown["name"], shown["annotator"]) == ("s", "Ann")
    assert opened(annotator="Bob").get("bidi_component")[0].proto.component_name != "home"


def test_an_old_link_opens_the_very_sample(store: Store) -> None:
    ids = make_run(store, "a", 3)
    make_study(store, "s", ["a"])
    for address in ({"study": "s", "sample": ids[2]}, {"sample": ids[2]}):
        desk = opened("Ann", **address).get("bidi_component")[-1]
        assert json.loads(desk.proto.json)["open"] == ids[2]
