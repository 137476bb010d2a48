"""Was each step of the chain done, yes, partly or no: one question per step."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sit_core.judge.judge_types import KINDS, JudgeInput, JudgeQuestion, JudgeType, ParsedReply
from sit_core.metrics.judge_replies import read_step
from sit_core.records import Step, Unparsed
from sit_core.tasks import TASKS

if TYPE_CHECKING:
    from sit_core.judge.folder import JudgeSettings


def _asks(case: JudgeInput, _how: "JudgeSettings") -> Sequence[JudgeQuestion] | Unparsed:
    if not case.steps:
        return Unparsed("the steps of its chain are not known")
    texts = {
        "instruction": case.example.instruction,
        "input": case.example.input,
        "output": case.output,
    }
    of = str(len(case.steps))
    return [
        # The name of a step may be a researcher's own, out of a file: a text like the others.
        JudgeQuestion(
            step.key, {**texts, "step": step.task}, {"number": str(n), "of": of, **_asked(step)}
        )
        for n, step in enumerate(case.steps, 1)
        if step.key not in case.given_steps
    ] or Unparsed("all its steps were given to the model")


def _asked(step: Step) -> dict[str, str]:
    known = step.task in TASKS
    return {
        "question": TASKS.get(step.task).question if known else "Was this step done?",
        "rule": TASKS.get(step.task).rule if known else "The output shows the result of the step.",
    }


def _read(reply: str, cut: bool, _how: "JudgeSettings") -> ParsedReply | Unparsed:
    said = read_step(reply, cut=cut)
    return said if isinstance(said, Unparsed) else ParsedReply(said)


KINDS.add(
    "following-steps",
    JudgeType(
        title="Each step",
        describes="Whether each step of the chain was done, yes, partly or no.",
        needed=frozenset({"instruction", "output", "step"}),
        places=frozenset(
            {"instruction", "input", "output", "step", "number", "of", "question", "rule", "fence"}
        ),
        asks=_asks,
        read=_read,
    ),
)
