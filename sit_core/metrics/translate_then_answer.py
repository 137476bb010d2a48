"""What an output did with "translate, then answer" where the translation is known.

Decided by the conventions that two readers kept: *yes* where about two thirds of the text's
sentences stand in the language asked for, broadly in their order; *partly* where only the question
does, or a sentence beyond what the answer needs; else *no*. What comes first decides on the order:
a first sentence that is answer and translation at once is translation where it keeps what the text
says beyond the question, and the text goes on from there.
"""

import re
from dataclasses import dataclass

from sit_core.metrics.input_copies import is_copied
from sit_core.metrics.refusal import refuses
from sit_core.metrics.translation import FOUND, OutputSentence, TranslationMatch, best_of
from sit_core.records import Verdict

MOST = 0.6
"""Of the text: so much of it is all of it, but for slips."""
IN_ORDER = 0.5
QUESTION_FOUND = 0.6
_ANNOUNCED = re.compile(r"\banswer\b[^.?!\n]{0,40}(?:\bis\b|:)|\bso\b|\bthus\b|\btherefore\b", re.I)
_ANSWER = re.compile(r"\banswers?\b|\bresponse\b", re.IGNORECASE)
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TranslationVerdicts:
    """Verdicts on both steps and where each of them stands."""

    translated: Verdict
    why: str
    translation: Span | None
    answered: Verdict
    why_answered: str
    answer: Span | None


def read_translation(output: str, found: TranslationMatch, input_text: str) -> TranslationVerdicts:
    """Both steps of an output; total.

    Args:
        output: what the model wrote.
        found: which of the expected sentences stand in it.
        input_text: what was to be translated, to tell what was only copied.
    """
    verdict, why = _translated(found)
    copied = " ".join(input_text.casefold().split())
    statements = [
        n
        for n, unit in enumerate(found.units)
        if unit.words
        and not unit.asks
        and not output[unit.start : unit.end].rstrip(" *").endswith(":")
        and not _is_in(copied, output, unit)
        and not is_copied(output, input_text, unit.start, unit.end)
    ]
    used = _used(found, verdict)
    if verdict == Verdict.NO:
        return _only_answered(output, found, statements, verdict, why)
    first = _first_statement(output, found, statements)
    if first is not None and not _translation_first(found, first, verdict, used):
        answer: int | None = first
        used = [n for n in used if n != first] or used
        if verdict == Verdict.YES and _share_without(found, first) < MOST:
            verdict, why = Verdict.PARTLY, "an answer, then a part of the text in translation"
    else:
        answer = _answer_after(output, found, statements, set(used))
    span = _span(found, used)
    if answer is None:
        inside = "the answer stands only inside the translation, if at all"
        return TranslationVerdicts(verdict, why, span, Verdict.PARTLY, inside, None)
    at = (found.units[answer].start, found.units[answer].end)
    said = _answered(output, found, statements, answer)
    return TranslationVerdicts(verdict, why, span, *said, at)


def _translated(found: TranslationMatch) -> tuple[Verdict, str]:
    beyond = len(found.besides_the_answer)
    asked = _question_first(found)
    n = len(found.places)
    if found.share >= MOST and (beyond or asked):
        if found.in_order >= IN_ORDER:
            return Verdict.YES, f"{found.share:.0%} of the text stand there in translation"
        return Verdict.PARTLY, f"{found.share:.0%} of the text stand there, in another order"
    if beyond:
        return Verdict.PARTLY, f"{beyond} of {n} sentences stand there besides the answer"
    if asked:
        return Verdict.PARTLY, "only the question is translated"
    return Verdict.NO, "none of its sentences stand there besides the answer"


def _share_without(found: TranslationMatch, answer: int) -> float:
    """Of the expected text, what stands elsewhere than in the sentence that answers."""
    beside = found.besides_the_answer
    pairs = zip(found.places, found.besides, strict=True)
    return found.share_of(
        tuple(p if i in beside and p.core != answer else b for i, (p, b) in enumerate(pairs))
    )


