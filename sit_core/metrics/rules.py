"""One rule per task: was it done, judged from its part of the output without a model.

An estimate of what people would say by the default guidelines, never more; each verdict has its
reason. A task without a rule is `Unparsed`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sit_core.metrics.alignment import words
from sit_core.metrics.answers import answer_signs, answered_text
from sit_core.metrics.input_choices import asked
from sit_core.metrics.input_copies import without_copies
from sit_core.metrics.language import language, target_language
from sit_core.metrics.open_questions import read_freely, reads_freely
from sit_core.metrics.option_lists import OptionList
from sit_core.metrics.output_units import COPY, QUESTION, REFUSAL, SAID, source_of, units_of
from sit_core.metrics.refusal import refuses
from sit_core.metrics.repetition import Repetition, repetitions
from sit_core.metrics.rouge_l import rouge_l
from sit_core.metrics.segment import OutputSegment, translations
from sit_core.metrics.sentences import sentences_of
from sit_core.metrics.spans import Spans
from sit_core.metrics.translation_encoder import TextEncoder
from sit_core.metrics.translation_signs import read_signs
from sit_core.records import Example, Step, Unparsed, Verdict
from sit_core.registry import Registry


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """A rule's verdict on one step."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class RuleInput:
    """What a rule looks at."""

    output: str
    example: Example
    step: Step
    part: OutputSegment | Unparsed
    encoder: TextEncoder | None = None


Rule = Callable[[RuleInput], RuleVerdict]
RULES: Registry[Rule] = Registry("rule")
"""Task name → its rule."""

FULL_QUESTION = 0.55
SAME = 0.9
ALMOST_A_COPY = 0.75
_BEGINNING = 200
"""A refusal this far into a step's part is one; later on it is about what comes next."""
_FREE_ANSWER = re.compile(
    r"(?:^[ \t#*>]*(?:(?:the|final|correct|right|my)\s+)*answer(?: is)?[ \t*]*:|"
    r"\bthe (?:correct |right |final )?answer is:?)[\s*\"]*(?P<said>\w[^\n?]{0,200})(?:\n|$)",
    re.IGNORECASE | re.MULTILINE,
)
_SEVERAL = re.compile(r"\banswers?\b[^.?!\n]{0,40}(?:\bis|\bare|\bbe|:)", re.IGNORECASE)
_NOTHING = re.compile(
    r"(?:not|un\w+|none given|n/?a|missing|provided|in the input|to be)\b", re.IGNORECASE
)


@RULES.register("repeat")
def repeated(case: RuleInput) -> RuleVerdict:
    """How much of the question and of its choices is written out again."""
    if reads_freely(case.example):
        return _freely(case)
    if isinstance(case.part, Unparsed):
        return RuleVerdict(Verdict.NO, case.part.reason)
    found = repetitions(case.output, case.example.input)
    here = [x for x in found if x.start == case.part.start]
    return _how_much(here[0], bool(asked(case.example.input).choices))


def _how_much(found: Repetition, has_choices: bool) -> RuleVerdict:
    if found.question >= FULL_QUESTION and found.choices > 0.999:
        what = "the question and all its choices are repeated" if has_choices else "it is repeated"
        return RuleVerdict(Verdict.YES, what)
    if not has_choices:
        return RuleVerdict(Verdict.PARTLY, f"{found.question:.0%} of the input is repeated")
    if found.question < 0.05:
        return RuleVerdict(Verdict.PARTLY, "the choices are repeated without the question")
    return RuleVerdict(
        Verdict.PARTLY,
        f"{found.question:.0%} of the question and {found.choices:.0%} of its choices are repeated",
    )


