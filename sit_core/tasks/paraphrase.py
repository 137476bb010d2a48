"""Paraphrase (P): say the input in other words."""

from sit_core.tasks.task import TASKS, Task

PARAPHRASE = TASKS.add(
    "paraphrase",
    Task(
        name="paraphrase",
        letter="P",
        question="Did it paraphrase the input?",
        rule="The input is said again in other words; a word-for-word copy is not a paraphrase.",
        patterns=(r"(?:paraphrase|rephrase|reword)\b",),
        wording="paraphrase the input",
        obtained="A model writes it, or it comes from a column or a parallel file.",
    ),
)
