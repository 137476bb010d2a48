"""The chain that an instruction's wording asks for: "First repeat the input, then answer …".

Sequential prompting joins prompts as "First p1, then p2" (arXiv 2403.07794, section 2). The text is
cut where a connecting word *begins a clause*, and each clause must begin with what a task is asked
by; a word in passing ("if so, then …", "repeat the experiment") makes no chain.

The way back from tasks to words: "First p1, then p2" (arXiv 2403.07794, section 2).
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from sit_core.errors import UsageError
from sit_core.records import Step, Unparsed, chain
from sit_core.tasks.answer import ANSWER
from sit_core.tasks.task import MAX_STEPS, TASKS, Task

_CONNECTOR = re.compile(
    r"(?:^|(?<=[.!?,;\n])|\band\b)"  # a connector counts only where a clause begins
    r"[ \n]?(?:and )?(?:"
    r"first(?:ly)?|second(?:ly)?|third(?:ly)?|fourth(?:ly)?|then|next|after that|afterwards|"
    r"finally|lastly|(?:step )?\d{1,2}[.):](?= )"
    r")\b[ ,:]{0,3}|^(?:step )?\d{1,2}[.):] ",
    re.IGNORECASE | re.MULTILINE,
)
_OPENS = re.compile(r"\s*(?:first|(?:step )?1\b)", re.IGNORECASE)
_POLITE = re.compile(
    r"(?:[\s,:]|please\b|kindly\b|you (?:should|must|need to|have to)\b|(?:can|could) you\b|"
    r"i (?:want|would like) you to\b|to begin with\b|you\b)+",
    re.IGNORECASE,
)
_PREAMBLE_ENDS = (".", "!", "?", "\n")
_CACHED_LENGTH = 2000


def steps_from_instruction(text: str) -> tuple[Step, ...] | Unparsed:
    r"""The steps that the wording asks for, in order; total: never raises.

    The last clause of a chain may ask for anything ("First repeat the input, then write a poem"):
    it is the original task, whose step is *answer*. Any other clause must be a registered task.

    >>> def letters(text):
    ...     found = steps_from_instruction(text)
    ...     return found if isinstance(found, Unparsed) else "+".join(s.letter for s in found)
    >>> letters("First repeat the input, then answer the question.")
    'R+A'
    >>> letters("Please repeat the input, then choose the right letter.")
    'R+A'
    >>> letters("First, translate the input into English. Then, answer the question. Your answer "
    ...         "should then be one word, not first and last name.")
    'T+A'
    >>> letters("First paraphrase the input, then repeat the input, then paraphrase the input "
    ...         "again, and then answer")
    'P+R+P+A'
    >>> letters("FIRST DESCRIBE THE IMAGE,\nTHEN ANSWER THE INPUT QUESTION")
    'C+A'
    >>> letters("You are given a riddle. First, please rephrase it; finally solve it!")
    'P+A'
    >>> letters("1. Repeat the question\n2. Choose an option")
    'R+A'
    >>> letters("First repeat the input, then write a poem about it.")
    'R+A'
    >>> letters("Repeat the experiment, then answer the question.")
    Unparsed(reason='the step "Repeat the experiment" is an unknown task')
    >>> letters("If the first answer is right, then repeat the input.")
    Unparsed(reason='the step "If the first answer is right" is an unknown task')
    >>> letters("Answer the question; don't repeat the input.")
    Unparsed(reason='the instruction names no sequence of tasks')
    >>> letters("Explain why “first repeat the input, then answer” is hard.")
    Unparsed(reason='the step "Explain why “first repeat the input" is an unknown task')
    >>> letters("")
    Unparsed(reason='the instruction is empty')
    """
    if len(text) <= _CACHED_LENGTH:
        return _remembered(text)
    return _steps(text)


def clauses_of(text: str) -> tuple[tuple[Task, str], ...] | Unparsed:
    """The tasks that the wording asks for in sequence, each with its clause as it is written.

    >>> found = clauses_of("First translate the input into German, then write a poem about it.")
    >>> [(task.name, clause) for task, clause in found]
    [('translate', 'translate the input into German'), ('answer', 'write a poem about it')]
    """
    tidy = "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
    if not tidy:
        return Unparsed("the instruction is empty")
    clauses = _clauses(tidy)
    if len(clauses) < 2:
        return Unparsed("the instruction names no sequence of tasks")
    if len(clauses) > MAX_STEPS:
        return Unparsed(f"the instruction names {len(clauses):,} steps, more than {MAX_STEPS}")
    found: list[tuple[Task, str]] = []
    for place, clause in enumerate(clauses):
        task = task_asked_by(clause)
        last = place == len(clauses) - 1
        if task is None and last and all(task is not ANSWER for task, _ in found):
            task = ANSWER
        if task is None:
            return Unparsed(f'the step "{_shown(clause)}" is an unknown task')
        found.append((task, clause))
    return tuple(found)


@lru_cache(maxsize=4096)
def _remembered(text: str) -> tuple[Step, ...] | Unparsed:
    return _steps(text)


def _steps(text: str) -> tuple[Step, ...] | Unparsed:
    found = clauses_of(text)
    if isinstance(found, Unparsed):
        return found
    return chain([Step(task.name, task.letter) for task, _ in found])


def _clauses(tidy: str) -> list[str]:
    """What stands between the connectors; a preamble of whole sentences before "First" is left."""
    cuts = list(_CONNECTOR.finditer(tidy))
    if not cuts:
        return []
    head = tidy[: cuts[0].start()]
    opens = _OPENS.match(cuts[0].group())
    pieces = [tidy[a.end() : b.start()] for a, b in pairwise(cuts)]
    pieces.append(tidy[cuts[-1].end() :])
    if not (opens and (not head or head.endswith(_PREAMBLE_ENDS))):
        pieces.insert(0, head)
    bare = [_POLITE.sub("", piece, count=1) if _POLITE.match(piece) else piece for piece in pieces]
    return [piece.strip(" \n,.;:") for piece in bare if piece.strip(" \n,.;:")]


def task_asked_by(clause: str) -> Task | None:
    """The task that a clause such as "(please) repeat the input" asks for, if it is a known one."""
    bare = _POLITE.sub("", clause, count=1) if _POLITE.match(clause) else clause
    return next((t for t in map(TASKS.get, TASKS) if t.is_asked_by(bare)), None)


def _shown(clause: str) -> str:
    first = clause.split("\n", 1)[0]
    return first if len(first) <= 60 else first[:59] + "…"


LANGUAGE = "{language}"
"""Stands for a language's name in a task's wording."""


def clause_for(task: Task, language: str = "English") -> str:
    """What asks for one task.

    Raises:
        UsageError: the task has no wording.

    >>> from sit_core.tasks.translate import TRANSLATE
    >>> clause_for(TRANSLATE, "German")
    'translate the input into German'
    """
    if not task.wording:
        raise UsageError(f"The task {task.name!r} has no wording that a chain could be built of.")
    return task.wording.replace(LANGUAGE, language)


def joined(clauses: Sequence[str]) -> str:
    """One instruction of these clauses, each kept letter by letter.

    >>> joined(["repeat the input", "paraphrase the input", "answer the question"])
    'First repeat the input, then paraphrase the input, then answer the question.'
    >>> joined(["repeat the input"]), joined([])
    ('Repeat the input.', '')
    """
    if not clauses:
        return ""
    text = ", then ".join(clauses)
    text = text[:1].upper() + text[1:] if len(clauses) == 1 else f"First {text}"
    return text if text.endswith((".", "!", "?")) else f"{text}."
