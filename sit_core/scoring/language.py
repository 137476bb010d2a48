"""Which language a text is in, roughly: by its script, and for Latin letters by frequent words.

Enough to tell a translation from a text left as it was; not a language identifier.
"""

import re
from collections import Counter

from sit_core.records import Unparsed
from sit_core.scoring.alignment import words
from sit_core.scoring.bounded import bounded

SCRIPTS = {
    "zh": "\u3400-\u9fff",
    "ja": "\u3040-\u30ff",
    "ko": "\uac00-\ud7af",
    "ru": "\u0400-\u04ff",
    "el": "\u0370-\u03ff",
    "ar": "\u0600-\u06ff",
    "he": "\u0590-\u05ff",
    "hi": "\u0900-\u097f",
    "th": "\u0e00-\u0e7f",
}
"""Language → the characters of its script (the largest language of each)."""
FREQUENT = {
    "en": "the of and to in is was for on that with as are by it from at this which be an or not "
    "what where who how when does did has have his her their its you your were would do if",
    "de": "der die das und ist in den von zu mit dem des ein eine auf für nicht als auch sich im "
    "wurde war wie bei nach aus welche was wo wer sind einer einem durch es",
    "es": "de la que el en y los del las por un una con es para se su al como fue qué más entre "
    "son lo cuál dónde quién no cuándo sus ha desde",
    "fr": "le la les de des et est en un une du que dans qui pour sur au par pas avec ce il sont "
    "plus quelle quel où été aux se",
    "it": "il di la e che in è un per una del della con non sono le si da gli al dei come quale",
    "pt": "o de a que e do da em um para uma é com não os no na por mais as dos qual foi ao",
    "nl": "de het een van en in is op te dat die voor met zijn niet aan er wat was als door",
    "ro": "de și în la a cu care pe este din un o pentru că nu sunt al mai fost ce prin au",
    "tr": "ve bir bu için ile olarak da de en daha olan ne hangi kadar gibi çok sonra nedir idi",
    "vi": "của và là các có được trong cho một không những với người đã từ này ở khi gì năm",
}
"""Language → words that are frequent in it."""
_SCRIPT = {code: re.compile(f"[{chars}]") for code, chars in SCRIPTS.items()}
_OF_WORD: dict[str, list[str]] = {}
for _code, _text in FREQUENT.items():
    for _word in dict.fromkeys(_text.split()):
        _OF_WORD.setdefault(_word, []).append(_code)
NAMES = {
    "english": "en",
    "german": "de",
    "spanish": "es",
    "french": "fr",
    "italian": "it",
    "portuguese": "pt",
    "dutch": "nl",
    "romanian": "ro",
    "turkish": "tr",
    "vietnamese": "vi",
    "chinese": "zh",
    "japanese": "ja",
    "korean": "ko",
    "russian": "ru",
    "greek": "el",
    "arabic": "ar",
    "hebrew": "he",
    "hindi": "hi",
    "thai": "th",
}


_INTO = re.compile(r"\b(?:in)?to\s+(?:simple |plain )?([A-Za-z]+)")


def language(text: str) -> str | Unparsed:
    """A language's code, or why it can't be told; total.

    >>> [language(t) for t in ("Where is the hive of bees?", "¿Dónde está la colmena de abejas?",
    ...                        "Где живут пчёлы?", "蜜蜂住在哪里？", "मधुमक्खियाँ कहाँ रहती हैं?")]
    ['en', 'es', 'ru', 'zh', 'hi']
    >>> language("4 %"), language("bank")
    (Unparsed(reason='there are no words'), Unparsed(reason='there are too few frequent words'))
    """
    text = bounded(text).text
    letters = sum(c.isalpha() for c in text)
    if not letters:
        return Unparsed("there are no words")
    counts = {code: len(pattern.findall(text)) for code, pattern in _SCRIPT.items()}
    if counts["ja"] * 5 > counts["zh"] + counts["ja"] > 0 and counts["ja"] > 2:
        counts["ja"] += counts.pop("zh")
    code, most = max(counts.items(), key=lambda item: item[1])
    if most > 0.5 * letters or (code in ("zh", "ja", "th") and most > 0.3 * letters):
        return code
    votes: Counter[str] = Counter()
    for i, j in words(text):
        for candidate in _OF_WORD.get(text[i:j].lower(), ()):
            votes[candidate] += 1
    best = votes.most_common(2)
    if not best or (len(best) > 1 and best[0][1] == best[1][1]):
        return Unparsed("there are too few frequent words")
    return best[0][0]


def asked_language(instruction: str) -> str:
    """The language that an instruction wants a translation into; English unless it says.

    >>> asked_language("First translate the input into German, then …"), asked_language("…")
    ('de', 'en')
    """
    return named_language(instruction) or "en"


def named_language(text: str) -> str | None:
    """The first language into which a text says to translate; None where it names none."""
    for match in _INTO.finditer(text):
        if code := NAMES.get(match.group(1).lower()):
            return code
    return None
