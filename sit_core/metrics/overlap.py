"""Which parts of an output stand in the expected text too, to highlight them for a reader.

A help for the eye, no score: upper and lower case, line breaks and spacing make no difference.
"""

from sit_core.metrics.alignment import Segments, align


def overlap(expected: str, output: str) -> Segments:
    """The output in segments ``(text, stands in the expected text)``; joined they are the output.

    >>> overlap("Where do cats sleep?", "where do dogs sleep")
    [('where do', True), (' dogs ', False), ('sleep', True)]
    """
    return overlaps(expected, output)[1]


def overlaps(expected: str, output: str) -> tuple[Segments, Segments]:
    """The same for both texts: the expected one's segments, then the output's."""
    return align(expected, output, _same_but_for_spaces, fold=True)


def _same_but_for_spaces(left: str, right: str, inside: bool) -> bool:
    return inside and left.split() == right.split()
