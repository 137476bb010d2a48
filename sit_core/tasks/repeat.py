"""Repeat (R): write the input again, word for word."""

from sit_core.tasks.task import TASKS, Task

REPEAT = TASKS.add(
    "repeat",
    Task(
        name="repeat",
        letter="R",
        question="Did it repeat the input?",
        rule="The input's words are written out again; small slips count, leaving out a part "
        "(say, the choices) is partly.",
        patterns=(
            r"(?:repeat|copy|reproduce|write out|echo)\b.{0,40}?"
            r"\b(?:input|inputs|question|text|context|prompt|sentence|passage|paragraph)\b",
        ),
        expected=lambda example: example.input or None,
        wording="repeat the input",
        obtained="It is the input itself.",
    ),
)
