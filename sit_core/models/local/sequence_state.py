"""One prompt on its way through the model, and the sentences for prompts that can't go.

A text that grows token by token: whole characters only, and an end before a stop text.

Nothing is decoded before somebody looks: with neither stop texts nor a stream, once at the end.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sit_core.models.interface import Generated, GenerationSettings
from sit_core.models.local.sampling import rng_for
from sit_core.models.output_of_text import parted

Decode = Callable[[Sequence[int]], str]
"""Token ids → text, special tokens left out."""


class IncrementalDetokenizer:
    """The text of the tokens so far; `take` gives what is new and safe to show."""

    def __init__(
        self, decode: Decode, stop: Sequence[str] = (), before: Sequence[int] = ()
    ) -> None:
        """Begin.

        Args:
            decode: token ids → text.
            stop: texts before which the output ends.
            before: tokens that stand before the first one, and are no part of the text.
        """
        self._decode = decode
        self._stop = stop
        self._ids: list[int] = list(before)
        # ids before _from matter no more; before _read are in text (or stand before it)
        self._from, self._read = 0, len(self._ids)
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


@dataclass
class SequenceState:
    """A prompt as tokens, and what has been made of it."""

    index: int
    """Its place among the prompts that were given."""
    prompt: list[int]
    """With the given beginning of its output, if there is one."""
    limit: int
    """At most so many new tokens: the settings' number, or less where the context ends."""
    rng: random.Random
    text: IncrementalDetokenizer
    made: int = 0
    ended: str = ""
    """Why it ended: ``end`` (the model said so), ``stop`` (a stop text) or ``limit``."""
    settings: GenerationSettings = field(default_factory=GenerationSettings)
    opened: bool = False
    """Whether the prompt left thoughts open, as some chat templates do."""
    began: float = 0.0
    """When its prompt was read, by the monotonic clock; 0: not yet."""

    @property
    def size(self) -> int:
        """What it may grow to, in tokens."""
        return len(self.prompt) + self.limit

    def accept(self, token: int, ends: frozenset[int]) -> None:
        """Take the model's next token."""
        self.made += 1
        if token in ends:
            self.ended = "end"
            return
        self.text.push(token)
        if self.text.stopped:
            self.ended = "stop"
        elif self.made >= self.limit:
            self.ended = "limit"

    def result(self) -> Generated:
        """What came of it."""
        text = self.text.finish()
        cut = self.ended == "limit" and not self.text.stopped
        seconds = time.monotonic() - self.began if self.began else 0.0
        made = Generated(
            text, cut=cut, tokens=self.made, seconds=seconds, prompt_tokens=len(self.prompt)
        )
        return parted(made, self.settings, opened=self.opened)


def new_row(
    index: int,
    prompt: list[int],
    settings: GenerationSettings,
    context: int | None,
    decode: Decode,
    opened: bool = False,
    given: Sequence[int] = (),
) -> SequenceState | str:
    """A row at its beginning, or the sentence why the prompt can't be sent.

    A prompt is never cut: one that is too long has no output. The beginning of the output that is
    ``given`` is read with it, right after its last token (`Prefilled`).
    """
    if not prompt:
        return "The prompt is empty."
    if given and opened:
        return (
            "The prompt ends with thoughts begun, so that no beginning of the output can be given; "
            "use a chat template or a model that does not think first."
        )
    prompt = [*prompt, *given]
    limit = settings.max_new_tokens
    if context is not None:
        if len(prompt) >= context:
            return (
                f"The prompt has {len(prompt)} tokens, but the model reads at most {context}, its "
                "output included; nothing was cut off, so there is no output."
            )
        limit = min(limit, context - len(prompt))
    return SequenceState(
        index=index,
        prompt=prompt,
        limit=limit,
        rng=rng_for(settings.seed, prompt),
        text=IncrementalDetokenizer(decode, settings.stop, given),
        settings=settings,
        opened=opened,
    )
