"""A chain built task by task, and the wording read back: two views of one text.

The text is what counts. The builder reads it (`links_of`), changes the order or the tasks, and
writes it anew (`written`), each clause in the words that it had.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sit_core.metrics.language import NAMES
from sit_core.records import Step, Unparsed, chain
from sit_core.tasks import TASKS, clause_for, clauses_of, joined, task_asked_by
from sit_core.tasks.wording import LANGUAGE

LANGUAGES = tuple(name.capitalize() for name in NAMES)
"""Those that the rule judge can tell apart."""
FINAL = "answer"


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One task of a chain with the words that ask for it."""

    task: str
    clause: str

    @property
    def letter(self) -> str:
        """The task's letter."""
        return TASKS.get(self.task).letter


Links = tuple[ChainStep, ...]


def offered() -> list[str]:
    """The tasks that a chain can be built of, the final one last."""
    return sorted((n for n in TASKS if TASKS.get(n).wording), key=lambda name: name == FINAL)


def takes_language(task: str) -> bool:
    """Whether its wording names a language."""
    return LANGUAGE in TASKS.get(task).wording


def links_of(instruction: str) -> Links | Unparsed:
    """The chain that an instruction asks for; one task alone is a chain of one.

    >>> [link.clause for link in links_of("First repeat the input, then answer the question.")]
    ['repeat the input', 'answer the question']
    >>> links_of("Translate the input into German.")
    (ChainStep(task='translate', clause='Translate the input into German'),)
    >>> links_of("Sing!")
    Unparsed(reason='the instruction names no sequence of tasks')
    """
    found = clauses_of(instruction)
    if not isinstance(found, Unparsed):
        return tuple(ChainStep(task.name, clause) for task, clause in found)
    alone = instruction.strip(" \n,.;:")
    task = task_asked_by(alone)
    # A sentence that begins with a task and goes on to others is no single task.
    if (
        task is None
        or "\n" in alone
        or found.reason != "the instruction names no sequence of tasks"
    ):
        return found
    return (ChainStep(task.name, alone),)


def recognised(instruction: str) -> tuple[Step, ...] | Unparsed:
    """The steps that the wording asks for, with their keys, or why they are not known."""
    links = links_of(instruction)
    if isinstance(links, Unparsed):
        return links
    return chain([Step(link.task, link.letter) for link in links])


def written(links: Sequence[ChainStep]) -> str:
    """The instruction that asks for these, in this order.

    >>> written(links_of("Translate the input into German.") + (ChainStep("answer", "answer it"),))
    'First translate the input into German, then answer it.'
    """
    clauses = [link.clause for link in links]
    if len(clauses) > 1:
        clauses = [_inside(link) for link in links]
    return joined(clauses)


def with_task(instruction: str, task: str, language: str = "English") -> str:
    """The instruction with one task more: before a final answer, else at the end.

    What was no chain yet stays, to the letter, as the final task.

    >>> with_task("", "repeat")
    'Repeat the input.'
    >>> with_task("Repeat the input.", "answer")
    'First repeat the input, then answer the question.'
    >>> with_task("First repeat the input, then answer the question.", "translate", "Thai")
    'First repeat the input, then translate the input into Thai, then answer the question.'
    >>> with_task("Write a poem.", "paraphrase")
    'First paraphrase the input, then Write a poem.'
    """
    new = ChainStep(task, clause_for(TASKS.get(task), language))
    links = links_of(instruction)
    if isinstance(links, Unparsed):
        rest = instruction.strip()
        links = (ChainStep(FINAL, rest),) if rest else ()
    if links and links[-1].task == FINAL and task != FINAL:
        return written([*links[:-1], new, links[-1]])
    return written([*links, new])


def moved(instruction: str, place: int, by: int) -> str:
    """The instruction with its task number ``place`` (from 0) moved; unchanged at the ends.

    >>> moved("First repeat the input, then paraphrase the input, then answer.", 1, -1)
    'First paraphrase the input, then repeat the input, then answer.'
    """
    links = links_of(instruction)
    if isinstance(links, Unparsed) or not 0 <= place + by < len(links):
        return instruction
    order = list(links)
    order.insert(place + by, order.pop(place))
    return written(order)


def without(instruction: str, place: int) -> str:
    """The instruction without its task number ``place`` (from 0).

    >>> without("First repeat the input, then answer the question.", 0)
    'Answer the question.'
    """
    links = links_of(instruction)
    if isinstance(links, Unparsed):
        return instruction
    return written([link for i, link in enumerate(links) if i != place])


def _inside(link: ChainStep) -> str:
    """A clause that was a sentence of its own begins small inside a chain, if it is a task's."""
    begins = link.clause[:1]
    task = task_asked_by(link.clause)
    return begins.lower() + link.clause[1:] if task and begins.isupper() else link.clause
