"""Chains in an order: what is asked, and that the steps stay those of the order to do them in."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.errors import UsageError
from sit_core.predict.examples import ExampleOptions, examples_of
from sit_core.records import Example, Step, chain
from sit_core.sources import InstructionTemplate, get_template
from sit_core.sources.reworded import reworded
from sit_core.store import Store
from sit_core.tasks import steps_from_instruction
from sit_core.tasks.orders import jumping_places, order_named
from tests.predict.conftest import examples_file

ASKED = {"repeat the": "R", "paraphrase the": "P", "translate the": "T", "answer the": "A"}


def tasks_in(text: str) -> list[str]:
    """The letters of all tasks that a text asks for."""
    return sorted(letter for said, letter in ASKED.items() for _ in range(text.count(said)))


CHAINS = st.lists(st.sampled_from("RPT"), min_size=1, max_size=6).map(lambda x: [*x, "A"])


@given(letters=CHAINS)
def test_a_linear_wording_is_read_back_as_its_chain(letters: list[str]) -> None:
    text, steps = order_named("linear:" + "+".join(letters))
    assert steps_from_instruction(text) == steps
    assert [step.letter for step in steps] == letters


@given(letters=CHAINS, wording=st.integers(1, 3))
def test_jumping_lists_the_same_tasks_in_another_order(letters: list[str], wording: int) -> None:
    name = "+".join(letters)
    listed, steps = order_named(f"listed:{name}:{wording}")
    jumping, same = order_named(f"jumping:{name}:{wording}")
    assert steps == same
    assert jumping != listed
    assert tasks_in(jumping) == tasks_in(listed) == sorted(letters)
    places = jumping_places(steps)
    assert sorted(places) == list(range(len(steps)))
    assert [steps[i].letter for i in places] != letters


def test_do_the_second_after_the_third_by_hand() -> None:
    text, steps = order_named("jumping:P+R+A:2")
    listed = [steps[i].task for i in jumping_places(steps)]
    ordinals = ["first", "second", "third"]
    done = [ordinals[listed.index(step.task)] for step in steps]
    assert text.endswith(
        f"Do the {done[0]} task first, do the {done[1]} after the {done[0]}, "
        f"do the {done[2]} after the {done[1]}."
    )
    for place, task in enumerate(listed):
        assert f"The {ordinals[place]} task is to {task}" in text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("jumping:R+X", "letter"),
        ("jumping:R+R", "one order only"),
        ("jumping:R+A:9", "3 wordings"),
        ("linear:R+A:2", "Expected"),
        ("jumping:", "letter"),
        ("linear:" + "+".join("R" * 13), "at most 12"),
    ],
)
def test_what_is_no_order_is_said(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        get_template(name)


def test_an_example_asked_in_a_jumping_order_keeps_the_order_to_do_the_steps_in() -> None:
    template = get_template("jumping:R+A")
    asked = reworded(Example("Answer.", "Which?", steps=chain([Step("answer", "A")])), template)
    assert asked.instruction == template.text
    assert [(step.key, step.expected) for step in asked.steps] == [
        ("repeat", "Which?"),
        ("answer", None),
    ]


def test_texts_that_the_example_knows_are_what_its_steps_should_yield() -> None:
    known = Example("Answer.", "Which?", meta={"texts": {"paraphrase": "What?"}})
    asked = reworded(known, get_template("linear:P+R+P+A"))
    assert [step.expected for step in asked.steps] == ["What?", "Which?", "What?", None]


def test_a_templates_own_chain_wins_over_what_its_text_seems_to_ask(
    sqlite_store: Store, tmp_path: Path
) -> None:
    to_do = chain([Step("repeat", "R"), Step("answer", "A")])
    template = InstructionTemplate("First answer, then repeat the input.", "mine", to_do)
    keys = [step.key for step in reworded(Example("Answer.", "Which?"), template).steps]
    assert keys == ["repeat", "answer"]
    file = examples_file(tmp_path, "Which?")
    (read,) = examples_of(file, ExampleOptions(sqlite_store, template))
    assert [step.key for step in read.steps] == ["repeat", "answer"]
