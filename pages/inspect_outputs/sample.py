"""One output on the Inspect page: what was asked, what came, what was said of it, one beside it.

How the call of an output ended, what the model thought before, and texts it had earlier.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.inspect_outputs.address import link_to
from pages.inspect_outputs.filters import COMPARED, open_sample, touched
from pages.inspect_outputs.scores import table_of
from pages.shared.embedded_note import embedded_note
from pages.shared.message import message
from pages.shared.plain_text import SHOWN, verbatim
from pages.shared.times import when
from sit_core.metrics.alignment import overlaps, word_diff
from sit_core.store import Store
from sit_core.store.browse import HitPosition
from sit_core.store.browse_sample import OutputView, get_output, other_outputs
from sit_core.store.judge_replies import ReplyAboutOutput, replies_about
from sit_core.store.run_check import former_texts_of

# Two texts of 200,000 characters take seconds; the next rerun has them at once.
_overlaps = st.cache_data(overlaps, max_entries=50, show_spinner="Comparing …")
_word_diff = st.cache_data(word_diff, max_entries=50, show_spinner="Comparing …")


def sample(store: Store, sample_id: str, place: HitPosition | None, total: int) -> None:
    """Draw everything about one output.

    Raises:
        SitError: there is no such output.
    """
    view = get_output(store, sample_id)
    other = _heading(store, view, place, total)
    embedded_note([view.model, other.model if other else None])
    asked, came = st.columns([2, 3]) if other is None else (st.container(), st.container())
    with asked:
        marked = _asked(view, folded=other is not None)
    with came:
        if other is None:
            label = f"Output ({view.length:,} characters)"
            _text(label, view.output, "output", segments=marked)
            how_it_ended(view)
        else:
            _side_by_side(view, other)
        former(store, view)
        _said(store, view)
        table_of(store, view.id)
        _metadata(view)


def _heading(
    store: Store, view: OutputView, place: HitPosition | None, total: int
) -> OutputView | None:
    """Who wrote it, ways to the neighbours, the link; the output to compare with, if any."""
    others = other_outputs(store, view)
    by_name = {_name(o.run, o.ordinal): o.id for o in others}
    names = list(by_name)
    wanted = st.session_state.get(COMPARED)
    if wanted is not None and wanted not in names:
        names.append(wanted)  # stays chosen for the next output that has it
    with st.container(horizontal=True, vertical_alignment="bottom"):
        before, after = (place.before, place.after) if place else (None, None)
        for label, to, key, icon in (
            ("Previous", before, "p", "chevron_left"),
            ("Next", after, "n", "chevron_right"),
        ):
            st.button(
                label,
                key=f"inspect {key} {view.id}",
                icon=f":material/{icon}:",
                shortcut=key,
                disabled=to is None,
                on_click=open_sample,
                args=(to,),
            )
        where = f"{place.position + 1:,} of {total:,}" if place else "not among the hits above"
        st.text(f"{_name(view.run, view.ordinal)} · row {view.row + 1:,} · {where}")
        with st.popover("Link", icon=":material/link:"):
            st.text("This address opens exactly this output:")
            st.code(link_to(view.id, st.context.url), language=None, wrap_lines=True)
        st.selectbox(
            "Side by side with",
            names,
            index=None,
            key=COMPARED,
            on_change=touched,
            placeholder="another run on the same example",
            disabled=not names,
            width=340,
        )
    chosen = st.session_state.get(COMPARED)
    if chosen in (None, _name(view.run, view.ordinal)):
        return None
    if chosen not in by_name:
        message("info", f"{chosen} has no output for this example.")
        return None
    return get_output(store, by_name[chosen])


def _name(run: str, ordinal: int) -> str:
    return run if ordinal == 0 else f"{run} · output {ordinal + 1}"


def _text(label: str, text: str, key: str, **options: Any) -> None:
    verbatim(text, key=key, label=label, **options)


def _asked(view: OutputView, *, folded: bool) -> list[tuple[str, bool]] | None:
    """The example; the output's segments where an overlap is to be highlighted."""
    box = st.expander("What was asked") if folded else st.container()
    with box:
        _text(
            "Instruction", view.instruction, "instruction", empty="(no instruction)", height="9rem"
        )
        _text("Input", view.input, "input", empty="(no input)", height="14rem")
        if view.image:
            _text("Image", view.image, "image")
        if view.reference is not None:
            _text(
                "Reference: the right answer",
                view.reference,
                "reference",
                empty="(empty)",
                height="9rem",
            )
    expected = [step for step in view.steps if step.expected]
    if not expected or folded:
        return None
    with box, st.expander("Expected text of the steps"):
        names = {step.key: f"{step.letter} · {step.key}" for step in expected}
        chosen = st.selectbox(
            "Step",
            list(names),
            key=f"inspect expected {view.id}",
            format_func=names.get,
        )
        step = next(step for step in expected if step.key == chosen)
        mark = st.toggle("Highlight what the output shares with it", key="inspect overlap")
        segments = None
        if mark:
            expected_segments, segments = _overlaps(step.expected[:SHOWN], view.output[:SHOWN])
            _text("Expected", step.expected, "expected", segments=expected_segments)
        else:
            _text("Expected", step.expected, "expected")
    return segments


