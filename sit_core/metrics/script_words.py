"""Words of an answer by rules for every script (``sit score --words all-scripts``). Pure.

SQuAD's and MLQA's rules (`sit_core.metrics.squad`) know seven languages, and cut texts at spaces,
which Thai, Japanese, Khmer, Lao and Burmese have none of: there a word's F1 is all or nothing. Here

* compatibility forms are one (NFKC), letters are folded (final sigma is sigma), digits of all
  scripts are 0 to 9; Arabic vowel signs, tatweel, soft hyphens and zero-width signs are dropped;
* punctuation of all scripts is deleted (also the danda, the Arabic comma and semicolon, the Thai
  paiyannoi), but a dash or slash parts words;
* articles are taken out, where they are words, in more languages; in Arabic the article is taken
  off the beginning of a word only (MLQA's rule deletes its letters everywhere);
* characters of scripts that have no spaces are one word each, with the marks above and below them,
  in whatever language they stand.
"""

import re
import unicodedata
from functools import lru_cache

from sit_core.metrics.alignment import NO_SPACES

HOW = "all-scripts-1"
"""Stands with scores that were made so; a new number whenever a rule changes."""
_ARTICLES = {
    "en": "a an the",
    "de": "ein eine einen einem eines einer der die das den dem des",
    "es": "un una unos unas el la los las",
    "fr": "le la les un une des l",
    "it": "il lo la i gli le un uno una l",
    "pt": "o a os as um uma uns umas",
    "nl": "de het een",
    "el": "ο η το οι τα του της των τον την τους τις ενασ ενα μια",
    "ro": "un o unui unei niște al a ai ale",
    "tr": "bir",
    "vi": "của là cái chiếc những",
    "hu": "a az egy",
    "sv": "en ett",
    "da": "en et",
    "no": "en et ei",
}
_WITHOUT_SPACES = re.compile(f"[{NO_SPACES}]")
"""Han, kana, Thai, Lao, Tibetan, Burmese, Khmer."""
_DROPPED = re.compile("[\u00ad\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060\ufe0f\ufeff]")
_PARTING = frozenset("-/\\–—―‐‑‒〜～・")
_ARABIC_ARTICLE = "ال"
_PAIYANNOI = "\u0e2f"
"""Thai's sign of an abbreviation, which Unicode takes for a letter."""
_LONGEST = 200_000


def script_words(text: str, language: str = "") -> list[str]:
    """The words that are compared.

    Args:
        text: in any script; beyond 200,000 characters it is not read.
        language: a code such as ``es``; "": not known, so no articles.

    >>> script_words("The U.S. well-known 1,000", "en"), script_words("ภาษา", "th")
    (['us', 'well', 'known', '1000'], ['ภ', 'า', 'ษ', 'า'])
    >>> script_words("الكِتَاب،", "ar"), script_words("१९४७ में।", "hi"), script_words("Nr.７ 東京")
    (['كتاب'], ['1947', 'में'], ['nr7', '東', '京'])
    """
    folded = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold().replace("ς", "σ")
    kept = "".join(map(_one, _DROPPED.sub("", folded)))
    articles = _articles(language)
    words: list[str] = []
    for word in kept.split():
        if word in articles:
            continue
        if language == "ar" and word.startswith(_ARABIC_ARTICLE) and len(word) > 3:
            word = word.removeprefix(_ARABIC_ARTICLE)
        words.extend(_cut(word))
    return words


@lru_cache(maxsize=4096)
def _one(character: str) -> str:
    """What stands for a character: itself, a space, a digit of ours, or nothing."""
    category = unicodedata.category(character)
    if character in _PARTING or category == "Pd":
        return " "
    if category == "Nd":
        return str(unicodedata.digit(character))
    return "" if category.startswith("P") or character == _PAIYANNOI else character


@lru_cache(maxsize=64)
def _articles(language: str) -> frozenset[str]:
    said = _ARTICLES.get(language, "")
    return frozenset(unicodedata.normalize("NFKC", said).casefold().replace("ς", "σ").split())


def _cut(word: str) -> list[str]:
    """The word, or its characters where its script has no spaces."""
    if not _WITHOUT_SPACES.search(word):
        return [word]
    found: list[str] = []
    apart = True
    for character in word:
        mark = unicodedata.category(character).startswith("M")
        if mark and found:
            found[-1] += character
        elif _WITHOUT_SPACES.match(character) or apart or not found:
            found.append(character)
        else:
            found[-1] += character
        if not mark:
            apart = bool(_WITHOUT_SPACES.match(character))
    return found
