"""Thoughts before an answer are told apart from it, in one piece or in many, in linear time."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sit_core.thoughts import (
    MARKS,
    Split,
    ThoughtSplitter,
    joined,
    leaves_open,
    split_thoughts,
)

PLAIN = st.text(alphabet="ab c.\n", max_size=40)


@pytest.mark.parametrize(
    ("text", "answer", "thoughts"),
    [
        ("<think>\nHm.\n</think>\n\nhello", "hello", "Hm."),
        ("\n <think>Hm.</think>hello", "hello", "Hm."),
        ("<think>\n\n</think>\n\nhello", "hello", ""),
        ("<think>a</think>\n<think>b</think>\nhello", "hello", "a\n\nb"),
        ("<think>a</think>hello <think>b</think>", "hello <think>b</think>", "a"),
        ("The user wants hello.\n</think>\n\nhello", "hello", "The user wants hello."),
        ("Done. So be it.</think>hello", "hello", "Done. So be it."),
        ("Done. So be it. </think>\n\nhello", "hello", "Done. So be it."),
        ("</think>\n\nhello", "hello", ""),
        ("[THINK]Hm.[/THINK]hello", "hello", "Hm."),
        ("<thought>Hm.</thought>hello", "hello", "Hm."),
        ("<mm:think>Hm.</mm:think>hello", "hello", "Hm."),
        ("◁think▷Hm.◁/think▷hello", "hello", "Hm."),
        (
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>hello",
            "hello",
            "Hm.",
        ),
    ],
)
def test_what_stands_before_an_answer_is_no_part_of_it(
    text: str, answer: str, thoughts: str
) -> None:
    assert split_thoughts(text) == Split(answer, thoughts)


@pytest.mark.parametrize(
    "text",
    [
        "Models think between <think> and </think>.",
        "Such a model closes its thoughts with </think>\nand then answers.",
        "Write `</think>` to end them.",
        'The mark "</think>" ends them.',
        "Use </think> to close.",
        "Tags:\n<think>\nHm.\n</think>\nThat was it.",
        "```\n<think>\nHm.\n</think>\n```",
        "```\nHm.\n</think>\n```",
        "I think that it is so.",
        "<b>bold</b>",
        " hello\n",
        "",
    ],
)
def test_a_text_that_talks_about_marks_stays_as_it_is(text: str) -> None:
    assert split_thoughts(text) == Split(text, "")


def test_thoughts_that_never_end_leave_no_answer() -> None:
    assert split_thoughts("<think>\nLet me see") == Split("", "Let me see", closed=False)
    assert split_thoughts("Let me see", opened=True) == Split("", "Let me see", closed=False)
    assert split_thoughts("Hm.</think> hello", opened=True) == Split("hello", "Hm.")
    assert split_thoughts("<think>Hm.</think>hello", opened=True) == Split("hello", "Hm.")


def test_a_prompt_may_leave_them_open() -> None:
    assert leaves_open("<|user|>hi<|assistant|><think>\n")
    assert not leaves_open("<|user|>hi<|assistant|><think>\n\n</think>\n\n")
    assert not leaves_open("<|user|>What is <think>?<|assistant|>")


@given(PLAIN, PLAIN, st.sampled_from(sorted(MARKS)))
def test_each_mark_is_taken_apart(thoughts: str, answer: str, mark: str) -> None:
    found = split_thoughts(f"{mark}{thoughts}{MARKS[mark]}{answer}")
    assert found == Split(answer.lstrip(), thoughts.strip())


@given(PLAIN, PLAIN)
def test_what_is_joined_comes_apart_again(thoughts: str, answer: str) -> None:
    split = split_thoughts(joined(thoughts.strip(), answer.lstrip()))
    assert split == Split(answer.lstrip(), thoughts.strip())


PIECES = st.lists(
    st.sampled_from(("<th", "ink>", "</thi", "nk>", "<think>", "</think>", "a", " ", "\n", "`")),
    max_size=12,
)


@given(PIECES, st.booleans())
@example(["<think>", "a", "</think>", "\n", "a"], False)
@example(["<think>", "<th", " ", "</think>", "<think>", "<th"], False)
@settings(max_examples=300, deadline=None)
def test_pieces_lose_nothing_and_end_as_the_whole_does(pieces: list[str], opened: bool) -> None:
    splitter = ThoughtSplitter(opened)
    shown = [splitter.feed(piece) for piece in pieces] + [splitter.finish()]
    whole = split_thoughts("".join(pieces), opened)
    assert splitter.split() == whole
    text = "".join(answer for _, answer in shown)
    thoughts = "".join(thought for thought, _ in shown)
    if "</think>" not in text:  # else thoughts that showed themselves only at their end
        assert text.lstrip() == whole.text.lstrip()
        # Blocks of thoughts are put together with blank lines between.
        assert "".join(thoughts.split()) == "".join(whole.thoughts.split())


@given(st.text(), st.booleans())
def test_any_text_is_parted(text: str, opened: bool) -> None:
    found = split_thoughts(text, opened)
    assert len(found.text) + len(found.thoughts) <= len(text) + 2 * text.count(">")


@pytest.mark.parametrize(
    "piece",
    ["<think></think>", " ", "</think>", "\n</think>\n", "<think>", "<|end|> ", "`</think>`", "x"],
)
def test_a_megabyte_of_anything_takes_a_moment(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()
    split_thoughts(text)
    split_thoughts(text, opened=True)
    splitter = ThoughtSplitter()
    for start in range(0, len(text), 16):
        splitter.feed(text[start : start + 16])
    splitter.split()
    assert time.process_time() - began < 10  # linear: about half a second
