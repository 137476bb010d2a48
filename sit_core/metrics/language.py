"""Which language a text is in: by its script where that tells, else by `py3langid`.

py3langid (BSD-3-Clause, 4.6 MB, 0.1 ms a sentence, half a second to load at its first use) told
English from ten other languages in 98–100 % of 400 sentences of each; lingua is twenty times its
size. Of a few letters nothing can be told, and nothing is guessed.

Which language a step of a chain is to translate into: each step is asked by its own clause.
"""

import re
from collections.abc import Callable
from functools import cache

from sit_core.metrics.text_limits import bounded
from sit_core.records import Example, Step, Unparsed
from sit_core.tasks.wording import clauses_of

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
_SHARED = {"ru": 40, "ar": 40, "hi": 40}
"""Scripts that more languages use: of so many letters it is told which."""
_LEAST_LETTERS = 12
"""Of the scripts that have no entry above."""
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


@cache
def _identifier() -> Callable[[str], tuple[str, float]]:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    classify: Callable[[str], tuple[str, float]] = LanguageIdentifier.from_model_file(
        MODEL_FILE
    ).classify
    return classify


def language(text: str) -> str | Unparsed:
    """A language's code, or why it can't be told; total.

    >>> [language(t) for t in ("Where is the hive of bees?", "¿Dónde está la colmena de abejas?",
    ...                        "Где живут пчёлы?", "蜜蜂住在哪里？", "मधुमक्खियाँ कहाँ रहती हैं?")]
    ['en', 'es', 'ru', 'zh', 'hi']
    >>> language("4 %"), language("bank")
    (Unparsed(reason='there are no words'), Unparsed(reason='there are too few letters'))
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
        return code if letters < _SHARED.get(code, letters + 1) else _identifier()(text)[0]
    if letters < _LEAST_LETTERS:
        return Unparsed("there are too few letters")
    return _identifier()(text)[0]


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


def target_language(example: Example, step: Step) -> str:
    """The code of the language; English where nothing is said.

    Where the wording can't be told apart into the example's steps, the whole instruction counts.

    >>> from sit_core.tasks import steps_named
    >>> steps = steps_named(["translate", "translate", "answer"])
    >>> ask = "First translate the input into German, then translate it into Thai, then answer."
    >>> [target_language(Example(ask, "…", steps=steps), step) for step in steps[:2]]
    ['de', 'th']
    """
    found = clauses_of(example.instruction)
    if isinstance(found, Unparsed) or [task.name for task, _ in found] != [
        known.task for known in example.steps
    ]:
        return asked_language(example.instruction)
    clause = found[example.steps.index(step)][1]
    alone = sum(known.task == step.task for known in example.steps) == 1
    said = named_language(clause)
    # "Translate the input and then answer; all of it into German": said once, for the one step.
    return said or (asked_language(example.instruction) if alone else "en")
