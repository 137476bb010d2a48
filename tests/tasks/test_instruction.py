"""What is built of tasks is read back as exactly these tasks."""

import doctest
from itertools import product

import pytest

from sit_core.errors import UsageError
from sit_core.records import Unparsed
from sit_core.tasks import TASKS, clause_for, clauses_of, joined, steps_from_instruction
from sit_core.tasks import wording as asking
from sit_core.tasks import wording as wording_module

ASKED = [name for name in TASKS if TASKS.get(name).wording]


@pytest.mark.parametrize("module", [asking, wording_module])
def test_the_examples_in_the_docs_are_true(module) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("length", [2, 3, 4])
def test_every_chain_of_tasks_is_read_back_as_it_was_built(length: int) -> None:
    for names in product(ASKED, repeat=length):
        clauses = [clause_for(TASKS.get(name), "German") for name in names]
        found = steps_from_instruction(joined(clauses))
        assert not isinstance(found, Unparsed), names
        assert [step.task for step in found] == list(names)


def test_clauses_keep_their_own_words() -> None:
    found = clauses_of("First copy the whole text, then name THE answer; finally, write a rhyme!")
    assert isinstance(found, Unparsed)  # "name THE answer" is no known task
    found = clauses_of("First copy the whole text, then paraphrase it; finally, write a rhyme!")
    assert not isinstance(found, Unparsed)
    assert [(task.letter, clause) for task, clause in found] == [
        ("R", "copy the whole text"),
        ("P", "paraphrase it"),
        ("A", "write a rhyme!"),
    ]


def test_a_task_without_a_wording_builds_no_chain() -> None:
    with pytest.raises(UsageError, match="'follow'"):
        clause_for(TASKS.get("follow"))
