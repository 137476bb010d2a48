"""A clause's verb and noun by a simple rule, and what a question asks for.

What an instruction asks for, as a verb and a noun.
"""

from dataclasses import dataclass

from sit_core.metrics.verb_noun.clauses import request, takes_object, words_of
from sit_core.metrics.verb_noun.nouns import noun
from sit_core.metrics.verb_noun.words import (
    AUXILIARIES,
    DETERMINERS,
    ENDS,
    MODIFIERS,
    OPENERS,
    PREPOSITIONS,
    PRONOUNS,
    QUESTIONS,
    VERBS,
)

QUESTION = "(question)"
"""The verb of every question."""


@dataclass(frozen=True, slots=True)
class VerbNoun:
    """A verb and the noun that it is done to."""

    verb: str
    noun: str | None = None
    """None where the verb has no such noun ("Explain why …")."""

    def __str__(self) -> str:
        return f"{self.verb} → {self.noun or '(no noun)'}"


def kind_of_clause(clause: str) -> VerbNoun | None:
    """The kind of one clause by the rule; None where it asks for nothing that the rule knows."""
    asked = question(clause)
    if asked is not None:
        return asked
    tokens = _after_openers(words_of(request(clause)))
    if not tokens or not _is_verb(tokens):
        return None
    verb, rest = tokens[0].lower(), tokens[1:]
    while len(rest) > 1 and rest[0].lower() in {"and", "or", ","} and rest[1].lower() in VERBS:
        rest = rest[2:]
    return VerbNoun(verb, noun(rest))


def question(clause: str) -> VerbNoun | None:
    """The kind of a question; None for what is none.

    >>> print(question("What is the main cause of rust?"), question("How do bees fly?"), sep=", ")
    (question) → cause, (question) → how
    >>> print(question("Is rust red?"), question("Could you name a metal?"))
    (question) → yes or no None
    """
    tokens = words_of(request(clause))
    lower = [token.lower() for token in tokens]
    if lower[:1] and lower[0] in PREPOSITIONS and len(lower) > 1 and lower[1] in QUESTIONS:
        lower, tokens = lower[1:], tokens[1:]
    if not lower:
        return None
    first = lower[0]
    if first in AUXILIARIES and len(lower) > 1:
        if first in {"do", "have"} and lower[1] in DETERMINERS and "?" not in tokens:
            return None
        return VerbNoun(QUESTION, "yes or no")
    if first not in QUESTIONS:
        return None
    if first in {"when", "while", "where"} and "?" not in tokens:
        return None  # "When you are done, …"
    if first in {"why", "where", "when", "who", "whom"}:
        return VerbNoun(QUESTION, first)
    if first == "how":
        many = len(lower) > 2 and lower[1] in {"many", "much"}
        return VerbNoun(QUESTION, (noun(tokens[2:]) if many else None) or "how")
    rest = tokens[1:]
    if rest and rest[0].lower() in AUXILIARIES:
        be = rest[0].lower() in _BE or rest[1:2] == ["be"]
        named = rest[2:] if rest[1:2] == ["be"] else rest[1:]
        return VerbNoun(QUESTION, (noun(named) if be else None) or first)
    return VerbNoun(QUESTION, noun(rest) or first)


_BE = frozenset({"is", "are", "was", "were"})


def _is_verb(tokens: list[str]) -> bool:
    """Whether the first word is something to do."""
    word = tokens[0].lower()
    after = tokens[1].lower() if len(tokens) > 1 else ""
    if after in AUXILIARIES and after not in {"do", "have"}:
        return False  # "Output should be …"
    if word in VERBS:
        return after != ":" or len(tokens) > 2
    strange = DETERMINERS | PREPOSITIONS | QUESTIONS | AUXILIARIES | ENDS | PRONOUNS | MODIFIERS
    if word in strange or not word.isalpha() or word.endswith("ing"):
        return False
    return after in DETERMINERS - {"one", "no", "such"}


def _after_openers(tokens: list[str]) -> list[str]:
    """From the word to be done: "Given a text, please find …" → "find …"."""
    if not tokens or (tokens[0].lower() not in OPENERS and tokens[0].lower() != "imagine"):
        return tokens
    if tokens[0].lower() == "imagine":
        return tokens
    for place, token in enumerate(tokens):
        if token not in {",", ":", ";", "-", "–", "—"}:
            continue
        rest = words_of(request(" ".join(tokens[place + 1 :])))
        if rest and rest[0].lower() in VERBS and _is_verb(rest):
            return rest
    for place, token in enumerate(tokens[1:], start=1):  # "Given a scenario come up with …"
        if token.lower() in VERBS and takes_object(
            tokens[place + 1] if place + 1 < len(tokens) else ""
        ):
            return tokens[place:]
    return []