@RULES.register("answer")
def answered(case: RuleInput) -> RuleVerdict:
    """Whether an answer is given, right or wrong."""
    if not case.output.strip():
        return RuleVerdict(Verdict.NO, "the output is empty")
    if reads_freely(case.example):
        return _freely(case)
    question = asked(answered_text(case.output, case.example, case.example.input))
    if not question.choices:
        return _answered_freely(case)
    lists, signs = answer_signs(case.output, question)
    letters = list(dict.fromkeys(sign.letter for sign in signs))
    if len(letters) == 1:
        return RuleVerdict(Verdict.YES, f"it answers {letters[0]}")
    if letters and refuses(case.output) and not _SEVERAL.search(case.output):
        return RuleVerdict(Verdict.NO, "it asks back about several choices")
    if letters:
        return RuleVerdict(Verdict.PARTLY, f"it gives several answers: {', '.join(letters)}")
    if refuses(case.output):
        return RuleVerdict(Verdict.NO, "it refuses or asks back")
    listed = Spans((x.start, x.end) for x in lists)
    for match in _FREE_ANSWER.finditer(case.output):
        said = match.group("said").strip(' .*"')
        hidden = listed.touch(*match.span())
        if not hidden and 0 < len(said.split()) <= 12 and not _NOTHING.match(said):
            return RuleVerdict(Verdict.YES, "it answers with something that is none of the choices")
    if _bare_answer(case.output, lists):
        return RuleVerdict(Verdict.YES, "it answers with something that is none of the choices")
    if any(not x.foreign for x in lists):
        return RuleVerdict(Verdict.NO, "the choices are repeated, but no answer follows")
    return RuleVerdict(Verdict.NO, "no answer is to be found")


def _asks_back(text: str, input_text: str) -> bool:
    """Whether nothing stands there but refusals, questions and talk about the task."""
    found = units_of(text, source_of(input_text))
    said = any(unit.kind in (SAID, COPY) for unit in found)
    return not said and any(unit.kind in (REFUSAL, QUESTION) for unit in found)


def _freely(case: RuleInput) -> RuleVerdict:
    """Where the input offers no choices."""
    found = read_freely(case.output, case.example)[case.step.key]
    return RuleVerdict(found.verdict, found.reason)


def _bare_answer(output: str, lists: Sequence[OptionList]) -> bool:
    """Whether a word or two stand alone on the last line, below the repeated choices."""
    after = output[lists[-1].end :].strip() if lists and not lists[-1].foreign else ""
    if not after or "\n" in after or not output[lists[-1].end :].lstrip(" .,;").startswith("\n"):
        return False
    said = [after[i:j] for i, j in words(after)]
    return 0 < len(said) <= 3 and after[-1] not in "?:" and not _NOTHING.match(after)


def _answered_freely(case: RuleInput) -> RuleVerdict:
    for known in translations(case.output, case.example).values():
        return RuleVerdict(known.answered, known.why_answered)
    if isinstance(case.part, Unparsed):
        return _beside_a_translation(case, case.part.reason)
    if refuses(case.part.text) or _asks_back(case.part.text, case.example.input):
        return RuleVerdict(Verdict.NO, "it refuses or asks back")
    if len(case.example.input) > 20 and rouge_l(case.example.input, case.part.text) >= SAME:
        return RuleVerdict(Verdict.NO, "it is the input again")
    return RuleVerdict(Verdict.YES, "there is an answer")


def _beside_a_translation(case: RuleInput, reason: str) -> RuleVerdict:
    """Where no line is the answer's own, and what is translated is told by signs alone."""
    step = next((s for s in case.example.steps if s.task == "translate"), None)
    said = without_copies(case.output, case.example.input).strip()
    if not said:
        return RuleVerdict(Verdict.NO, "it is the input again")
    if step is None or refuses(said):
        return RuleVerdict(Verdict.NO, "it refuses or asks back" if refuses(said) else reason)
    wanted = target_language(case.example, step)
    verdict, _ = read_signs(said, case.example.input, wanted, case.encoder)
    if verdict == Verdict.NO:
        return RuleVerdict(Verdict.YES, "there is an answer, and no translation")
    if len(sentences_of(said)) > len(sentences_of(case.example.input)) or verdict != Verdict.YES:
        return RuleVerdict(Verdict.UNSURE, "nothing tells the answer from the translation")
    return RuleVerdict(Verdict.NO, reason)


