"""Two outputs side by side: what they have in common and what stands in one of them only."""

from sit_core.metrics.alignment import Segments, align


def word_diff(left: str, right: str) -> tuple[Segments, Segments]:
    """Both texts in segments ``(text, is the same in the other)``, exact to the last space.

    The segments of a text joined are the text; the same ones joined are equal on both sides.

    >>> word_diff("A: bank", "A: mall")
    ([('A: ', True), ('bank', False)], [('A: ', True), ('mall', False)])
    """
    return align(left, right, _same, fold=False)


def _same(left: str, right: str, _inside: bool) -> bool:
    return left == right
