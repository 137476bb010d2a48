"""What the embedded model can know of a question: its words, and the answer where it has one.

The micro lab's models were trained on a world of about 150 things (`sit_core.embedded.world`).
Asked about anything else they write something all the same, and it means nothing. So the page names
the words that no item of the micro lab has, and calls an answer right only where that world has it.

Its copying items hold random strings: they teach copying, not what the words mean. They count as
whole texts, never by their words.
"""

import json
import re
import unicodedata
from functools import cache

from sit_core.embedded import render, shipped
from sit_core.embedded.lexicon import lexicon
from sit_core.embedded.phrasings import RELATIONS
from sit_core.embedded.skills import INSTRUCTIONS
from sit_core.embedded.world import HEADS, LANGUAGES, LETTERS, World, WorldQuestion
from sit_core.live.request import LiveRequest
from sit_core.metrics.alignment import words
from sit_core.metrics.input_choices import asked
from sit_core.records import Unparsed

LONGEST_WORD = 40
"""Characters of a listed word; the rest of it is cut."""
_SLOT = re.compile(r"\{[^{}]*\}")
_ANY = 0
"""Facts and their phrasings are the same for every seed; only what is held out differs."""


def words_outside(ask: LiveRequest) -> tuple[str, ...]:
    """The words of what is asked that no item of the micro lab has, each once, in their order.

    Of the input; and of the instruction where its steps are not known, for then it is the question
    itself, or a task that the model never saw. Nothing where the input is only to be copied, which
    the models were taught with texts of all kinds. Linear in the length of the texts.

    >>> words_outside(LiveRequest("Answer the question.", "Question: What is a quark?"))
    ('quark',)
    >>> words_outside(LiveRequest("Repeat the input.", "Question: What is a quark?"))
    ()
    """
    steps = ask.chain()
    if isinstance(steps, Unparsed):
        texts = [ask.instruction, ask.input]
    else:
        texts = [] if {step.task for step in steps} == {"repeat"} else [ask.input]
    known = known_words()
    found: dict[str, str] = {}
    for text in texts:
        if text in _shipped_texts():
            continue
        plain = unicodedata.normalize("NFC", text)
        for start, end in words(plain):
            word = plain[start:end]
            folded = word.casefold()
            if folded not in known:
                found.setdefault(folded, word)
    return tuple(_short(word) for word in found.values())


def _short(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else word[: LONGEST_WORD - 1] + "…"


@cache
def known_words() -> frozenset[str]:
    """All words of the items that mean something, in lower case: questions, statements, lists."""
    texts = [*LETTERS, "Please", *(text for texts in INSTRUCTIONS.values() for text in texts)]
    texts += [head for pair in HEADS.values() for head in pair]
    for relation in RELATIONS.values():
        texts += [*relation.english, *relation.spanish, *relation.german, *relation.statements]
        texts += [relation.spanish_statement, relation.german_statement]
    texts = [_SLOT.sub(" ", text) for text in texts]
    for word in lexicon().all_words():
        texts += [word.bare(language) for language in LANGUAGES]
        texts += [form for _, form in word.forms]
    return frozenset(text[a:b].casefold() for text in texts for a, b in words(text))


@cache
def _shipped_texts() -> frozenset[str]:
    """Inputs and instructions of the items that come with the app, copying items among them."""
    rows = [
        json.loads(line)
        for path in sorted(shipped.HELD_OUT.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line
    ]
    return frozenset(row[name] for row in rows for name in ("instruction", "input") if row[name])


def known_answer(text: str) -> str | None:
    r"""The right answer to a question of the micro world; None to any other text.

    >>> known_answer("Question: What is a tuna?\nChoices: A:tool, B:fish")
    'fish'
    >>> known_answer("Question: Which of these is a fish?\nChoices: A:hammer, B:tuna")
    'tuna'
    >>> known_answer("Question: Which of these is a fish?\nChoices: A:trout, B:tuna") is None
    True
    """
    read = asked(text)
    question = read.question.strip()
    for head, _ in HEADS.values():
        question = question.removeprefix(f"{head}:").strip()
    right = _answers().get(question)
    if right is None:
        return None
    if read.choices:
        right = right & {choice.text for choice in read.choices}
    return next(iter(right)) if len(right) == 1 else None


@cache
def _answers() -> dict[str, frozenset[str]]:
    """English question → its right answers; of those that ask backwards there are many."""
    world = World(_ANY)
    found: dict[str, set[str]] = {}
    for fact in world.facts:
        for phrasing in range(len(RELATIONS[fact.relation].english)):
            sentence = render.ask(world, WorldQuestion(fact, phrasing, ()))
            found.setdefault(sentence, set()).add(fact.answer)
    return {question: frozenset(right) for question, right in found.items()}
