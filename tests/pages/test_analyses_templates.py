"""Below *Templates*: a wording is written, tried as a job, scored, and stands in the figure."""

import json
import shlex
from pathlib import Path

import pytest

from sit_core.jobs import JobState, current_jobs
from sit_core.results.run_factors import run_factors
from sit_core.store import Store
from sit_core.store.run_contents import run_examples
from tests.analyses.runs import run_of
from tests.jobs.conftest import ended
from tests.pages.test_runs import labels, page, press, said, seen

TEXT = "Copy the input; after that, give the answer. <b>*now*</b>"


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A run of another's outputs, with factors."""
    monkeypatch.setenv("SIT_STARTER", "0")
    factors = {"method": "SIT", "wording": "1"}
    run_of(sqlite_store, "m", "RA", ["yy", "yn", "nn"], factors, instruction="Repeat, answer.")
    return sqlite_store


@pytest.mark.usefixtures("fake_in_jobs")
def test_a_wording_is_tried_scored_and_shown(store: Store, folder: Path) -> None:
    app = page("analyses/page.py", analysis="templates", by="rule", run="m")
    assert next(b for b in app.button if b.label == "Try it").disabled
    app.selectbox(key="wording kind").select("OpenAI-compatible endpoint").run()
    app.text_input(key="wording url").input("http://localhost:1/v1")
    app.text_input(key="wording served").input("fake")
    app.number_input(key="wording count m").set_value(2)
    app.text_area(key="wording text").input(TEXT).run()
    (command,) = [c.value for c in app.code if c.value.startswith("sit predict")]
    (folder / "open").touch()
    press(app, "Try it")
    (job,) = current_jobs(store)
    assert shlex.split(command)[1:] == list(job.command)
    assert ended(store, job).state == JobState.DONE
    (of,) = run_factors(store, ["m · wording 2"])
    assert (of.value("method"), of.value("wording"), of.value("chain")) == ("SIT", "2", "R+A")
    asked, before = (run_examples(store, name) for name in ("m · wording 2", "m"))
    assert [one.instruction for one in asked] == [TEXT] * 2
    assert [one.input for one in asked] == [one.input for one in before[:2]]
    seen(app.run())
    assert "Not scored yet: m · wording 2" in [one.value for one in app.text]
    press(app, "Score by rules")
    (scoring, _) = current_jobs(store)
    assert ended(store, scoring).state == JobState.DONE
    seen(app.run())
    assert "Score by rules" not in labels(app)
    press(app, "Show them in the figure")
    assert app.query_params["run"] == ["m", "m · wording 2"]
    # Another model made it: a system of its own.
    table = json.loads(app.get("bidi_component")[0].proto.json)
    places = [table["columns"].index(name) for name in ("system", "wording")]
    said_of_rows = [[row[place]["text"] for place in places] for row in table["rows"]]
    assert said_of_rows == [["fake", "2"], ["m", "1"]]


def test_a_wording_that_asks_for_another_chain_is_said(store: Store) -> None:
    app = page("analyses/page.py", analysis="templates", by="rule")
    app.text_area(key="wording text").input("First paraphrase it, then answer.").run()
    assert "asks for P+A; the run has the chain R+A" in said(seen(app))
    app.text_area(key="wording text").input("Sing!").run()
    assert "names no known task" in said(seen(app))
    (command,) = [c.value for c in app.code if c.value.startswith("sit predict")]
    assert "--steps=repeat,answer" in command
