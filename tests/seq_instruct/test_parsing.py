"""Readers of replies: strict about what says something, and never surprised by any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.records import Unparsed
from sit_core.seq_instruct.parsing import (
    RefinedInstruction,
    read_instruction,
    read_option,
    read_refined,
)
from sit_core.seq_instruct.stages import Option

PIECES = st.sampled_from(
    [
        "Option: ", "So the option is: ", "A", "B.", "D###", "(Option C)", "Answer: ", "yes", "No",
        "#New Instruction#: ", "#Original Instruction#: ", "“", "”", '"', "###", "\n", "\n\n",
        "3. ", "<instruction>", "</instruction>", "Complete: ", "know", "nothing", "\x00", "\ud800",
    ]
)  # fmt: skip
TEXTS = st.text() | st.lists(PIECES | st.text(max_size=5)).map("".join)


@pytest.mark.parametrize(
    ("reply", "option"),
    [
        ("It fits.\nOption: C", "C"),
        ("Option: **B**", "B"),
        ("**Option:** D", "D"),
        ("option: (A).", "A"),
        ("So the option is: D.###", "D"),
        ("The option is B", "B"),
        ("A.###", "A"),
        ("B. Add a prefix task.###\nMore.", "B"),
        ("C", "C"),
        ("A suitable adaptation is to add a prefix task. This (Option B) helps.", "B"),
        ("Option: B – Prefix", "B"),
        ("Option: C (suffix task).", "C"),
        ("**Option: D - Hold**", "D"),
        ("It mentions (Option C), yet so the option is: B.", "B"),
        ("Option: B\nOption: B", "B"),
    ],
)
def test_options(reply: str, option: str) -> None:
    assert read_option(reply) is Option(option)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "The option adds context.",
        "Each option a writer has is good.",
        "Option: E",
        "Option: A or B",
        "Option: B (suffix)",
        "Option: B because a prefix helps",
        "Option: A\nOption: B",
        "A suitable adaptation is to add a suffix task (Option B).",
        "A good idea needs a prefix.",
        "I hold that nothing should change.",
        "Options: A, B, C and D",
    ],
)
def test_no_option_is_taken_from_a_word_that_merely_occurs(reply: str) -> None:
    assert isinstance(read_option(reply), Unparsed)


@pytest.mark.parametrize(
    ("reply", "instruction"),
    [
        ("Reason.\n<instruction>\nDo a,\n\nthen b.\n</instruction>", "Do a,\n\nthen b."),
        ('<instruction>"Do a."</instruction>', "Do a."),
        ('<instruction>"a" and then "b"</instruction>', '"a" and then "b"'),
        ("#New Instruction#: “Do a, then b.”###", "Do a, then b."),
        ("#New Instruction#: “Do a.###”", "Do a."),
        ("#New Instruction#: ““Do “a”, then b.””", "Do “a”, then b."),
        ("#New Instruction#: Do a, then b.###", "Do a, then b."),
        ("#New Instruction#: “Do a.”\n\nHere is why:\n1. It helps.", "Do a."),
        ("#New Instruction#: “An example.”###\n#New Instruction#: “The task.”###", "The task."),
        ("#New Instruction#: “Read:\n\nOne.\n\nThen sum up.”###", "Read:\n\nOne.\n\nThen sum up."),
        ("<instruction>Write `a * b`, then **c**.</instruction>", "Write `a * b`, then **c**."),
    ],
)  # fmt: skip
def test_instructions(reply: str, instruction: str) -> None:
    assert read_instruction(reply) == instruction


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Do a, then b.",
        "<instruction></instruction>",
        "<instruction>Do a, then",
        "<instruction>Do a.</instruction> or <instruction>Do b.</instruction>",
        "#New Instruction#: ###",
        "#New Instruction#: (no change needed)",
        "#New Instruction#: Yes",
    ],
)
def test_no_instruction(reply: str) -> None:
    assert isinstance(read_instruction(reply), Unparsed)


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("Complete: yes", RefinedInstruction(True)),
        ("Complete: **Yes**.", RefinedInstruction(True)),
        ("yes", RefinedInstruction(True)),
        (
            "Complete: no\n<instruction>Do a, then b.</instruction>",
            RefinedInstruction(False, "Do a, then b."),
        ),
        ("No.\n<instruction>Do a.</instruction>", RefinedInstruction(False, "Do a.")),
        ("Answer: Yes", RefinedInstruction(True)),
        ("Yes\nYes", RefinedInstruction(True)),
        ("Yes, no information is lost.", RefinedInstruction(True)),
        ("Answer: No\n#New Instruction#: “Do a.”###", RefinedInstruction(False, "Do a.")),
        ("#New Instruction#: No\n#New Instruction#: “Do a.”", RefinedInstruction(False, "Do a.")),
        ("#New Instruction#: Yes\n#New Instruction#: “Do a.”", RefinedInstruction(True)),
        (
            "1. #New Instruction#: No\n#New Instruction#: “An example.”\n\n"
            "2. #New Instruction#: Yes",
            RefinedInstruction(True),
        ),
    ],
)
def test_refinements(reply: str, found: RefinedInstruction) -> None:
    assert read_refined(reply) == found


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I know nothing. Countdown!",
        "There is no need to change it.",
        "Complete: no",
        "Complete: yes\nComplete: no\n<instruction>Do a.</instruction>",
        "Answer: No answer needed",
        "#New Instruction#: “Do a, then b.”",
        "1. Answer: Yes\n2. #New Instruction#: “Do a.”",
        "Yes\nNo\nYes\nNo",
        "1. Yes\n2. No",
        "**No**\n\n**Yes**\n<instruction>Do a.</instruction>",
        "Yes, no.",
        "Complete: yes\n\nNo",
    ],
)
def test_no_refinement(reply: str) -> None:
    assert isinstance(read_refined(reply), Unparsed)


def test_the_last_of_several_answers_must_be_about_the_instruction() -> None:
    reply = (
        "1. #New Instruction#: “Peel the apples, then bake them whole.” Answer: Yes\n"
        "2. #New Instruction#: “Name every moon of the outer planets.” Answer: Yes"
    )
    assert read_refined(reply, "Name every moon of the outer planets.") == RefinedInstruction(True)
    other = read_refined(reply, "Peel the apples, then bake them whole.")
    assert isinstance(other, Unparsed)
    assert "another instruction" in other.reason


@given(TEXTS, TEXTS)
def test_no_text_surprises_a_reader(reply: str, proposed: str) -> None:
    option = read_option(reply)
    assert isinstance(option, Option | Unparsed)
    made = read_instruction(reply)
    assert isinstance(made, Unparsed) or made.strip()
    refined = read_refined(reply, proposed)
    assert isinstance(refined, Unparsed) or refined.complete == (refined.instruction is None)


@given(
    st.text(min_size=1).filter(lambda text: text.strip(' \n\r\t"“”#') == text and "<" not in text)
)
def test_what_stands_between_the_tags_comes_back(text: str) -> None:
    read = read_instruction(f"Reason.\n<instruction>{text}</instruction>")
    if isinstance(read, str):
        assert read == text.strip()
