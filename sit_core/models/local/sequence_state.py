"""One prompt on its way through the model, and the sentences for prompts that can't go."""

import random
import time
from dataclasses import dataclass, field

from sit_core.models.interface import Generated, GenerationSettings
from sit_core.models.local.detokenizer import Decode, GrowingText
from sit_core.models.local.sampling import dice
from sit_core.models.output_of_text import parted


@dataclass
class Row:
    """A prompt as tokens, and what has been made of it."""

    index: int
    """Its place among the prompts that were given."""
    prompt: list[int]
    limit: int
    """At most so many new tokens: the settings' number, or less where the context ends."""
    dice: random.Random
    text: GrowingText
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
) -> Row | str:
    """A row at its beginning, or the sentence why the prompt can't be sent.

    A prompt is never cut: one that is too long has no output.
    """
    if not prompt:
        return "The prompt is empty."
    limit = settings.max_new_tokens
    if context is not None:
        if len(prompt) >= context:
            return (
                f"The prompt has {len(prompt)} tokens, but the model reads at most {context}, its "
                "output included; nothing was cut off, so there is no output."
            )
        limit = min(limit, context - len(prompt))
    return Row(
        index=index,
        prompt=prompt,
        limit=limit,
        dice=dice(settings.seed, prompt),
        text=GrowingText(decode, settings.stop),
        settings=settings,
        opened=opened,
    )
