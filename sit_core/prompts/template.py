"""A prompt format is a text with ``{instruction}`` and, in a block of its own, ``{input}``.

The prompt formats by name, and those of a researcher's own by path.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sit_core.errors import SitError
from sit_core.records import Example
from sit_core.registry import Registry
from sit_core.settings import DATA

_PLACE = re.compile(r"\{(instruction|input)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt format; blocks are what lies between blank lines."""

    name: str
    text: str

    def __post_init__(self) -> None:
        """See that an example fits in.

        Raises:
            SitError: a place for the instruction or the input is missing or there twice.
        """
        places = sorted(_PLACE.findall(self.text))
        if places != ["input", "instruction"]:
            raise SitError(
                f"The prompt format {self.name} must hold {{instruction}} and {{input}} once each."
            )

    @property
    def sha256(self) -> str:
        """Of the text: part of where an output comes from."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def render(self, example: Example) -> str:
        r"""The text around an example; without an input, the block that names it is left out.

        What the example holds is put in as it is, also where it looks like a place or a heading.

        >>> t = Template("t", "Do:\n{instruction}\n\nWith:\n{input}\n\nSo:\n")
        >>> t.render(Example("say {input}", "a {instruction} b"))
        'Do:\nsay {input}\n\nWith:\na {instruction} b\n\nSo:\n'
        >>> t.render(Example("hi"))
        'Do:\nhi\n\nSo:\n'
        """
        blocks = self.text.split("\n\n")
        if not example.input:
            ends = "\n" if blocks[-1].endswith("\n") else ""
            blocks = [block for block in blocks if "{input}" not in block]
            blocks[-1] = blocks[-1].removesuffix("\n") + ends
        values = {"instruction": example.instruction, "input": example.input}
        return _PLACE.sub(lambda place: values[place[1]], "\n\n".join(blocks))


FOLDER = DATA / "prompts"
FORMATS: Registry[str] = Registry("prompt format")
"""Name → its file in `FOLDER`."""
FORMATS.add("chat", "chat.txt")
FORMATS.add("alpaca", "alpaca.txt")
FORMATS.add("plain", "plain.txt")


def prompt_format(name: str) -> Template:
    """The format called ``name``, or the one in the file ``name`` (it ends in ``.txt``).

    In a chat the template's text becomes the user's message, without a newline at its end.

    Raises:
        SitError: there is no such format or file, or it lacks a place for the example.
    """
    if name.endswith(".txt"):
        return Template(name, _read(Path(name)))
    template = _shipped(name)
    return Template(name, template.removesuffix("\n") if name == "chat" else template)


@lru_cache
def _shipped(name: str) -> str:
    return _read(FOLDER / FORMATS.get(name))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise SitError(f"The prompt format {path} can't be read: {reason}.") from None
