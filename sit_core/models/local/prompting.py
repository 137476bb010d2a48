"""From an example to the tokens that a local model reads, and from its tokens to text.

The output is what comes after the prompt's last *token*; no text is searched for it, so an input
may hold any heading.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sit_core.errors import SitError
from sit_core.models.interface import ModelSpec
from sit_core.prompts import prompt_format
from sit_core.records import Example
from sit_core.thoughts import SPECIAL


class HasTokenizer(Protocol):
    """What a prompt needs of a base: its tokenizer alone, so that training can ask too."""

    tokenizer: Any
    tokenizing: AbstractContextManager[bool]
    """Held for each use of the tokenizer, whose settings are part of its state."""


class Prompter:
    """The prompt format of one model; trained and used models get their prompts from here."""

    def __init__(self, spec: ModelSpec, base: HasTokenizer) -> None:
        """Settle what ``auto`` means: the model's chat template, if it has one, else ``alpaca``.

        Raises:
            SitError: there is no such format, or a chat was asked for without a chat template.
        """
        self._base = base
        template = base.tokenizer.chat_template
        name = spec.prompt_format
        if name == "auto":
            name = "chat" if template else "alpaca"
        self.chat = name == "chat"
        if self.chat and not template:
            raise SitError(
                f"The model {spec.model} has no chat template; choose the prompt format alpaca or "
                "plain."
            )
        self._template = prompt_format(name)
        special = set(base.tokenizer.all_special_tokens)
        self._marks: dict[int, str] = {
            base.tokenizer.convert_tokens_to_ids(mark): mark for mark in SPECIAL if mark in special
        }
        if "<|channel|>" not in special:  # these name thoughts only together with it
            self._marks = {i: m for i, m in self._marks.items() if not m.startswith("<|")}

    def identity(self) -> dict[str, Any]:
        """The format and the hashes of its texts."""
        chat = str(self._base.tokenizer.chat_template) if self.chat else None
        return {
            "prompt_format": self._template.name,
            "prompt_sha256": self._template.sha256,
            "chat_template_sha256": hashlib.sha256(chat.encode()).hexdigest() if chat else None,
        }

    def text(self, example: Example, before: Sequence[Mapping[str, str]] = ()) -> str:
        """The prompt as the model gets it.

        Args:
            example: what is asked.
            before: messages of a chat before the question; other formats have no place for them.

        Raises:
            SitError: the example needs eyes, or the chat template refuses it.
        """
        if example.image:
            raise SitError("The example has an image, which this model can't see.")
        text = self._template.render(example)
        if not self.chat:
            return text
        message = [*map(dict, before), {"role": "user", "content": text}]
        try:
            with self._base.tokenizing:
                rendered: str = self._base.tokenizer.apply_chat_template(
                    message, tokenize=False, add_generation_prompt=True
                )
        except Exception as error:  # noqa: BLE001 - a template may raise anything
            said = " ".join(str(error).split())[:200]
            raise SitError(f"The model's chat template refuses the prompt: {said}") from None
        return rendered

    def tokens(self, prompt: Example | str) -> list[int]:
        """Its token ids, never cut.

        A chat template writes its special tokens itself. Elsewhere what looks like a special token
        is text like any other, and the tokenizer adds its own at the beginning.
        """
        return self.tokens_of([self.text(prompt) if isinstance(prompt, Example) else prompt])[0]

    def tokens_of(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of many prompts as they are sent; faster than one by one."""
        with self._base.tokenizing:
            made: list[list[int]] = self._base.tokenizer(
                list(texts),
                add_special_tokens=not self.chat,
                split_special_tokens=not self.chat,
                truncation=False,
                verbose=False,
            )["input_ids"]
        end = self._base.tokenizer.eos_token_id
        if self.chat:
            return made
        # Some tokenizers end every text; these are to go on.
        return [ids[:-1] if ids and ids[-1] == end else ids for ids in made]

    def output_tokens(self, text: str) -> list[int]:
        """The token ids of the beginning of an output, as training has them: apart from the prompt.

        What looks like a special token in it is text like any other.
        """
        if not text:
            return []
        with self._base.tokenizing:
            made: list[int] = self._base.tokenizer(
                text,
                add_special_tokens=False,
                split_special_tokens=True,
                truncation=False,
                verbose=False,
            )["input_ids"]
        return made

    def decode(self, tokens: Sequence[int]) -> str:
        """Their text, without special tokens but those that mark thoughts."""
        parts: list[str] = []
        start = 0
        for place, token in enumerate(tokens) if self._marks else ():
            if (mark := self._marks.get(token)) is not None:
                parts += [self._plain(tokens[start:place]), mark]
                start = place + 1
        return "".join([*parts, self._plain(tokens[start:])])

    def _plain(self, tokens: Sequence[int]) -> str:
        if not tokens:
            return ""
        text: str = self._base.tokenizer.decode(
            list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text
