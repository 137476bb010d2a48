"""Which prompts go together: into a batch within a budget of tokens, and those of like length."""

from collections.abc import Sequence

AT_ONCE = 2048
"""Tokens of prompts that are read in one go: more are no faster, and hold others up for longer."""
_LIKE = 0.8
"""Prompts are read with others that have at least this share of the longest one's length."""


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


def read_together(lengths: Sequence[int], tokens: int = AT_ONCE) -> int:
    """How many of the first prompts (``lengths``, in tokens) are read in one go; at least one.

    >>> read_together([100, 90, 80, 79])
    3
    >>> read_together([100, 90, 80, 79], 200)
    2
    """
    longest, count = lengths[0], 1
    for length in lengths[1:]:
        if not _LIKE * longest <= length <= longest or longest * (count + 1) > tokens:
            break
        count += 1
    return count
