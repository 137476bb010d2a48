"""The Inspect page finds outputs, opens one by link, and shows everything that is known of it."""

import html
import json
from typing import Any

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from pages.inspect_outputs.address import filter_from, link_to, params_of
from pages.inspect_outputs.component import receive
from sit_core.store import open_store
from sit_core.store.browse import Filter
from sit_core.store.schema import predictions
from tests.factories import judge, make_run, make_study, remark
from tests.pages.conftest import own_links

HOSTILE = "<script>x()</script> ![i](https://evil.example/x.png) **b** $x$ :red[r]"


@pytest.fixture
def ids(home_of_its_own) -> list[str]:
    """Two runs of three outputs (the second hostile in every field) and a judged study."""
    store = open_store()
    first = make_run(store, "plain", ["one", "", "three words here"])
    second = make_run(store, HOSTILE, [HOSTILE, "two", "three other words"])
    make_study(store, "s", ["plain", HOSTILE], blind=True, ask_order=True)
    judge(store, "s", first[0], "anna", {"repeat": "yes", "answer": "no"})
    judge(store, "s", first[0], "anna", {"repeat": "partly"})
    remark(store, "s", first[0], "anna", HOSTILE, flagged=True)
    return [*first, *second]


def page(**params) -> AppTest:
    at = AppTest.from_file("../../pages/main.py", default_timeout=20).run()
    at.switch_page("inspect_outputs/page.py")
    at.query_params.clear()
    for name, value in params.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def drawn(at: AppTest) -> dict[str, Any]:
    """What the component is given."""
    (component,) = at.get("bidi_component")
    return json.loads(component.proto.json)


def press(at: AppTest, **wish: Any) -> AppTest:
    """What the component sends when something in it is pressed."""
    receive(at.session_state, wish)
    at.run()
    assert not at.exception
    return at


def joined(text: dict[str, Any] | None) -> str:
    """A text of the component, whole."""
    return "".join(piece for piece, _ in text["pieces"]) if text else ""


def marked(text: dict[str, Any]) -> list[str]:
    """What is marked in it."""
    return [piece for piece, mark in text["pieces"] if mark is not None]


def texts(at: AppTest) -> list[str]:
    """Every text that is drawn of the output, of the question, and of the output beside."""
    opened = drawn(at)["open"]
    asked = opened["question"]
    found = [opened["text"], asked["instruction"], asked["input"], asked["reference"]]
    found += [step["text"] for step in asked["expected"]]
    found += [opened["other"]["text"]] if opened["other"] else []
    return [joined(text) for text in found]


def alerts(at: AppTest) -> str:
    return " ".join(e.value for e in at.html if 'data-kind="' in e.value)


def listed(at: AppTest) -> list[str]:
    """The outputs in the list; an empty one is ∅."""
    return [row["text"] or "∅" for row in drawn(at)["hits"]["rows"]]


def test_an_empty_store_sends_to_the_import_page(home_of_its_own, monkeypatch) -> None:
    monkeypatch.setenv("SIT_STARTER", "0")
    at = page()
    assert "no outputs yet" in alerts(at)
    assert own_links(at, "inspect") == ["Import outputs"]


def test_without_a_filter_all_outputs_are_listed(ids) -> None:
    at = page()
    assert len(listed(at)) == 6
    assert drawn(at)["hits"]["total"] == 6
    assert listed(at)[1] == "∅"


def test_the_list_says_what_everybody_judged(ids) -> None:
    first = drawn(page())["hits"]["rows"][0]
    assert first["said"] == "anna: repeat partly, answer no"
    assert [(one["letter"], one["verdict"], one["by"]) for one in first["verdicts"]] == [
        ("R", "partly", "person"),
        ("A", "no", "person"),
    ]
    assert (first["noted"], first["flagged"]) == (True, True)


@pytest.mark.parametrize(
    ("params", "outputs"),
    [
        ({"run": "plain"}, ["one", "∅", "three words here"]),
        ({"run": ["plain", HOSTILE], "text": "WORDS"}, ["three words here", "three other words"]),
        ({"study": "s", "step": "repeat", "verdict": "partly"}, ["one"]),
        ({"study": "s", "step": "chain", "verdict": "not-done"}, ["one"]),
        ({"study": "s", "step": "answer", "verdict": "done"}, []),
        ({"annotator": "anna"}, ["one"]),
        ({"empty": "1"}, ["∅"]),
        ({"shortest": "3", "longest": "3"}, ["one", "two"]),
    ],
)
def test_an_address_filters(ids, params, outputs) -> None:
    at = page(**params)
    assert listed(at) == outputs
    assert drawn(at)["hits"]["total"] == len(outputs)


def test_widgets_write_the_address(ids) -> None:
    at = page()
    at.multiselect(key="inspect filter runs").select("plain")
    at.selectbox(key="inspect filter study").select("s")
    at.text_input(key="inspect filter text").set_value("three").run()
    assert at.query_params == {"run": "plain", "study": "s", "text": "three"}
    assert listed(at) == ["three words here"]
    at.selectbox(key="inspect filter study").set_value(None).run()
    assert at.query_params == {"run": "plain", "text": "three"}


