"""One instruction in one iteration, with all that was asked and replied: a line of JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sit_core.models.usage import Usage
from sit_core.records import Example, stable_id
from sit_core.seq_instruct.stages import State


@dataclass(frozen=True, slots=True)
class StageReply:
    """What came back for one call: raw, and why it was of no use if it was not."""

    stage: str
    attempt: int
    """1, 2, …"""
    text: str
    writer: str
    """The model's name, or ``rules``."""
    seed: int
    prompt_sha256: str
    """Of the prompt as sent."""
    prompt_tokens: int = 0
    tokens: int = 0
    estimated: bool = False
    """Whether the tokens are estimated, because the endpoint did not say."""
    cut: bool = False
    refused: bool = False
    error: str | None = None
    why: str | None = None
    """One of `stages.EMPTY` …; None: it was used."""
    detail: str | None = None
    """The parser's or the endpoint's reason, where it has one."""
    thoughts: str | None = None
    """What a reasoning writer thought; no part of the text, and nothing reads it."""

    def usage(self) -> Usage:
        """What the call used."""
        return Usage(1, self.prompt_tokens, self.tokens, int(self.estimated))

    def to_json(self) -> dict[str, Any]:
        """As it is stored; what is as usual is left out."""
        return {
            name: value
            for name in StageReply.__slots__
            if (value := getattr(self, name)) is not None and value is not False
        }


@dataclass(frozen=True, slots=True)
class Record:
    """An instruction after one iteration (or a seed: iteration 0)."""

    place: int
    """Its number among the seeds, from 0; the same in every iteration."""
    iteration: int
    state: State
    instruction: str
    """What goes into the next iteration: the new text if it was made, else the one before."""
    input: str = ""
    response: str | None = None
    """The answer to this instruction; None: there is none."""
    response_by: str | None = None
    """``seed`` (the data's own output), a model's name, or ``rules``."""
    option: str | None = None
    """What the first stage said (`stages.Option`), once it was understood."""
    reason: str | None = None
    """Of failed and gated ones: a gate's name, or ``STAGE: WHY``; few different ones."""
    detail: str | None = None
    """The same in more words."""
    proposed: str | None = None
    """The new instruction that a gate refused or whose answer failed."""
    refined: bool = False
    """Whether the third stage changed what the second had written."""
    held_since: int | None = None
    """The iteration in which it was held."""
    seed: str = ""
    """Id of the seed that it comes from."""
    parent: str | None = None
    """Id of the record that its text was made from."""
    replies: tuple[StageReply, ...] = ()
    """All of this iteration, in the order of the stages and attempts."""
    language: str | None = None
    system: str | None = None

    @property
    def id(self) -> str:
        """Stable: seed and iteration."""
        return f"{self.seed}.{self.iteration}"

    def example(self) -> Example:
        """As an example: instruction, input, and the response as its gold output."""
        return Example(
            self.instruction,
            self.input,
            language=self.language,
            reference=self.response,
            meta={"system": self.system} if self.system else {},
        )

    def to_json(self) -> dict[str, Any]:
        """As it is stored; what is as usual is left out."""
        plain: dict[str, Any] = {
            name: value
            for name in Record.__slots__
            if (value := getattr(self, name)) not in (None, "", (), False)
        }
        plain |= {"id": self.id, "place": self.place, "iteration": self.iteration}
        plain["instruction"] = self.instruction
        plain["replies"] = [reply.to_json() for reply in self.replies]
        return plain


def record_from(row: Mapping[str, Any]) -> Record:
    """A record as it was stored.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    known = {k: v for k, v in row.items() if k != "id"}
    known["state"] = State(known["state"])
    known["replies"] = tuple(StageReply(**reply) for reply in known.get("replies", ()))
    return Record(**known)


def seed_record(place: int, example: Example) -> Record:
    """Iteration 0."""
    return Record(
        place=place,
        iteration=0,
        state=State.SEED,
        instruction=example.instruction,
        input=example.input,
        response=example.reference,
        response_by=None if example.reference is None else "seed",
        seed=stable_id("seq-instruct", example.id, str(place)),
        language=example.language,
        system=example.meta.get("system"),
    )


@dataclass
class InProgress:
    """An instruction on its way through an iteration."""

    before: Record
    replies: list[StageReply] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=dict)
    """Stage → attempts that count; a broken connection of an earlier process does not."""

    def ended(self, iteration: int, state: State, **more: Any) -> Record:
        """The record that comes of it."""
        fresh = {"reason": None, "detail": None, "proposed": None, "refined": False}
        return replace(
            self.before,
            **{**fresh, "option": None, **more},
            iteration=iteration,
            state=state,
            parent=self.before.id,
            replies=tuple(self.replies),
        )
