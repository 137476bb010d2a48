"""Two systems: how many prompts the first won, lost and tied, and both outputs side by side."""

import pandas as pd
import streamlit as st

from pages.leaderboard.address import USUAL, key
from pages.results.links import SHOWN, samples_link
from pages.shared.message import message
from pages.shared.plain_text import verbatim
from pages.shared.report_button import comparison_link
from sit_core.registry import unknown
from sit_core.results.leaderboard.build import Leaderboard
from sit_core.results.leaderboard.pairs import PromptPair, SystemComparison, compare_systems
from sit_core.store import Store
from sit_core.store.browse_sample import get_output

BY = {"following": "all tasks followed", "quality": "quality", "duels": "compared by a judge"}
OUTCOMES = {"won": "A is better", "lost": "B is better", "tied": "the same"}


@st.cache_data(max_entries=40, show_spinner="Comparing …")
def _compared(
    _store: Store, _board: Leaderboard, now: str, asked: str, first: str, second: str, by: str
) -> SystemComparison:
    return compare_systems(_store, _board, first, second, by)  # type: ignore[arg-type]


def show_pair(store: Store, board: Leaderboard, now: str) -> None:
    """Draw the choice of two systems, the counts, the list and the chosen pair of outputs."""
    ours = [row.system for row in board.rows if row.run is not None]
    if len(ours) < 2:
        st.text("There are no two systems with outputs.")
        return
    _defaults(ours)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.selectbox("A", ours, key=key("first"), width=380)
        second = st.selectbox("B", ours, key=key("second"), width=380)
        by = st.selectbox("By", list(BY), key=key("by"), format_func=BY.__getitem__, width=210)
    if first == second:
        message("info", "Choose two different systems.")
        return
    found = _compared(store, board, now, repr(board.question), first, second, by)
    lists = {name: getattr(found, name) for name in OUTCOMES}
    if not any(lists.values()):
        message("info", _nothing(by))
        return
    chosen = st.radio(  # a segmented control's chosen part is too pale in the dark
        "Prompts",
        list(OUTCOMES),
        key=key("outcome"),
        format_func=lambda name: f"{OUTCOMES[name]}: {len(lists[name]):,}",
        horizontal=True,
        label_visibility="collapsed",
    )
    _test(found)
    runs = [row.run for name in (first, second) for row in board.rows if row.system == name]
    if by == "following" and board.question.judge and all(runs):
        asked = {"by": "llm", "annotator": board.question.judge}
        comparison_link([run for run in runs if run], asked, "Compare these runs")
    _list(store, board, found, lists[chosen or "won"])


def _defaults(ours: list[str]) -> None:
    """Two systems and how they are compared, where the address doesn't say."""
    state = st.session_state
    usual = {"first": ours[0], "second": ours[1], "by": "following", "outcome": "won"}
    options = {"first": ours, "second": ours, "by": list(BY), "outcome": list(OUTCOMES)}
    for name, known in options.items():
        asked = state[key(name)]
        if asked is not None and asked not in known:
            message("error", unknown("system" if known is ours else name, asked, known))
            asked = None
        if asked is None:
            state[key(name)] = usual[name]
    if state[key("first")] == state[key("second")] == usual["second"]:
        state[key("second")] = usual["first"]
    state[USUAL] = usual


def _nothing(by: str) -> str:
    if by == "duels":
        return "No LLM judge has compared these two; the page Judge does that (judge: pairwise)."
    return "The judge has not judged any prompt for both systems yet."


def _test(found: SystemComparison) -> None:
    n = len(found.won) + len(found.lost) + len(found.tied)
    said = f"{n:,} prompts with a verdict on both"
    if found.left_out:
        said += f", {found.left_out:,} left out because one has none"
    if found.test is not None:
        scale, unit = (100, " points") if found.by == "following" else (1, "")
        test = found.test
        said += f" · A − B: {scale * test.difference:+.2f}{unit}"
        if test.low is not None and test.high is not None:
            said += f" [{scale * test.low:+.2f} to {scale * test.high:+.2f}, 95 % by {test.method}]"
        said += f", p = {test.p:.3g}, corrected {test.corrected:.3g}"
        if test.p_mcnemar is not None:
            said += f"; McNemar's exact p = {test.p_mcnemar:.3g}"
    elif found.win_rate is not None and found.by == "duels":
        said += f" · A wins {100 * found.win_rate:.1f} % (a tie counts half)"
        if (interval := found.win_interval) is not None:
            low, high = interval.ends
            said += f" [{100 * low:.1f} to {100 * high:.1f}, 95 % by {interval.method}]"
    st.text(said)


def _list(
    store: Store, board: Leaderboard, found: SystemComparison, pairs: tuple[PromptPair, ...]
) -> None:
    if not pairs:
        st.text("There are none.")
        return
    other = board.row(found.second).run
    event = st.dataframe(
        pd.DataFrame(
            {
                "A": pair.first_value,
                "B": pair.second_value,
                "in Inspect": samples_link("A | B", sample=pair.first, **{"with": other}),
                "instruction": pair.instruction,
            }
            for pair in pairs
        ),
        hide_index=True,
        column_config={
            "instruction": st.column_config.TextColumn("instruction", width=880),
            "A": st.column_config.NumberColumn("A", format="%.3g", width="small"),
            "B": st.column_config.NumberColumn("B", format="%.3g", width="small"),
            "in Inspect": st.column_config.LinkColumn(display_text=SHOWN, width="small"),
        },
        on_select="rerun",
        selection_mode="single-row",
        height=min(38 + 35 * len(pairs), 320),
        key=f"board pairs {found.first} {found.second} {found.by} {len(pairs)} {pairs[0].first}",
        alt="Prompts with what both systems' outputs are worth; choosing one shows both outputs",
    )
    rows = event.selection.rows or [0]
    _side_by_side(store, found, pairs[min(rows[0], len(pairs) - 1)])


def _side_by_side(store: Store, found: SystemComparison, pair: PromptPair) -> None:
    one, other = get_output(store, pair.first), get_output(store, pair.second)
    verbatim(one.instruction, key="board asked", label="What was asked", height="9rem")
    if one.input:
        verbatim(one.input, key="board input", label="Input", height="9rem")
    left, right = st.columns(2)
    for place, view, system, value in (
        (left, one, f"A · {found.first}", pair.first_value),
        (right, other, f"B · {found.second}", pair.second_value),
    ):
        with place:
            label = f"{system} ({_worth(found.by, value)}; {view.length:,} characters)"
            verbatim(view.output, key=f"board {view.id}", label=label)


def _worth(by: str, value: float) -> str:
    if by == "following":
        return "followed" if value == 1 else "not followed"
    if by == "quality":
        return f"quality {value:g}"
    return {1.0: "won", 0.0: "lost"}.get(value, "tie")
