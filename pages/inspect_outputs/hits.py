"""The Inspect page's list of hits: one page of them, a click opens one."""

from collections.abc import Sequence

import streamlit as st

from pages.inspect_outputs.filters import SAMPLE, START, VIEW, touched
from sit_core.store import Store
from sit_core.store.browse import (
    Filter,
    Hit,
    HitPosition,
    count_hits,
    page_of_hits,
    place_among,
    version,
)
from sit_core.store.score_filter import VALUE
from sit_core.store.scores import scores_version

PER_PAGE = 100


@st.cache_data(show_spinner=False, max_entries=2000)
def _count(_store: Store, url: str, now: tuple[float, ...], of: Filter) -> int:
    return count_hits(_store, of)


@st.cache_data(show_spinner=False, max_entries=500)
def _page(_store: Store, url: str, now: tuple[float, ...], of: Filter, offset: int) -> list[Hit]:
    return page_of_hits(_store, of, offset=offset, limit=PER_PAGE)


@st.cache_data(show_spinner=False, max_entries=2000)
def _place(
    _store: Store, url: str, now: tuple[float, ...], of: Filter, sample: str
) -> HitPosition | None:
    return place_among(_store, of, sample)


def hits(store: Store, of: Filter) -> tuple[int, HitPosition | None]:
    """Draw one page of the hits; how many there are, and the open output's place among them."""
    state = st.session_state
    now = version(store) + (scores_version(store) if of.score else ())
    known = (store, store.url, now, of)
    total = _count(*known)
    sample = state[SAMPLE]
    place = _place(*known, sample) if sample and total else None
    if state.get("inspect placed") != state[VIEW]:  # opened by a link or by Previous and Next
        state["inspect placed"] = state[VIEW]
        if place:
            state[START] = max(0, place.position - 2)  # in sight, a little below the top
    start = state[START] = min(state[START], max(0, total - 1))
    rows = _page(*known, start) if total else []
    _pager(total, start, start + len(rows))
    if rows:
        _table(rows, start, of)
    return total, place


def _turn(to: int) -> None:
    st.session_state[START] = max(0, to)
    touched()


def _pager(total: int, start: int, end: int) -> None:
    whole = start == 0 and end == total
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = "" if whole else f" · {start + 1:,}–{end:,}"
        st.text(f"{total:,} output{'' if total == 1 else 's'}{shown}")
        if not whole:
            for label, icon, to, none in (
                ("Earlier", "chevron_left", start - PER_PAGE, start == 0),
                ("Later", "chevron_right", end, end == total),
            ):
                st.button(
                    label,
                    key=f"inspect {label}",
                    icon=f":material/{icon}:",
                    type="tertiary",
                    disabled=none,
                    on_click=_turn,
                    args=(to,),
                )


def _table(rows: Sequence[Hit], start: int, of: Filter) -> None:
    import pandas as pd

    state = st.session_state
    ids = [hit.id for hit in rows]
    key = f"inspect hits {hash((of, start))} {state[VIEW]}"

    def clicked() -> None:
        chosen = state[key].selection.rows
        state[SAMPLE] = ids[chosen[0]] if chosen and chosen[0] < len(ids) else None
        touched()

    scored = of.score is not None and of.score.state == VALUE
    table = pd.DataFrame(
        {
            "Run": [hit.run for hit in rows],
            "Output": [hit.output or "∅" for hit in rows],
            **({"Score": [hit.score for hit in rows]} if scored else {}),
            "Length": [hit.length for hit in rows],
            "Verdicts": [_verdicts(hit) for hit in rows],
            "Input": [hit.input for hit in rows],
            "Instruction": [hit.instruction for hit in rows],
        }
    )
    fits = 5 if state[SAMPLE] else 14
    selected = [ids.index(state[SAMPLE])] if state[SAMPLE] in ids else []
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        height="auto" if len(rows) <= fits else 37 + 30 * fits,
        row_height=30,
        on_select=clicked,
        selection_mode="single-row",
        selection_default={"selection": {"rows": selected}},
        alt="The outputs found; choosing a row opens it",
        column_config={
            "Run": st.column_config.TextColumn(width=200),
            "Output": st.column_config.TextColumn(width=480),
            "Score": st.column_config.NumberColumn(width=80, format="%.3f"),
            "Length": st.column_config.NumberColumn(width=70),
            "Verdicts": st.column_config.TextColumn(width=240),
            "Input": st.column_config.TextColumn(width=300),
            "Instruction": st.column_config.TextColumn(width=240),
        },
    )


def _verdicts(hit: Hit) -> str:
    """Everybody's current verdicts in one line: ``anna: repeat yes, answer no``."""
    by: dict[str, list[str]] = {}
    for said in hit.verdicts:
        by.setdefault(said.judge, []).append(f"{said.step} {said.verdict}")
    return " · ".join(f"{judge}: {', '.join(said)}" for judge, said in by.items())
