"""The single skills that the base model learns, one instruction each, never a sequence of them.

Each skill makes an `Item`: an instruction, an input and the one right response.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from sit_core.embedded import render, strings
from sit_core.embedded.world import Fact, World

INSTRUCTIONS = {
    "answer": (
        "Answer the question.",
        "Answer the question in the input.",
        "Answer the input question.",
        "Select the correct choice to answer the question.",
        "Select the correct choice to answer the question in the input.",
        "Choose the right answer.",
        "Pick the right choice.",
        "Select the right choice.",
        "Give the answer.",
    ),
    "repeat": (
        "Repeat the input.",
        "Repeat the question.",
        "Repeat the text.",
        "Copy the input.",
        "Copy the text exactly.",
        "Write the input again.",
        "Write out the input word for word.",
        "Repeat the input word for word.",
    ),
    "paraphrase": (
        "Paraphrase the input.",
        "Paraphrase the question.",
        "Rephrase the input.",
        "Rephrase the question.",
        "Say the input in other words.",
        "Write the question in other words.",
    ),
    "translate": (
        "Translate the input into English.",
        "Translate the question into English.",
        "Translate the text into English.",
        "Give the input in English.",
        "Write the input in English.",
        "Put the text into English.",
    ),
}
"""Skill → the wordings of its instruction."""


@dataclass(frozen=True)
class Item:
    """One instruction with its input and right response; ``skill`` is what it trains or tests."""

    skill: str
    instruction: str
    input: str
    response: str
    sort: str = ""
    """What kind of input it is (``question``, ``words``, ``letters``, ``spanish``, …)."""


def answer(world: World, rng: random.Random, *, held: bool) -> Item:
    """A question with five choices → the right one, as text.

    Not its letter: to find the letter of what it knows to be right is more than a model of this
    size learned from 10 million tokens (it stayed at chance; the text was right from the start).
    """
    question = world.question_about(rng, rng.choice(world.answerable), held=held)
    return _item("answer", rng, render.full(world, question), question.fact.answer, "question")


def open_answer(world: World, rng: random.Random, *, held: bool) -> Item:
    """A question without choices → the same word."""
    question = world.question_about(rng, rng.choice(world.answerable), held=held)
    asked = render.ask(world, question)
    if rng.random() < 0.6:
        return Item("open answer", asked, "", question.fact.answer, "question")
    item = _item("answer", rng, f"Question: {asked}", question.fact.answer, "question")
    return replace(item, skill="open answer")


def repeat(world: World, rng: random.Random, *, held: bool) -> Item:
    """A question or a meaningless text → the same."""
    draw = rng.random()
    if draw < 0.25:
        text, sort = render.full(world, world.question(rng, held=held)), "question"
    elif draw < 0.35:
        language = rng.choice(("spanish", "german"))
        text, sort = render.full(world, world.question(rng, held=held), language), language
    else:
        text, sort = _free(world, rng, held=held)
    return _item("repeat", rng, text, text, sort)


def paraphrase(world: World, rng: random.Random, *, held: bool) -> Item:
    """A question or statement → the same in the other phrasing; the choices stay."""
    if rng.random() < 0.8:
        question = world.question(rng, held=held)
        text, other = render.full(world, question), render.full(world, question.paraphrase)
        return _item("paraphrase", rng, text, other, "question")
    fact, form = _statement(world, rng, held=held)
    texts = render.state(world, fact, form), render.state(world, fact, 1 - form)
    return _item("paraphrase", rng, *texts, "statement")


def translate(world: World, rng: random.Random, *, held: bool) -> Item:
    """A question, statement or list of words in Spanish or German → English."""
    language = rng.choice(("spanish", "german"))
    draw = rng.random()
    if draw < 0.5:
        question = world.question(rng, held=held)
        first = type(question)(question.fact, question.phrasing // 2 * 2, question.choices)
        texts = render.full(world, first, language), render.full(world, first)
        return _item("translate", rng, *texts, language)
    if draw < 0.7:
        fact, _ = _statement(world, rng, held=held)
        texts = render.state(world, fact, 0, language), render.state(world, fact, 0)
        return _item("translate", rng, *texts, f"{language} statement")
    while True:
        words = rng.sample(world.lexicon.all_words(), rng.randint(1, 8))
        text = ", ".join(w.bare(language) for w in words)
        if world.held_text(text) == held:
            english = ", ".join(w.english for w in words)
            return _item("translate", rng, text, english, f"{language} words")


def plain_text(world: World, rng: random.Random) -> str:
    """A few sentences about one thing, as running text."""
    name = rng.choice(list(world.lexicon.things))
    facts = [f for f in world.answerable if f.thing == name]
    rng.shuffle(facts)
    said = [_said(world, rng, fact) for fact in facts]
    return " ".join(sentence for sentence in said if sentence)


SKILLS: dict[str, Callable[..., Item]] = {
    "answer": answer,
    "open answer": open_answer,
    "repeat": repeat,
    "paraphrase": paraphrase,
    "translate": translate,
}
"""Name → what makes an item of it."""


def _item(skill: str, rng: random.Random, text: str, response: str, sort: str) -> Item:
    instruction = rng.choice(INSTRUCTIONS[skill])
    if rng.random() < 0.25:
        instruction = "Please " + instruction[0].lower() + instruction[1:]
    return Item(skill, instruction, text, response, sort)


def _free(world: World, rng: random.Random, *, held: bool) -> tuple[str, str]:
    names = list(strings.FORMS)
    while True:
        sort = rng.choices(names, [strings.FORMS[n][0] for n in names])[0]
        text = strings.free_text(rng, sort)
        if world.held_text(text) == held:
            return text, sort


def _statement(world: World, rng: random.Random, *, held: bool) -> tuple[Fact, int]:
    """A fact and a form in which it is stated; held out by fact, so in both forms."""
    while True:
        fact = rng.choice(world.answerable)
        if world.held_text(f"statement/{fact.relation}/{fact.thing}") == held:
            return fact, rng.randrange(2)


def _said(world: World, rng: random.Random, fact: Fact) -> str:
    """One sentence, or nothing where this fact's statements are held out."""
    if world.held_text(f"statement/{fact.relation}/{fact.thing}"):
        return ""
    return render.state(world, fact, rng.randrange(2))
