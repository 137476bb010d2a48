"""What the builder writes is what the reader reads."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.live import instruction_builder as building
from sit_core.live import step_marks as reading
from sit_core.live import streaming
from sit_core.live.instruction_builder import (
    links_of,
    moved,
    offered,
    recognised,
    with_task,
    without,
    written,
)
from sit_core.records import Unparsed, chain_name

TASKS = st.lists(st.sampled_from(offered()), min_size=1, max_size=6)


@pytest.mark.parametrize("module", [building, reading, streaming])
def test_the_examples_in_the_docs_are_true(module) -> None:
    assert doctest.testmod(module).failed == 0


def built(tasks: list[str], language: str = "Greek") -> str:
    text = ""
    for task in tasks:
        text = with_task(text, task, language)
    return text


def names(text: str) -> list[str]:
    found = links_of(text)
    assert not isinstance(found, Unparsed), (text, found)
    return [link.task for link in found]


@given(TASKS)
def test_whatever_is_built_is_recognised(tasks: list[str]) -> None:
    text = built(tasks)
    assert sorted(names(text)) == sorted(tasks)
    links = links_of(text)
    assert not isinstance(links, Unparsed)
    assert names(written(links)) == names(text)


@given(TASKS, st.data())
def test_moving_and_taking_out_do_just_that(tasks: list[str], data) -> None:
    text = built(tasks)
    before = names(text)
    place = data.draw(st.integers(0, len(before) - 1))
    expected = before.copy()
    if place + 1 < len(before):
        expected[place], expected[place + 1] = expected[place + 1], expected[place]
    assert names(moved(text, place, 1)) == expected
    rest = without(text, place)
    assert (names(rest) if rest else []) == before[:place] + before[place + 1 :]


def test_one_task_alone_has_its_step_and_other_texts_say_why_they_have_none() -> None:
    assert chain_name(recognised("Please repeat the text.")) == "R"
    assert chain_name(recognised("First repeat the input, then sing.")) == "R+A"
    assert recognised("") == Unparsed("the instruction is empty")
    assert isinstance(recognised("Sing!"), Unparsed)
