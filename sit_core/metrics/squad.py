r"""Exact match and F1 of free-text answers: SQuAD's, and MLQA's in other languages. Pure.

English and texts of unknown language in Latin letters follow SQuAD v1.1's official script to the
letter (P. Rajpurkar et al. 2016, evaluate-v1.1.py): lower case, ASCII punctuation deleted, the
articles a, an, the taken out, words between white space; so ``U.S.`` is ``US`` and ``1,000`` is
``1000``, and ``well-known`` is ``wellknown``. Other languages follow MLQA's (P. Lewis et al. 2020,
mlqa_evaluation_v1.py): all punctuation of Unicode is deleted, the language's own articles are taken
out, and Chinese is cut character by character. Languages that MLQA does not have (of XQuAD: Greek,
Romanian, Russian, Thai, Turkish) are taken so without articles.

With ``words="all-scripts"`` the words are those of `sit_core.metrics.script_words` instead, in
every language. `contains` asks whether a gold's words stand next to one another in a text.

Of several golds the best counts. F1 is 0 where the two share no word, also where both are empty.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

from sit_core.metrics.script_words import script_words

ALL_SCRIPTS = "all-scripts"
ENGLISH = "en"
_ARTICLES = {
    "en": r"\b(a|an|the)\b",
    "es": r"\b(un|una|unos|unas|el|la|los|las)\b",
    "vi": r"\b(của|là|cái|chiếc|những)\b",
    "de": r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b",
    "ar": r"\sال^|ال",
}
"""As MLQA has them. Hindi and Chinese have none."""
_HAN = re.compile(r"[\u4e00-\u9fa5]")
_LETTER_BY_LETTER = frozenset({"zh"})


def exact_match(
    answer: str, golds: Iterable[str], language: str | None = None, words: str = ""
) -> float:
    """1.0 where the answer is one of the golds once both are normalised, else 0.0.

    >>> exact_match("The U.S.", ["US"]), exact_match("1,000", ["1000"]), exact_match("b c", ["c b"])
    (1.0, 1.0, 0.0)
    >>> exact_match("El sol.", ["sol"], "es"), exact_match("太阳能。", ["太阳能"], "zh")
    (1.0, 1.0)
    """
    return max((_exact(*_both(answer, gold, language, words)) for gold in golds), default=0.0)


def f1(answer: str, golds: Iterable[str], language: str | None = None, words: str = "") -> float:
    """F1 of the words that the answer shares with a gold, the best of several.

    >>> f1("in the big city", ["the city"]), f1("太阳", ["太阳能"], "zh")
    (0.5, 0.8)
    """
    return max((_f1(*_both(answer, gold, language, words)) for gold in golds), default=0.0)


def contains(
    text: str, golds: Iterable[str], language: str | None = None, words: str = ""
) -> float:
    """1.0 where all words of one of the golds stand in the text, next to one another.

    >>> contains("They scored 308 points.", ["308 points"]), contains("They scored 1308.", ["308"])
    (1.0, 0.0)
    >>> contains("答案是太阳能。", ["太阳能"], "zh"), contains("anything", ["the"])
    (1.0, 0.0)
    """
    return max((_within(*_both(text, gold, language, words)) for gold in golds), default=0.0)


def _both(answer: str, gold: str, language: str | None, words: str) -> tuple[list[str], list[str]]:
    """The words of both, by the rules that the gold is compared by."""
    of = rules(gold, language)
    if words == ALL_SCRIPTS:
        return script_words(answer, of), script_words(gold, of)
    return normalised(answer, of), normalised(gold, of)


def rules(gold: str, language: str | None) -> str:
    """By which language's rules a gold is compared; "" for none of those with rules of their own.

    Args:
        gold: tells, where the language is not known: Chinese where it has Han characters, English
            where all its letters are Latin.
        language: a code such as ``es`` or ``zh-Hans``.
    """
    if language:
        return language.lower().split("-")[0].split("_")[0]
    if _HAN.search(gold):
        return "zh"
    letters = (c for c in gold if c.isalpha() and not c.isascii())
    return ENGLISH if all(unicodedata.name(c, "").startswith("LATIN") for c in letters) else ""


def normalised(text: str, language: str = ENGLISH) -> list[str]:
    """The words that are compared.

    >>> normalised("The  Theory, of a kind!"), normalised("नमस्ते।", "hi")
    (['theory', 'of', 'kind'], ['नमस्ते'])
    """
    text = text.lower()
    if language == ENGLISH:
        text = text.translate(_ASCII_PUNCTUATION)
    else:
        text = "".join(c for c in text if not _punctuation(c))
    articles = _ARTICLES.get(language)
    if articles:
        text = re.sub(articles, " ", text)
    return _characters(text) if language in _LETTER_BY_LETTER else text.split()


_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)


@cache
def _punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def _characters(text: str) -> list[str]:
    """Each Han character by itself; what stands between them, by white space."""
    return re.sub(r"([\u4e00-\u9fa5])", r" \1 ", text).split()


def _exact(said: list[str], wanted: list[str]) -> float:
    return float(said == wanted)


def _f1(said: list[str], wanted: list[str]) -> float:
    same = sum((Counter(said) & Counter(wanted)).values())
    if not same:
        return 0.0
    precision, recall = same / len(said), same / len(wanted)
    return 2 * precision * recall / (precision + recall)


def _within(said: list[str], wanted: list[str]) -> float:
    """Words are joined by a sign that no word has, so that the search is linear."""
    inside, whole = ("".join(f"\n{word}\n" for word in of) for of in (wanted, said))
    return float(bool(wanted) and inside in whole)
