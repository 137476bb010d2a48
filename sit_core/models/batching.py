"""Which prompts go into one batch: those of like length, within a budget of tokens."""

from collections.abc import Sequence


def next_batch(sizes: Sequence[int], budget: int) -> int:
    """How many of the first of ``sizes`` (largest first) fit into a batch; at least one.

    A size is what a row may grow to, prompt and output; all rows of a batch are as wide as the
    widest.

    >>> next_batch([100, 90, 10, 10], 200)
    2
    >>> next_batch([100, 90], 50)
    1
    """
    assert list(sizes) == sorted(sizes, reverse=True), "rows come largest first"
    return max(1, min(len(sizes), budget // sizes[0]))
