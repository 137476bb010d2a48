"""The kinds of judges: what is asked about an output, and how a reply is read.

A type is one file that registers a `JudgeType`: `following_all`, `following_steps`, `pairwise`; or
a plugin's (group ``sit.judges``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sit_core.plugins import PluginError, error_text, report_fault
from sit_core.records import IN_ORDER, Example, Step, Unparsed, Verdict
from sit_core.registry import Registry
from sit_core.store.verdict_state import CHAIN
from sit_core.tasks import TASKS

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
    given: str = ""
    """The beginning of the output that the model was given and did not write."""
    against_given: str = ""
    given_steps: frozenset[str] = frozenset()
    """Keys of the steps that the given beginning is of: not to be judged."""


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
    given: Mapping[str, str] = field(default_factory=dict)
    """Place in the prompt → the beginning of its text that the model was given; marked there.
    Filled in for all kinds of judges, where the texts are those of the case."""


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
    steps: tuple[str, ...] = ()
    """Steps of its own that it asks about, which chains don't have; the tables of what LLMs say
    have a row for each, beside the chain's."""


def _of_plugin(name: str, thing: Any) -> JudgeType:
    """A plugin's type; what it can't ask or read is a reason, and never ends a judging."""
    if not isinstance(thing, JudgeType):
        raise PluginError(f"it is a {type(thing).__name__}, not a JudgeType")
    if lacking := thing.needed - thing.places:
        raise PluginError(f"it needs places that it does not have: {', '.join(sorted(lacking))}")

    for step in thing.steps:
        if step in (*TASKS, CHAIN, IN_ORDER) or not step.strip() or not step.isprintable():
            raise PluginError(f"its step {step!r} needs a name that no task and no table has")

    def asks(case: JudgeInput, how: "JudgeSettings") -> Sequence[JudgeQuestion] | Unparsed:
        try:
            return thing.asks(case, how)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            report_fault("sit.judges", name, error_text(error))
            return Unparsed(f"the kind of judge {name!r} failed ({error_text(error)})")

    def read(reply: str, cut: bool, how: "JudgeSettings") -> ParsedReply | Unparsed:
        try:
            return thing.read(reply, cut, how)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            report_fault("sit.judges", name, error_text(error))
            return Unparsed(f"the kind of judge {name!r} can't read it ({error_text(error)})")

    return replace(thing, asks=asks, read=read)


KINDS: Registry[JudgeType] = Registry(
    "kind of judge",
    "sit.judges",
    _of_plugin,
    modules=(
        "sit_core.judge.following_all",
        "sit_core.judge.following_steps",
        "sit_core.judge.pairwise",
    ),
)
