"""The Analyses page: settings in the address, each figure opens its samples, texts stay texts."""

import json
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from pages.analyses.tables import at_place
from sit_core.metrics.registry import Score
from sit_core.store import Store
from sit_core.store.scores import save_scores
from tests.factories import judge, make_run
from tests.pages.test_runs import page, said, seen

EVIL = "<b>model</b> $x$"


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A run with twelve scored outputs, another with none."""
    monkeypatch.setenv("SIT_STARTER", "0")
    inputs = ["word " * (i + 1) for i in range(12)]
    ids = make_run(sqlite_store, EVIL, 12, inputs=inputs)
    made = [Score(one, "accuracy", float(i < 6)) for i, one in enumerate(ids)]
    save_scores(sqlite_store, made, {"accuracy": ""}, "rules-1")
    make_run(sqlite_store, "bare", 2)
    return sqlite_store


def tables(app: AppTest) -> list[dict[str, Any]]:
    """What the components of the tables are given; the points of the figure last."""
    return [json.loads(one.proto.json) for one in app.get("bidi_component")]


def texts(app: AppTest) -> list[str]:
    return [one.value for one in app.text]


def cell_of(table: dict[str, Any], column: str, row: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = table["rows"][row][table["columns"].index(column)]
    return found


def test_an_empty_store_says_what_to_do(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIT_STARTER", "0")
    app = page("analyses/page.py")
    assert "no runs yet" in said(app)


def test_the_address_sets_the_widgets_and_the_widgets_the_address(store: Store) -> None:
    app = page("analyses/page.py", analysis="length", metric="accuracy", smooth="4")
    assert app.number_input(key="analysis length 1 smooth").value == 4
    assert app.multiselect(key="analysis length 1 metric").value == ["accuracy"]
    table, points = tables(app)
    mean = cell_of(table, "mean")
    assert (mean["text"], mean["beside"][0]) == ("50.0", "[")
    assert mean["beside"].endswith("n=12")
    assert len(points["rows"]) == 9
    assert "2 left out: accuracy: not scored yet (sit score --metrics accuracy)." in table["said"]
    app.number_input(key="analysis length 1 smooth").set_value(3)
    app.multiselect(key="analysis length 1 runs").set_value([EVIL])
    seen(app.run())
    assert app.query_params["smooth"] == "3"
    assert app.query_params["run"] == EVIL
    assert app.query_params["metric"] == "accuracy"
    assert not any("left out" in one for one in tables(app)[0]["said"])


def test_what_an_address_says_wrong_is_said_and_dropped(store: Store) -> None:
    app = page("analyses/page.py", analysis="lenght")
    assert "did you mean 'length'" in unescape(said(app))
    app = page("analyses/page.py", analysis="length", smooth="0", nonsense="1", run="nobody")
    words = unescape(said(app))
    assert "at least 1" in words
    assert "'nonsense'" in words
    assert "'nobody'" in words
    assert "No person has judged" in words


def test_a_name_is_text_in_the_table_with_the_colour_of_its_run(store: Store) -> None:
    app = page("analyses/page.py", analysis="length", metric="accuracy", run=EVIL)
    run = cell_of(tables(app)[0], "run")
    assert (run["text"], run["place"]) == (EVIL, 0)
    assert not any(EVIL in one.value for one in app.markdown)


def test_every_figure_opens_exactly_its_samples(store: Store) -> None:
    """By the address of the cell, as a link in another tab has it."""
    from sit_core.analyses.length import LengthConfig, length
    from sit_core.store.browse import Filter, count_hits
    from sit_core.store.sample_lists import keep_samples, list_id, list_title

    asked = {"analysis": "length", "metric": "accuracy", "run": EVIL, "smooth": "4"}
    points = tables(page("analyses/page.py", **asked))[1]
    mean = cell_of(points, "mean", 3)
    address = {"analysis": "length", "run": EVIL, "metric": "accuracy", "smooth": "4"}
    assert points["base"] == f"analyses?{urlencode(address)}"
    table = length(store, LengthConfig(runs=(EVIL,), metric=("accuracy",), smooth=4))
    assert at_place(table, mean["open"])[0] == table.point_samples[3]
    inspect = page("inspect_outputs/page.py", list="nothing")
    assert "no such list" in said(inspect)
    kept = keep_samples(store, table.point_samples[3], f"Length: {EVIL}")
    assert kept == list_id(table.point_samples[3])
    assert count_hits(store, Filter(listed=kept)) == 4
    inspect = page("inspect_outputs/page.py", list=kept)
    assert f"Length: {EVIL}" in texts(inspect)
    assert list_title(store, kept) is not None


def test_back_from_another_page_all_is_as_it_was_left(store: Store) -> None:
    """The browser may bring the other page's parameters with it."""
    app = page("analyses/page.py", analysis="length", metric="accuracy", smooth="3")
    for left in ({}, {"list": "abc"}):
        app.query_params.clear()
        for key, value in left.items():
            app.query_params[key] = value
        seen(app.run())
        assert app.query_params["smooth"] == "3"
        assert "list" not in app.query_params
        assert "setting" not in said(app)


@pytest.mark.parametrize("place", ["", "x", "1.2", "0.9.0", "-1.99.0", "-2.0.0", "0.0.99"])
def test_a_place_that_is_not_there_is_a_sentence(store: Store, place: str) -> None:
    app = page("analyses/page.py", analysis="length", metric="accuracy", open=place)
    assert "no such figure" in said(app)
    assert len(tables(app)) == 2


def test_verdicts_of_others_are_proposed_and_never_taken_by_themselves(store: Store) -> None:
    ids = make_run(store, "judged", 6)
    for one in ids:
        judge(store, None, one, "rules-3", {"repeat": "yes", "answer": "yes"}, kind="rule")
    app = page("analyses/page.py", analysis="length", run="judged")
    assert "No person has judged outputs of these runs. There are verdicts of rules" in said(app)
    assert tables(app) == []
    app.button(key="instead rule").click()
    seen(app.run())
    assert app.query_params["by"] == "rule"
    assert cell_of(tables(app)[0], "mean")["text"] == "100.0"
    assert "No person" not in said(app)
    other = page("analyses/page.py", analysis="length", run="judged", metric="accuracy")
    assert "No person" not in said(other)  # a score needs nobody's verdict


def test_tokens_without_a_tokenizer_say_what_to_do(store: Store) -> None:
    app = page("analyses/page.py", analysis="length", metric="accuracy", unit="tokens")
    assert "--tokenizer" in said(app)
    assert tables(app) == []


def test_with_many_runs_some_are_chosen(store: Store) -> None:
    for number in range(10):
        make_run(store, f"r{number}", 1)
    app = page("analyses/page.py", analysis="length", metric="accuracy")
    assert "There are 12 runs: choose up to 10" in said(app)
    assert tables(page("analyses/page.py", analysis="length", metric="accuracy", run=EVIL))
