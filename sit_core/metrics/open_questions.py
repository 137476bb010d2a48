"""Repeat, paraphrase and answer where the input offers no choices: what each step has, and where.

What copies the input is the repetition; what says it in other words is the paraphrase; whatever
else is said, and is neither talk about the task nor a refusal nor asking back, is the answer. The
parts go to the steps by their kind and their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sit_core.metrics.alignment import words
from sit_core.metrics.input_choices import asked
from sit_core.metrics.input_copies import InputCopies, passes_of
from sit_core.metrics.output_units import (
    COPY,
    QUESTION,
    REFUSAL,
    SAID,
    InputText,
    Unit,
    source_of,
    units_of,
)
from sit_core.metrics.paraphrase import rewordings_in, verdict_on
from sit_core.metrics.task_talk import ANSWERED, EDITS, NOTHING_SAID, SUMS_UP, WRITES
from sit_core.records import Example, Step, Verdict

TASKS = frozenset({"repeat", "paraphrase", "answer"})
_ALL = 0.85
_A_PART = 0.35
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """The verdict on one step, and where in the output its part stands."""

    verdict: Verdict
    reason: str
    span: Span | None


def reads_freely(example: Example) -> bool:
    """Whether these rules read an example's outputs: no choices, and none but their steps."""
    tasks = {step.task for step in example.steps}
    return bool(tasks) and tasks <= TASKS and not asked(example.input).choices


def read_freely(output: str, example: Example) -> dict[str, StepVerdict]:
    """Step key → what was found of it; total.

    Args:
        output: what the model wrote.
        example: one that `reads_freely`.

    >>> from sit_core.records import chain
    >>> steps = chain([Step("repeat", "R"), Step("answer", "A")])
    >>> e = Example("…", "Why do bees hum?", steps=steps)
    >>> [f.verdict.value for f in read_freely("Why do bees hum? They are warm.", e).values()]
    ['yes', 'yes']
    """
    return _read(output, example.instruction, example.input, tuple(example.steps))


@lru_cache(maxsize=16)
def _read(
    output: str, instruction: str, input_text: str, steps: tuple[Step, ...]
) -> dict[str, StepVerdict]:
    example = Example(instruction, input_text, steps=steps)
    source = source_of(example.input if example.input.strip() else example.instruction)
    units = units_of(output, source, instruction)
    passes = passes_of(units, source, example.instruction)
    rewordings = _rewordings(units, passes, source, example)
    found: dict[str, StepVerdict] = {}
    repeats = [step.key for step in example.steps if step.task == "repeat"]
    for n, key in enumerate(repeats):
        found[key] = _repeated(passes, source, n)
    for step in example.steps:
        if step.task == "paraphrase":
            mine = rewordings.get(step.key)
            if mine:
                found[step.key] = StepVerdict(*verdict_on(mine, source, step.expected), _span(mine))
            else:
                copied = bool(passes.copies) and not repeats
                why = "it is a copy" if copied else "nothing says the input in other words"
                found[step.key] = StepVerdict(Verdict.NO, why, None)
    taken = [unit for mine in rewordings.values() for unit in mine]
    for step in example.steps:
        if step.task == "answer":
            found[step.key] = _answered(units, passes, taken, source, example)
    return {step.key: found[step.key] for step in example.steps}


def _span(units: Sequence[Unit]) -> Span:
    return units[0].start, units[-1].end


def _repeated(passes: InputCopies, source: InputText, n: int) -> StepVerdict:
    if not passes.copies or n >= len(passes.passes):
        return StepVerdict(Verdict.NO, "the input is not repeated", None)
    units = passes.copies if n == 0 and len(passes.passes) == 1 else passes.passes[n]
    first = passes.best if n == 0 else passes.passes[n]
    share = passes.share(units if n else passes.copies, source)
    span = _span(first)
    if share >= _ALL:
        return StepVerdict(Verdict.YES, "it is repeated", span)
    if passes.question_copied(source) or share >= _A_PART:
        return StepVerdict(Verdict.PARTLY, f"{share:.0%} of the input is repeated", span)
    return StepVerdict(Verdict.NO, f"only {share:.0%} of the input is repeated", None)


def _rewordings(
    units: list[Unit], passes: InputCopies, source: InputText, example: Example
) -> dict[str, list[Unit]]:
    """Which pieces each paraphrase has: in order, before or after the repetition as asked."""
    steps = [step for step in example.steps if step.task == "paraphrase"]
    if not steps:
        return {}
    answers = set(map(id, passes.answers))
    rest = [unit for unit in units if id(unit) not in answers]
    groups = rewordings_in(rest, source, len(steps))
    tasks = [step.task for step in example.steps]
    if "repeat" not in tasks or not passes.best:
        return dict(zip([step.key for step in steps], groups, strict=False))
    at, place = passes.best[0].start, tasks.index("repeat")
    early = [step for step in steps if example.steps.index(step) < place]
    late = [step for step in steps if example.steps.index(step) > place]
    before = [group for group in groups if group[0].start < at]
    after = [group for group in groups if group[0].start > at]
    given = _given(early, before) | _given(late, after)
    left = [group for group in groups if all(group is not mine for mine in given.values())]
    return given | _given([step for step in steps if step.key not in given], left)


def _given(steps: Sequence[Step], groups: Sequence[list[Unit]]) -> dict[str, list[Unit]]:
    return {step.key: group for step, group in zip(steps, groups, strict=False)}


def _answered(
    units: list[Unit], passes: InputCopies, taken: list[Unit], source: InputText, example: Example
) -> StepVerdict:
    used = set(map(id, taken))
    said_before = {_plain(unit.text) for unit in taken}
    asked_to_write = bool(WRITES.search(example.instruction) or EDITS.search(example.instruction))
    refused = next((unit for unit in units if unit.kind == REFUSAL), None)
    mine: list[Unit] = []
    for unit in units:
        plain = _plain(unit.text)
        if id(unit) in used or plain in said_before or NOTHING_SAID.fullmatch(unit.text):
            continue
        if taken and any(whole.startswith(plain) for whole in said_before) and len(plain) > 8:
            continue  # the paraphrase once more, broken off
        if unit.kind == COPY and not any(unit is answer for answer in passes.answers):
            continue
        if unit.kind == QUESTION and not asked_to_write:
            continue
        if unit.kind not in (SAID, COPY, QUESTION):
            continue
        if refused and unit.start > refused.start and unit.label != ANSWERED:
            continue
        mine.append(unit)
    if mine and any(source.asks) and all(unit.label != ANSWERED for unit in mine):
        lines = {unit.line for unit in mine}
        if len(lines) == 1 and SUMS_UP.search(mine[0].text):
            summed = "it sums the text up, and nothing tells whether that answers"
            return StepVerdict(Verdict.UNSURE, summed, _span(mine))
    if mine:
        return StepVerdict(Verdict.YES, "there is an answer", _span(mine))
    if refused:
        return StepVerdict(Verdict.NO, "it refuses or asks back", None)
    if taken and any(source.asks) and not any(unit.kind == QUESTION for unit in taken):
        inside = "the answer stands only inside the paraphrase, if at all"
        return StepVerdict(Verdict.PARTLY, inside, None)
    if passes.copies:
        return StepVerdict(Verdict.NO, "it is the input again", None)
    return StepVerdict(Verdict.NO, "no answer is to be found", None)


def _plain(text: str) -> str:
    return " ".join(text[i:j].casefold() for i, j in words(text))
