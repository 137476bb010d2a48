"""The instructions of an iteration that are asked for: the filters, the list, a way to each."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.seq_instruct.address import FILTERS, View, choose, go, visit
from pages.seq_instruct.kinds import places_of_kind
from sit_core.results.seq_instruct import OUTCOMES, outcome_of, outcomes, places, reasons
from sit_core.seq_instruct.instruction_set import InstructionSet

PER_PAGE = 50
K = "seq-instruct "


@st.cache_data(show_spinner="Looking through the instructions", max_entries=200)
def _places(
    _one: InstructionSet, name: str, stamp: int, iteration: int, view: View, kind: tuple[int, ...]
) -> list[int]:
    return places(
        _one,
        iteration,
        outcome=view.outcome,
        reason=view.reason,
        text=view.text or "",
        among=kind if view.verb is not None else None,
    )


def chosen_places(one: InstructionSet, iteration: int, view: View) -> list[int]:
    """The places of the instructions that the view asks for."""
    kind = tuple(places_of_kind(one, iteration, view)) if view.verb is not None else ()
    asked = View(outcome=view.outcome, reason=view.reason, verb=view.verb, text=view.text)
    stamp = one.index(iteration).position
    return _places(one, str(one.folder.path), stamp, iteration, asked, kind)


def filters(one: InstructionSet, iteration: int, view: View) -> None:
    """Draw the widgets; each change is a change of the address."""
    done = [0, *one.iterations]
    counts = {row.outcome: row.n for row in outcomes(one) if row.iteration == iteration}
    why = {row.reason: row.n for row in reasons(one) if row.iteration == iteration}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _select(
            "Iteration",
            "iteration",
            done,
            iteration,
            view,
            names={number: "0 · the seeds" if number == 0 else str(number) for number in done},
            empty=None,
            width=130,
        )
        _select(
            "Outcome",
            "outcome",
            list(counts),
            view.outcome,
            view,
            names={name: f"{OUTCOMES[name]} ({n:,})" for name, n in counts.items()},
            width=230,
        )
        _select(
            "Reason",
            "reason",
            list(why),
            view.reason,
            view,
            names={name: f"{name} ({n:,})" for name, n in why.items()},
            width=230,
        )
        _text(view)
        if view.verb is not None:
            kind = view.verb if view.noun is None else f"{view.verb} → {view.noun or '(no noun)'}"
            st.text(f"Kind: {kind}")
        if any(getattr(view, name) is not None for name in FILTERS):
            st.button(
                "All of them",
                key=f"{K}all",
                type="tertiary",
                icon=":material/close:",
                on_click=lambda: choose(view, iteration=iteration),
            )


def _select(
    title: str,
    name: str,
    options: list[Any],
    now: Any,
    view: View,
    *,
    names: dict[Any, str],
    width: int,
    empty: str | None = "All",
) -> None:
    """A choice that is a part of the address; a value that nothing has is shown as it is.

    A widget is another one for each value that it begins with. Were it one whose value the program
    sets, a browser that is a moment behind would send the old value, as if somebody had chosen it.
    """
    key = f"{K}{name} {now}"
    offered = options if now is None or now in options else [*options, now]
    st.session_state[key] = now

    def changed() -> None:
        kept = {part: getattr(view, part) for part in FILTERS}
        if name == "iteration":
            kept |= {"outcome": None, "reason": None, "verb": None, "noun": None}
        choose(view, **{**kept, name: st.session_state[key]})

    st.selectbox(
        title,
        offered,
        key=key,
        format_func=lambda value: names.get(value, str(value)),
        on_change=changed,
        placeholder=empty or "",
        index=0 if empty is None else None,
        width=width,
    )


def _text(view: View) -> None:
    key = f"{K}text {view.text or ''}"
    st.session_state[key] = view.text or ""

    def changed() -> None:
        kept = {part: getattr(view, part) for part in FILTERS}
        choose(view, **{**kept, "text": st.session_state[key].strip() or None})

    st.text_input("Text", key=key, on_change=changed, placeholder="Contains …", width=200)


def listed(one: InstructionSet, iteration: int, found: list[int], view: View) -> None:
    """One page of the instructions; a click opens one."""
    total = len(found)
    start = min(view.start or 0, max(0, total - 1))
    if view.instruction in found and view.start is None:
        start = found.index(view.instruction) // PER_PAGE * PER_PAGE
    shown = found[start : start + PER_PAGE]
    _pager(view, total, start, len(shown))
    if not shown:
        return
    index = one.index(iteration)
    records = [one.record(iteration, place) for place in shown]
    key = f"instructions {hash((view.set, iteration, view.instruction, start))} {visit()}"

    def clicked() -> None:
        rows = st.session_state[key].selection.rows
        go(view, iteration=iteration, instruction=shown[rows[0]] if rows else None)

    fits = 5 if view.instruction is not None else 14
    st.dataframe(
        pd.DataFrame(
            {
                "No.": [record.place for record in records],
                "Outcome": [_outcome(index, record.place, iteration) for record in records],
                "Instruction": [record.instruction or "∅" for record in records],
                "Words": [index.words[record.place] for record in records],
                "Response": [record.response or "" for record in records],
                "Reason": [record.reason or "" for record in records],
                "Input": [record.input for record in records],
            }
        ),
        key=key,
        hide_index=True,
        row_height=30,
        height="auto" if len(shown) <= fits else 37 + 30 * fits,
        on_select=clicked,
        selection_mode="single-row",
        selection_default={
            "selection": {
                "rows": [shown.index(view.instruction)] if view.instruction in shown else []
            }
        },
        column_config={
            "No.": st.column_config.NumberColumn(width=60, format="%d"),
            "Outcome": st.column_config.TextColumn(width=130),
            "Instruction": st.column_config.TextColumn(width=560),
            "Words": st.column_config.NumberColumn(width=60),
            "Response": st.column_config.TextColumn(width=240),
            "Reason": st.column_config.TextColumn(width=150),
            "Input": st.column_config.TextColumn(width=200),
        },
        alt="The instructions found; choosing one shows how it was made",
    )


def _outcome(index: Any, place: int, iteration: int) -> str:
    return "seed" if iteration == 0 else OUTCOMES[outcome_of(index, place)]


def _pager(view: View, total: int, start: int, count: int) -> None:
    whole = count == total
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = "" if whole else f" · {start + 1:,}–{start + count:,}"
        st.text(f"{total:,} instruction{'' if total == 1 else 's'}{shown}")
        if whole:
            return
        for title, icon, to, none in (
            ("Earlier", "chevron_left", max(0, start - PER_PAGE), start == 0),
            ("Later", "chevron_right", start + PER_PAGE, start + count >= total),
        ):
            st.button(
                title,
                key=f"{K}{title}",
                icon=f":material/{icon}:",
                type="tertiary",
                disabled=none,
                on_click=go,
                args=(view,),
                kwargs={"start": to, "instruction": None},
            )
