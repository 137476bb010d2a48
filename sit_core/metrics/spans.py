"""Places of a text, kept in order, so that asking whether one is touched takes no time."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class Spans:
    """Spans ``(start, end)``; those that overlap are one.

    >>> spans = Spans([(10, 20), (0, 3), (15, 25)])
    >>> spans.touch(20, 30), spans.touch(3, 10), spans.touch(0, 1)
    (True, False, True)
    """

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            elif start < end:
                self._starts.append(start)
                self._ends.append(end)

    def touch(self, start: int, end: int) -> bool:
        """Whether one of them has a character in common with this one."""
        at = bisect_right(self._ends, start)
        return at < bisect_left(self._starts, end)

    def blanked(self, text: str, shift: int) -> str:
        """A piece of the text that begins at ``shift``, with blanks where the spans are.

        >>> Spans([(2, 4)]).blanked("bcdef", 1)
        'b  ef'
        """
        pieces: list[str] = []
        here, end = shift, shift + len(text)
        for at in range(bisect_right(self._ends, shift), bisect_left(self._starts, end)):
            start, stop = max(self._starts[at], shift), min(self._ends[at], end)
            pieces += [text[here - shift : start - shift], " " * (stop - start)]
            here = stop
        return "".join([*pieces, text[here - shift :]])
