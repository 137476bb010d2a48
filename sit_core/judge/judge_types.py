"""The kinds of judges: what is asked about an output, and how a reply is read.

A type is one file that registers a `JudgeType`: `following_all`, `following_steps`, `pairwise`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sit_core.records import Example, Step, Unparsed, Verdict
from sit_core.registry import Registry

if TYPE_CHECKING:
    from sit_core.judge.folder import JudgeSettings


@dataclass(frozen=True, slots=True)
class JudgeInput:
    """One output that is to be judged."""

    prediction_id: str
    run: str
    example: Example
    output: str
    steps: tuple[Step, ...] = ()
    """The steps to be judged: the study's, else the example's."""
    against_id: str | None = None
    """The output of the reference for the same example."""
    against: str | None = None


@dataclass(frozen=True, slots=True)
class JudgeQuestion:
    """One question about a case."""

    step: str
    """What a verdict is about: a step's key; of two outputs compared the `place`."""
    texts: Mapping[str, str]
    """Place in the prompt → a text by somebody else; put between fences."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Place in the prompt → a word of ours; put in as it is."""
    place: int = 0
    """Where two outputs are compared: where the case's own stands, 1 or 2."""


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """What a reply says."""

    verdict: Verdict | None = None
    quality: float | None = None
    better: int | None = None
    """Where two outputs are compared: 1 or 2, 0 where neither is better."""


@dataclass(frozen=True, slots=True)
class JudgeType:
    """What judges of one kind do."""

    title: str
    """What it is called on the page."""
    describes: str
    """One sentence for menus and help."""
    needed: frozenset[str]
    """Places that a prompt must have."""
    places: frozenset[str]
    """Places that it may have."""
    asks: Callable[[JudgeInput, "JudgeSettings"], Sequence[JudgeQuestion] | Unparsed]
    """The questions about a case, or why there are none."""
    read: Callable[[str, bool, "JudgeSettings"], ParsedReply | Unparsed]
    """What a reply says; the flag: whether the limit of tokens ended it."""
    compares: bool = False
    """Whether two outputs are compared (else one is judged by itself)."""


KINDS: Registry[JudgeType] = Registry("kind of judge")
