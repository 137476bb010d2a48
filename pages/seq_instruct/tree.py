"""How one instruction came about: from its seed through every iteration, with all replies."""

import streamlit as st

from pages.seq_instruct.address import View, go
from pages.shared.message import message
from pages.shared.plain_text import escaped, verbatim
from sit_core.metrics.alignment import word_diff
from sit_core.seq_instruct.instruction_set import InstructionSet
from sit_core.seq_instruct.record import Record, StageReply
from sit_core.seq_instruct.stages import WORDS, Option, State

COMPARED = 20_000
"""Longer texts are shown without marks: comparing them takes longer than reading."""
STATE_WORDS = {
    State.SEED: "seed",
    State.MADE: "made",
    State.HELD: "held: it stays as it is",
    State.GATED: "refused by a gate: it goes on as it was",
    State.FAILED: "failed: it goes on as it was",
}
_NODE = (
    "border-left: 3px solid {colour}; padding: .1rem 0 .1rem .75rem; font-weight: 600;"
    "margin-top: .4rem"
)
_COLOURS = {
    State.SEED: "#858b92",
    State.MADE: "#2e9b6b",
    State.HELD: "#3f7fdf",
    State.GATED: "#d9822b",
    State.FAILED: "#d9434e",
}


def show_instruction(one: InstructionSet, found: list[int], view: View) -> None:
    """Draw the tree of the open instruction, and the ways to its neighbours in the list."""
    place = view.instruction
    if place is None or place >= one.seeds:
        message("info", f"The set {one.name} has no instruction {place}.")
        return
    _neighbours(found, place, view)
    records = one.lineage(place)
    st.text(" → ".join(_short(record) for record in records))
    for before, record in zip([None, *records], records, strict=False):
        _node(before, record)


def _short(record: Record) -> str:
    """One step of the way in a few words: ``it. 1: B prefix``."""
    if record.iteration == 0:
        return "seed"
    said = f"{record.option} {WORDS[Option(record.option)]}" if record.option else ""
    if record.state == State.HELD:
        said = said or "held before"
    elif record.state != State.MADE:
        said = f"{said}, {record.state}" if said else str(record.state)
    return f"it. {record.iteration}: {said or record.state}"


def _neighbours(found: list[int], place: int, view: View) -> None:
    here = found.index(place) if place in found else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(
            f"Instruction {place}"
            + (f" · {here + 1:,} of {len(found):,} in the list" if here is not None else "")
        )
        for title, icon, to, key in (
            ("Previous", "chevron_left", None if not here else found[here - 1], "Left"),
            (
                "Next",
                "chevron_right",
                None if here is None or here + 1 >= len(found) else found[here + 1],
                "Right",
            ),
        ):
            st.button(
                title,
                key=f"seq-instruct {title} of {place}",
                icon=f":material/{icon}:",
                type="tertiary",
                shortcut=key,
                disabled=to is None,
                on_click=go,
                args=(view,),
                kwargs={"instruction": to, "start": None},
            )
        st.button(
            "Close",
            key="seq-instruct close",
            type="tertiary",
            on_click=go,
            args=(view,),
            kwargs={"instruction": None},
        )


def _node(before: Record | None, record: Record) -> None:
    n = record.iteration
    title = "Seed" if n == 0 else f"Iteration {n}"
    if record.option:
        title += f" · {record.option} {WORDS[Option(record.option)]}"
    if n:
        title += f" · {STATE_WORDS[record.state]}"
    if record.refined:
        title += " · refined"
    style = _NODE.format(colour=_COLOURS[record.state])
    st.html(f'<div data-iteration="{n}" style="{style}">{escaped(title)}</div>')
    changed = before is None or record.instruction != before.instruction
    if record.reason:
        said = record.reason if not record.detail else f"{record.reason}: {record.detail}"
        message("warning" if record.state == State.GATED else "error", said)
    kept = before is not None and record.response == before.response
    if not changed and kept and record.proposed is None:
        st.text("Instruction and response stay as they were.")
    else:
        _texts(before, record, changed, kept)
    if record.replies:
        with st.expander(_count(record)):
            for number, reply in enumerate(record.replies):
                _reply(n, number, reply)


def _texts(before: Record | None, record: Record, changed: bool, kept: bool) -> None:
    n = record.iteration
    left, right = st.columns(2, gap="medium")
    with left:
        if changed:
            verbatim(
                record.instruction,
                key=f"instruction {n}",
                label="Instruction" + ("" if before is None else ", what is new marked"),
                empty="(no instruction)",
                segments=_marked(before, record.instruction),
                height="14rem",
            )
        else:
            st.text("The instruction stays as it was.")
        if before is None or record.input != before.input:
            verbatim(record.input, key=f"input {n}", label="Input", empty="(no input)")
        if record.proposed is not None:
            verbatim(
                record.proposed,
                key=f"proposed {n}",
                label="What was proposed and not taken",
                segments=_marked(before, record.proposed),
                height="14rem",
            )
    with right:
        if record.response is None:
            st.text("There is no response to it.")
        elif kept:
            st.text("The response stays as it was.")
        else:
            by = record.response_by or "?"
            verbatim(
                record.response,
                key=f"response {n}",
                label="Response, " + ("the data's own" if by == "seed" else f"by {by}"),
                height="14rem",
            )


def _marked(before: Record | None, text: str) -> list[tuple[str, bool]] | None:
    """What a text has that the instruction before has not, marked."""
    if before is None or max(len(before.instruction), len(text)) > COMPARED:
        return None
    _, segments = word_diff(before.instruction, text)
    return [(piece, not same) for piece, same in segments]


def _count(record: Record) -> str:
    useless = sum(reply.why is not None for reply in record.replies)
    n = len(record.replies)
    said = f"{n} repl{'y' if n == 1 else 'ies'} of the writer"
    return f"{said}, {useless} of no use" if useless else said


def _reply(n: int, number: int, reply: StageReply) -> None:
    used = f"{reply.prompt_tokens:,} + {reply.tokens:,} tokens"
    about = "about " if reply.estimated else ""
    said = f"{reply.stage}, attempt {reply.attempt}: {reply.writer}, {about}{used}"
    if reply.cut:
        said += ", cut off"
    if reply.why is not None:
        said += f" · of no use: {reply.why}"
        if reply.detail:
            said += f" ({reply.detail})"
    verbatim(
        reply.text,
        key=f"reply {n} {number}",
        label=said,
        empty=reply.error or "(the writer wrote nothing)",
        height="16rem",
        size=".9rem",
    )
    if reply.error and reply.text:
        st.text(reply.error)
    if reply.thoughts:
        with st.popover(f"Thoughts ({len(reply.thoughts):,} characters), no part of the reply"):
            verbatim(reply.thoughts, key=f"thoughts {n} {number}")
    st.text(f"prompt sha256 {reply.prompt_sha256[:12]}… · seed {reply.seed}")
