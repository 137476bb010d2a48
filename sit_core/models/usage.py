"""What calls of a model used, in tokens and money: counted as replies come, capped by a budget.

Prices are what the user says a million tokens cost, in whatever currency; the program ships none,
because such lists are old the day after they are written.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sit_core.config.fields import Config, setting
from sit_core.models.interface import Generated

CHARACTERS_PER_TOKEN = 4
"""For estimates only, where no tokenizer is at hand; English text of common tokenizers."""


@dataclass(frozen=True)
class Prices(Config):
    """What a million tokens cost, in the user's currency, and how much may be spent."""

    input: float = setting(
        0.0,
        "Of a million tokens that are sent.",
        label="Price of a million tokens sent",
        flag="--input-price",
    )
    output: float = setting(
        0.0,
        "Of a million tokens that are written.",
        label="Price of a million tokens written",
        flag="--output-price",
    )
    budget: float | None = setting(
        None,
        "Nothing more is asked for once so much is spent.",
        label="Budget",
        placeholder="no limit",
    )

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if not (0 <= self.input < float("inf") and 0 <= self.output < float("inf")):
            yield "Prices per million tokens must be 0 or more."
        if self.budget is not None:
            if not 0 < self.budget < float("inf"):
                yield "A budget must be above 0."
            elif not (self.input or self.output):
                yield "A budget needs prices per million tokens (input, output)."

    def cost(self, prompt_tokens: int, tokens: int) -> float:
        """What so many tokens cost.

        >>> Prices(2.0, 8.0).cost(1_000_000, 500_000)
        6.0
        """
        return (prompt_tokens * self.input + tokens * self.output) / 1_000_000


@dataclass
class Usage:
    """Calls and tokens so far."""

    calls: int = 0
    prompt_tokens: int = 0
    tokens: int = 0
    """Of the outputs."""
    estimated: int = 0
    """Calls whose tokens the endpoint did not say; `estimated_tokens` of their texts stand in."""

    def add(self, prompt: str, made: Generated) -> None:
        """Count a reply; one that came to an error counts with what is known of it."""
        self.calls += 1
        known = made.prompt_tokens is not None and made.tokens is not None
        if not known and made.error is None:
            self.estimated += 1
        if made.error is not None and not known:
            return  # nothing says that it was paid for
        self.prompt_tokens += (
            estimated_tokens(prompt) if made.prompt_tokens is None else made.prompt_tokens
        )
        self.tokens += estimated_tokens(made.text) if made.tokens is None else made.tokens

    def plus(self, other: "Usage") -> "Usage":
        """Both together."""
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.tokens + other.tokens,
            self.estimated + other.estimated,
        )

    def cost(self, prices: Prices) -> float:
        """What it cost so far."""
        return prices.cost(self.prompt_tokens, self.tokens)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has.

    >>> estimated_tokens("Please repeat the input."), estimated_tokens("")
    (6, 0)
    """
    return -(-len(text) // CHARACTERS_PER_TOKEN)