def test_the_verdicts_asked_for_most_are_one_press_and_the_menu_has_all(ids) -> None:
    at = page(study="s", step="repeat")
    at.segmented_control(key="inspect filter verdict shown").set_value("partly").run()
    assert listed(at) == ["one"]
    assert at.query_params["verdict"] in ("partly", ["partly"])
    at.selectbox(key="inspect filter verdict").set_value("not-done").run()
    assert listed(at) == []
    assert at.segmented_control(key="inspect filter verdict shown").value is None
    (line,) = [e.value for e in at.html if "data-filters" in e.value]
    assert "not done (no)" in line
    at.selectbox(key="inspect filter verdict").set_value("missing").run()
    assert at.segmented_control(key="inspect filter verdict shown").value == "missing"


def test_a_link_opens_exactly_one_output_with_everything_about_it(ids) -> None:
    at = page(sample=ids[0])
    shown = texts(at)
    assert "one" in shown
    assert "Question 0?" in shown
    assert "answer 0" in shown
    data = drawn(at)
    (anna,) = data["open"]["judges"]
    assert (anna["judge"], anna["kind"], anna["study"]) == ("anna", "person", "s")
    assert [
        (one["name"], one["verdict"], [before["verdict"] for before in one["before"]])
        for one in anna["verdicts"]
    ] == [("repeat", "partly", ["yes"]), ("answer", "no", [])]
    assert [(note["note"], note["flagged"]) for note in anna["notes"]] == [(HOSTILE, True)]
    assert (data["open"]["run"], data["open"]["row"]) == ("plain", 1)
    assert (data["position"], data["hits"]["total"]) == (0, 6)
    assert data["open"]["link"].endswith(f"/inspect?sample={ids[0]}")


def test_what_was_given_to_the_model_is_said_and_is_no_step_s_part(home_of_its_own) -> None:
    store = open_store()
    (name,) = make_run(store, "negative", ["Question 0?\nanswer 0"], expected=True)
    given = {"condition": "negative", "steps": ["repeat"], "text": "Question 0?"}
    meta = {"given": given, "given_characters": 12}
    with store.write() as connection:
        connection.execute(update(predictions).where(predictions.c.id == name).values(meta=meta))
    opened = drawn(page(sample=name))["open"]
    assert "first 12 characters were given to the model (condition negative)" in opened["ended"]
    assert joined(opened["text"]) == "Question 0?\nanswer 0"
    assert [tuple(piece) for piece in opened["text"]["pieces"]] == [
        ("Question 0?\n", None),
        ("answer 0", 1),
    ]


def test_an_unknown_sample_is_one_sentence_and_the_list_stays(ids) -> None:
    at = page(sample="nonsense")
    assert "There is no output with the id &#x27;nonsense&#x27;" in alerts(at)
    assert len(listed(at)) == 6


def test_an_empty_output_has_no_text_and_no_verdicts(ids) -> None:
    opened = drawn(page(sample=ids[1]))["open"]
    assert opened["text"]["pieces"] == []
    assert opened["judges"] == []


def test_next_and_previous_walk_through_the_hits(ids) -> None:
    at = page(run="plain", sample=ids[0])
    assert (drawn(at)["before"], drawn(at)["after"]) == (None, ids[1])
    press(at, open=ids[1])
    assert at.query_params["sample"] == ids[1]
    press(at, open=drawn(at)["after"])
    assert "three words here" in texts(at)
    assert drawn(at)["after"] is None
    press(at, open=drawn(at)["before"])
    assert at.query_params == {"run": "plain", "sample": ids[1]}


def test_without_a_choice_the_first_hit_is_shown_and_the_address_stays(ids) -> None:
    at = page(run="plain")
    assert drawn(at)["open"]["id"] == ids[0]
    assert not drawn(at)["chosen"]
    assert at.query_params == {"run": "plain"}
    assert drawn(page(text="nowhere at all"))["open"] is None


def test_an_opened_output_outside_the_filter_is_shown_and_said(ids) -> None:
    at = page(sample=ids[0], run=HOSTILE)
    assert "one" in texts(at)
    data = drawn(at)
    assert (data["position"], data["before"], data["after"]) == (None, None, None)


def test_two_runs_stand_side_by_side_with_their_differences_on_demand(ids) -> None:
    at = page(sample=ids[2], **{"with": HOSTILE})
    assert {"three words here", "three other words"} <= set(texts(at))
    assert drawn(at)["open"]["mark"] == "steps"
    press(at, mark="differences")
    opened = drawn(at)["open"]
    assert (marked(opened["text"]), marked(opened["other"]["text"])) == ([" here"], ["other "])
    assert {"three words here", "three other words"} <= set(texts(at))
    press(at, beside=None)
    assert drawn(at)["open"]["other"] is None
    assert at.query_params == {"sample": ids[2]}
    press(at, beside="plain")  # an output is not laid beside itself
    opened = drawn(at)["open"]
    assert (opened["other"], opened["chosen_beside"]) == (None, None)


