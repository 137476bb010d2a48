"""Where an instruction stands, as its replies say: pure, so that a killed run is one that goes on.

What was replied is read again from the raw replies each time; nothing else is remembered.
"""

from dataclasses import dataclass

from sit_core.metrics.refusal import begins_with_refusal
from sit_core.models.interface import Generated
from sit_core.records import Unparsed
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.filters import FilterInput
from sit_core.seq_instruct.parsing import (
    RefinedInstruction,
    read_instruction,
    read_option,
    read_refined,
)
from sit_core.seq_instruct.record import InProgress, Record, StageReply
from sit_core.seq_instruct.stages import (
    CLASSIFY,
    CUT,
    EMPTY,
    ERROR,
    GENERATE,
    REFINE,
    REFUSED,
    RESPOND,
    STAGES,
    UNREAD,
    Option,
    State,
)
from sit_core.seq_instruct.text_comparison import plain

NO_ANSWER = "<no answer/>"
"""What the rules reply where they know none."""


@dataclass(frozen=True, slots=True)
class InstructionState:
    """What is known of an instruction on its way."""

    option: Option | None = None
    proposed: str | None = None
    """By the second stage."""
    instruction: str | None = None
    """After the third stage."""
    refined: bool = False
    response: str | None = None
    next: str | None = None
    """The stage that it waits for; None: it came through all that it had to."""
    failed: StageReply | None = None
    """The last reply of the stage in which it failed."""


def standing(open_: InProgress, config: SeqInstructConfig, iteration: int) -> InstructionState:
    """What the replies so far come to."""
    before = open_.before
    found: dict[str, StageReply] = {r.stage: r for r in open_.replies if r.why is None}
    held = before.held_since is not None
    option = Option.HOLD if held else None
    proposed = instruction = response = None
    refined = False
    for stage in STAGES:
        if stage == RESPOND and not wants_answer(option, before, config, iteration):
            continue
        if stage != RESPOND and (held or option is Option.HOLD):
            continue
        reply = found.get(stage)
        if reply is None:
            gave_up = open_.tries.get(stage, 0) >= config.attempts
            last = next((r for r in reversed(open_.replies) if r.stage == stage), None)
            return InstructionState(
                option,
                proposed,
                instruction,
                refined,
                next=None if gave_up else stage,
                failed=last if gave_up else None,
            )
        value = value_of(stage, reply.text, proposed or "")
        if isinstance(value, Option):
            option = value
        elif isinstance(value, RefinedInstruction):
            refined = value.instruction is not None
            instruction = value.instruction or proposed
        elif stage == GENERATE:
            proposed = str(value)
        elif stage == RESPOND:
            response = None if value == NO_ANSWER else str(value)
    return InstructionState(option, proposed, instruction, refined, response)


def wants_answer(
    option: Option | None, before: Record, config: SeqInstructConfig, iteration: int
) -> bool:
    """Whether the writer is asked for an answer in this iteration; what is held may have one."""
    if not config.answered(iteration):
        return False
    if option is not Option.HOLD or before.response is None:
        return True
    return config.answer_held and before.response_by == "seed"


def value_of(stage: str, text: str, proposed: str) -> Option | str | RefinedInstruction | Unparsed:
    """What a reply of a stage says."""
    if stage == CLASSIFY:
        return read_option(text)
    if stage == GENERATE:
        return read_instruction(text)
    if stage == REFINE:
        return read_refined(text, proposed)
    return text.strip()


def fault_of(stage: str, made: Generated, proposed: str) -> tuple[str | None, str | None]:
    """Why a reply is of no use, with a detail; (None, None): it is of use."""
    if made.error is not None:
        return ERROR, made.error
    if made.refused or (stage == RESPOND and begins_with_refusal(made.text)):
        return REFUSED, "the model refused"
    if not made.text.strip():
        return EMPTY, None
    if made.cut:
        return CUT, "the limit of tokens ended it"
    value = value_of(stage, made.text, proposed)
    return (UNREAD, value.reason) if isinstance(value, Unparsed) else (None, None)


def candidate_of(before: Record, instruction: str, config: SeqInstructConfig) -> FilterInput:
    """What goes through the gates; an input that was copied into the instruction is there once."""
    return FilterInput(
        before, instruction, input_beside(instruction, before.input), config.max_words
    )


def input_beside(instruction: str, given: str) -> str:
    """The input that stands below a new instruction: none, where the instruction holds it whole.

    >>> input_beside("Repeat it, then name its colour: a ripe plum tree", "A ripe plum tree.")
    ''
    >>> input_beside("Repeat it, then name its colour.", "plum")
    'plum'
    """
    words = plain(given)
    inside = len(words) >= 12 and f" {words} " in f" {plain(instruction)} "
    return "" if inside else given


def ended(
    open_: InProgress,
    now: InstructionState,
    iteration: int,
    gate: tuple[str, str] | None,
) -> Record:
    """The record of an instruction that waits for nothing any more."""
    before = open_.before
    option = None if now.option is None or before.held_since is not None else str(now.option)
    by = next((r.writer for r in reversed(open_.replies) if r.stage == RESPOND), None)
    if gate is not None:
        return open_.ended(
            iteration,
            State.GATED,
            option=option,
            reason=gate[0],
            detail=gate[1],
            proposed=now.instruction,
            refined=now.refined,
        )
    if now.failed is not None:
        return open_.ended(
            iteration,
            State.FAILED,
            option=option,
            reason=f"{now.failed.stage}: {now.failed.why}",
            detail=now.failed.detail,
            proposed=now.instruction or now.proposed,
            refined=now.refined,
        )
    if now.option is Option.HOLD:
        answered = {} if now.response is None else {"response": now.response, "response_by": by}
        since = before.held_since or iteration
        return open_.ended(iteration, State.HELD, option=option, held_since=since, **answered)
    assert now.instruction is not None
    return open_.ended(
        iteration,
        State.MADE,
        option=option,
        instruction=now.instruction,
        input=input_beside(now.instruction, before.input),
        response=now.response,
        response_by=None if now.response is None else by,
        refined=now.refined,
    )
