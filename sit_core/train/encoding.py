"""Rows → tokens: the prompt exactly as the model gets it when it is used, the output, its end.

Prompt and output are tokenized apart, because a model that is used is given the prompt alone. The
labels follow from the lengths, never from the padding token: end-of-text is learned also where the
tokenizer pads with it.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from sit_core.errors import SitError
from sit_core.models.interface import ModelSpec
from sit_core.models.local.prompting import Prompter
from sit_core.records import Example
from sit_core.sources.context import Context
from sit_core.train.context import ContextSupport, context_support
from sit_core.train.rows import TrainingRow

NOT_LEARNED = -100
"""A label that is left out of the loss."""
_BLOCK = 1000
_PROBE = "\u2063probe\u2063"


@dataclass
class Tokens:
    """A tokenizer as `Prompter` wants it."""

    tokenizer: Any
    tokenizing: AbstractContextManager[bool] = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class EncodedRow:
    """One row as token ids."""

    prompt: list[int]
    output: list[int]
    """With the token (or tokens) that end it."""

    @property
    def length(self) -> int:
        """Of both."""
        return len(self.prompt) + len(self.output)

    def ids(self, longest: int | None = None) -> list[int]:
        """Prompt and output, cut at so many tokens."""
        return [*self.prompt, *self.output][:longest]

    def labels(self, longest: int | None = None) -> list[int]:
        """The same with the prompt left out of the loss."""
        return [*[NOT_LEARNED] * len(self.prompt), *self.output][:longest]


class RowEncoder:
    """Encodes rows for one tokenizer and prompt format."""

    def __init__(self, tokenizer: Any, spec: ModelSpec, ends: frozenset[int]) -> None:
        """Settle the format, and what ends an output.

        Args:
            tokenizer: the model's.
            spec: its name and prompt format.
            ends: the tokens at which the model stops when it is used.

        Raises:
            SitError: the format does not fit the model, or the model has no end-of-text token.
        """
        self._tokenizer = tokenizer
        self.prompter = Prompter(spec, Tokens(tokenizer))
        self.end = self._ending(ends) if self.prompter.chat else self._own_end(spec)
        asked = Example("?")
        chat = self.prompter.chat
        self.context = (
            context_support(lambda before: self._prompt(asked, before))
            if chat
            else ContextSupport()
        )
        """What of a row's context the model sees."""

    def encode(
        self, rows: Sequence[TrainingRow], report: Callable[[int], None] = lambda done: None
    ) -> list[EncodedRow]:
        """The rows as tokens, in their order.

        Raises:
            SitError: a row can't be put into the prompt format.
        """
        made: list[EncodedRow] = []
        for at in range(0, len(rows), _BLOCK):
            block = rows[at : at + _BLOCK]
            prompts = self.prompter.tokens_of(
                [self._prompt(row.example, row.context) for row in block]
            )
            outputs = self._tokenizer(
                [row.output for row in block],
                add_special_tokens=False,
                split_special_tokens=True,  # an output may hold what looks like a special token
                truncation=False,
                verbose=False,
            )["input_ids"]
            for prompt, output in zip(prompts, outputs, strict=True):
                made.append(EncodedRow(prompt, [*output, *self.end]))
            report(len(made))
        return made

    def _prompt(self, example: Example, context: Context) -> str:
        return self.prompter.text(example, context.messages())

    def _own_end(self, spec: ModelSpec) -> list[int]:
        end = self._tokenizer.eos_token_id
        if end is None:
            raise SitError(
                f"The tokenizer of {spec.model} has no end-of-text token, so the model could not "
                "learn where to stop."
            )
        return [end]

    def _ending(self, ends: frozenset[int]) -> list[int]:
        """What the chat template writes after an answer, up to the token that ends it."""
        messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _PROBE}]
        try:
            whole: str = self._tokenizer.apply_chat_template(messages, tokenize=False)
        except Exception as error:  # noqa: BLE001 - a template may raise anything
            said = " ".join(str(error).split())[:200]
            raise SitError(f"The model's chat template refuses an answer: {said}") from None
        tail = whole.rpartition(_PROBE)[2]
        ids: list[int] = self._tokenizer(tail, add_special_tokens=False)["input_ids"]
        for place, token in enumerate(ids):
            if token in ends:
                return ids[: place + 1]
        end = self._tokenizer.eos_token_id
        if end is None:
            raise SitError("The chat template ends an answer with no token that ends a text.")
        return [end]
