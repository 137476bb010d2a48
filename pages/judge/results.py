"""What a judge said: rates with n and interval, comparisons, and the replies without a verdict."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.results.links import SHOWN, open_samples, samples_link, visit
from pages.shared.embedded_note import show_methods
from pages.shared.plain_text import verbatim
from pages.shared.store import the_store
from sit_core.records import JudgeKind
from sit_core.results.judged import JudgedRow, JudgeResults, judged
from sit_core.store import Store
from sit_core.store.invalid_replies import unusable_reasons, unusable_replies

PER_PAGE = 200


@st.cache_data(max_entries=50, show_spinner="Counting …")
def _judged(url: str, now: str, judge: str, runs: tuple[str, ...]) -> JudgeResults:
    return judged(the_store(), judge=judge, runs=runs)


def show_results(store: Store, now: str, judge: str, runs: tuple[str, ...]) -> None:
    """Draw the tables of one judge."""
    table = _judged(store.url, now, judge, runs)
    if table.rows:
        _rates(table)
    if table.duels:
        _duels(table)
    if not table.rows and not table.duels:
        st.text("It has judged none of these outputs.")
    _unusable(store, judge, runs)


def _samples(judge: str, row: JudgedRow, **more: str | None) -> dict[str, str | None]:
    return {
        "run": row.run,
        "annotator": judge,
        "kind": JudgeKind.LLM.value,
        "step": row.step,
        **more,
    }


def _rates(table: JudgeResults) -> None:
    rows = [
        {
            "run": row.run,
            "step": row.step,
            "rate": row.rate,
            "low": row.low,
            "high": row.high,
            **{
                name: samples_link(str(n), **_samples(table.judge, row, verdict=verdict))
                for name, n, verdict in (
                    ("done", row.followed, "done"),
                    ("not", row.n - row.followed, "not-done"),
                )
            },
            "n": row.n,
            "quality": row.quality,
            "quality from": row.quality_low,
            "quality to": row.quality_high,
            "unusable": samples_link(
                str(row.unusable),
                run=row.run,
                annotator=table.judge,
                kind=JudgeKind.LLM.value,
                unusable="1",
            )
            if row.unusable
            else None,
            "missing": row.missing,
        }
        for row in table.rows
    ]
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "run": st.column_config.TextColumn("run", pinned=True, width=380),
            "rate": st.column_config.NumberColumn("rate", format="percent", width="small"),
            "low": st.column_config.NumberColumn("95 % from", format="percent", width="small"),
            "high": st.column_config.NumberColumn("to", format="percent", width="small"),
            **_links({"done": "followed", "not": "not", "unusable": "unusable"}),
            **{
                name: st.column_config.NumberColumn(title, format="%.2f", width="small")
                for name, title in (
                    ("quality", "quality"),
                    ("quality from", "95 % from"),
                    ("quality to", "to"),
                )
            },
            "missing": st.column_config.NumberColumn("not judged", width="small"),
        },
        on_select="rerun",
        selection_mode="single-cell",
        placeholder="–",
        key=f"judge rates {visit()}",
        alt="Rate of each run and step with interval and n, as the judge sees it",
    )
    st.caption(
        "Rate of the outputs with a usable verdict (n), with its 95 % interval; unusable ones are "
        "left out of it. A click on a rate opens the judged samples."
    )
    show_methods(m for row in table.rows for m in (row.method, row.quality_method))
    for index, name in event.selection.cells:
        if name in ("run", "step", "rate", "low", "high", "n", "quality"):
            open_samples(**_samples(table.judge, table.rows[index]))


def _links(titles: dict[str, str]) -> dict[str, object]:
    return {
        name: st.column_config.LinkColumn(
            title, display_text=SHOWN, width="small", alignment="right"
        )
        for name, title in titles.items()
    }


def _duels(table: JudgeResults) -> None:
    rows = [
        {
            "run": row.run,
            "against": row.against,
            **{
                outcome: samples_link(
                    str(n),
                    run=row.run,
                    duels=table.judge,
                    duel=outcome,
                    **{"duel-with": row.against},
                )
                for outcome, n in (
                    ("won", row.won),
                    ("lost", row.lost),
                    ("tied", row.tied),
                    ("order", row.inconsistent),
                    ("decided", row.n),
                    ("without", row.unusable),
                )
            },
            "rate": row.win_rate,
            "low": row.low,
            "high": row.high,
            "missing": row.missing,
            "pairs": f"leaderboard?{_pairs(table.judge, row.run, row.against)}#won, lost, tied",
        }
        for row in table.duels
    ]
    percent = {"rate": "win rate", "low": "95 % from", "high": "to"}
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "run": st.column_config.TextColumn("run", pinned=True, width=300),
            "against": st.column_config.TextColumn("against", width=220),
            **_links(
                {
                    **{name: name for name in ("won", "lost", "tied")},
                    "order": "by order",
                    "decided": "n",
                    "without": "unusable",
                }
            ),
            **{
                name: st.column_config.NumberColumn(title, format="percent", width="small")
                for name, title in percent.items()
            },
            "missing": st.column_config.NumberColumn("not judged"),
            "pairs": st.column_config.LinkColumn("side by side", display_text=SHOWN),
        },
        key="judge duels",
        alt="Comparisons of each run with the reference: won, lost, tied, with interval",
    )
    st.caption(
        "Every pair is asked in both orders. Won: preferred in both; what only the order decided "
        "counts as a tie. In the win rate a tie counts half."
    )
    show_methods(row.method for row in table.duels)


def _pairs(judge: str, first: str, second: str) -> str:
    from urllib.parse import urlencode

    asked = {"duels": judge, "first": first, "second": second, "by": "duels"}
    return urlencode(asked)


def _unusable(store: Store, judge: str, runs: Sequence[str]) -> None:
    reasons = unusable_reasons(store, judge, runs)
    total = sum(reasons.values())
    if not total:
        st.text("Every reply had a usable verdict.")
        return
    replies = "reply" if total == 1 else "replies"
    with st.expander(f"{total:,} {replies} without a usable verdict"):
        names = list(reasons)
        reason = st.selectbox(
            "Why",
            names,
            index=None,
            placeholder="any reason",
            format_func=lambda name: f"{name} ({reasons.get(name, 0):,})",
            key=f"judge unusable why {judge}",
        )
        number = reasons[reason] if reason else total
        start = 0
        if number > PER_PAGE:
            pages = -(-number // PER_PAGE)
            start = PER_PAGE * (
                st.number_input("Page", 1, pages, 1, key=f"judge unusable page {judge}") - 1
            )
        found = unusable_replies(store, judge, runs, reason=reason, offset=start, limit=PER_PAGE)
        event = st.dataframe(
            pd.DataFrame(
                {
                    "run": one.run,
                    "step": one.step,
                    "why": one.reason,
                    "the reply begins": one.reply[:200],
                    "output": samples_link("open", sample=one.prediction_id),
                }
                for one in found
            ),
            hide_index=True,
            column_config={
                "run": st.column_config.TextColumn(width=300),
                "why": st.column_config.TextColumn(width=300),
                "the reply begins": st.column_config.TextColumn(width="large"),
                "output": st.column_config.LinkColumn(display_text=SHOWN, width="small"),
            },
            on_select="rerun",
            selection_mode="single-row",
            key=f"judge unusable {judge} {reason} {start} {number}",
            height=min(38 + 35 * len(found), 320),
            alt="Replies without a usable verdict; choosing one shows it whole",
        )
        rows = event.selection.rows or [0]
        chosen = found[min(rows[0], len(found) - 1)] if found else None
        if chosen is not None:
            verbatim(
                chosen.reply,
                key="judge unusable reply",
                label="The reply as it came",
                empty="(nothing came)",
            )
