"""One instruction through one stage or all of them: prompt as sent, reply, what it says."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.seq_instruct.form import writer
from pages.seq_instruct.tree import STATE_WORDS
from pages.shared.background import Background
from pages.shared.heading import heading
from pages.shared.message import errors_shown, message
from pages.shared.plain_text import verbatim
from sit_core.config.parse import from_plain
from sit_core.errors import SitError
from sit_core.records import Example, Unparsed
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.parsing import RefinedInstruction
from sit_core.seq_instruct.prompts import GENERATE_NAMES, prompts_from
from sit_core.seq_instruct.record import Record, StageReply
from sit_core.seq_instruct.stages import CLASSIFY, GENERATE, REFINE, RESPOND, WORDS, Option, State
from sit_core.seq_instruct.state import value_of
from sit_core.seq_instruct.trial import TrialCall, supposed, try_one

K = "try "
RUN = f"{K}run"
EVERY = 0.4
INSTRUCTION = "Name three trees that keep their leaves in winter."
OPTION_OF = {name: option for option, name in GENERATE_NAMES.items()}


@dataclass
class PromptTrial:
    """What was asked for and what came of it so far."""

    title: str
    proposed: str
    steps: list[TrialCall | Record] = field(default_factory=list)
    work: Background | None = None


def try_on_one(name: str, texts: dict[str, str]) -> None:
    """Draw the form of a try and what the last one gave.

    Args:
        name: the prompt that is open.
        texts: all prompts as they stand.
    """
    heading("Try on one")
    left, right = st.columns(2, gap="large")
    with left:
        instruction = st.text_area("Instruction", INSTRUCTION, key=f"{K}instruction", height=90)
        given = st.text_area("Input", "", key=f"{K}input", height=68)
        proposed = ""
        if name in (REFINE, RESPOND):
            proposed = st.text_area(
                "New instruction",
                f"{INSTRUCTION} Then say which of them grows fastest.",
                key=f"{K}proposed",
                height=90,
            )
        reference = st.text_input(
            "Known answer",
            key=f"{K}reference",
            help="Only the rules use it: they answer with what follows from it.",
        )
    with right:
        chosen = writer(f"{K}writer ", "Writer of the try")
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key=f"{K}seed")
    with st.container(horizontal=True, vertical_alignment="center"):
        one = st.button(f"Try {name} on it", type="primary", key=f"{K}one")
        whole = st.button("Try all stages on it", key=f"{K}all")
    if one or whole:
        with errors_shown():
            config = _config(chosen, seed)
            example = Example(instruction, given, reference=reference or None)
            _begin(None if whole else name, config, example, texts, proposed)
    trial = st.session_state.get(RUN)
    if isinstance(trial, PromptTrial):
        _watch(trial)


def _config(chosen: Any, seed: int) -> SeqInstructConfig:
    if isinstance(chosen, dict) and not chosen["model"]:
        raise SitError("Name the generator model.")
    return from_plain(
        SeqInstructConfig,
        {"sources": ["-"], "writer": chosen, "iterations": 1, "seed": seed, "attempts": 1},
        "The try",
    )


def _begin(
    name: str | None,
    config: SeqInstructConfig,
    example: Example,
    texts: dict[str, str],
    proposed: str,
) -> None:
    """Start it on a thread of its own.

    Raises:
        SitError: the prompts can't be used as they stand.
    """
    prompts = prompts_from(texts)
    earlier: list[StageReply] = []
    if name is not None and name != CLASSIFY:
        option = OPTION_OF.get(name, Option.SUFFIX)
        earlier.append(supposed(CLASSIFY, f"Option: {option}"))
    if name in (REFINE, RESPOND):
        if not proposed.strip():
            raise SitError("Write a new instruction to try this on.")
        earlier.append(supposed(GENERATE, f"<instruction>{proposed}</instruction>"))
    if name == RESPOND:
        earlier.append(supposed(REFINE, "Complete: yes"))
    before = st.session_state.get(RUN)
    if isinstance(before, PromptTrial) and before.work is not None:
        before.work.cancel()
    trial = PromptTrial("All stages" if name is None else name, proposed)

    def work(report: Any, cancelled: Any) -> None:
        for step in try_one(config, example, prompts, given=earlier):
            trial.steps.append(step)
            if cancelled() or (name is not None and isinstance(step, TrialCall)):
                return

    trial.work = Background(work)
    st.session_state[RUN] = trial


def _watch(trial: PromptTrial) -> None:
    assert trial.work is not None
    active = trial.work.running

    def part() -> None:
        work = trial.work
        assert work is not None
        if active and not work.running:
            st.rerun()
        if work.running:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text("Generating …")
                if st.button("Stop", key=f"{K}stop", icon=":material/stop_circle:"):
                    work.cancel()
        _draw(trial)
        if isinstance(work.error, SitError):
            message("error", str(work.error))
        elif work.error is not None:
            raise work.error

    st.fragment(part, run_every=EVERY if active else None)()


def _draw(trial: PromptTrial) -> None:
    proposed = trial.proposed
    for number, step in enumerate(list(trial.steps)):
        if isinstance(step, Record):
            _record(step)
            continue
        reply = step.reply
        st.text(
            f"{reply.stage}: by {reply.writer}, {reply.prompt_tokens:,} + {reply.tokens:,} tokens"
        )
        left, right = st.columns(2, gap="medium")
        with left:
            verbatim(
                step.prompt, key=f"{K}{number} prompt", label="The prompt as sent", height="22rem"
            )
        with right:
            verbatim(
                reply.text,
                key=f"{K}{number} reply",
                label="The reply, raw",
                empty=reply.error or "(the writer wrote nothing)",
                height="14rem",
            )
            if reply.why is not None:
                detail = f": {reply.detail}" if reply.detail else ""
                message("error", f"Of no use ({reply.why}{detail}); a run would ask again.")
            else:
                value = value_of(reply.stage, reply.text, proposed)
                _value(value, f"{K}{number} value")
                if reply.stage == GENERATE and isinstance(value, str):
                    proposed = value


def _value(value: Option | str | RefinedInstruction | Unparsed, key: str) -> None:
    """What a reply says."""
    if isinstance(value, Option):
        message("done", f"It says: option {value}, {WORDS[value]}.")
    elif isinstance(value, RefinedInstruction):
        if value.instruction is None:
            message("done", "It says: nothing is missing.")
        else:
            verbatim(value.instruction, key=key, label="It says: something was missing; better is")
    elif isinstance(value, Unparsed):
        message("error", f"It says nothing usable: {value.reason}.")
    else:
        verbatim(value, key=key, label="What is read from it", height="10rem")


def _record(record: Record) -> None:
    said = f"What becomes of it: {STATE_WORDS[record.state]}"
    if record.reason:
        said += f" ({record.reason}" + (f": {record.detail})" if record.detail else ")")
    message("done" if record.state in (State.MADE, State.HELD) else "warning", said + ".")
    if record.state == State.MADE:
        verbatim(record.instruction, key=f"{K}made", label="The new instruction")
