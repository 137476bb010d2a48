"""The table of scores, run beside run; every number leads to its samples on the Inspect page."""

import re

import pandas as pd
import streamlit as st

from pages.inspect_outputs.address import score_params
from pages.results.links import SHOWN, open_samples, samples_link, visit
from pages.shared.embedded_note import show_methods
from pages.shared.for_excel import for_excel
from pages.shared.store import the_store
from sit_core.export.scores import ENDINGS, SCORE_FORMATS, score_bytes
from sit_core.results.scores import ScoreFigure, ScoreTable, scores
from sit_core.store.browse import ScoreFilter
from sit_core.store.score_filter import COUNTED, NONE

MIME = {"jsonl": "application/x-ndjson", "csv": "text/csv", "markdown": "text/markdown"}


@st.cache_data(max_entries=30, show_spinner="Counting …")
def cached_scores(
    runs: tuple[str, ...], url: str, now: tuple[int, float], own_prompts: bool = False
) -> ScoreTable:
    """The table, computed once per state of the store."""
    return scores(the_store(), runs, own_prompts=own_prompts)


def show_scores(table: ScoreTable) -> None:
    """Draw the table, what lies behind each figure, and the downloads."""
    _wide(table)
    figures, missing = st.tabs(["Figures", "Without a value"])
    with figures:
        _figures(table)
    with missing:
        _reasons(table)
    _downloads(table)


def _samples(row: ScoreFigure, **more: object) -> dict[str, str | list[str] | None]:
    of = ScoreFilter(row.metric, row.how or None, row.step, **more)  # type: ignore[arg-type]
    return {"run": row.run, "shared": list(row.shared_by) or None, **score_params(of)}


def _wide(table: ScoreTable) -> None:
    rows = table.wide()
    places = {name: kind for kind, name in table.columns().items()}
    by_place = {(row.run, row.metric, row.how, row.step): row for row in table.rows}
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "run": st.column_config.TextColumn("run", pinned=True, width=250),
            **{name: st.column_config.TextColumn(name, width=245) for name in places},
        },
        on_select="rerun",
        selection_mode="single-cell",
        key=f"scores table {visit()}",
        alt="Mean score of each run, metric and step with its 95 % interval and n",
    )
    st.caption(
        "Means in percent over n outputs, with 95 % intervals. An output without what was asked "
        "for (no answer found, cut off, refused, a step that is not there) counts as 0; how many "
        "are answered or present stands beside it. Those with nothing to be compared with are left "
        "out, failed calls are no outputs. A click on a figure opens its samples."
    )
    show_methods(m for row in table.rows for m in (row.method, row.scored_method))
    if any(row.metric == "following" for row in table.rows):
        st.caption(
            "Following is an estimate by rules. Its agreement with people's verdicts stands on the "
            "Results page, where a study has both."
        )
    for index, name in event.selection.cells:
        row = by_place.get((rows[index]["run"], *places.get(name, ("", "", ""))))
        if row is not None:
            open_samples(**_samples(row, state=COUNTED if row.n else NONE))


def _figures(table: ScoreTable) -> None:
    found = [
        {
            "run": row.run,
            "metric": row.metric,
            "settings": row.how,
            "step": row.step or "all",
            "mean": None if row.mean is None else 100 * row.mean,
            "low": None if row.low is None else 100 * row.low,
            "high": None if row.high is None else 100 * row.high,
            "n": samples_link(str(row.n), **_samples(row, state=COUNTED)),
            "scored": samples_link(str(row.scored), **_samples(row)),
            "share": row.share_scored,
            "name": row.name_scored,
            "of them": None if row.mean_scored is None else 100 * row.mean_scored,
            "of them low": None if row.scored_low is None else 100 * row.scored_low,
            "of them high": None if row.scored_high is None else 100 * row.scored_high,
            "right": _ends(row, row.ones, least=1.0),
            "wrong": _ends(row, None if row.ones is None else row.scored - row.ones, most=0.0),
            "without": samples_link(str(row.unparsed), **_samples(row, state=NONE)),
            "left out": row.left_out,
            "not scored": row.unscored,
            "why": next(iter(row.reasons), ""),
        }
        for row in table.rows
    ]
    links = {
        name: st.column_config.LinkColumn(
            title, display_text=SHOWN, width="small", alignment="right"
        )
        for name, title in (
            ("n", "n"),
            ("scored", "with a value"),
            ("right", "of them 1"),
            ("wrong", "of them 0"),
            ("without", "without a value"),
        )
    }
    number = {
        name: st.column_config.NumberColumn(title, format="%.1f")
        for name, title in (
            *(("mean", "mean, %"), ("low", "95 % from"), ("high", "to")),
            *(
                ("of them", "mean of those, %"),
                ("of them low", "95 % from"),
                ("of them high", "to"),
            ),
        )
    }
    number["share"] = st.column_config.NumberColumn("share with a value", format="percent")
    number["name"] = st.column_config.TextColumn("the mean of those")
    st.dataframe(
        pd.DataFrame(found),
        hide_index=True,
        column_config={
            "run": st.column_config.TextColumn("run", pinned=True, width=250),
            **links,
            **number,
            "why": st.column_config.TextColumn("why without, mostly", width="medium"),
        },
        placeholder="–",
        key="score figures",
        alt="Every mean with its interval, and links to the samples it is made of",
    )


def _ends(row: ScoreFigure, n: int | None, **bounds: float) -> str:
    """Of a share: the link to the ones or the zeros."""
    return "" if n is None else samples_link(str(n), **_samples(row, **bounds))


def _reasons(table: ScoreTable) -> None:
    found = [
        {
            "run": row.run,
            "metric": row.metric,
            "step": row.step or "all",
            "why there is no value": reason,
            "outputs": samples_link(str(n), **_samples(row, state=NONE, reason=reason)),
        }
        for row in table.rows
        for reason, n in row.reasons.items()
    ]
    if not found:
        st.text("Every output has a value.")
        return
    st.dataframe(
        pd.DataFrame(found),
        hide_index=True,
        column_config={
            "run": st.column_config.TextColumn("run", pinned=True, width=250),
            "why there is no value": st.column_config.TextColumn(width=250),
            "outputs": st.column_config.LinkColumn(
                display_text=SHOWN, width="small", alignment="right"
            ),
        },
        key="score reasons",
        alt="Why outputs have no value, with links to them",
    )


def _downloads(table: ScoreTable) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        form = st.selectbox(
            "Table as",
            SCORE_FORMATS,
            key="scores format",
            width=160,
            help="Markdown and LaTeX hold the table as it stands above; the others every figure.",
        )
        bom = for_excel(st.container(width="content"), form, "scores bom")
        name = re.sub(r"[^\w.-]+", "-", "scores " + " ".join(table.runs[:3])).strip("-.")
        st.download_button(
            "Download",
            lambda: score_bytes(table, form, bom),
            file_name=f"{name[:80]}.{ENDINGS.get(form, form)}",
            mime=MIME.get(form, "application/octet-stream"),
            on_click="ignore",
            icon=":material/download:",
            key="scores download",
        )
