"""Whether a text was translated where its translation is not known: by signs, else *unsure*.

Numbers and the names that are written in Latin letters stay alike from language to language. A
sentence of the input with two or more of them is there where half of them stand together. Inputs
with few such sentences are told by their lengths alone, and only where these are clear; the rest
is *unsure*, which is counted and never a guess. Where an encoder is named, it decides what it can.
"""

import re

from sit_core.metrics.alignment import words
from sit_core.metrics.language import language
from sit_core.metrics.sentences import sentences_of
from sit_core.metrics.translation import LABELS, about_the_task, asks
from sit_core.metrics.translation_encoder import TextEncoder, read_encoded, texts_of
from sit_core.records import Unparsed, Verdict

_HALF = 0.5
_ALL = 0.6
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_OPENS = "¿¡«“\"'(:"
_MOST = 300
Said = tuple[Verdict, str]


def read_signs(
    output: str, input_text: str, wanted: str, encoder: TextEncoder | None = None
) -> Said:
    """The verdict and its reason; total.

    Args:
        output: what the model wrote, or its part for the step.
        input_text: what was to be translated.
        wanted: the code of the language asked for.
        encoder: asked first, of sentences in both languages.

    >>> text = "La garza duerme en los juncos junto al lago. ¿Dónde duerme la garza?"
    >>> read_signs("The heron sleeps in the reeds by the lake. Where does it sleep?", text, "en")[0]
    <Verdict.YES: 'yes'>
    >>> read_signs("It sleeps in the reeds.", text, "en")[0], read_signs(text, text, "en")[0]
    (<Verdict.UNSURE: 'unsure'>, <Verdict.NO: 'no'>)
    """
    units = _units(output, wanted)
    if not input_text.strip():
        return Verdict.UNSURE, "there is nothing to translate"
    if not units:
        return Verdict.NO, f"nothing in it is in {wanted!r}"
    input_text = LABELS.sub("\n", input_text)
    source = _sentences(input_text)
    size = sum(size_in_words(unit) for unit in units) / max(1.0, size_in_words(input_text))
    if size < 0.15:
        return Verdict.NO, "it is too short to be the input's translation"
    if not source:
        return Verdict.UNSURE, "there is nothing to translate"
    if encoder is None:
        return _by_signs_alone(source, units, size, input_text)
    sizes = [size_in_words(sentence) for sentence in source]
    languages = (language(input_text), wanted)
    verdict, why = read_encoded(source, units, sizes, languages, encoder)
    if verdict == Verdict.UNSURE:
        verdict, by_signs = _by_signs_alone(source, units, size, input_text)
        why = f"{by_signs}; {why}"
    return verdict, why


def to_encode(output: str, input_text: str, wanted: str) -> list[str]:
    """What `read_signs` asks of an encoder, so that many outputs can be encoded at once."""
    return texts_of(_sentences(LABELS.sub("\n", input_text)), _units(output, wanted))


def _sentences(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences_of(text, _MOST)]


def _by_signs_alone(source: list[str], units: list[str], size: float, input_text: str) -> Said:
    latin = len(_LATIN.findall(input_text)) > len(input_text) / 2
    signs = [_signs(sentence, latin) for sentence in source]
    if latin and not _names_are_told(input_text):
        signs = [{sign for sign in found if sign[0].isdigit()} for found in signs]
    telling = [sign for sign in signs if len(sign) >= 2]
    if len(telling) >= max(2.0, 0.4 * len(source)):
        return _by_signs(telling, [_signs(unit, latin) for unit in units], size)
    return _by_length(source, units, size, set().union(*signs), latin)


def size_in_words(text: str) -> float:
    """Words; in scripts without spaces about 1.6 characters make one."""
    return sum(1 if j - i > 1 or text[i].isascii() else 1 / 1.6 for i, j in words(text))


def _units(output: str, wanted: str) -> list[str]:
    """The sentences in the language asked for, each once, without talk about the task."""
    found: dict[str, str] = {}
    for a, b in sentences_of(output, _MOST):
        text = output[a:b]
        spoken = language(text)
        if (isinstance(spoken, Unparsed) or spoken == wanted) and not about_the_task(text):
            found.setdefault(" ".join(text.casefold().split()), text)
    if all(isinstance(language(text), Unparsed) for text in found.values()):
        return []
    return list(found.values())


def _signs(text: str, latin: bool) -> set[str]:
    found: set[str] = set()
    for n, (i, j) in enumerate(words(text)):
        word = text[i:j]
        if word[0].isdigit():
            found.add(word)
        elif not _LATIN.match(word) or j - i < 3:
            continue
        elif not latin or (n and word[0].isupper() and text[i - 1] not in _OPENS):
            found.add(word.casefold()[:5])
    return found


def _names_are_told(text: str) -> bool:
    """Whether capital letters tell names; in German, where all nouns have them, they don't."""
    found = [text[i:j] for i, j in words(text) if _LATIN.match(text, i)]
    return sum(word[0].isupper() for word in found) < 0.25 * len(found)


def _by_signs(telling: list[set[str]], units: list[set[str]], size: float) -> Said:
    there = beyond = 0
    for signs in telling:
        best, at = 0.0, 0
        for n in range(len(units)):
            said = units[n] | (units[n + 1] if n + 1 < len(units) else set())
            share = len(signs & said) / len(signs)
            if share > best:
                best, at = share, n
        there += best >= _HALF
        alone = len(signs & units[0]) / len(signs) if units else 0.0
        beyond += best >= _HALF and (at > 0 or alone < _HALF)
    if there >= _ALL * len(telling) and size >= _HALF and (beyond or len(telling) == there):
        return Verdict.YES, f"names, numbers or words of {there} of {len(telling)} sentences stand"
    if beyond:
        return Verdict.PARTLY, f"names, numbers or words of {beyond} of {len(telling)} sentences"
    if size < _HALF:
        return Verdict.NO, "nothing of the input's sentences stands there besides the answer"
    return Verdict.UNSURE, "neither names nor numbers tell whether the input is translated"


def _by_length(
    source: list[str], units: list[str], size: float, signs: set[str], latin: bool
) -> Said:
    said: set[str] = set().union(*(_signs(unit, latin) for unit in units))
    kept = len(signs & said) / len(signs) if len(signs) > 1 else 1.0
    as_many = 0.5 <= len(units) / len(source) <= 2
    if 0.6 <= size <= 1.8 and as_many and kept >= _HALF:
        return Verdict.YES, "it is in the language asked for and as long, sentence by sentence"
    questions = [size_in_words(text) for text in source if asks(text)]
    if any(
        asks(unit) and any(0.5 <= size_in_words(unit) / max(1.0, q) <= 2 for q in questions)
        for unit in units
    ):
        return Verdict.PARTLY, "only the question is translated"
    return Verdict.UNSURE, "too little tells whether the input is translated"