def test_a_press_that_overtakes_the_address_of_the_one_before_counts(ids) -> None:
    at = page(sample=ids[0])
    press(at, open=ids[1])
    receive(at.session_state, {"open": ids[2]})
    at.query_params["sample"] = ids[0]  # the browser has not heard of the second output yet
    at.run()
    assert drawn(at)["open"]["id"] == ids[2]
    assert at.query_params["sample"] in (ids[2], [ids[2]])


def test_the_comparison_stays_while_walking_on(ids) -> None:
    at = page(sample=ids[1], **{"with": HOSTILE})
    press(at, open=drawn(at)["after"])
    assert at.query_params == {"sample": ids[2], "with": HOSTILE}
    assert "three other words" in texts(at)


def test_a_run_without_an_output_for_the_example_is_said(ids) -> None:
    make_run(open_store(), "short", 1)
    at = page(sample=ids[2], **{"with": "short"})
    opened = drawn(at)["open"]
    assert {"name": "short", "place": 2, "there": False} in opened["beside"]
    assert (opened["chosen_beside"], opened["other"]) == ("short", None)
    assert "three words here" in texts(at)


def test_the_expected_text_is_marked_in_the_output_on_demand(home_of_its_own) -> None:
    from sit_core.records import Step

    steps = [Step("repeat", "R", "repeat", "where do cats sleep"), Step("answer", "A", "answer")]
    (one,) = make_run(open_store(), "a", ["Where do cats sleep? On mats."], steps=steps)
    at = page(sample=one)
    assert "where do cats sleep" in texts(at)
    assert drawn(at)["open"]["marks"] == ["steps", "expected"]
    press(at, mark="expected")
    opened = drawn(at)["open"]
    assert marked(opened["question"]["expected"][0]["text"]) == ["where do cats sleep"]
    assert marked(opened["text"]) == ["Where do cats sleep"]
    press(at, mark="nothing there is")
    assert drawn(at)["open"]["mark"] == "steps"


def test_the_list_turns_to_the_page_of_what_is_opened(home_of_its_own) -> None:
    made = make_run(open_store(), "long", 230)
    at = page(sample=made[150])
    hits = drawn(at)["hits"]
    assert (hits["start"], len(hits["rows"]), hits["total"]) == (100, 100, 230)
    press(at, start=200)
    assert drawn(at)["hits"]["rows"][0]["number"] == 201
    assert drawn(at)["open"]["id"] == made[150]
    press(at, open=made[99])
    assert drawn(at)["hits"]["start"] == 0
    at.text_input(key="inspect filter text").set_value("output 22").run()
    assert drawn(at)["hits"]["total"] == 11


def test_what_is_no_message_changes_nothing(ids) -> None:
    at = page(sample=ids[0])
    before = drawn(at)
    for message in (None, 7, [], {"open": 3}, {"start": "x"}, {"start": -5}, {"beside": 1}):
        receive(at.session_state, message)
    at.run()
    assert drawn(at) == before
    press(at, start=10**8, turn=4)
    assert (drawn(at)["hits"]["start"], drawn(at)["turn"]) == (0, 4)


def test_what_an_address_names_and_is_not_there_is_said_and_dropped(ids) -> None:
    at = page(run=["plan", "plain"], study="S", annotator="ann", step="recite", verdict="maybe")
    said = html.unescape(alerts(at))
    for name in ("'plan'", "'S'", "'ann'", "'recite'", "'maybe'"):
        assert f"There is no {name}"[:11] in said
        assert name in said
    assert len(listed(at)) == 3
    assert at.query_params == {"run": "plain"}


def test_hostile_texts_are_shown_as_text(ids) -> None:
    at = page(sample=ids[3])
    assert HOSTILE in texts(at)
    rendered = [e.value for e in (*at.markdown, *at.caption)]
    rendered += [b.label for b in at.button] + [e.label for e in at.expander]
    assert not any("evil" in text for text in rendered)
    assert not any("<script" in e.value for e in at.html)
    at = page(annotator="anna", step="chain", remark="flagged", shortest="0")
    (line,) = [e.value for e in at.html if "data-filters" in e.value]
    assert "judged by anna · step" in line
    assert "flagged · 0 characters or more" in line
    (more,) = [p.proto.popover.label for p in at.get("popover")]
    assert more == "More · 4"


def test_an_address_and_a_filter_say_the_same() -> None:
    of = Filter(
        runs=("a", "b,c"),
        study="s",
        annotator="x",
        step="chain",
        verdict="not-done",
        partly_done=False,
        shortest=0,
        longest=9,
        text="t",
        empty_only=True,
    )
    assert filter_from(params_of(of, "id")) == of
    assert params_of(Filter(), None) == {}
    assert filter_from({"verdict": ["followed"], "shortest": ["-1"], "longest": ["x"]}) == Filter(
        verdict="done"
    )


def test_a_link_is_the_pages_own_address_with_the_sample_only() -> None:
    assert link_to("abc", "http://h:1/sub/inspect?run=x#y") == "http://h:1/sub/inspect?sample=abc"
    assert link_to("abc", None) == "/inspect?sample=abc"
