"""Translate (T): give the input in another language, English unless the instruction says."""

from sit_core.tasks.task import TASKS, Task

TRANSLATE = TASKS.add(
    "translate",
    Task(
        name="translate",
        letter="T",
        question="Did it translate the input?",
        rule="The input appears in the language asked for, right or wrong; naming it or leaving "
        "it in its own language does not count.",
        patterns=(r"translate\b",),
        wording="translate the input into {language}",
        obtained="A model writes it, or it comes from the same data in the other language.",
    ),
)
