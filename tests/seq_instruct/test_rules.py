"""The writer by rules: fewer kinds, nothing invented, labelled, in the form that readers read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.records import Unparsed
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.filters import GATES, FilterInput, refused_by
from sit_core.seq_instruct.parsing import read_instruction, read_option, read_refined
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.rule_writer import (
    ALL_CAPITALS,
    CAPITALS,
    COUNT,
    LETTER,
    REPEAT_INPUT,
    REPEAT_QUESTION,
    StageCall,
    reply_to,
)
from sit_core.seq_instruct.run import run_set
from sit_core.seq_instruct.stages import Option, State
from sit_core.seq_instruct.state import NO_ANSWER
from tests.seq_instruct.fakes import seed

CHOICES = "Question: Which floats?\nChoices: A:anvil, B:cork, C:brick"


def made(before: Record, option: Option) -> str | Unparsed:
    return read_instruction(reply_to(StageCall("generate", before, option)))


def answer(before: Record, instruction: str) -> str:
    return reply_to(StageCall("respond", before, proposed=instruction))


def test_the_input_is_repeated_first() -> None:
    before = seed("Sum it up.", "The mill burnt.", "A fire.")
    text = made(before, Option.PREFIX)
    assert text == REPEAT_INPUT + "Sum it up."
    assert answer(before, text) == "The mill burnt.\nA fire."


def test_a_question_without_input_is_repeated_first() -> None:
    before = seed("Where do bees live?", "", "In hives.")
    text = made(before, Option.PREFIX)
    assert text == REPEAT_QUESTION + "Where do bees live?"
    assert answer(before, text) == "Where do bees live?\nIn hives."


def test_something_is_done_with_the_answer_afterwards() -> None:
    before = seed("Name a fruit.", "", "a ripe plum")
    texts = {reply: None for s in range(9) if (reply := _suffix(before, s))}
    assert set(texts) == {f"Name a fruit.\n\n{CAPITALS}", f"Name a fruit.\n\n{COUNT}"}
    assert answer(before, f"Name a fruit.\n\n{CAPITALS}") == "a ripe plum\nA RIPE PLUM"
    assert answer(before, f"Name a fruit.\n\n{COUNT}") == "a ripe plum\n3"


def test_the_order_in_which_tasks_were_added_does_not_change_what_a_text_asks() -> None:
    """After a repetition "your answer" could mean either; so it says all, where it means all."""
    before = seed("Name it.", "A ripe plum.", "plum")
    answers: dict[str, set[str]] = {}
    for first, second in ((Option.PREFIX, Option.SUFFIX), (Option.SUFFIX, Option.PREFIX)):
        for number in range(9):
            now = before
            for option in (first, second):
                text = read_instruction(reply_to(StageCall("generate", now, option, seed=number)))
                assert isinstance(text, str)
                now = seed(text, before.input, answer(now, text))
            answers.setdefault(now.instruction, set()).add(now.response or "")
    assert len(answers) == 4
    assert all(len(said) == 1 for said in answers.values())
    in_capitals = next(said for text, said in answers.items() if text.endswith(ALL_CAPITALS))
    assert in_capitals == {"A ripe plum.\nplum\nA RIPE PLUM.\nPLUM"}


def _suffix(before: Record, number: int) -> str:
    text = read_instruction(reply_to(StageCall("generate", before, Option.SUFFIX, seed=number)))
    assert isinstance(text, str)
    return text


def test_a_choice_is_a_letter_and_a_text() -> None:
    before = seed("Answer the question.", CHOICES, "cork")
    text = made(before, Option.DECOMPOSE)
    assert text == LETTER + "Answer the question."
    assert answer(before, text) == "B\ncork"
    assert isinstance(made(seed("Answer.", CHOICES, "stone"), Option.DECOMPOSE), Unparsed)


def test_two_tasks_that_and_joins_are_divided() -> None:
    before = seed("Find the fault in the plan and describe it in a sentence.", "", "It is late.")
    text = made(before, Option.DECOMPOSE)
    assert text == (
        "First do this: Find the fault in the plan. Then do this: describe it in a sentence."
    )
    assert answer(before, text) == "It is late."
    for other in ("Compare and contrast cats and dogs.", "Name bread and butter."):
        assert isinstance(made(seed(other), Option.DECOMPOSE), Unparsed)


def test_it_answers_nothing_that_does_not_follow() -> None:
    before = seed("Name a fruit.", "", "a plum")
    assert answer(before, "Name a fruit, then say why it is red.") == NO_ANSWER
    assert answer(seed("Name a fruit."), f"Name a fruit.\n\n{COUNT}") == NO_ANSWER


def test_what_is_a_sequence_already_is_held() -> None:
    for text in ("First peel it, then bake it.", "Name it. Afterwards, halve it."):
        reply = reply_to(StageCall("classify", seed(text, "an input", "x")))
        assert read_option(reply) is Option.HOLD


def test_it_refines_others_texts_by_what_they_lost() -> None:
    before = seed("Name 5 rivers.")
    kept = read_refined(reply_to(StageCall("refine", before, proposed="Name 5 rivers, then sort.")))
    assert not isinstance(kept, Unparsed)
    assert kept.complete
    lost = read_refined(reply_to(StageCall("refine", before, proposed="Name rivers, then sort.")))
    assert not isinstance(lost, Unparsed)
    assert lost.instruction is not None
    assert "Name 5 rivers." in lost.instruction


@given(
    st.text(min_size=1).filter(str.strip),
    st.text(),
    st.none() | st.text(),
    st.integers(0, 5),
)
def test_every_reply_can_be_read_and_what_is_made_loses_nothing(
    text: str, input: str, response: str | None, number: int
) -> None:
    before = seed(text, input, response)
    option = read_option(reply_to(StageCall("classify", before, seed=number)))
    assert isinstance(option, Option)
    if option is Option.HOLD:
        return
    new = read_instruction(reply_to(StageCall("generate", before, option, seed=number)))
    if isinstance(new, Unparsed) or new not in reply_to(
        StageCall("generate", before, option, seed=number)
    ):
        return  # the instruction itself looks like the form of replies
    losses = tuple(name for name in GATES if name.startswith("lost"))
    assert refused_by(FilterInput(before, new, input), losses) is None


@pytest.mark.slow
@pytest.mark.parametrize("source", ["microlab:instructions:80", "microlab:answer:80"])
def test_the_micro_world_becomes_sequences_that_are_labelled(source: str) -> None:
    done = run_set("a", SeqInstructConfig((source,), iterations=2))
    assert done.set.complete
    states = done.set.index(1).by_state()
    assert states.get("made", 0) >= 70
    assert set(done.set.index(1).by_option()) >= {"B", "C"}
    for record in done.set.page(1, count=80):
        if record.state is State.MADE:
            assert record.response_by == "rules"
            assert record.response
            assert {reply.writer for reply in record.replies} == {"rules"}
            assert sum(reply.tokens for reply in record.replies) == 0


def test_alpaca_rows_become_sequences(real_data: Path) -> None:
    source = str(real_data / "alpaca_en_demo_1000.json")
    done = run_set("a", SeqInstructConfig((source,), limit=200, iterations=1))
    counts = done.set.index(1).by_option()
    assert sum(counts.values()) == 200
    assert counts["B"] + counts["C"] > 80
    assert counts["D"] < 120
