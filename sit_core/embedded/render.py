"""Facts and questions as text, in three languages."""

from sit_core.embedded.lexicon import english_a
from sit_core.embedded.phrasings import RELATIONS
from sit_core.embedded.world import HEADS, LETTERS, Fact, World, WorldQuestion


def ask(world: World, question: WorldQuestion, language: str = "english") -> str:
    """The question's sentence alone.

    Spanish and German have one phrasing per pair: that of ``question.phrasing // 2``.
    """
    relation = RELATIONS[question.fact.relation]
    if language == "english":
        template = relation.english[question.phrasing]
    else:
        table = relation.spanish if language == "spanish" else relation.german
        template = table[question.phrasing // 2]
    return fill(world, template, question.fact, language)


def full(world: World, question: WorldQuestion, language: str = "english") -> str:
    """The question in the CommonsenseQA format, with its choices."""
    head, tail = HEADS[language]
    choices = ", ".join(
        f"{letter}:{world.word(choice).bare(language)}"
        for letter, choice in zip(LETTERS, question.choices, strict=True)
    )
    return f"{head}: {ask(world, question, language)}\n{tail}: {choices}"


def state(world: World, fact: Fact, form: int = 0, language: str = "english") -> str:
    """A sentence that states the fact; English has two forms that say the same."""
    relation = RELATIONS[fact.relation]
    if language == "english":
        template = relation.statements[form]
    elif language == "spanish":
        template = relation.spanish_statement
    else:
        template = relation.german_statement
    return fill(world, template, fact, language)


def fill(world: World, template: str, fact: Fact, language: str) -> str:
    """Put the fact's words into the slots of a phrasing."""
    thing = world.lexicon.things[fact.thing].word
    value = world.word(fact.value)
    slots = {"v": value.bare(language)}
    for noun, prefix in ((thing, ""), (value, "value-")):
        for key, text in noun.forms:
            of, slot = key.split(":")
            if of == language:
                slots[prefix + slot] = text
    for slot in ("a", "ein", "einen", "einem"):
        slots.setdefault(slot, "")
    slots["in"] = slots.get("value-in", "")
    slots["kind"] = slots.get("value-a", slots.get("value-ein", ""))
    if language == "english" and fact.relation in ("kind", "thing-of"):
        slots["kind"] = english_a(fact.value)
    for slot in ("a", "in", "ein"):
        text = slots[slot]
        slots[slot.capitalize()] = text[:1].upper() + text[1:]
    return template.format_map(slots)
