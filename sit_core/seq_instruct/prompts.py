"""What a writer is told: the texts of ``data/prompts/seq_instruct``, or a folder of one's own."""

import hashlib
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sit_core.errors import UsageError
from sit_core.seq_instruct.stages import CLASSIFY, REFINE, RESPOND, Option
from sit_core.settings import DATA, user_path

SHIPPED = DATA / "prompts" / "seq_instruct"
DECOMPOSE, PREFIX, SUFFIX = "decompose", "prefix", "suffix"
GENERATE_NAMES = {Option.DECOMPOSE: DECOMPOSE, Option.PREFIX: PREFIX, Option.SUFFIX: SUFFIX}
NEEDED = {
    CLASSIFY: {"instruction", "input", "examples"},
    DECOMPOSE: {"instruction", "input", "examples"},
    PREFIX: {"instruction", "input", "examples"},
    SUFFIX: {"instruction", "input", "examples"},
    REFINE: {"instruction", "input", "examples", "proposed"},
    RESPOND: {"instruction", "input"},
}
"""Text → the places in it; each is there once, but for those of examples, which may be missing."""
LEFT_OUT_WHEN_EMPTY = ("input", "examples")
_PLACE = re.compile(r"\{(instruction|input|examples|proposed)\}")
_VERSION = re.compile(r"version:[ \t]*(\S+)[ \t]*\n")
_DIVIDER = re.compile(r"\n---[ \t]*\n")


@dataclass(frozen=True, slots=True)
class StagePrompt:
    """One of the texts, with the examples that may stand in it."""

    name: str
    text: str
    version: str = ""
    examples: tuple[str, ...] = ()

    def faults(self) -> list[str]:
        """What is wrong with it."""
        places = _PLACE.findall(self.text)
        found = [
            f"{self.name}.txt: Expected {{{place}}} once, but found it {places.count(place)} times."
            for place in sorted(NEEDED[self.name])
            if places.count(place) != 1 and not (place == "examples" and place not in places)
        ]
        more = sorted(set(places) - NEEDED[self.name])
        return found + [f"{self.name}.txt: There is nothing to put into {{{p}}}." for p in more]

    def render(
        self, instruction: str, input: str = "", proposed: str = "", *, shots: int = 0, seed: str
    ) -> str:
        """The prompt as sent; a block without its input or examples is left out.

        Args:
            instruction: put in as it is, also where it looks like a place.
            input: there once, or not at all.
            proposed: the new instruction that is asked about.
            shots: so many examples, drawn and shuffled.
            seed: of that.
        """
        rng = random.Random(seed)
        chosen = rng.sample(self.examples, min(shots, len(self.examples)))
        values = {
            "instruction": instruction,
            "input": input,
            "proposed": proposed,
            "examples": "Examples:\n\n" + "\n\n".join(chosen) if chosen else "",
        }
        blocks = [
            block
            for block in self.text.split("\n\n")
            if not any(f"{{{p}}}" in block and not values[p].strip() for p in LEFT_OUT_WHEN_EMPTY)
        ]
        return _PLACE.sub(lambda place: values[place[1]], "\n\n".join(blocks)).strip("\n")


@dataclass(frozen=True)
class Prompts:
    """All of them."""

    of: Mapping[str, StagePrompt] = field(default_factory=dict)

    def __getitem__(self, name: str) -> StagePrompt:
        return self.of[name]

    def sha256(self) -> str:
        """Of all texts and examples."""
        digest = hashlib.sha256()
        for name in sorted(self.of):
            one = self.of[name]
            for part in (name, one.text, *one.examples):
                digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
        return digest.hexdigest()

    def versions(self) -> dict[str, str]:
        """Text → its version."""
        return {name: one.version for name, one in sorted(self.of.items())}


def prompt_files(own: str | None = None) -> dict[str, Path]:
    """Name (``classify``, ``examples/classify``, …) → the file that is used."""
    folder = user_path(own) if own else SHIPPED
    names = [*NEEDED, *(f"examples/{name}" for name in NEEDED if name != RESPOND)]
    return {
        name: folder / f"{name}.txt" if (folder / f"{name}.txt").exists() else
        SHIPPED / f"{name}.txt"
        for name in names
    }  # fmt: skip


def read_prompts(own: str | None = None) -> Prompts:
    """The prompts of a folder; what is not in it is the program's.

    Raises:
        UsageError: a file can't be read, or all that is wrong with their places.
    """
    texts = {}
    for name, path in prompt_files(own).items():
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
            raise UsageError(f"The prompt {str(path)!r} can't be read: {reason}.") from None
    return prompts_from(texts)


def prompts_from(texts: Mapping[str, str]) -> Prompts:
    """Prompts of texts by name, such as a page has them while they are edited.

    Raises:
        UsageError: all that is wrong with their places.
    """
    made = {}
    for name in NEEDED:
        text = texts[name].replace("\r\n", "\n")
        version = _VERSION.match(text)
        examples = _DIVIDER.split(texts.get(f"examples/{name}", "").replace("\r\n", "\n"))
        made[name] = StagePrompt(
            name,
            (text[version.end() :] if version else text).strip("\n"),
            version.group(1) if version else "",
            tuple(one.strip() for one in examples if one.strip()),
        )
    faults = [fault for one in made.values() for fault in one.faults()]
    if faults:
        raise UsageError(" ".join(faults))
    return Prompts(made)
