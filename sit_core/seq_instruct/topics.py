"""What an instruction is about: the words in it that are not those of asking. Pure and total.

A writer that answers the examples of its prompt too ends with a new instruction for one of them;
it has no word of what the source is about. The words of asking ("describe", "the following", "into
a", …) say nothing of that. They are those by which kinds of instruction are told
(`sit_core.metrics.verb_noun`) and the frequent words of the languages that are told apart.
"""

import re
from functools import lru_cache

from sit_core.metrics.language import FREQUENT
from sit_core.metrics.verb_noun import words as english
from sit_core.seq_instruct.text_comparison import plain

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
