"""The stages of Seq-Instruct, the options of the first one, and how an instruction may come out."""

from enum import StrEnum

CLASSIFY, GENERATE, REFINE, RESPOND = "classify", "generate", "refine", "respond"
STAGES = (CLASSIFY, GENERATE, REFINE, RESPOND)
"""In their order; the fifth one is the next iteration on the result."""

GATE_NAMES = (
    *("unchanged", "lost choices", "lost code", "lost the input", "lost numbers"),
    *("answers itself", "too long", "several languages", "another topic", "duplicate"),
    "answer too long",
)
"""The quality gates of `filters` in their order: those that are looked at unless it is said."""


class Option(StrEnum):
    """What is to become of an instruction."""

    DECOMPOSE = "A"
    """Two tasks that together are the one."""
    PREFIX = "B"
    """A task before it."""
    SUFFIX = "C"
    """A task after it."""
    HOLD = "D"
    """It stays as it is, in this iteration and all later ones."""


WORDS = {
    Option.DECOMPOSE: "decompose",
    Option.PREFIX: "prefix",
    Option.SUFFIX: "suffix",
    Option.HOLD: "hold",
}


class State(StrEnum):
    """How an instruction came out of an iteration."""

    SEED = "seed"
    """Iteration 0: as it was read."""
    MADE = "made"
    """It has a new instruction that passed the gates."""
    HELD = "held"
    """A writer said so, in this iteration or an earlier one; a failure is never stored as this."""
    FAILED = "failed"
    """A stage gave nothing usable in all its attempts; it goes on from its text before."""
    GATED = "gated"
    """A quality gate refused the new instruction; it goes on from its text before."""


EMPTY, REFUSED, CUT, ERROR, UNREAD = (
    "empty",
    "refused",
    "cut off",
    "error",
    "not understood",
)
"""Why a reply is of no use; a failed record's reason is ``STAGE: WHY`` of its last attempt."""
