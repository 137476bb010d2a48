"""A text that grows token by token: whole characters only, and an end before a stop text.

Nothing is decoded before somebody looks: with neither stop texts nor a stream, once at the end.
"""

from collections.abc import Callable, Sequence

Decode = Callable[[Sequence[int]], str]
"""Token ids → text, special tokens left out."""


class GrowingText:
    """The text of the tokens so far; `take` gives what is new and safe to show."""

    def __init__(self, decode: Decode, stop: Sequence[str] = ()) -> None:
        self._decode = decode
        self._stop = stop
        self._ids: list[int] = []
        self._from, self._read = 0, 0  # ids before _from matter no more; before _read are in text
        self._taken = 0
        self.text = ""
        self.stopped = False
        """Whether a stop text was met; `text` ends before it."""

    def push(self, token: int) -> None:
        """Add a token."""
        self._ids.append(token)
        if self._stop:
            self._look()

    def finish(self) -> str:
        """No more tokens: what waits is added as it is. Returns the whole text."""
        if not self.stopped and self._read < len(self._ids):
            self._add(self._decode(self._ids[self._from :]))
        return self.text

    def take(self, *, last: bool = False) -> str:
        """What is new since the last call, without what may become a stop text."""
        if not (self._stop or last):
            self._look()
        end = len(self.text)
        if not (self.stopped or last):
            end -= max((_overlap(self.text, stop) for stop in self._stop), default=0)
        new = self.text[self._taken : end]
        self._taken = max(self._taken, end)
        return new

    def _look(self) -> None:
        """Read on. A character whose bytes are not all there yet waits for the next ones."""
        if self._read < len(self._ids):
            new = self._decode(self._ids[self._from :])
            if not new.endswith("\ufffd"):
                self._add(new)

    def _add(self, new: str) -> None:
        # Decoded together with what stands before: many tokenizers drop a leading space.
        known = self._decode(self._ids[self._from : self._read])
        before = len(self.text)
        self.text += new[len(known) :]
        self._from, self._read = self._read, len(self._ids)
        longest = max(map(len, self._stop), default=0)
        places = [self.text.find(stop, max(0, before - longest + 1)) for stop in self._stop]
        found = [place for place in places if place >= 0]
        if found:
            self.text = self.text[: min(found)]
            self.stopped = True


def _overlap(text: str, stop: str) -> int:
    """Length of the longest beginning of ``stop`` that ``text`` ends with."""
    longest = min(len(stop) - 1, len(text))
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
