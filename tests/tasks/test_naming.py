"""Steps are named by tasks or by oneself; a wrong name is answered with a suggestion."""

import pytest

from sit_core.errors import UsageError
from sit_core.records import Step, chain, chain_name
from sit_core.tasks import TASKS, question_for, rule_for, steps_named


def test_the_five_tasks_and_follow_have_the_letters_of_the_field() -> None:
    assert {name: TASKS.get(name).letter for name in TASKS} == {
        "answer": "A",
        "caption": "C",
        "follow": "F",
        "paraphrase": "P",
        "repeat": "R",
        "translate": "T",
    }


def test_a_chain_of_names_has_unique_keys() -> None:
    steps = steps_named(["paraphrase", " Repeat ", "paraphrase", "answer"])
    assert [s.key for s in steps] == ["paraphrase", "repeat", "paraphrase-2", "answer"]
    assert chain_name(steps) == "P+R+P+A"


def test_a_step_of_ones_own_has_the_letter_one_gives_it() -> None:
    assert steps_named(["summarise=S", "answer"])[0] == Step("summarise", "S", "summarise")


def test_an_unknown_name_is_answered_with_the_nearest_and_with_how_to_make_ones_own() -> None:
    with pytest.raises(UsageError, match=r"did you mean 'repeat'.*repaet=X"):
        steps_named(["repaet", "answer"])


def test_all_wrong_names_are_listed_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        steps_named(["repaet", "anwser"])
    assert "repaet" in str(caught.value)
    assert "anwser" in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "=X",
        "summarise=",
        "summarise=LONGER",
        "a\nb=X",
        "in_order=O",
        "repeat=X",
        "x" * 99 + "=X",
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        steps_named([name])


def test_one_letter_cannot_stand_for_two_tasks() -> None:
    with pytest.raises(UsageError, match="letter R stands for both"):
        steps_named(["repeat", "rank=R"])


def test_a_name_that_ends_like_a_second_use_is_refused_where_it_would_clash() -> None:
    with pytest.raises(UsageError, match="same key"):
        steps_named(["sum=S", "sum-2=T", "sum=S"])


def test_every_task_has_a_question_and_a_rule() -> None:
    for name in TASKS:
        step = steps_named([name])[0]
        assert question_for(step).endswith("?")
        assert rule_for(step)


def test_the_second_use_of_a_task_is_asked_about_as_the_second() -> None:
    first, _, second = chain([Step("repeat", "R"), Step("answer", "A"), Step("repeat", "R")])
    assert question_for(first) == "Did it repeat the input?"
    assert question_for(second) == "Did it repeat the input (2nd time)?"


def test_a_step_of_ones_own_is_asked_about_by_its_name() -> None:
    assert "list the sources" in question_for(steps_named(["list the sources=L"])[0])
