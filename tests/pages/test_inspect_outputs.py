"""The Inspect page finds outputs, opens one by link, and shows everything that is known of it."""

import html
import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.inspect_outputs.address import filter_from, link_to, params_of
from sit_core.store import open_store
from sit_core.store.browse import Filter
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


def texts(at: AppTest) -> list[str]:
    """What every verbatim box shows."""
    boxes = [e.value for e in at.html if "data-verbatim" in e.value]
    return [
        html.unescape(re.sub(r"<[^>]*>", "", b.split("data-verbatim")[1].split(">", 1)[1]))
        for b in boxes
    ]


def alerts(at: AppTest) -> str:
    return " ".join(e.value for e in at.html if 'data-kind="' in e.value)


def listed(at: AppTest) -> list[str]:
    return list(at.dataframe[0].value["Output"])


def test_an_empty_store_sends_to_the_import_page(home_of_its_own, monkeypatch) -> None:
    monkeypatch.setenv("SIT_STARTER", "0")
    at = page()
    assert "no outputs yet" in alerts(at)
    assert own_links(at, "inspect") == ["Import outputs"]


def test_without_a_filter_all_outputs_are_listed(ids) -> None:
    at = page()
    assert len(listed(at)) == 6
    assert any(t.value == "6 outputs" for t in at.text)
    assert listed(at)[1] == "∅"


def test_the_list_says_what_everybody_judged(ids) -> None:
    assert page().dataframe[0].value["Verdicts"][0] == "anna: repeat partly, answer no"


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
    assert (listed(at) if outputs else next(t.value for t in at.text)) == (outputs or "0 outputs")


def test_widgets_write_the_address(ids) -> None:
    at = page()
    at.multiselect(key="inspect filter runs").select("plain")
    at.selectbox(key="inspect filter study").select("s")
    at.text_input(key="inspect filter text").set_value("three").run()
    assert at.query_params == {"run": "plain", "study": "s", "text": "three"}
    assert listed(at) == ["three words here"]
    at.selectbox(key="inspect filter study").set_value(None).run()
    assert at.query_params == {"run": "plain", "text": "three"}


def test_a_link_opens_exactly_one_output_with_everything_about_it(ids) -> None:
    at = page(sample=ids[0])
    shown = texts(at)
    assert "one" in shown
    assert "Question 0?" in shown
    assert "answer 0" in shown
    verdicts, notes = at.dataframe[1].value, at.dataframe[2].value
    assert list(zip(verdicts["Step"], verdicts["Verdict"], verdicts["Stands"], strict=True)) == [
        ("repeat", "partly", "✓"),
        ("repeat", "yes", ""),
        ("answer", "no", "✓"),
    ]
    assert list(notes["Note"]) == [HOSTILE]
    assert any("plain · row 1 · 1 of 6" in t.value for t in at.text)
    assert next(c.value for c in at.code).endswith(f"/inspect?sample={ids[0]}")


def test_an_unknown_sample_is_one_sentence_and_the_list_stays(ids) -> None:
    at = page(sample="nonsense")
    assert "There is no output with the id &#x27;nonsense&#x27;" in alerts(at)
    assert len(listed(at)) == 6


def test_an_empty_output_is_visibly_no_text(ids) -> None:
    at = page(sample=ids[1])
    assert any('data-verbatim="empty"' in e.value for e in at.html)
    assert "(the model wrote nothing)" in texts(at)
    assert any(t.value == "Nobody has judged it yet." for t in at.text)


def test_next_and_previous_walk_through_the_hits(ids) -> None:
    at = page(run="plain", sample=ids[0])
    previous, following = at.button(key=f"inspect p {ids[0]}"), at.button(key=f"inspect n {ids[0]}")
    assert previous.disabled
    following.click().run()
    assert at.query_params["sample"] == ids[1]
    at.button(key=f"inspect n {ids[1]}").click().run()
    assert "three words here" in texts(at)
    assert at.button(key=f"inspect n {ids[2]}").disabled
    at.button(key=f"inspect p {ids[2]}").click().run()
    assert at.query_params == {"run": "plain", "sample": ids[1]}


def test_an_opened_output_outside_the_filter_is_shown_and_said(ids) -> None:
    at = page(sample=ids[0], run=HOSTILE)
    assert "one" in texts(at)
    assert any("not among the hits" in t.value for t in at.text)
    assert at.button(key=f"inspect n {ids[0]}").disabled


def test_two_runs_stand_side_by_side_with_their_differences_on_demand(ids) -> None:
    at = page(sample=ids[2], **{"with": HOSTILE})
    assert {"three words here", "three other words"} <= set(texts(at))
    assert not any("<mark" in e.value for e in at.html)
    at.toggle(key="inspect differences").set_value(True).run()
    marked = [re.findall(r"<mark[^>]*>(.*?)</mark>", e.value) for e in at.html]
    assert [m for m in marked if m] == [[" here"], ["other "]]
    assert {"three words here", "three other words"} <= set(texts(at))


def test_the_comparison_stays_while_walking_on(ids) -> None:
    at = page(sample=ids[1], **{"with": HOSTILE})
    at.button(key=f"inspect n {ids[1]}").click().run()
    assert at.query_params == {"sample": ids[2], "with": HOSTILE}
    assert "three other words" in texts(at)


def test_a_run_without_an_output_for_the_example_is_said(ids) -> None:
    make_run(open_store(), "short", 1)
    at = page(sample=ids[2], **{"with": "short"})
    assert "short has no output for this example" in alerts(at)
    assert "three words here" in texts(at)


def test_the_expected_text_is_highlighted_in_the_output_on_demand(home_of_its_own) -> None:
    from sit_core.records import Step

    steps = [Step("repeat", "R", "repeat", "where do cats sleep"), Step("answer", "A", "answer")]
    (one,) = make_run(open_store(), "a", ["Where do cats sleep? On mats."], steps=steps)
    at = page(sample=one)
    assert "where do cats sleep" in texts(at)
    assert not any("<mark" in e.value for e in at.html)
    at.toggle(key="inspect overlap").set_value(True).run()
    marked = [re.findall(r"<mark[^>]*>(.*?)</mark>", e.value) for e in at.html]
    assert [m for m in marked if m] == [["where do cats sleep"], ["Where do cats sleep"]]


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
