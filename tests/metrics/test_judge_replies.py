"""What judges' replies say: total, strict, and equal to what was released for all 805."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sit_core.metrics.judge_replies import (
    TIE,
    FollowingReply,
    read_following,
    read_preference,
    read_step,
)
from sit_core.records import Unparsed, Verdict


@pytest.mark.parametrize(
    ("reply", "following", "quality"),
    [
        ("[[Yes, 5]]", True, 5),
        (" [[ no ,  3.5 ]] \n", False, 3.5),
        ("No, 2.5", False, 2.5),
        ("No, 4]]", False, 4),
        ("Yes, 4.", True, 4),
        ("[[YES]]", True, None),
        ("The second task is there, too.\n\n[[Yes, 4]]", True, 4),
        ("[[No, 1]]\nIt only repeats the input; no answer, yes?", False, 1),
        ("[[No, 1]]\nSo:\n[[No, 1]]", False, 1),
        ("The output did both.\n\n**[[Yes, 4]]**", True, 4),
        ("```\n[[Yes, 4]]\n```", True, 4),
        ("It did.\n```text\n[[No, 2]]\n```\n", False, 2),
        ("`[[Yes, 4]]`", True, 4),
        ("> [[Yes, 4]]", True, 4),
        ("# [[Yes, 4]]", True, 4),
        ("[[ Yes , 4 ]].", True, 4),
        ("[[**Yes, 4**]]", True, 4),
        ("**Yes, 4**", True, 4),
        ("It did.\n\nFinal verdict: [[Yes, 4]]", True, 4),
        ("**Final verdict:** [[Yes, 4]]", True, 4),
        ("**Final verdict: [[Yes, 4]]**.", True, 4),
        ("Verdict:\n[[No, 3]]", False, 3),
        ("Task 1: [[Yes, 5]]\nTask 2: [[No, 1]]\n[[No, 2]]", False, 2),
    ],
)
def test_verdicts(reply: str, following: bool, quality: float | None) -> None:
    assert read_following(reply) == FollowingReply(following, quality)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("", "it is empty"),
        (" \n\t", "it is empty"),
        ("[Yes, 4]", "no verdict of the form"),
        ("Yes", "no verdict of the form"),
        ("Yes, it did both.", "no verdict of the form"),
        ("I think yes, 5 of 5 tasks.", "no verdict of the form"),
        ("Yes, 5 tasks were done.", "no verdict of the form"),
        ("Yes, 5\nOr rather not.", "no verdict of the form"),
        ("I would say [[Yes, 5]] here.", "no verdict of the form"),
        ("The form is\n[[Yes, 4]]\nand I can't use it.", "no verdict of the form"),
        ("[[Yes, 5]]\n[[No, 5]]", "contradict"),
        ("[[Yes, 5]]\nbut\n[[Yes, 4]]\nhm", "contradict"),
        ("**[[No, 1]]**\nor\n[[Yes, 5]]", "contradict"),
        ("Draft: [[Yes, 5]]\nFinal verdict: [[No, 1]]", "contradict"),
        ("Final verdict: [[Yes, 4]] or so", "no verdict of the form"),
        (f"{'It is hard to say ' * 5}: [[Yes, 4]]", "no verdict of the form"),
        ("[[Yes]], [[4]]", "no verdict of the form"),
        ("[[Yes, 4]] [[No, 1]]", "no verdict of the form"),
        ('{"following": "Yes", "score": 4}', "no verdict of the form"),
        ("[[Yes, 0]]", "not between 1 and 5"),
        ("No, 5.5", "not between 1 and 5"),
        ("[[Yes, -1]]", "not between 1 and 5"),
        ("[[Maybe, 3]]", "no verdict of the form"),
        ("[[Yes, ٥]]", "no verdict of the form"),
        ("[[Yes 5]]", "no verdict of the form"),
        ("[[Yes, 5/5]]", "no verdict of the form"),
        ("[[yesterday, 5]]", "no verdict of the form"),
        ("[[Know, 5]]", "no verdict of the form"),
    ],
)
def test_no_verdict(reply: str, why: str) -> None:
    found = read_following(reply)
    assert isinstance(found, Unparsed)
    assert why in found.reason


@pytest.mark.parametrize("reply", ["No, 2", "[[No, 2", "Because it"])
def test_a_reply_that_was_cut_off_has_no_verdict_unless_it_was_closed(reply: str) -> None:
    assert "cut off" in read_following(reply, cut=True).reason
    assert read_following("[[No, 2]]\nBecause it", cut=True) == FollowingReply(False, 2)


def test_another_scale() -> None:
    assert read_following("[[Yes, 9]]", lowest=0, highest=10) == FollowingReply(True, 9)
    assert isinstance(read_following("[[Yes, 11]]", lowest=0, highest=10), Unparsed)


def test_steps_and_preferences() -> None:
    assert read_step("It stops halfway.\n[[Partly]]") == Verdict.PARTLY
    assert read_step("No.") == Verdict.NO
    assert read_preference(" 2 ") == 2
    assert read_preference("[[TIE]]") == TIE
    for reply in ("Yes, it was.", "[[Yes, 5]]", "[[unsure]]", "no idea", ""):
        assert isinstance(read_step(reply), Unparsed)
    for reply in ("Assistant 1", "[[3]]", "[[A]]", "1 or 2", "12", "[[1]]\n[[2]]", "a tie"):
        assert isinstance(read_preference(reply), Unparsed)


@given(st.text())
@example("[[" * 5000)
@example("[[Yes, " + "9" * 500 + "]]")
@example("\x00[[Yes, 5]]\ud800")
def test_no_text_is_too_much(text: str) -> None:
    for read in (read_following, read_step, read_preference):
        for cut in (False, True):
            read(text, cut=cut)


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["[", "[[", "]]", "[[Yes, ", "[[Yes, 4]]", "*", "`", " ", "\n", "[[No, 1]]\n", ":[[", "```\n"],
)
def test_a_megabyte_of_anything_takes_a_moment(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()
    for read in (read_following, read_step, read_preference):
        read(text)
        read(f"[[Yes{text}")
    assert time.process_time() - began < 10  # linear: well below a second each


WORDS = st.sampled_from(
    ("the", "output", "Yes,", "No,", "yes", "no", "partly", "1", "2", "5", "tie", "both,", "know")
)


@given(st.lists(WORDS, min_size=1, max_size=8), st.sampled_from(["", ".", "!"]))
def test_prose_is_never_a_verdict(words: list[str], end: str) -> None:
    said = "I think that " + " ".join(words) + end
    for read in (read_following, read_step, read_preference):
        assert isinstance(read(said), Unparsed)


@given(st.booleans(), st.floats(1, 5), st.text(alphabet="ab c\n"), st.booleans())
def test_what_is_asked_for_is_read(yes: bool, quality: float, prose: str, first: bool) -> None:
    number = round(quality, 2)
    said = f"[[{'Yes' if yes else 'No'}, {number}]]"
    reply = f"{said}\n{prose}" if first else f"{prose}\n{said}"
    assert read_following(reply) == FollowingReply(yes, number)


def test_the_released_verdicts_are_read_as_they_were(real_data: Path) -> None:
    (file,) = (real_data / "seqeval_judged").glob("*.json")
    counts: Counter[bool | None] = Counter()
    for row in json.loads(file.read_text(encoding="utf-8")):
        found = read_following(row["llm_as_a_judge"])
        said = (None, -1) if isinstance(found, Unparsed) else (found.following, found.quality)
        assert said == (row["following"], row["score"]), row["llm_as_a_judge"]
        counts[said[0]] += 1
    assert counts == {True: 708, False: 95, None: 2}
