"""A new study starts with guidelines that say what counts, with worked examples for its steps."""

import pytest

from sit_core.records import Step, chain
from sit_core.tasks import TASKS, steps_named
from sit_core.tasks.guidelines import default_guidelines


def test_the_rule_stands_first_whatever_the_steps() -> None:
    for steps in ([], steps_named(["repeat", "answer"])):
        text = default_guidelines(steps)
        assert text.startswith("**Did it do the task, regardless of whether the answer is right?**")
        assert "empty output did nothing" in text
        assert "refusal" in text


def test_leaving_out_the_choices_is_partly_and_mentioning_is_not_repeating() -> None:
    lines = default_guidelines(steps_named(["repeat", "answer"])).splitlines()
    assert "| the question without its choices | **partly** |" in lines
    assert any("inside an explanation" in line and "**no**" in line for line in lines)


def test_a_question_inside_the_answer_is_told_from_one_that_is_repeated() -> None:
    repeat, answer = default_guidelines(steps_named(["repeat", "answer"])).split("### ")[1:3]
    (quoted,) = [line for line in repeat.splitlines() if "quotes all of it" in line]
    assert "**partly**" in quoted
    completed = "(the question completed with a choice)"
    assert any(completed in line and "**no**" in line for line in repeat.splitlines())
    assert any(completed in line and "**yes**" in line for line in answer.splitlines())


@pytest.mark.parametrize("task", list(TASKS))
def test_every_known_task_has_examples_for_all_three_verdicts(task: str) -> None:
    own = default_guidelines(steps_named([task])).split("### ", 1)[1]
    for verdict in ("**yes**", "**partly**", "**no**"):
        assert verdict in own


def test_only_the_steps_asked_for_are_explained_and_each_once() -> None:
    text = default_guidelines(steps_named(["paraphrase", "repeat", "paraphrase"]))
    assert [line for line in text.splitlines() if line.startswith("### ")] == [
        "### Paraphrase (P)",
        "### Repeat (R)",
    ]


def test_a_step_of_ones_own_is_named_as_it_is_written() -> None:
    text = default_guidelines(chain([Step("say *twice* <b>", "S")]))
    assert r"### say \*twice\* \<b\> (S)" in text


def test_the_order_is_explained_where_it_is_asked() -> None:
    assert "In the order asked" in default_guidelines([], ask_order=True)
    assert "In the order asked" not in default_guidelines([])
