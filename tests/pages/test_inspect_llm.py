"""The Inspect page on LLM judges: where they differ, and what they replied, word for word."""

import pytest

from pages.inspect_outputs.address import filter_from, params_of
from sit_core.records import Verdict
from sit_core.store import open_store
from sit_core.store.browse import Filter
from sit_core.store.judge_replies_writer import KeptReply, QuestionResult, save_answers
from tests.factories import judge, make_run, make_study
from tests.pages.test_inspect_outputs import HOSTILE, alerts, drawn, joined, listed, page

J, K = "seqeval · m · abc123", f"{HOSTILE[:60]} · n · 1"


@pytest.fixture
def ids(home_of_its_own) -> list[str]:
    """Three outputs: people and both judges said something of the first two."""
    store = open_store()
    made = make_run(store, "r", ["one", "two", "three"])
    make_study(store, "s", ["r"])
    for prediction, said, verdict in zip(made, ("yes", "no"), ("yes", "yes"), strict=False):
        judge(store, "s", prediction, "ann", {"repeat": said, "answer": said})
        answer = QuestionResult(
            prediction, "follow", Verdict(verdict), 4.5, provenance={"key": prediction}
        )
        save_answers(store, J, [answer], [KeptReply(prediction, f"{HOSTILE}\n[[Yes, 4.5]]")])
        save_answers(store, K, [QuestionResult(prediction, "follow", Verdict(said), 1.0)])
    save_answers(store, J, [QuestionResult(made[2], "follow", reason="odd", reply=HOSTILE)])
    return made


@pytest.mark.parametrize(
    "of",
    [
        Filter(study="s", step="chain", llm=J, says="differs"),
        Filter(runs=("r",), step="chain", llm=J, says="differs", against=K),
        Filter(runs=("r",), step="chain", llm=K, says="not-done", partly_done=False),
    ],
)
def test_an_address_asks_the_same_there_and_back(of: Filter) -> None:
    assert filter_from(params_of(of, None)) == of


def test_where_a_judge_differs_from_people_is_one_link_away(ids: list[str]) -> None:
    at = page(study="s", step="chain", llm=J, says="differs")
    assert listed(at) == ["two"]
    (button,) = [b for b in at.button if b.label == "LLM judge differs"]
    button.click().run()
    assert listed(at) == ["one", "two", "three"]
    assert "llm" not in at.query_params


def test_where_two_judges_differ(ids: list[str]) -> None:
    assert listed(page(run="r", step="chain", llm=J, says="differs", against=K)) == ["two"]
    at = page(run="r", step="chain", llm="nobody", says="differs")
    assert "There is no llm judge" in alerts(at)


def test_what_was_replied_is_shown_word_for_word(ids: list[str]) -> None:
    judges = drawn(page(sample=ids[0]))["open"]["judges"]
    replies = {one["judge"]: one["replies"] for one in judges if one["kind"] == "LLM judge"}
    assert list(replies) == [K, J]
    (from_k,), (from_j,) = replies[K], replies[J]
    assert (from_k["read"], from_k["quality"], from_k["reply"]) == ("yes", "1", None)
    assert (from_j["read"], from_j["quality"]) == ("yes", "4.5")
    assert joined(from_j["reply"]) == f"{HOSTILE}\n[[Yes, 4.5]]"
    (only,) = drawn(page(sample=ids[2]))["open"]["judges"]
    (reply,) = only["replies"]
    assert reply["read"] == "unusable: odd"
    assert joined(reply["reply"]) == HOSTILE
