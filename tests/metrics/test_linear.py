"""Every rule and parser is linear: no text of a model, however made, holds the app up.

Processor time is measured, not the clock, so that a busy machine makes no difference.
"""

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sit_core.metrics.answers import FinalAnswer, final_answer
from sit_core.metrics.following import following
from sit_core.metrics.input_choices import asked, plain
from sit_core.metrics.judge_replies import read_following, read_preference, read_step
from sit_core.metrics.language import asked_language, language
from sit_core.metrics.refusal import refuses
from sit_core.metrics.repetition import repetitions
from sit_core.metrics.rules import RULES, RuleVerdict
from sit_core.metrics.segment import OutputSegment, split_output
from sit_core.metrics.text_limits import READ, bounded
from sit_core.records import IN_ORDER, Example, Unparsed
from sit_core.tasks import steps_named
from sit_core.tasks.wording import clauses_of, steps_from_instruction

LONG = 1_000_000
SECONDS = 1.0
"""Of processor time for `LONG` characters; a tenth of it is usual."""
SHORTER = 400_000
"""Characters where many texts are tried, in as much less time."""
Q = "Question: Where would a heron sleep?\nChoices: A:reed, B:sky, C:old town, D:desert, E:sky"
MANY = "Question: Which?\nChoices: " + ", ".join(f"{chr(65 + i)}:a word {i}" for i in range(26))
ES = "¿Dónde durmió la garza? En 1999 dormía en los juncos con otras 40 aves, cerca de Toledo."
ZH = "苍鹭在哪里睡觉？1999年它和40只鸟一起睡在芦苇里。"
EN = "Where did the heron sleep? In 1999 it slept in the reeds with 40 other birds, near Toledo."
FRAGMENTS = [
    *(" ", "\n", " \n", "\r\n", "\t", "\xa0", "\u200d", "\u0301", "e\u0301\u0301", "\x00"),
    *("A: ", "A:\n", "A:reed, B:sky, C:", "(A) ", "B or ", "A ", "C", "sky, ", "a word 3, "),
    *('"', "“ ", "(", "[", "[[", "[[Yes, 5]]\n", "```\n", "**", "*", "- ", "_ ", "#", "<", ">"),
    *("7", "1. ", ".", "..", "? ", "! ", ", ", ":", "…", "a", "ab ", "x", "1,000 "),
    *("the answer is ", "Answer:\n", "answer is: the ", "the correct ", "not ", "is ", "option A "),
    *("<|user|>\n", "### Input:\n", "[INST]", "question ", "the input is: ", "Choices: "),
    *(", then ", "First, repeat the input. ", "into German ", "to simple ", "then ", "1. Repeat "),
    *("I cannot ", "provide more ", "give ", "paraphrase ", "translation of the ", "caption: "),
    *(
        Q + "\n",
        "Where would a heron sleep? ",
        "where would ",
        ES + " ",
        ZH,
        EN + " ",
        "天空",
        "ไทย",
    ),
]
TASKS = steps_named(["repeat", "paraphrase", "caption", "translate", "answer"])


def of_a_rule(task: str, text: str) -> Callable[[str], object]:
    steps = steps_named(["repeat", task, "answer"] if task != "repeat" else ["repeat", "answer"])
    example = Example("First do one thing, then translate it into English.", text, steps=steps)
    return lambda output: following(output, example)


def long_input(text: str) -> object:
    return following("It is B.\n" + Q, Example("…", text, steps=TASKS))


def long_both(text: str) -> object:
    return following(text, Example(text, text, steps=TASKS))


READERS: dict[str, Callable[[str], object]] = {
    **{f"{task}, {name}": of_a_rule(task, text)
       for task in RULES
       for name, text in (("choices", Q), ("many choices", MANY), ("es", ES), ("zh", ZH))},
    "input": long_input,
    "input and output": long_both,
    "split": lambda text: split_output(text, Example("…", Q, steps=TASKS)),
    "final answer": lambda text: final_answer(text, Q),
    "final answer, free": final_answer,
    "final answer, long input": lambda text: final_answer("It is B.", text),
    "final answer, long choice": lambda text: final_answer("It is B.", Q.replace("sky", text)),
    "choices": asked,
    "plain": plain,
    "language": language,
    "language asked for": asked_language,
    "refusal": refuses,
    "repetitions": lambda text: repetitions(bounded(text).text, Q),
    "judge's verdict": read_following,
    "judge's step": read_step,
    "judge's preference": read_preference,
    "steps": steps_from_instruction,
    "clauses": clauses_of,
}  # fmt: skip


