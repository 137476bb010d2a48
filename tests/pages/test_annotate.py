"""Before the desk: the study cards, the name, old addresses, as the components are given them."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.annotate.start import LONGEST
from sit_core.annotation.responses import study_token
from sit_core.annotation.session import exchange
from sit_core.store import Store
from sit_core.store.practice import PracticeSample, add_practice, require_practice
from sit_core.store.studies import Study, get_study
from tests.factories import make_run, make_study
from tests.pages.test_runs import MAIN, page, seen

NAME = "annotate/page.py"
HOSTILE = "[x](http://evil.example) **b** :red[c] :smile: $d$ <img src=y>"


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SIT_STARTER", "0")
    make_run(sqlite_store, "a", 5)
    make_run(sqlite_store, "b", 5)
    return sqlite_store


def components(at: AppTest) -> list[dict[str, Any]]:
    """What the components of the page were given, in order."""
    return [json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.json]


def cards(at: AppTest) -> dict[str, Any]:
    return next(found for found in components(at) if "cards" in found)


def desk_of(at: AppTest) -> dict[str, Any] | None:
    return next((found for found in components(at) if "reply" in found), None)


def judged(store: Store, study: Study, who: str, times: int, seconds: float | None = None) -> None:
    reply = exchange(store, study, who)
    for _ in range(times):
        item = {
            "id": "x",
            "prediction": reply["hand"][0],
            "verdicts": {"repeat": "yes", "answer": "yes"},
            "seconds": seconds,
        }
        reply = exchange(store, study, who, {"submissions": [item]})


def test_a_card_says_what_how_far_and_how_long(store: Store) -> None:
    study = make_study(store, "one", ["a", "b"], annotators=2, blind=True)
    judged(store, study, "Ann", 3, 30.0)
    at = page(NAME)
    card = cards(at)["cards"][0]
    assert card["what"] == "5 examples × 2 runs, 2 people per sample, blind"
    assert (card["left"], card["mine"], card["done"], card["total"]) == (10, 0, 3, 20)
    assert (card["time"], card["people"]) == ("5 min", 1)
    assert [(s["letter"], s["kind"]) for s in card["steps"]] == [("R", "R"), ("A", "A")]
    at = AppTest.from_file(MAIN, default_timeout=30).run()
    at.session_state["annotator"] = "Ann"  # as somebody who comes back from the desk
    at = seen(at.switch_page(NAME).run())
    card = cards(at)["cards"][0]
    assert (card["left"], card["mine"]) == (7, 3)
    assert at.text_input[0].value == "Ann"


def test_without_measured_times_none_is_said(store: Store) -> None:
    study = make_study(store, "one", ["a"])
    judged(store, study, "Ann", 4)
    assert cards(page(NAME))["cards"][0]["time"] is None


def test_what_is_done_comes_last_and_the_first_is_chosen(store: Store) -> None:
    make_study(store, "older", ["a"])
    newest = make_study(store, "newest", ["b"])
    assert [card["name"] for card in cards(page(NAME))["cards"]] == ["newest", "older"]
    judged(store, newest, "Ann", 5)
    found = cards(page(NAME))
    assert [card["name"] for card in found["cards"]] == ["older", "newest"]
    assert found["chosen"] == study_token(get_study(store, "older"))


def test_practice_is_announced(store: Store) -> None:
    study = make_study(store, "one", ["a"])
    add_practice(store, study, [PracticeSample("", "q", "x")])
    assert cards(page(NAME))["cards"][0]["what"].endswith("1 practice sample")
    require_practice(store, study, True)
    assert cards(page(NAME))["cards"][0]["what"].endswith("1 practice sample first")


def test_a_typed_name_and_start_lead_to_the_desk_of_the_chosen_study(store: Store) -> None:
    make_study(store, "older", ["a"])
    make_study(store, "newest", ["b"])
    at = page(NAME, study="older")
    assert desk_of(at) is None
    at.text_input[0].set_value("  Ann   Lee ")
    at.button[0].click().run()
    desk = desk_of(at)
    assert desk is not None
    assert (desk["study"]["name"], desk["study"]["annotator"]) == ("older", "Ann Lee")
    assert at.query_params["study"] == "older"


def test_no_name_is_one_sentence(store: Store) -> None:
    make_study(store, "one", ["a"])
    at = page(NAME)
    at.button[0].click().run()
    assert desk_of(at) is None
    assert any('data-kind="error"' in one.value for one in at.html)


@pytest.mark.parametrize("annotator", ["Ann", HOSTILE[:80]])
def test_an_address_with_study_and_name_is_the_desk(store: Store, annotator: str) -> None:
    make_study(store, "one", ["a"])
    make_study(store, "two", ["b"])
    desk = desk_of(page(NAME, study="one", annotator=annotator))
    assert desk is not None
    assert (desk["study"]["name"], desk["study"]["annotator"]) == ("one", annotator)


def test_an_address_with_a_sample_alone_finds_its_study(store: Store) -> None:
    one = make_study(store, "one", ["a"])
    make_study(store, "two", ["b"])
    sample = exchange(store, one, "Ben")["hand"][0]
    desk = desk_of(page(NAME, sample=sample, annotator="Ann"))
    assert desk is not None
    assert (desk["study"]["name"], desk["open"]) == ("one", sample)


def test_an_unknown_study_is_named_with_the_nearest(store: Store) -> None:
    make_study(store, "study", ["a"])
    at = page(NAME, study="studdy", annotator="Ann")
    assert any("did you mean &#x27;study&#x27;?" in one.value for one in at.html)
    assert cards(at)["cards"]


def test_names_are_texts_in_labels_too(store: Store) -> None:
    make_study(store, HOSTILE, ["a"])
    study = get_study(store, HOSTILE)
    judged(store, study, HOSTILE[:80].strip(), 1)
    at = page(NAME)
    start = at.button[0].label
    pills = at.get("button_group")[0].proto.options[0].content
    for shown in (start, pills):
        for piece in ("](", "**", ":red[", ":smile:", "$d$", "[x]"):
            assert piece not in shown
        assert "\\<img" in shown
    assert not any("evil" in one.value for one in (*at.markdown, *at.caption))
    assert len(start) < 3 * LONGEST


def test_without_studies_it_sends_to_the_import_page(store: Store) -> None:
    at = page(NAME)
    assert any("There is no study yet" in one.value for one in at.html)
