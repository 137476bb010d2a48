"""An output cut into the parts that belong to the steps of its chain. Pure and total.

What repeats the input and what is an answer are found first; the lines between them belong, in
order, to the steps between them. A step for which nothing is left is missing, with the reason.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sit_core.metrics.alignment import words
from sit_core.metrics.answers import (
    FinalAnswer,
    answer_signs,
    answered_text,
    final_answer,
)
from sit_core.metrics.input_choices import asked
from sit_core.metrics.input_copies import before_copies
from sit_core.metrics.language import language, target_language
from sit_core.metrics.open_questions import read_freely, reads_freely
from sit_core.metrics.repetition import Repetition, repetitions, rewordings
from sit_core.metrics.rouge_l import f1_of_words, unicode_words
from sit_core.metrics.sentences import lines_of
from sit_core.metrics.text_limits import Bounded, bounded
from sit_core.metrics.translate_then_answer import TranslationVerdicts, read_translation
from sit_core.metrics.translation import match_translation
from sit_core.records import Example, Step, Unparsed

_LABEL = re.compile(
    r"[ \t#*>]*(?:the )?(?:paraphras\w*|rephras\w*|translat\w*|caption|description|reworded)\b"
    r"[^\n:]{0,40}:[ \t*]*\n?",
    re.IGNORECASE,
)
_MANY_LINES = 200


@dataclass(frozen=True, slots=True)
class OutputSegment:
    """What an output holds for one step: ``output[start:end]``."""

    start: int
    end: int
    text: str


Parts = dict[str, OutputSegment | Unparsed]
"""Step key → its part, or why it has none; in the order of the chain."""
Span = tuple[int, int]


def split_output(output: str, example: Example) -> Parts:
    r"""The part of each step; total: never raises.

    >>> from sit_core.records import chain
    >>> steps = chain([Step("translate", "T"), Step("answer", "A")])
    >>> e = Example("…", "¿Dónde nació?", steps=steps)
    >>> [p.text for p in split_output("Where was he born?\nAnswer: in Spain", e).values()]
    ['Where was he born?', 'Answer: in Spain']
    >>> split_output("", e)["answer"]
    Unparsed(reason='the output is empty')
    """
    if not output.strip():
        return {step.key: Unparsed("the output is empty") for step in example.steps}
    read = bounded(output)
    if read.text != output or len(example.input) > len(bounded(example.input).text):
        short = replace(example, input=bounded(example.input).text)
        found = _split(read.text, short)
        return {key: _in_the_whole(part, read, output) for key, part in found.items()}
    return _split(output, example)


def _in_the_whole(
    part: OutputSegment | Unparsed, read: Bounded, output: str
) -> OutputSegment | Unparsed:
    if isinstance(part, Unparsed):
        return part
    start, end = read.span(part.start, part.end)
    return OutputSegment(start, end, output[start:end])


def _split(output: str, example: Example) -> Parts:
    if reads_freely(example):
        return {
            key: OutputSegment(*found.span, output[slice(*found.span)])
            if found.span
            else Unparsed(found.reason)
            for key, found in read_freely(output, example).items()
        }
    anchors = _repeats(output, example)
    readings = translations(output, example)
    anchors |= {key: reading.translation for key, reading in readings.items()}
    key = _answer_key(example.steps)
    free = not asked(example.input).choices
    if key is not None and readings and free:
        anchors[key] = next(iter(readings.values())).answer
    elif key is not None:
        answer = _answer(output, example, [a for a in anchors.values() if a])
        if answer is not None:
            anchors[key] = answer
    return _fill(output, example, anchors)


def translations(output: str, example: Example) -> dict[str, TranslationVerdicts]:
    """What is found of each translation that is known; step key → what it is and where."""
    return {
        step.key: read_translation(
            output,
            match_translation(output, step.expected, target_language(example, step)),
            example.input,
        )
        for step in example.steps
        if step.task == "translate" and step.expected
    }


def _answer_key(steps: Sequence[Step]) -> str | None:
    return next((step.key for step in reversed(steps) if step.task == "answer"), None)


def _repeats(output: str, example: Example) -> dict[str, Span | None]:
    """Where the input stands again, and (with choices) where it does in other words."""
    steps = [step for step in example.steps if step.task == "repeat"]
    others = [step for step in example.steps if step.task == "paraphrase"]
    reworded = rewordings(output, example.input) if others else []
    if not steps:
        return _given(others, reworded)
    found = repetitions(output, example.input)
    best = best_repetitions(found, len(steps))
    if len(steps) == 1 and best and reworded:
        best = [_fitting(found, best[0], reworded, example)]
    spans: list[Span | None] = [(x.start, x.end) for x in best]
    spans += [None] * (len(steps) - len(spans))
    anchors = {step.key: span for step, span in zip(steps, spans, strict=True)}
    if len(steps) > 1 or spans[0] is None:
        return anchors | _given(others, reworded)
    at, place = spans[0][0], example.steps.index(steps[0])
    first = [step for step in others if example.steps.index(step) < place]
    last = [step for step in others if example.steps.index(step) > place]
    before = [span for span in reworded if span[0] < at]
    after = [span for span in reworded if span[0] > at]
    return anchors | _given(first, before) | _given(last, after)


def _given(steps: Sequence[Step], spans: Sequence[Span]) -> dict[str, Span | None]:
    return {step.key: span for step, span in zip(steps, spans, strict=False)}


def _fitting(
    found: Sequence[Repetition], best: Repetition, reworded: Sequence[Span], example: Example
) -> Repetition:
    """Of the repetitions that are as full, the one with as many rewordings before it as asked."""
    tasks = [step.task for step in example.steps]
    wanted = tasks[: tasks.index("repeat")].count("paraphrase")

    def off(x: Repetition) -> int:
        return abs(sum(span[0] < x.start for span in reworded) - wanted)

    full = round(best.question + best.choices, 2)
    alike = [x for x in found if round(x.question + x.choices, 2) >= full]
    return min(alike, key=off) if alike else best


def best_repetitions(found: Sequence[Repetition], n: int) -> list[Repetition]:
    """The n fullest, in their order."""
    best = sorted(found, key=lambda x: (-round(x.question + x.choices, 2), x.start))[:n]
    return sorted(best, key=lambda x: x.start)


def _answer(output: str, example: Example, taken: list[Span]) -> Span | None:
    """Where the answer stands, with the words that announce it."""
    if _answer_key(example.steps) is None:
        return None
    question = asked(answered_text(output, example, example.input))
    if question.choices:
        signs = answer_signs(output, question)[1]
        if not signs:
            return None
        first, last = signs[-1].start, signs[-1].end
    else:
        others = len(example.steps) > 1
        said = before_copies(output, example.input) if others else output
        found = final_answer(said)
        if not isinstance(found, FinalAnswer):
            return None
        first, last = found.start, found.end
        if any(a < last and first < b for a, b in taken):
            return None
        if others and not _free_answer_stands_apart(output, example, found):
            return None
    line = output.rfind("\n", 0, first) + 1
    above = output[:line].rstrip()
    if not output[line:first].strip(' \t*_#>-"“(') and above.endswith(":"):
        line = above.rfind("\n") + 1  # "The answer is:" stands on a line of its own
    start = max([line, *(b for a, b in taken if b <= first)])
    start += len(output[start:first]) - len(output[start:first].lstrip())
    end = output.find("\n", last)
    return start, len(output.rstrip()) if end < 0 else end


def _free_answer_stands_apart(output: str, example: Example, found: FinalAnswer) -> bool:
    """Without choices: whether it is announced, or a line of its own, or short as answers are."""
    line = output.rfind("\n", 0, found.start) + 1
    if output[:line].strip() or output[line : found.start].strip(' \t*"“'):
        return True
    return len(words(found.text)) < 0.5 * len(words(example.input))


def _fill(output: str, example: Example, anchors: dict[str, Span | None]) -> Parts:
    """Give the lines between the anchors to the steps between them."""
    parts: Parts = {}
    here = 0
    waiting: list[Step] = []
    for step in example.steps:
        if step.key in anchors or step.task in ("repeat", "answer"):
            span = anchors.get(step.key)
            if span is None:
                parts[step.key] = Unparsed(_missing(step))
                continue
            if waiting:
                parts |= _between(output, here, span[0], waiting, anchors, example)
                waiting = []
            parts[step.key] = OutputSegment(*span, output[span[0] : span[1]])
            here = max(here, span[1])
        else:
            waiting.append(step)
    if waiting:
        parts |= _between(output, here, len(output), waiting, anchors, example)
    return {step.key: parts[step.key] for step in example.steps}


def _missing(step: Step) -> str:
    if step.task == "repeat":
        return "the input is not repeated"
    if step.task == "answer":
        return "no answer is to be found"
    if step.task == "translate" and step.expected:
        return "none of the text's sentences stand there"
    return "nothing in the output is left for this step"


def _between(
    output: str,
    start: int,
    end: int,
    steps: list[Step],
    anchors: dict[str, Span | None],
    example: Example,
) -> Parts:
    taken = [span for span in anchors.values() if span]
    lines: list[Span] = []
    for a, b in lines_of(output, start, max(start, end)):
        for i, j in taken:
            if i < b and a < j:
                a, b = (a, min(b, i)) if a < i else (max(a, j), b)
        said = words(output[a:b])
        if said and not (len(said) <= 4 and output[a:b].rstrip().endswith(":")):
            lines.append((a, b))
    parts: Parts = {}
    for n, step in enumerate(steps):
        left = len(steps) - n - 1
        if not lines:
            parts[step.key] = Unparsed(_missing(step))
            continue
        count = _how_many(output, lines, step, left, example)
        mine, lines = lines[:count], lines[count:]
        a, b = mine[0][0], mine[-1][1]
        label = _LABEL.match(output, a, b)
        a = label.end() if label and label.end() < b else a
        a += len(output[a:b]) - len(output[a:b].lstrip())
        parts[step.key] = OutputSegment(a, b, output[a:b])
    return parts


def _how_many(output: str, lines: list[Span], step: Step, left: int, example: Example) -> int:
    """How many of the lines are this step's, when so many steps are still to come."""
    if left == 0:
        return len(lines)
    most = min(max(1, len(lines) - left), _MANY_LINES)
    if most > 1 and not step.expected and step.task == "translate":
        here = [output[a:b] for a, b in lines[: most + 1]]
        return _until_another(here, target_language(example, step))
    if not step.expected or most == 1:
        return 1

    wanted, said = unicode_words(step.expected), list[str]()
    best, count = -1.0, 1
    for n, (a, b) in enumerate(lines[:most], start=1):
        said += unicode_words(output[a:b])
        if (alike := f1_of_words(wanted, said)) > best:
            best, count = alike, n
    return count


def _until_another(lines: Sequence[str], wanted: str) -> int:
    """How many lines come before one in another language than theirs; 1 where none does."""
    begun = False
    for n, line in enumerate(lines):
        spoken = language(line)
        if spoken == wanted:
            begun = True
        elif begun and not isinstance(spoken, Unparsed):
            return n
    return 1
