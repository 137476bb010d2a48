r"""What is said of single texts, written a second time: words, ROUGE-L, SQuAD's figures, letters.

Nothing here is taken from `sit_core.metrics`. Words are found character by character, the longest
common subsequence by Hunt and Szymanski's lists of matches (1977, CACM 20:350), SQuAD's exact match
and F1 as its official script does it. `plain_letter` reads the choice of an output only where there
is nothing to interpret; of all else it says that it can't.
"""

import re
import string
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

_ALONE = (
    (0x0E00, 0x0FFF),  # Thai, Lao, Tibetan
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # Japanese syllables
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Chinese characters
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # Japanese syllables of half width
    (0x20000, 0x3FFFF),
)
"""Scripts without spaces: each character is a word, with the marks on it."""


ARTICLES = {
    "en": frozenset({"a", "an", "the"}),
    "es": frozenset({"un", "una", "unos", "unas", "el", "la", "los", "las"}),
    "vi": frozenset({"của", "là", "cái", "chiếc", "những"}),
    "de": frozenset(
        {"ein", "eine", "einen", "einem", "eines", "einer"}
        | {"der", "die", "das", "den", "dem", "des"}
    ),
}
"""The words that exact match and F1 leave out, where a language has any."""


def words(text: str) -> list[str]:
    """Words of any script in lower case, letters with their marks.

    >>> words("It's 東京, नमस्ते!")
    ['it', 's', '東', '京', 'नमस्ते']
    """
    found: list[str] = []
    open_word = alone = False
    for character in text:
        if _is_alone(character):
            if unicodedata.category(character)[0] == "M" and alone:
                found[-1] += character
                continue
            found.append(character)
            open_word, alone = False, True
        elif unicodedata.category(character)[0] == "M":
            if open_word or alone:
                found[-1] += character
            else:
                found.append(character)
                open_word = True
        elif character.isalnum() or character == "_":
            if open_word:
                found[-1] += character
            else:
                found.append(character)
            open_word, alone = True, False
        else:
            open_word = alone = False
    return [word.casefold() for word in found]


def _is_alone(character: str) -> bool:
    code = ord(character)
    return code >= 0x0E00 and any(low <= code <= high for low, high in _ALONE)


def latin_words(text: str) -> list[str]:
    """Runs of a–z and 0–9 in lower case, as the package rouge_score splits without stemming."""
    return re.findall("[a-z0-9]+", text.lower())


def common_length(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence.

    >>> common_length("abcbdab", "bdcaba")
    4
    """
    places: dict[str, list[int]] = {}
    for i in range(len(other) - 1, -1, -1):
        places.setdefault(other[i], []).append(i)
    ends: list[int] = []  # ends[k]: the least place where a common subsequence of k + 1 words ends
    for word in one:
        for place in places.get(word, ()):
            k = bisect_left(ends, place)
            if k == len(ends):
                ends.append(place)
            else:
                ends[k] = place
    return len(ends)


def rouge_l(reference: str, output: str, tokenizer: str = "unicode") -> float:
    """F1 of the longest common subsequence of words; 0 where either has none.

    >>> rouge_l("the cat sat", "the cat lay")
    0.6666666666666666
    """
    split = latin_words if tokenizer == "rouge_score" else words
    one = split(unicodedata.normalize("NFC", reference))
    other = split(unicodedata.normalize("NFC", output))
    if not one or not other:
        return 0.0
    return 2 * common_length(one, other) / (len(one) + len(other))


def squad_words(text: str, language: str = "en") -> list[str]:
    """The words that SQuAD's script compares; of other languages as MLQA's does.

    Lower case; punctuation deleted (ASCII's in English, else all); the language's articles taken
    out; words between white space, Chinese characters one by one.

    >>> squad_words("The U.S., of a kind"), squad_words("El sol", "es"), squad_words("太阳。", "zh")
    (['us', 'of', 'kind'], ['sol'], ['太', '阳'])
    """
    kept = "".join(c for c in text.lower() if not _is_punctuation(c, language))
    if language == "ar":
        kept = kept.replace("ال", " ")
    words_: list[str] = []
    for piece in kept.split():
        words_ += _without_articles(piece, ARTICLES.get(language, frozenset())).split()
    if language != "zh":
        return words_
    return [word for piece in words_ for word in _characters(piece)]


def _is_punctuation(character: str, language: str) -> bool:
    if language == "en":
        return character in string.punctuation
    return character in string.punctuation or unicodedata.category(character)[0] == "P"


def _without_articles(piece: str, articles: frozenset[str]) -> str:
    """Runs of letters and digits that are an article become a blank."""
    if not articles:
        return piece
    parts: list[str] = []
    for character in piece:
        of_word = character.isalnum() or character == "_"
        if parts and of_word and (parts[-1][-1].isalnum() or parts[-1][-1] == "_"):
            parts[-1] += character
        else:
            parts.append(character)
    return "".join(" " if part in articles else part for part in parts)


def _characters(piece: str) -> list[str]:
    found: list[str] = []
    open_word = False
    for character in piece:
        if "\u4e00" <= character <= "\u9fa5":
            found.append(character)
            open_word = False
        elif open_word:
            found[-1] += character
        else:
            found.append(character)
            open_word = True
    return found


def language_of(gold: str, language: str | None) -> str:
    """By whose rules a gold is compared: the language said, else what its letters tell.

    >>> language_of("太阳", None), language_of("Sol é", None), language_of("Солнце", None)
    ('zh', 'en', '')
    """
    if language:
        return re.split("[-_]", language.lower())[0]
    if any("\u4e00" <= c <= "\u9fa5" for c in gold):
        return "zh"
    foreign = [c for c in gold if c.isalpha() and not c.isascii()]
    latin = all(unicodedata.name(c, "").split(" ")[0] == "LATIN" for c in foreign)
    return "en" if latin else ""


def exact_match(output: str, golds: Sequence[str], language: str | None = None) -> float:
    """1 where the output has just the words of one of the golds."""
    return float(
        any(
            squad_words(output, rule) == squad_words(gold, rule)
            for gold in golds
            for rule in [language_of(gold, language)]
        )
    )


def f1(output: str, golds: Sequence[str], language: str | None = None) -> float:
    """F1 of the words, the best over the golds; 0 where none is shared.

    >>> f1("the red house", ["a red car"])
    0.5
    """
    best = 0.0
    for gold in golds:
        rule = language_of(gold, language)
        said, wanted = squad_words(output, rule), squad_words(gold, rule)
        same = sum(min(said.count(word), wanted.count(word)) for word in set(said))
        if same:
            best = max(best, 2 * same / (len(said) + len(wanted)))
    return best
