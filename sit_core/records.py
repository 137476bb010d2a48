"""Records that all packages share: frozen, with stable ids. Imports nothing of ours.

Gold (``Example.reference``, ``Step.expected``) and output (``Prediction.output``) never share a
field. A value that can't be had is ``None`` or `Unparsed`, never a default.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

IN_ORDER = "in_order"
"""Step key of the question "were the steps done in the order asked"; no step of the chain."""


class Verdict(StrEnum):
    """What a judge says of one step: was it done, *regardless of whether the answer is right*."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNSURE = "unsure"


class JudgeKind(StrEnum):
    """Who judged."""

    HUMAN = "human"
    LLM = "llm"
    RULE = "rule"


class Outcome(StrEnum):
    """How a call of a model ended. Closed: what is none of the first three is *failed*."""

    COMPLETE = "complete"
    """The model ended by itself, or at a stop text."""
    CUT = "cut"
    """A limit (of tokens, of the context, of size or time) ended it; what came is the output."""
    REFUSED = "refused"
    """The model, or a filter before or behind it, declined; an output, and a wrong one."""
    FAILED = "failed"
    """The call came to nothing: no output, asked again at the next run, never kept as one."""


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A value that could not be had, and why."""

    reason: str
    counted: float | None = field(default=0.0, repr=False, compare=False)
    """What a mean over all outputs takes it for: 0, because the output lacks what was asked for;
    of an output that has some of its steps, the mean with the others as 0. None: there is nothing
    to compare it with (no gold, no rule), so no mean has it, and it is counted beside them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One task of a chain, e.g. *repeat* in "First repeat the input, then answer"."""

    task: str
    """Name in the task registry (``repeat``, ``answer``, …) or one of the researcher's own."""
    letter: str
    """What the tables call it: R, P, T, C, A, …"""
    key: str = ""
    """Unique within its chain: the task's name, from its second use on with a number
    (``paraphrase``, ``repeat``, ``paraphrase-2``, ``answer``)."""
    expected: str | None = None
    """The text this step should yield, where it is known."""


@dataclass(frozen=True, slots=True)
class Example:
    """What is asked: an instruction, its input, and what a right output contains."""

    instruction: str
    input: str = ""
    image: str | None = None
    language: str | None = None
    steps: tuple[Step, ...] = ()
    reference: str | None = None
    """The gold answer to the final task."""
    variant: int = 0
    """0, or 1, 2, … where a data set asks the same thing again with another gold answer."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """What else is known of it (SeqEval's ``iteration``, …)."""

    @property
    def id(self) -> str:
        """Stable: the same question has the same id in every run and every store."""
        return stable_id(
            "example", self.instruction, self.input, self.image or "", str(self.variant)
        )


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one model wrote for one example."""

    run: str
    example: Example
    output: str
    ordinal: int = 0
    """0 for the run's first output for this example, 1 for its second sample, …"""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """What else came with it (the prompt as sent, a judge's raw reply, …)."""
    outcome: Outcome | None = None
    """How the call ended; None where nobody said (most imported files). Never `Outcome.FAILED`:
    what failed is no prediction, but one of its run's errors."""
    thoughts: str | None = None
    """What a reasoning model thought before it answered; no part of `output`, judged by nobody."""

    @property
    def id(self) -> str:
        """Stable: same run, same example, same ordinal, same id."""
        return stable_id("prediction", self.run, self.example.id, str(self.ordinal))


_ENCODER = json.JSONEncoder(ensure_ascii=False)  # `json.dumps` would make one each time


def stable_id(*parts: str) -> str:
    """24 hex digits that depend on the parts alone.

    >>> stable_id("a", "bc") == stable_id("ab", "c")
    False
    """
    packed = _ENCODER.encode(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(packed).hexdigest()[:24]


def chain(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps with the keys that tell repeated tasks apart.

    >>> [s.key for s in chain([Step("paraphrase", "P"), Step("repeat", "R"),
    ...                        Step("paraphrase", "P"), Step("answer", "A")])]
    ['paraphrase', 'repeat', 'paraphrase-2', 'answer']
    """
    seen: dict[str, int] = {}
    keyed = []
    for step in steps:
        seen[step.task] = n = seen.get(step.task, 0) + 1
        key = step.task if n == 1 else f"{step.task}-{n}"
        keyed.append(Step(step.task, step.letter, key, step.expected))
    return tuple(keyed)


def chain_name(steps: Sequence[Step]) -> str:
    """What the tables call the chain: ``R+A``, ``P+R+P+A``."""
    return "+".join(step.letter for step in steps)


def steps_to_json(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Steps as the store keeps them."""
    return [
        {"task": s.task, "letter": s.letter, "key": s.key, "expected": s.expected} for s in steps
    ]  # asdict would copy deeply, which is a tenth of a large import's time


def steps_from_json(rows: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Steps as the store kept them."""
    return tuple(Step(**row) for row in rows)
