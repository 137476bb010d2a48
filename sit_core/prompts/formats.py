"""The prompt formats by name, and those of a researcher's own by path."""

from functools import lru_cache
from pathlib import Path

from sit_core.errors import SitError
from sit_core.prompts.template import Template
from sit_core.registry import Registry

FOLDER = Path(__file__).parents[2] / "data" / "prompts"
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