def seconds(read: Callable[[str], object], text: str, enough: float = SECONDS) -> float:
    """The least of a few times; one is enough where it is less than that."""
    least = float("inf")
    for _ in range(4):
        begun = time.process_time()
        read(text)
        least = min(least, time.process_time() - begun)
        if least < enough:
            break
    return least


def made_of(unit: str, size: int = LONG) -> str:
    return (unit * (size // len(unit) + 1))[:size]


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("unit", [" ", "\n", "A: ", "Answer:\n", Q + "\n"], ids=repr)
def test_a_megabyte_takes_less_than_a_second(name: str, unit: str) -> None:
    assert seconds(READERS[name], made_of(unit)) < SECONDS


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("name", READERS)
def test_no_fragment_makes_any_of_them_slow(name: str) -> None:
    most = SECONDS * 0.8  # of a long text the same 24,000 characters are read, whatever its length
    texts = {unit: made_of(unit, SHORTER) for unit in FRAGMENTS}
    slow = {u: t for u, text in texts.items() if (t := seconds(READERS[name], text, most)) >= most}
    assert not slow


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("name", READERS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    unit=st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=5).map("".join),
    ends=st.sampled_from(["", "x", "\n", "Answer: B", "?", '"']),
)
def test_what_is_made_of_fragments_is_read_in_linear_time(name: str, unit: str, ends: str) -> None:
    text = made_of(unit)
    half = seconds(READERS[name], text[: LONG // 2] + ends)
    most = min(SECONDS, 4 * half + 0.2)
    whole = seconds(READERS[name], text + ends, most)
    assert whole < most, "a second, or twice the text takes much more than twice the time"


def test_a_step_with_a_long_expected_text_is_read_in_linear_time() -> None:
    for unit in (EN + " ", "the ", ZH, "\n"):
        steps = tuple(
            s if s.task == "answer" else type(s)(s.task, s.letter, s.key, made_of(unit))
            for s in TASKS
        )
        example = Example("…", ES, steps=steps)
        for other in (EN + "\n", "the\n", unit):
            assert seconds(lambda t, e=example: following(t, e), made_of(other)) < SECONDS  # type: ignore[misc]


def test_blanks_between_do_not_change_what_is_found() -> None:
    example = Example("…", Q, steps=steps_named(["repeat", "answer"]))
    said = Q + " " * LONG + "\n" * LONG + "Answer: B"
    found = following(said, example)
    assert [r.verdict.value for r in found.values() if isinstance(r, RuleVerdict)] == ["yes"] * 3
    part = split_output(said, example)["answer"]
    assert isinstance(part, OutputSegment)
    assert said[part.start : part.end] == part.text == "Answer: B"
    answer = final_answer(said, Q)
    assert isinstance(answer, FinalAnswer)
    assert (answer.letter, said[answer.start : answer.end]) == ("B", "B")


def test_what_was_not_read_is_never_taken_for_missing() -> None:
    example = Example("…", Q, steps=steps_named(["repeat", "answer"]))
    found = following("Bees hum. " * 20_000 + Q + "Bees hum. " * 20_000, example)
    for key in ("repeat", "answer", IN_ORDER):
        ruling = found[key]
        assert isinstance(ruling, RuleVerdict)
        assert ruling.verdict == "unsure"
        assert "characters in the middle were not read" in ruling.reason


@given(st.text(max_size=30), st.text(" \n\ta", max_size=200), st.text(max_size=30))
def test_places_lead_back_to_the_whole_text(head: str, blanks: str, tail: str) -> None:
    whole = head + blanks * 3 + tail
    read = bounded(whole)
    assert len(read.text) <= min(len(whole), READ)
    for at, char in enumerate(read.text):
        start, end = read.span(at, at + 1)
        assert whole[start:end] == char
    assert read.left_out == 0
    assert "".join(read.text.split()) == "".join(whole.split())


def test_a_refused_reading_is_said() -> None:
    assert isinstance(final_answer(" " * LONG, Q), Unparsed)