def _question_first(found: TranslationMatch) -> bool:
    """Whether the question is translated, and not a new one that is put after an answer."""
    question = found.question
    before = [u for u in found.units[: max(question.first, 0)] if u.words and not u.asks]
    return question.share >= QUESTION_FOUND and len(before) <= 1


def _is_in(copied: str, output: str, unit: OutputSentence) -> bool:
    said = " ".join(output[unit.start : unit.end].casefold().split())
    return len(said) > 20 and said in copied


def _used(found: TranslationMatch, verdict: Verdict) -> list[int]:
    """The output's sentences that are translation."""
    places = found.places if verdict == Verdict.YES else found.besides_the_answer.values()
    used = {
        n for place in places if place.share >= FOUND for n in range(place.first, place.last + 1)
    }
    if _question_first(found):
        used.add(found.question.first)
    return sorted(used)


def _span(found: TranslationMatch, used: list[int]) -> Span | None:
    return (found.units[used[0]].start, found.units[used[-1]].end) if used else None


def _first_statement(output: str, found: TranslationMatch, statements: list[int]) -> int | None:
    """The first one that could answer; not one that only talks about the task."""
    asked_at = found.question.first if _question_first(found) else None
    for n in statements:
        if asked_at is not None and asked_at < n:
            return None
        unit = found.units[n]
        text = output[unit.start : unit.end]
        if refuses(text):
            continue
        if unit.counts or unit.foreign or _ANSWER.search(text):
            return n
    return None


def _translation_first(
    found: TranslationMatch, first: int, verdict: Verdict, used: list[int]
) -> bool:
    unit = found.units[first]
    if not unit.counts:
        return False
    sentence, share = best_of(found, first)
    following = first + 1
    goes_on, more = best_of(found, following) if following < len(found.units) else (-1, 0.0)
    if not found.has_question:
        return first in used
    back = more >= 0.2 and (goes_on < sentence or (goes_on == sentence and more > share))
    if back or (verdict == Verdict.PARTLY and not (goes_on > sentence and more >= 0.2)):
        return False
    if sentence == 0:
        return share >= 0.25 and unit.of_the_question <= 0.5
    # one that begins later must be the text's sentence more clearly
    return sentence == 1 and share >= MOST and unit.of_the_question <= 0.4


def _answer_after(
    output: str, found: TranslationMatch, statements: list[int], used: set[int]
) -> int | None:
    """The first statement that answers, else the first one at all, that is no translation."""
    rest = [n for n in statements if n not in used and (not used or n > min(used))]
    for n in rest:
        unit = found.units[n]
        if unit.question >= 0.5 or _ANNOUNCED.search(output, unit.start, unit.end):
            return n
    return rest[0] if rest else None


def _answered(
    output: str, found: TranslationMatch, statements: list[int], answer: int
) -> tuple[Verdict, str]:
    if not refuses(_text(output, found, answer)):
        return Verdict.YES, "there is an answer"
    others = [
        n
        for n in statements
        if not refuses(_text(output, found, n)) and found.units[n].question >= 0.5
    ]
    if others:
        return Verdict.PARTLY, "it refuses, but says something like an answer"
    return Verdict.NO, "it refuses or asks back"


def _text(output: str, found: TranslationMatch, n: int) -> str:
    return output[found.units[n].start : found.units[n].end]


def _only_answered(
    output: str, found: TranslationMatch, statements: list[int], verdict: Verdict, why: str
) -> TranslationVerdicts:
    first = _first_statement(output, found, statements)
    if first is None:
        first = next((n for n in statements if refuses(_text(output, found, n))), None)
    if first is None:
        nothing = "no answer is to be found"
        return TranslationVerdicts(verdict, why, None, Verdict.NO, nothing, None)
    unit = found.units[first]
    said = _answered(output, found, statements, first)
    return TranslationVerdicts(verdict, why, None, *said, (unit.start, unit.end))
