"""The Inspect page finds outputs by their scores and by what rules say of them."""

import html

import pytest

from pages.inspect_outputs.address import filter_from, params_of
from sit_core.metrics.registry import Score
from sit_core.records import Unparsed
from sit_core.store import open_store
from sit_core.store.browse import Filter, ScoreFilter
from sit_core.store.scores import save_scores
from tests.factories import judge, make_run, make_study
from tests.pages.test_inspect_outputs import alerts, drawn, listed, page

EVIL = "<img src=x onerror=alert(1)> **b** $x$"


@pytest.fixture
def ids(home_of_its_own) -> list[str]:
    """Four outputs: ROUGE-L 0.2, 0.5, 1.0 of the step *repeat*, and one without a value."""
    store = open_store()
    made = make_run(store, "m", ["low", "middle", "high", "none", "unscored"])
    values = [0.2, 0.5, 1.0, Unparsed(EVIL)]
    rows = [Score(i, "rouge-l", v, {"repeat": v}) for i, v in zip(made, values, strict=False)]
    save_scores(store, rows, {"rouge-l": "unicode"}, "rules-1")
    shares = [Score(made[0], "accuracy", 1.0), Score(made[1], "accuracy", 0.0)]
    save_scores(store, shares, {"accuracy": ""}, "rules-1")
    return made


@pytest.mark.parametrize(
    ("params", "outputs"),
    [
        ({"metric": "rouge-l", "of": "repeat"}, ["low", "middle", "high"]),
        ({"metric": "rouge-l", "of": "repeat", "how": "unicode", "to": "0.5"}, ["low", "middle"]),
        ({"metric": "rouge-l", "from": "0.5", "to": "0.5"}, ["middle"]),
        ({"metric": "rouge-l", "score": "none"}, ["none"]),
        ({"metric": "rouge-l", "score": "none", "reason": EVIL}, ["none"]),
        ({"metric": "rouge-l", "score": "unscored"}, ["unscored"]),
        ({"metric": "accuracy", "from": "1"}, ["low"]),
    ],
)
def test_an_address_asks_for_scores(ids, params, outputs) -> None:
    at = page(**params)
    assert listed(at) == outputs
    kept = {k: v for k, v in at.query_params.items() if k not in ("how",)}
    assert kept == {k: v for k, v in params.items() if k != "how"}
    assert not any(EVIL in e.value for e in (*at.markdown, *at.caption))
    assert not any(EVIL in b.label or EVIL in (b.help or "") for b in at.button)


def test_widgets_ask_for_scores_and_say_their_values(ids) -> None:
    at = page()
    at.selectbox(key="inspect score kind").select(("rouge-l", "unicode", "repeat")).run()
    assert [row["score"] for row in drawn(at)["hits"]["rows"]] == [0.2, 0.5, 1.0]
    at.number_input(key="inspect score from").set_value(0.4).run()
    assert listed(at) == ["middle", "high"]
    assert at.query_params["from"] == "0.4"
    at.selectbox(key="inspect score state").select("none").run()
    assert listed(at) == ["none"]
    at.selectbox(key="inspect score kind").set_value(None).run()
    assert len(listed(at)) == 5
    assert at.query_params == {}


def test_one_reason_is_left_with_a_press(ids) -> None:
    store = open_store()
    save_scores(
        store,
        [Score(ids[4], "rouge-l", Unparsed("other"))],
        {"rouge-l": "unicode"},
        "rules-1",
    )
    at = page(metric="rouge-l", score="none", reason="other")
    assert listed(at) == ["unscored"]
    assert any(t.value == "No value because: other" for t in at.text)
    at.button(key="inspect any reason").click().run()
    assert listed(at) == ["none", "unscored"]


def test_an_unknown_score_is_said_and_dropped(ids) -> None:
    at = page(metric="rouge-2")
    assert "There is no score 'rouge-2'; did you mean 'rouge-l'" in html.unescape(alerts(at))
    assert len(listed(at)) == 5
    at = page(metric="rouge-l", score="lost", **{"from": "7", "to": "x"})
    assert "There is no state of a score 'lost'" in html.unescape(alerts(at))
    assert listed(at) == ["low", "middle", "high"]


def test_an_output_shows_its_scores_with_reasons(ids) -> None:
    found = drawn(page(sample=ids[3]))["open"]["scores"]
    assert [(one["step"], one["value"]) for one in found] == [("all", None), ("repeat", None)]
    assert [one["reason"] for one in found] == [EVIL, EVIL]
    found = drawn(page(sample=ids[0]))["open"]["scores"]
    assert [one["value"] for one in found] == ["1.000", "0.200", "0.200"]


def test_samples_on_which_rules_and_people_differ_are_found(ids) -> None:
    store = open_store()
    make_study(store, "s", ["m"])
    for one, people, rules in zip(ids, ("yes", "no", "no"), ("yes", "yes", "no"), strict=False):
        judge(store, "s", one, "ann", {"repeat": people, "answer": "yes"})
        judge(store, None, one, "rules-1", {"repeat": rules, "answer": "yes"}, kind="rule")
    at = page(study="s", step="repeat", rule="differs")
    assert listed(at) == ["middle"]
    assert page(study="s", step="chain", rule="differs").query_params["rule"] == "differs"
    at.button(key="inspect any ruling").click().run()
    assert len(listed(at)) == 5
    for wrong in ({"rule": "differs"}, {"rule": "differ", "study": "s", "step": "repeat"}):
        at = page(**wrong)
        assert "ul" in alerts(at)
        assert len(listed(at)) == 5
        assert "rule" not in at.query_params


def test_an_address_and_a_filter_say_the_same() -> None:
    for of in (
        Filter(score=ScoreFilter("rouge-l", "unicode", "repeat", least=0.25, most=1.0)),
        Filter(score=ScoreFilter("accuracy", state="none", reason="no answer")),
        Filter(study="s", step="chain", rule="differs"),
    ):
        assert filter_from(params_of(of, None)) == of
