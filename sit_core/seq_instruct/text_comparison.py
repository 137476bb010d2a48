"""What two texts have in common: words, given texts, numbers, languages. Pure and total.

What an instruction is about: the words in it that are not those of asking. Pure and total.

A writer that answers the examples of its prompt too ends with a new instruction for one of them;
it has no word of what the source is about. The words of asking ("describe", "the following", "into
a", …) say nothing of that. They are those by which kinds of instruction are told
(`sit_core.metrics.verb_noun`) and the frequent words of the languages that are told apart.
"""

import re
from functools import lru_cache

from sit_core.metrics import input_choices as choices
from sit_core.metrics.language import FREQUENT, SCRIPTS, language
from sit_core.metrics.verb_noun import words as english
from sit_core.records import Unparsed
from sit_core.seq_instruct.record import Record

_QUOTED = re.compile(r"“([^”]{8,})”|\"([^\"]{8,})\"|(?<!\w)'([^'\n]{12,})'(?!\w)")
_AFTER_COLON = re.compile(r":[ \t]*\n?(.{12,})\Z", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_WORDS = "two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_WORDS.split(), 2)}
_CLAUSE = re.compile(r"[.!?;:\n。！？]+")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The words alone, see `sit_core.metrics.input_choices.plain`; kept, for it is asked often.

    >>> plain("Name it,  Then halve it!")
    'name it then halve it'
    """
    return choices.plain(text)


def given_texts(before: Record) -> list[str]:
    """What the instruction is about: its input; without one, what it quotes or has after a colon.

    >>> from sit_core.seq_instruct.stages import State
    >>> given_texts(Record(0, 0, State.SEED, "Name its colour: a ripe plum on a plate"))
    ['a ripe plum on a plate']
    >>> given_texts(Record(0, 0, State.SEED, "Name a colour.", "a plum")), given_texts(
    ...     Record(0, 0, State.SEED, "Name a colour."))
    (['a plum'], [])
    """
    found = [before.input] if before.input.strip() else []
    found += [next(filter(None, groups)) for groups in _QUOTED.findall(before.instruction)]
    if not found and (match := _AFTER_COLON.search(before.instruction)):
        found.append(match.group(1))
    return found


def share_kept(given: str, new: str) -> float:
    """The share of the words of one text that are in the other, each as often as it is there.

    >>> share_kept("a ripe plum", "Is a plum ripe?"), round(share_kept("one two three", "two"), 2)
    (1.0, 0.33)
    """
    wanted, there = plain(given).split(), plain(new).split()
    if not wanted:
        return 1.0
    left: dict[str, int] = {}
    for word in there:
        left[word] = left.get(word, 0) + 1
    kept = 0
    for word in wanted:
        if left.get(word):
            left[word] -= 1
            kept += 1
    return kept / len(wanted)


def numbers(text: str) -> set[str]:
    """The numbers in a text as digits; two to twelve also where they are words.

    >>> sorted(numbers("Give two of the 1,000 ways; it takes 3.5 s."))
    ['1000', '2', '3.5']
    """
    found = {match.replace(",", "") for match in _NUMBER.findall(text)}
    words = re.findall(r"[a-z]+", text.lower())
    return found | {_NUMBER_WORDS[word] for word in words if word in _NUMBER_WORDS}


def languages(text: str) -> set[str]:
    """The languages of a text and of its clauses, as far as they can be told with some certainty.

    >>> languages("Where is the hive of the bees?"), languages("A bottle?")
    ({'en'}, set())
    """
    found = set()
    parts = (part.strip() for part in (text.rstrip(".!?\n"), *_CLAUSE.split(text)))
    for clause in dict.fromkeys(parts):
        code = language(clause)
        if not isinstance(code, Unparsed) and _surely(code, clause):
            found.add(code)
    return found


def _surely(code: str, text: str) -> bool:
    """Whether there are words enough: three frequent ones (no single letters), or a script."""
    if code in SCRIPTS:
        return True
    frequent = set(FREQUENT.get(code, "").split())
    words = [word for word in plain(text).split() if len(word) > 1]
    return sum(word in frequent for word in words) >= 3


def short(text: str) -> str:
    """One line of it, in quotation marks, for a reason."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else line[:59] + "…")


_ASKING = frozenset(
    (
        english.VERBS
        | english.QUESTIONS
        | english.AUXILIARIES
        | english.POLITE
        | english.DETERMINERS
        | english.MODIFIERS
        | english.PREPOSITIONS
        | english.PRONOUNS
        | english.PARTICLES
        | english.FILLERS
        | english.OPENERS
        | english.COUNTED
    )
    - english.NOUNS_TOO  # "reply to the comment" is about a comment
) | {word for of_language in FREQUENT.values() for word in of_language.split()}
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")
"""Scripts that put no blanks between words."""
_STEM = 5
"""Words that begin with the same so many letters are taken for one: organise, organisation."""
LEAST = 2
"""Of fewer words nothing is said."""


@lru_cache(maxsize=4096)
def topic_words(text: str) -> frozenset[str]:
    """The beginnings of the words that tell what a text is about.

    Of scripts without blanks between words every two neighbouring characters.

    >>> sorted(topic_words("Describe the causes of air pollution in 3 sentences."))
    ['3', 'air', 'cause', 'pollu', 'sente']
    >>> sorted(topic_words("蜂蜜的味道"))
    ['味道', '的味', '蜂蜜', '蜜的']
    """
    found = {run[i : i + 2] for run in _UNSPACED.findall(text) for i in range(len(run) - 1)}
    found |= {
        word[:_STEM]
        for word in plain(text).split()
        if (len(word) > 2 or word.isdigit()) and word not in _ASKING
    }
    return frozenset(found)


def about_something_else(source: str, new: str) -> bool:
    """Whether two texts have no word of their topics in common.

    >>> about_something_else("List the causes of air pollution.", "First name bread, then bake it.")
    True
    >>> about_something_else("List the causes of air pollution.", "How polluted is it? Say why.")
    False
    """
    wanted, there = topic_words(source), topic_words(new)
    return len(wanted) >= LEAST and len(there) >= LEAST and not wanted & there
