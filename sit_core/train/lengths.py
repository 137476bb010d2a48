"""How long the rows are in tokens, and whose end would be cut: looked at before any training.

A cut takes the end of the output: the text of the last step and end-of-text, which is exactly what
sequential tuning teaches. So training with a cut is refused unless the researcher chose otherwise.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sit_core.errors import SitError
from sit_core.train.encoding import EncodedRow

BINS = 40


@dataclass(frozen=True, slots=True)
class Lengths:
    """Of rows in tokens, prompt and output (with its end) together."""

    rows: int
    max_length: int
    cut: int
    """Rows that are longer: their final step and end-of-text would be cut."""
    unlearnable: int
    """Of these, rows whose prompt alone fills the length: nothing of their output would be left."""
    longest: int
    median: int
    mean: float
    output_tokens: int
    """Of all rows: what is learned."""
    edges: tuple[int, ...]
    """Of the histogram's bins: one more than there are counts; the last edge is not in its bin."""
    counts: tuple[int, ...]

    @property
    def cut_share(self) -> float:
        """From 0 to 1."""
        return self.cut / self.rows if self.rows else 0.0

    def used(self, too_long: Literal["refuse", "drop", "keep"]) -> int:
        """Rows that are trained on after the choice on longer ones; 0 where training is refused."""
        if too_long == "keep":
            return self.rows - self.unlearnable
        if too_long == "refuse" and self.cut:
            return 0
        return self.rows - self.cut

    def as_json(self) -> dict[str, Any]:
        """For files."""
        return {**asdict(self), "cut_share": self.cut_share}


@dataclass(frozen=True, slots=True)
class Measured:
    """The lengths of rows alone: what they come to under any limit is told without the rows."""

    totals: tuple[int, ...]
    """Of each row, prompt and output (with its end) together."""
    prompts: tuple[int, ...]

    def under(self, max_length: int) -> Lengths:
        """What such a limit would cut.

        >>> found = Measured((5, 6, 13), (4, 4, 4)).under(8)
        >>> (found.cut, found.longest, found.median, sum(found.counts))
        (1, 13, 6, 3)
        """
        lengths = sorted(self.totals)
        top = (lengths[-1] if lengths else 0) + 1
        edges = _edges(top, max_length)
        counts = [0] * (len(edges) - 1)
        for length in lengths:
            counts[bisect_right(edges, length) - 1] += 1
        return Lengths(
            rows=len(lengths),
            max_length=max_length,
            cut=sum(length > max_length for length in lengths),
            unlearnable=sum(prompt >= max_length for prompt in self.prompts),
            longest=lengths[-1] if lengths else 0,
            median=lengths[len(lengths) // 2] if lengths else 0,
            mean=sum(lengths) / len(lengths) if lengths else 0.0,
            output_tokens=sum(self.totals) - sum(self.prompts),
            edges=edges,
            counts=tuple(counts),
        )


def _edges(top: int, limit: int) -> tuple[int, ...]:
    """Of about `BINS` bins up to ``top``; none lies across the limit.

    >>> _edges(100, 50)[:3], 51 in _edges(100, 50), _edges(3, 50)
    ((0, 3, 6), True, (0, 1, 2, 3))
    """
    width = max(1, -(-top // BINS))
    first = (limit + 1) % width or width
    return (0, *range(first, top + width, width))


def measured(rows: Sequence[EncodedRow]) -> Measured:
    """The lengths of rows."""
    return Measured(tuple(row.length for row in rows), tuple(len(row.prompt) for row in rows))


def lengths_of(rows: Sequence[EncodedRow], max_length: int) -> Lengths:
    """What a limit would cut of the rows."""
    return measured(rows).under(max_length)


def fitting(
    rows: Sequence[EncodedRow], max_length: int, too_long: Literal["refuse", "drop", "keep"]
) -> list[EncodedRow]:
    """The rows to train on.

    Args:
        rows: all of them.
        max_length: in tokens.
        too_long: what becomes of longer ones; ``keep`` leaves out only those with nothing to learn.

    Raises:
        SitError: some are longer and nobody decided what becomes of them, or none is left.
    """
    if too_long == "keep":
        left = [row for row in rows if len(row.prompt) < max_length]
    else:
        left = [row for row in rows if row.length <= max_length]
        if too_long == "refuse" and len(left) < len(rows):
            raise SitError(refusal(lengths_of(rows, max_length)))
    if not left:
        raise SitError(f"No row is left that fits into {max_length} tokens.")
    return left


def refusal(found: Lengths) -> str:
    """Why training does not begin, and the choices."""
    return (
        f"{found.cut:,} of {found.rows:,} rows ({found.cut_share:.1%}) are longer than "
        f"{found.max_length:,} tokens, so their final step and end-of-text would be cut; choose a "
        f"longer data.max_length (the longest row has {found.longest:,}), or data.too_long: drop, "
        "or keep."
    )
