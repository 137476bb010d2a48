"""Answer (A): the final task itself, whether or not the answer is right."""

from sit_core.tasks.task import TASKS, Task

ANSWER = TASKS.add(
    "answer",
    Task(
        name="answer",
        letter="A",
        question="Did it give an answer?",
        rule="There is an answer to what was asked, right or wrong; a repeated question or a "
        "refusal is none.",
        patterns=(
            r"(?:answer|respond to|reply to|solve)\b",
            r"(?:select|choose|pick|give|provide|write|state|find|output)\b.{0,40}?"
            r"\b(?:answer|choice|option|solution)\b",
        ),
        wording="answer the question",
        obtained="It is the example's own output.",
    ),
)
