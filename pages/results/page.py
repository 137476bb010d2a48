"""Results: following rates of a study, two runs compared, agreement of annotators, exports."""

import pandas as pd
import streamlit as st

from pages.results import cached
from pages.results.address import (
    BY,
    EACH,
    MAJORITY,
    PARTLY,
    judges_key,
    offered,
    take_address,
    write_address,
)
from pages.results.comparison import show_comparison
from pages.results.downloads import show_downloads
from pages.results.gold import show_gold
from pages.results.rates import show_chart, show_counts, show_table
from pages.results.rules import say_estimate, show_rule_agreement
from pages.results.tiles import show_tiles
from pages.shared import paths
from pages.shared.embedded_note import embedded_note_of, show_methods, show_undefined
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header, tools_row
from pages.shared.report_button import report_popover
from pages.shared.store import the_store
from pages.shared.study_picker import pick_study
from sit_core.records import JudgeKind
from sit_core.report.config import ReportConfig
from sit_core.results.following import FollowingTable, fingerprint
from sit_core.results.table_query import TableQuery
from sit_core.store.overview import places_of_runs
from sit_core.store.prompt_sets import sets_said

WHO = {JudgeKind.HUMAN: "people", JudgeKind.LLM: "LLM judges", JudgeKind.RULE: "rules"}
NOBODY = {
    JudgeKind.HUMAN: "No person has judged in this study yet.",
    JudgeKind.LLM: "No LLM judge has judged samples of this study yet.",
    JudgeKind.RULE: "The samples of this study are not scored by rules yet.",
}


def choose(study: str) -> tuple[TableQuery, str, list[JudgeKind]]:
    """The question that the widgets ask, the state of the store, and which kinds judged at all.

    Whose verdicts are shown is what was chosen, people's to begin with: never those of others
    because there are no such verdicts.
    """
    state = fingerprint(the_store(), TableQuery(study))
    judges = cached.judges(TableQuery(study), state)
    there = [kind for kind in WHO if any(j.kind == kind for j in judges)]
    by = st.segmented_control(
        "Verdicts of",
        list(WHO),
        format_func=WHO.__getitem__,
        key=BY,
        required=True,
        label_visibility="collapsed",
    )
    done = st.toggle("Partly counts as done", key=PARTLY)
    st.space("stretch")
    named = [j.name for j in judges if j.kind == by]
    ways = [MAJORITY, EACH, *(("one", name) for name in named)]
    titles = {"majority": "all, majority per sample", "each": "all, each judgment by itself"}
    offered(judges_key(by), "judge", ways, show=lambda way: way[1] or titles[way[0]])
    whose = "Annotators" if by == JudgeKind.HUMAN else "Judges"
    chosen = st.session_state.get(judges_key(by), MAJORITY)
    # The button says that not all are shown; whose name it is stands in the field.
    some = "" if chosen == MAJORITY else ": each" if chosen == EACH else ": one"
    with st.popover(f"{whose}{some}", icon=":material/group:"):
        combine, annotator = st.selectbox(
            whose,
            ways,
            format_func=lambda way: way[1] or titles[way[0]],
            key=judges_key(by),
            help="With each judgment by itself, the intervals take the judgments of one sample for "
            "outputs of one prompt. A tie of the majority counts as unsure.",
        )
    question = TableQuery(
        study,
        by=by,
        annotator=annotator,
        partly="done" if done else "not-done",
        combine="each" if combine == "each" else "majority",
    )
    return question, state, there


def show_nobody(study: str, by: JudgeKind, there: list[JudgeKind]) -> None:
    """That there are no such verdicts, and whose there are instead: one press away."""
    message("info", NOBODY[by])

    def instead(kind: JudgeKind) -> None:
        st.session_state[BY] = kind

    with st.container(horizontal=True):
        for kind in there:
            st.button(
                f"Show what {WHO[kind]} say", key=f"instead {kind}", on_click=instead, args=(kind,)
            )
    if by == JudgeKind.HUMAN:
        st.page_link(paths.ANNOTATE, label="Judge samples", query_params={"study": study})
    elif by == JudgeKind.LLM:
        st.page_link(paths.JUDGE, label="Ask an LLM judge")
    else:
        st.page_link(paths.SCORES, label="Score by rules")


def show_agreement(question: TableQuery, state: str) -> None:
    """How far annotators agree, where samples have several."""
    rows = cached.agreement(question, state).rows
    if not rows:
        st.text("No sample has verdicts of two annotators.")
        return
    st.subheader("Agreement of annotators")
    st.dataframe(
        pd.DataFrame(
            {
                "step": row.letter,
                "annotators": row.annotators,
                "samples": row.samples,
                "agree": row.percent,
                "all the same": f"{row.equal} of {row.samples}",
                "95 % of it": _span(row.equal_low, row.equal_high),
                "Cohen's κ": row.kappa,
                "95 % of κ": _span(row.kappa_low, row.kappa_high),
                "Krippendorff's α": row.alpha,
                "95 % of α": _span(row.alpha_low, row.alpha_high),
            }
            for row in rows
        ),
        hide_index=True,
        column_config={
            "agree": st.column_config.NumberColumn("agree", format="percent"),
            "Cohen's κ": st.column_config.NumberColumn(format="%.2f"),
            "Krippendorff's α": st.column_config.NumberColumn(format="%.2f"),
        },
        alt="Agreement of the annotators at each step",
    )
    st.caption(
        "Done, not done and unsure are three answers. κ and α are not defined where all verdicts "
        "are the same, because chance alone would then agree as well."
    )
    show_undefined((f"{row.letter}, {row.annotators}", row.undefined) for row in rows)
    show_methods(m for row in rows for m in (row.equal_method, row.method, row.alpha_method))


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.2f} – {high:.2f}"


def main() -> None:
    """Draw the page."""
    take_address()
    tools = tools_row()
    with tools:
        study = pick_study(255, label=False)
    if study is None:
        message("info", "There is no study yet: import outputs, then make a study of them.")
        st.page_link(paths.IMPORT_OUTPUTS, label="Import outputs")
        st.page_link(paths.STUDIES, label="Make a study")
        return
    with tools:
        question, state, there = choose(study)
    if question.by not in there:
        show_nobody(study, question.by, there)
        write_address(study)
        return
    with tools, st.popover("Export", icon=":material/download:"):
        show_downloads(question)
    with tools:
        report_popover(
            the_store(), ReportConfig(out="", study=study, partly=question.partly), "report "
        )
    table = cached.following(question, state)
    runs = list(dict.fromkeys(row.run for row in table.rows))
    say_estimate(question)
    show_tiles(table, question, state, places_of_runs(the_store()))
    for run, n in table.set_aside.items():
        st.text(f"{n:,} verdicts on former texts of {run} are set aside and not counted.")
    with st.container(border=True):
        show_chart(table, question)
    if said := sets_said(the_store(), runs):
        st.text(said)
    show_tabs(table, question, state, runs)
    embedded_note_of(runs)
    write_address(study)


def show_tabs(table: FollowingTable, question: TableQuery, state: str, runs: list[str]) -> None:
    """The same as tables, and what else is known of the runs."""
    rates, counts, two, agree = st.tabs(["Table", "Counts", "Two runs compared", "Agreement"])
    with rates:
        show_table(table, question)
    with counts:
        show_counts(table, question)
    with two:
        show_comparison(table, question, state)
    with agree:
        if question.annotator is None:
            show_agreement(question, state)
        show_rule_agreement(question, state)
        if question.by == JudgeKind.RULE:
            show_gold(runs)


page_header("results")
with errors_shown():
    main()
