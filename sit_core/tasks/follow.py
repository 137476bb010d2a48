"""Follow (F): all tasks of the instruction together, where the single steps are not known."""

from sit_core.tasks.task import TASKS, Task

FOLLOW = TASKS.add(
    "follow",
    Task(
        name="follow",
        letter="F",
        question="Did it do all the tasks of the instruction?",
        rule="Every task that the instruction asks for was done, well or badly; partly if some "
        "were left out.",
    ),
)
