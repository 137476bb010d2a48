"""Which of two outputs for the same prompt is better; asked in both orders.

Judges tend to prefer what stands first, so only what is preferred in both orders is a win.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sit_core.judge.judge_types import KINDS, JudgeInput, JudgeQuestion, JudgeType, ParsedReply
from sit_core.metrics.judge_replies import read_preference
from sit_core.records import Unparsed

if TYPE_CHECKING:
    from sit_core.judge.folder import JudgeSettings


def _asks(case: JudgeInput, _how: "JudgeSettings") -> Sequence[JudgeQuestion] | Unparsed:
    if case.against is None:
        return Unparsed("the reference has no output for this example")
    asked = {"instruction": case.example.instruction, "input": case.example.input}
    both = (case.output, case.against)
    return [
        JudgeQuestion(str(place), {**asked, "first": first, "second": second}, place=place)
        for place, (first, second) in ((1, both), (2, both[::-1]))
    ]


def _read(reply: str, cut: bool, _how: "JudgeSettings") -> ParsedReply | Unparsed:
    said = read_preference(reply, cut=cut)
    return said if isinstance(said, Unparsed) else ParsedReply(better=said)


KINDS.add(
    "pairwise",
    JudgeType(
        title="Against a reference",
        describes="Which of two outputs for the same prompt is better, asked in both orders.",
        needed=frozenset({"instruction", "first", "second"}),
        places=frozenset({"instruction", "input", "first", "second", "fence"}),
        asks=_asks,
        read=_read,
        compares=True,
    ),
)
