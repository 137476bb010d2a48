"""An output as it is read: which words belong to which step, and whether the step was done.

An estimate by rules (`sit_core.metrics.following`), never more; for texts that are still growing
as well as for whole ones. A rule says that something stands where the step's text should be. Only
where it is known what that text should be does it say more; so a "yes" is told apart by whether it
was compared with anything (`StepReading.compared`).
"""

from dataclasses import dataclass

from sit_core.metrics.accuracy import accuracy, gold_answers
from sit_core.metrics.following import following
from sit_core.metrics.rules import RuleVerdict
from sit_core.metrics.segment import OutputSegment, split_output
from sit_core.metrics.text_limits import bounded
from sit_core.records import IN_ORDER, Example, Prediction, Step, Unparsed, Verdict

Piece = tuple[str, int | None]
"""A stretch of the output and the place of its step in the chain; None: of no step."""


@dataclass(frozen=True, slots=True)
class StepReading:
    """What the rules make of an output."""

    pieces: tuple[Piece, ...]
    """The whole output, in order."""
    rulings: tuple[tuple[Step, RuleVerdict | Unparsed], ...]
    in_order: RuleVerdict | Unparsed | None = None
    """Of chains: whether the steps came in the order asked; None where a step has no ruling."""
    compared: tuple[bool, ...] = ()
    """Per step: whether it was held against a text that is known, and an answer found right.
    Repeating is held against the input; other steps need an expected text or a gold answer."""
    right: bool | None = None
    """Whether the final answer is the gold one; None where no gold answer is known, or none is
    found in the output."""

    @property
    def whole(self) -> Verdict | None:
        """Of the whole chain: yes only where every step was compared with something known.

        Else no or partly, if any step is; None where that is not known.
        """
        verdicts = [
            ruling.verdict if isinstance(ruling, RuleVerdict) else None
            for ruling in (*(ruling for _, ruling in self.rulings), self.in_order)
            if ruling is not None
        ]
        for worst in (Verdict.NO, Verdict.PARTLY):
            if worst in verdicts:
                return worst
        sure = bool(verdicts) and all(verdict is Verdict.YES for verdict in verdicts)
        return Verdict.YES if sure and all(self.compared) else None


def read_output(output: str, example: Example) -> StepReading:
    r"""Total and pure.

    >>> from sit_core.records import chain
    >>> steps = chain([Step("repeat", "R"), Step("answer", "A")])
    >>> e = Example("…", "Question: Where do bees live?\nChoices: A:hive, B:sea", steps=steps)
    >>> read_output(e.input + "\nA", e).pieces
    (('Question: Where do bees live?\nChoices: A:hive, B:sea', 0), ('\n', None), ('A', 1))
    >>> [ruling.verdict.value for _, ruling in read_output("", e).rulings]
    ['no', 'no']
    """
    found = following(output, example)
    right = _right(output, example)
    return StepReading(
        pieces=output_pieces(output, example),
        rulings=tuple((step, found[step.key]) for step in example.steps),
        in_order=found.get(IN_ORDER),
        compared=tuple(_compared(step, example, right) for step in example.steps),
        right=right,
    )


def _right(output: str, example: Example) -> bool | None:
    if not gold_answers(example):
        return None
    score = accuracy(Prediction("", example, bounded(output).text))
    return None if isinstance(score, Unparsed) else score == 1.0


def _compared(step: Step, example: Example, right: bool | None) -> bool:
    if step.task == "answer":
        return right is True
    if step.task == "repeat":
        return bool(example.input.strip())
    return step.expected is not None


def output_pieces(output: str, example: Example) -> tuple[Piece, ...]:
    """The output in pieces, each with the place of its step; joined they are the output."""
    parts = split_output(output, example)
    spans = sorted(
        (part.start, part.end, place)
        for place, part in enumerate(parts[step.key] for step in example.steps)
        if isinstance(part, OutputSegment)
    )
    pieces: list[Piece] = []
    here = 0
    for start, end, place in spans:
        start = max(start, here)  # where two parts share words, the first has them
        if end <= start:
            continue
        if start > here:
            pieces.append((output[here:start], None))
        pieces.append((output[start:end], place))
        here = end
    if here < len(output):
        pieces.append((output[here:], None))
    return tuple(pieces)