@RULES.register("paraphrase")
def paraphrased(case: RuleInput) -> RuleVerdict:
    """The same content in other words: neither a copy nor something else."""
    if reads_freely(case.example):
        return _freely(case)
    if isinstance(case.part, Unparsed):
        return RuleVerdict(Verdict.NO, case.part.reason)
    if refuses(case.part.text[:_BEGINNING]):
        return RuleVerdict(Verdict.NO, "it refuses or asks back")
    question = asked(case.example.input)
    of_question = asked(case.part.text).question
    alike = max(
        rouge_l(question.question, of_question), rouge_l(case.example.input, case.part.text)
    )
    size = len(words(of_question)) / max(1, len(words(question.question)))
    if alike >= SAME or _is_copied(case.part.text, case.example.input):
        return RuleVerdict(Verdict.NO, "it is a copy")
    if case.step.expected and rouge_l(case.step.expected, case.part.text) >= 0.5:
        return RuleVerdict(Verdict.YES, "it is much like the expected paraphrase")
    if size < 0.35:
        return RuleVerdict(Verdict.NO, "it is too short to say the input again")
    if alike >= ALMOST_A_COPY:
        return RuleVerdict(Verdict.PARTLY, "most words are the same")
    if _common(question.question, of_question) < 0.1:
        return RuleVerdict(Verdict.NO, "it has no words in common with the input")
    if size < 0.6:
        return RuleVerdict(Verdict.PARTLY, "it is much shorter than the input")
    return RuleVerdict(Verdict.YES, "it says the input in other words")


def _is_copied(text: str, input_text: str) -> bool:
    """Whether it is the input once or several times, and little else."""
    copies = [x for x in repetitions(text, input_text) if x.question >= SAME and x.choices > 0.999]
    left = len(words(text)) - sum(len(words(text[x.start : x.end])) for x in copies)
    return bool(copies) and left < 0.3 * len(words(input_text))


def _common(left: str, right: str) -> float:
    """Share of the left text's longer words whose beginnings stand in the right one."""
    ours = {left[i:j].casefold()[:5] for i, j in words(left) if j - i > 3}
    ours = ours or {left[i:j].casefold() for i, j in words(left)}
    theirs = {right[i:j].casefold()[:5] for i, j in words(right)}
    return len(ours & theirs) / len(ours) if ours else 0.0


@RULES.register("translate")
def translated(case: RuleInput) -> RuleVerdict:
    """What of the text is there in the language asked for: by its translation where it is known."""
    known = translations(case.output, case.example).get(case.step.key)
    if known is not None:
        return RuleVerdict(known.translated, known.why)
    if not case.output.strip():
        return RuleVerdict(Verdict.NO, "the output is empty")
    only = _translates_once(case.example)
    if isinstance(case.part, Unparsed) and not only:
        return RuleVerdict(Verdict.NO, case.part.reason)
    said = case.output if only or isinstance(case.part, Unparsed) else case.part.text
    if refuses(said[:_BEGINNING]):
        return RuleVerdict(Verdict.NO, "it refuses or asks back")
    wanted = target_language(case.example, case.step)
    if language(case.example.input) == wanted:
        return RuleVerdict(Verdict.UNSURE, f"the input is in {wanted!r} already")
    return RuleVerdict(*read_signs(said, case.example.input, wanted, case.encoder))


def _translates_once(example: Example) -> bool:
    return sum(step.task == "translate" for step in example.steps) == 1


@RULES.register("caption")
def captioned(case: RuleInput) -> RuleVerdict:
    """Whether there is a description apart from the answer."""
    if isinstance(case.part, Unparsed):
        return RuleVerdict(Verdict.NO, case.part.reason)
    if refuses(case.part.text[:_BEGINNING]):
        return RuleVerdict(Verdict.NO, "it refuses or asks back")
    if len(words(case.part.text)) < 4:
        return RuleVerdict(Verdict.PARTLY, "it is too short to describe much")
    return RuleVerdict(Verdict.YES, "there is a description")