def _side_by_side(view: OutputView, other: OutputView) -> None:
    mark = st.toggle("Highlight the words that differ", key="inspect differences")
    left, right = None, None
    if mark:
        pair = _word_diff(view.output[:SHOWN], other.output[:SHOWN])
        left, right = ([(text, not same) for text, same in side] for side in pair)
    for column, one, segments in zip(st.columns(2), (view, other), (left, right), strict=True):
        with column:
            label = f"{_name(one.run, one.ordinal)} ({one.length:,} characters)"
            _text(label, one.output, f"side {one.id}", segments=segments)
            if one is other:
                st.button(
                    "Open this one",
                    key=f"open {one.id}",
                    on_click=open_sample,
                    args=(one.id,),
                    type="tertiary",
                )


def _replied(found: Sequence[ReplyAboutOutput]) -> None:
    """What LLM judges wrote, word for word, with what was read in it."""
    _table(
        "What LLM judges replied",
        {
            "Judge": [r.judge for r in found],
            "About": [r.step or f"against {r.against}, as number {r.place}" for r in found],
            "Read as": [r.said or f"unusable: {r.reason}" for r in found],
            "Quality": ["" if r.quality is None else f"{r.quality:g}" for r in found],
            "Reply": [r.reply or "" for r in found],
        },
    )


def _said(store: Store, view: OutputView) -> None:
    replies = replies_about(store, view.id)
    if not view.verdicts and not view.notes and not replies:
        st.text("Nobody has judged it yet.")
        return
    if view.verdicts:
        _table(
            "The verdicts, with every revision",
            {
                "Judge": [v.judge for v in view.verdicts],
                "Kind": [v.kind.value for v in view.verdicts],
                "Study": [v.study or "" for v in view.verdicts],
                "Step": [v.step for v in view.verdicts],
                "Verdict": [v.verdict for v in view.verdicts],
                "Revision": [v.revision for v in view.verdicts],
                "Stands": ["✓" if v.current else "" for v in view.verdicts],
                "When": [when(v.created_at, with_seconds=True) for v in view.verdicts],
            },
        )
    if replies:
        _replied(replies)
    if view.notes:
        _table(
            "Notes and flags, with every revision",
            {
                "Judge": [n.judge for n in view.notes],
                "Study": [n.study for n in view.notes],
                "Note": [n.note for n in view.notes],
                "Flag": ["⚑" if n.flagged else "" for n in view.notes],
                "Revision": [n.revision for n in view.notes],
                "Stands": ["✓" if n.current else "" for n in view.notes],
                "When": [when(n.created_at, with_seconds=True) for n in view.notes],
            },
        )


def _table(label: str, columns: Mapping[str, list[Any]]) -> None:
    import pandas as pd

    st.caption(label)
    st.dataframe(pd.DataFrame(columns), hide_index=True, width="content", row_height=30, alt=label)


def _metadata(view: OutputView) -> None:
    known = {
        "id": view.id,
        "example": view.example_id,
        "run": view.run,
        "model": view.model,
        "adapter": view.adapter,
        "language": view.language,
        "steps": [step.key for step in view.steps],
        "of the output": dict(view.meta),
        "of the example": dict(view.example_meta),
        "settings of the run": dict(view.run_settings),
        "where the run comes from": dict(view.run_provenance),
    }
    kept = {name: value for name, value in known.items() if value not in (None, {}, [])}
    with st.expander("Everything else that is known of it"):
        text = json.dumps(kept, ensure_ascii=False, indent=2, default=str)
        verbatim(text, key="metadata")


_OUTCOMES = {
    "complete": "Complete: the model ended it.",
    "cut": "Cut: a limit ended it.",
    "refused": "Refused: by the model or a content filter.",
}
_WHY = {"thoughts": "its thoughts were split off", "failed": "it was freed to be asked again"}


def how_it_ended(view: OutputView) -> None:
    """Draw the outcome, and the thoughts folded: they are no part of the output."""
    reason = view.meta.get("reason")
    outcome = view.outcome or ("cut" if view.meta.get("cut") is True else None)
    said = _OUTCOMES.get(outcome or "", "")
    if said or reason:
        st.text(f"{said} {str(reason)[:500]}".strip() if reason else said)
    if view.thoughts:
        label = f"Thoughts ({len(view.thoughts):,} characters), no part of the output"
        with st.expander(label):
            verbatim(view.thoughts, key=f"thoughts {view.id}")


def former(store: Store, view: OutputView) -> None:
    """Draw the texts that it had before, with how much was said of them."""
    for number, text in enumerate(former_texts_of(store, view.id)):
        until = when(text["changed_at"])
        with st.expander(f"Its text until {until}, when {_WHY[text['why']]}"):
            verbatim(text["output"], key=f"former {view.id} {number}")
            said = [
                {
                    "judge": str(one["judge"]),
                    "step": str(one["step"]),
                    "verdict": str(one["verdict"]),
                }
                for one in text["said"].get("judgments", [])
            ]
            if said:
                st.caption("Verdicts on this text, which no figure counts")
                st.dataframe(said, hide_index=True, key=f"former said {view.id} {number}")
