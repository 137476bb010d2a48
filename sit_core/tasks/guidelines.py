"""The guidelines that a new study starts with: the rule, and worked examples for its steps.

Markdown of our own wording; researchers edit it before and after they make the study. Nothing that
came from a file is in it but the names of a researcher's own steps, with their Markdown taken off.
"""

import re
from collections.abc import Sequence

from sit_core.records import Step
from sit_core.tasks.task import TASKS

_RULE = """\
**Did it do the task, regardless of whether the answer is right?**
Each step is judged by itself. Read the whole output before the first verdict.

| verdict | when |
|---|---|
| **yes** | the step was done; small slips in spelling or spacing don't matter |
| **partly** | it was begun, but a part that was asked for is missing |
| **no** | it was not done |
| **unsure** | you can't tell; say why in the note |

- An empty output did nothing: **no** for every step.
- A refusal ("I can't help with that") is no answer: **no**.
- Announcing a step ("First I will repeat the input") is not doing it: **no**.
- Text after all steps are done (explanations, the same again) takes nothing away.
- The order of the steps plays no part in their verdicts; where the study asks for it, it is a
  question of its own.
"""

_STEPS = {
    "repeat": """\
Is the input written out again?

| the output | verdict |
|---|---|
| the question and all its choices, then "Answer: B" | **yes** |
| the same, but "colour" became "color" and the lines run together | **yes** |
| the question without its choices | **partly** |
| the choices without the question | **partly** |
| "The answer to 'Where do bees carry nectar?' is the hive" (quotes all of it) | **partly** |
| "Bees carry nectar to the hive." (the question completed with a choice) | **no** |
| "To answer where bees carry nectar: to the hive" (mentions it inside an explanation) | **no** |
| "B" | **no** |
""",
    "answer": """\
Is there an answer to the question, right or wrong?

| the output | verdict |
|---|---|
| "B", "B: flour" or "flour" | **yes** |
| "The answer is A" where B is right | **yes** |
| "Bees carry nectar to the hive." (the question completed with a choice) | **yes** |
| "F: none of these" where the choices end at E | **yes** |
| "It may be A or B" | **partly** |
| the question and its choices again, and nothing more | **no** |
| a long explanation that never settles on an answer | **no** |
| "I'm sorry, I can't help with that" | **no** |
""",
    "paraphrase": """\
Is the input said again in other words?

| the output | verdict |
|---|---|
| the whole question in other words | **yes** |
| only the first half of it in other words | **partly** |
| most words the same, one or two replaced | **partly** |
| the input copied word for word | **no** |
| an answer at once | **no** |
""",
    "translate": """\
Is the input given in the language asked for?

| the output | verdict |
|---|---|
| a whole translation, with mistakes | **yes** |
| the question translated, the context left out | **partly** |
| "Translation:" followed by the text in its own language | **no** |
| an answer in the language asked for, without the input | **no** |
""",
    "caption": """\
Is there a description of the image, apart from the answer?

| the output | verdict |
|---|---|
| "A man rides a brown horse." and then the answer | **yes** |
| a description that is wrong in places | **yes** |
| "A photo." | **partly** |
| only the answer, such as "brown" | **no** |
""",
    "follow": """\
Were all tasks of the instruction done?

| the output | verdict |
|---|---|
| something for every task, well or badly | **yes** |
| one of the tasks is missing | **partly** |
| none of the tasks, or nothing at all | **no** |
""",
}

_OWN = """\
Was this step done, well or badly? Write here what counts as yes, as partly and as no, with an
example for each.
"""


def default_guidelines(steps: Sequence[Step], ask_order: bool = False) -> str:
    """The rule and the worked examples for these steps, as Markdown.

    Args:
        steps: the steps to judge; a task that comes twice is explained once.
        ask_order: whether the annotators are asked if the steps came in the order asked.

    >>> default_guidelines([Step("repeat", "R")]).count("### ")
    1
    """
    parts = [_RULE]
    seen: set[str] = set()
    for step in steps:
        if step.task in seen:
            continue
        seen.add(step.task)
        name = _plain(step.task) if step.task not in _STEPS else step.task.capitalize()
        parts.append(f"### {name} ({_plain(step.letter)})\n{_of_task(step.task)}")
    if ask_order:
        parts.append(
            "### In the order asked\n"
            "**yes** if the steps that were done came in the order in which the instruction asks "
            "for them, **no** if a later step came before an earlier one (the answer first, then "
            "the repetition). Where only one step or none was done there is no order to speak of: "
            "**unsure**.\n"
        )
    return "\n".join(parts)


def _of_task(task: str) -> str:
    """What is said of a task: ours, its own, or a place for the researcher's words."""
    own = TASKS.get(task).guidelines if task not in _STEPS and task in TASKS else ""
    return _STEPS.get(task) or (own.rstrip() + "\n" if own.strip() else _OWN)


def _plain(name: str) -> str:
    """A name of the researcher's own, so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~:$&])", r"\\\1", name)
