"""An output as it is read: which words belong to which step, and whether the step was done.

An estimate by rules (`sit_core.metrics.following`), never more; for texts that are still growing
as well as for whole ones.
"""

from dataclasses import dataclass

from sit_core.metrics.following import following
from sit_core.metrics.rules import RuleVerdict
from sit_core.metrics.segment import OutputSegment, split_output
from sit_core.records import IN_ORDER, Example, Step, Unparsed

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
    return StepReading(
        pieces=_pieces(output, example),
        rulings=tuple((step, found[step.key]) for step in example.steps),
        in_order=found.get(IN_ORDER),
    )


def _pieces(output: str, example: Example) -> tuple[Piece, ...]:
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
