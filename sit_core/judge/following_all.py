"""Did the output follow all the tasks, yes or no, and how good is it: SeqEval's question."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sit_core.judge.judge_types import KINDS, JudgeInput, JudgeQuestion, JudgeType, ParsedReply
from sit_core.metrics.judge_replies import read_following
from sit_core.records import Unparsed, Verdict
from sit_core.store.verdict_state import FOLLOW

if TYPE_CHECKING:
    from sit_core.judge.folder import JudgeSettings


def _asks(case: JudgeInput, how: "JudgeSettings") -> Sequence[JudgeQuestion]:
    texts = {
        "instruction": case.example.instruction,
        "input": case.example.input,
        "output": case.output,
    }
    return [
        JudgeQuestion(FOLLOW, texts, {"lowest": f"{how.lowest:g}", "highest": f"{how.highest:g}"})
    ]


def _read(reply: str, cut: bool, how: "JudgeSettings") -> ParsedReply | Unparsed:
    said = read_following(reply, lowest=how.lowest, highest=how.highest, cut=cut)
    if isinstance(said, Unparsed):
        return said
    return ParsedReply(Verdict.YES if said.following else Verdict.NO, said.quality)


KINDS.add(
    "following-all",
    JudgeType(
        title="All tasks followed",
        describes="Whether the output followed all the tasks, yes or no, with a quality.",
        needed=frozenset({"instruction", "output"}),
        places=frozenset({"instruction", "input", "output", "lowest", "highest", "fence"}),
        asks=_asks,
        read=_read,
    ),
)
