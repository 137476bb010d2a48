"""Caption (C): describe the image."""

from sit_core.tasks.task import TASKS, Task

CAPTION = TASKS.add(
    "caption",
    Task(
        name="caption",
        letter="C",
        question="Did it describe the image?",
        rule="There is a description of what the image shows, apart from the answer.",
        patterns=(r"(?:describe|caption)\b.{0,40}?\b(?:image|picture|photo|photograph)\b",),
        wording="describe the image",
        obtained="It comes from a column or file of captions.",
        needs_image=True,
    ),
)
