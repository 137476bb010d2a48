"""The noun behind a verb: the head of the words that follow it, by a simple rule of English."""

import re

from sit_core.metrics.verb_noun.words import (
    ADJECTIVES,
    COUNTED,
    DETERMINERS,
    ENDS,
    MODIFIERS,
    PARTICIPLES,
    PARTICLES,
    PREPOSITIONS,
    PRONOUNS,
    SAME_IN_PLURAL,
    VERBS,
    WITH_LY,
)


def noun(tokens: list[str]) -> str | None:
    """The head of the noun phrase that words behind a verb begin with, in the singular.

    >>> noun(["me", "two", "examples", "of", "renewable", "energy"])
    'example'
    >>> noun(["up", "with", "an", "easy", "and", "nutritious", "lunch", "."]), noun(["why"])
    ('lunch', None)
    """
    rest = _inside(tokens)
    if rest and rest[0] in {'"', "“"}:
        return None  # a quoted text is the material
    phrase: list[str] = []
    for place, token in enumerate(rest):
        word = token.lower()
        after = rest[place + 1].lower() if place + 1 < len(rest) else ""
        if word in DETERMINERS and phrase:
            break
        if word in DETERMINERS or word in MODIFIERS or word.isdigit():
            if word in COUNTED and after == "of":
                return noun(rest[place + 2 :])
            continue
        if not phrase and _before_adjective(word, after):
            continue
        if _ends(word, after, phrase, rest, place):
            if word == "of" and phrase and phrase[-1].lower() in COUNTED:
                return noun(rest[place + 1 :])
            break
        phrase.append(token)
        if word in {"way", "ways"}:  # "one way bacteria can replicate"
            break
    named = [word for word in phrase if any(c.isalpha() for c in word)]
    return singular(named[-1]) if named else None


def _inside(tokens: list[str]) -> list[str]:
    """Without what stands between a verb and its noun phrase: "me", "up with", "of", a colon."""
    rest = list(tokens)
    if len(rest) > 1 and rest[0].lower() in {"me", "us"}:
        rest = rest[1:]
    if rest and rest[0].lower() in PARTICLES:
        rest = rest[1:]
    if [word.lower() for word in rest[:2]] in (["in", "detail"], ["at", "least"], ["at", "most"]):
        rest = rest[2:]
    elif rest and rest[0].lower() in PREPOSITIONS:
        rest = rest[1:]
    while rest and rest[0] in _MARKS - {'"', "“"}:
        rest = rest[1:]
    return rest


_MARKS = set("\"“”‘’'([`*:#-")
_ADJECTIVE = re.compile(r".(?:ic|al|ous|ive|ful|ible|able|ary|less|ish|ed|ing|est)$")


def _ends(word: str, after: str, phrase: list[str], rest: list[str], place: int) -> bool:
    """Whether a noun phrase is over before this word."""
    if word in {"and", "or", ","}:
        # "an easy and nutritious lunch", "democratic and authoritarian regimes", "a long, sad song"
        article = rest[0].lower() in {"a", "an"}
        joins = after.isalpha() and after not in DETERMINERS | ENDS | PREPOSITIONS | VERBS
        told = bool(phrase) and _adjective(phrase[-1])
        return not (joins and (told or (article and len(phrase) == 1 and word == "and")))
    if word in ENDS or word in PREPOSITIONS or word in PRONOUNS:
        return not (place and rest[place - 1].lower() in {"a", "an"})  # "a for loop"
    if phrase and word[0].isdigit():
        return True  # "this equation 7x"
    if not any(c.isalnum() for c in word):
        return bool(phrase) or word not in _MARKS
    if not phrase or _adjective(phrase[-1]):
        return False
    if word.endswith("ly") and word not in WITH_LY:
        return True  # "… the sentences chronologically"
    if word.endswith(("ing", "ed")) or word in PARTICIPLES:
        return after != "of" and after in DETERMINERS | PREPOSITIONS | PRONOUNS
    return False


def _before_adjective(word: str, after: str) -> bool:
    """Whether it says more of an adjective: "fully", "fleshed out" before "profile"."""
    adverb = word.endswith("ly") and word not in WITH_LY
    return adverb or (word.endswith("ed") and after in PARTICLES) or word in PARTICLES


def _adjective(word: str) -> bool:
    return word.lower() in ADJECTIVES or _ADJECTIVE.search(word.lower()) is not None


def singular(word: str) -> str:
    """A noun in the singular and in small letters, by rule.

    >>> [singular(w) for w in ["Countries", "classes", "boxes", "names", "news", "verb's", "women"]]
    ['country', 'class', 'box', 'name', 'news', 'verb', 'woman']
    """
    plain = re.sub(r"['’]s?$", "", word.lower())
    irregular = {"women": "woman", "men": "man", "people": "person", "children": "child"}
    if plain in irregular:
        return irregular[plain]
    if plain in SAME_IN_PLURAL or len(plain) < 4 or plain.endswith(("ss", "us", "is")):
        return plain
    if plain.endswith("ies") and len(plain) > 4 and plain != "movies":
        return plain[:-3] + "y"
    if plain.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return plain[:-2]
    return plain[:-1] if plain.endswith("s") else plain
