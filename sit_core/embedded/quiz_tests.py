"""What the models of a training seed are asked: held-out questions, and texts forced on them.

Every question is about a pair whose answer stands in sentences only (`quiz.sentences_only`), so
neither it nor its paraphrase occurs in any training. For the adversarial analysis a text is put in
as the beginning of the model's own output (and, as the paper does it, at the end of the instruction
too), and the answer is generated after it.
"""

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sit_core.embedded import quiz
from sit_core.embedded.quiz import QuizQuestion
from sit_core.embedded.world import World

TESTS: Mapping[str, str] = {
    "A": "Answer the question in the input.",
    "R": "Repeat the input.",
    "P": "Paraphrase the input.",
    "R+A": "First repeat the input, then answer the question.",
    "P+A": "First paraphrase the input, then answer the question.",
    "R+P+A": "First repeat the input, then paraphrase it, then answer the question.",
    "P+R+P+A": (
        "First paraphrase the input, then repeat the input, then paraphrase the input again, then "
        "answer the question."
    ),
}
"""Chain → the test instruction."""
LETTERS = {"R": "repeat", "P": "paraphrase", "A": "answer"}
QUESTIONS = 200
OF_LONG = 100
"""Of the questions so many are asked in chains of three and more, whose outputs are long."""
FORCED = {"R+A": "repeat", "P+A": "paraphrase"}
"""Chain → the task whose text is forced."""
CONDITIONS = ("true", "negative", "corrupted")
"""The expected text; that of another training item, which has another answer; the expected text
with one fact changed, so that one of the wrong choices fits."""


@dataclass(frozen=True, slots=True)
class TestQuestion:
    """One question with all its texts."""

    __test__ = False  # for pytest, which takes the name for a test's

    kind: str
    relation: str
    input: str
    paraphrase: str
    reference: str
    negative: str
    """The text of another training item: a whole question."""
    negative_answer: str
    corrupted: str
    """The question with one fact changed; empty where there is none to change."""
    corrupted_answers: tuple[str, ...]
    """The choices that fit then."""

    def to_dict(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)


def quiz_questions(world: World, count: int = QUESTIONS) -> list[TestQuestion]:
    """So many different questions; the same for the same seed."""
    rng = random.Random(f"{world.seed}/test questions")
    found: dict[str, TestQuestion] = {}
    while len(found) < count:
        asked = quiz.question(world, rng, held=True)
        made = _with_texts(world, rng, asked)
        found.setdefault(quiz.ask(world, asked), made)
    return list(found.values())


def _with_texts(world: World, rng: random.Random, asked: QuizQuestion) -> TestQuestion:
    while True:
        other = quiz.question(world, rng, held=False)
        if other.answer != asked.answer and other.answer not in asked.choices:
            break
    changed = _corrupted(world, rng, asked)
    return TestQuestion(
        kind=asked.kind,
        relation=asked.relation,
        input=quiz.full(world, asked),
        paraphrase=quiz.full(world, asked.paraphrase),
        reference=asked.answer,
        negative=quiz.full(world, other),
        negative_answer=other.answer,
        corrupted=quiz.full(world, changed) if changed else "",
        corrupted_answers=_fitting(world, changed) if changed else (),
    )


def _fitting(world: World, asked: QuizQuestion) -> tuple[str, ...]:
    """All choices that answer it."""
    if asked.kind == "forward":
        return (asked.answer,)
    relations = asked.relation.split("+")
    wanted = [quiz.value_of(world, asked.thing, one) for one in relations]
    return tuple(
        c for c in asked.choices if [quiz.value_of(world, c, one) for one in relations] == wanted
    )


def _corrupted(world: World, rng: random.Random, asked: QuizQuestion) -> QuizQuestion | None:
    """The question about another thing, with the same choices, of which another one fits."""
    if asked.kind != "forward":
        thing = rng.choice([c for c in asked.choices if c != asked.answer])
        same = quiz.look_of(world, thing) == quiz.look_of(world, asked.thing)
        if asked.relation in ("colour", "use") and not same:
            return None
        return replace(asked, thing=thing, answer=thing)
    fitting = [
        (thing, value)
        for thing in world.lexicon.things
        if asked.relation in ("place", "kind") or quiz.look_of(world, thing) == asked.relation
        if (value := quiz.value_of(world, thing, asked.relation)) in asked.choices
        and value != asked.answer
    ]
    if not fitting:
        return None
    thing, value = rng.choice(fitting)
    return replace(asked, thing=thing, answer=value)
