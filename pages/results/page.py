"""Results: following rates of a study, two runs compared, agreement of annotators, exports."""

from dataclasses import replace

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
from pages.results.rates import show_rates
from pages.results.rules import say_estimate, show_rule_agreement
from pages.shared import paths
from pages.shared.embedded_note import embedded_note_of, show_methods, show_undefined
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from pages.shared.study_picker import pick_study
from sit_core.records import JudgeKind
from sit_core.results.following import FollowingTable, fingerprint
from sit_core.results.table_query import TableQuery
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
    whose, how, partly = st.columns([2, 3, 2], vertical_alignment="bottom")
    by = whose.selectbox("Verdicts of", list(WHO), format_func=WHO.__getitem__, key=BY)
    named = [j.name for j in judges if j.kind == by]
    ways = [MAJORITY, EACH, *(("one", name) for name in named)]
    titles = {"majority": "all, majority per sample", "each": "all, each judgment by itself"}
    offered(judges_key(by), "judge", ways, show=lambda way: way[1] or titles[way[0]])
    combine, annotator = how.selectbox(
        "Annotators" if by == JudgeKind.HUMAN else "Judges",
        ways,
        format_func=lambda way: way[1] or titles[way[0]],
        key=judges_key(by),
        help="With each judgment by itself, the intervals take the judgments of one sample for "
        "outputs of one prompt. A tie of the majority counts as unsure.",
    )
    done = partly.toggle("Partly counts as done", value=True, key=PARTLY)
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


def show_progress(table: FollowingTable, question: TableQuery, state: str) -> None:
    """How many samples are judged, and by whom; of several annotators also how many judgments."""
    judged, samples = cached.following(replace(question, combine="majority"), state).judged()
    text = f"{judged:,} of {samples:,} samples judged"
    if question.annotator is None:
        given, wanted = cached.following(replace(question, combine="each"), state).judged()
        if wanted > samples:
            text += f", {given:,} of {wanted:,} judgments given"
            judged, samples = given, wanted
    st.progress(judged / max(samples, 1), text)
    st.text("Judged by " + ", ".join(f"{a.name} ({a.samples})" for a in table.annotators))
    for run, n in table.set_aside.items():
        st.text(f"{n:,} verdicts on former texts of {run} are set aside and not counted.")


def show_agreement(question: TableQuery, state: str) -> None:
    """How far annotators agree, where samples have several."""
    rows = cached.agreement(question, state).rows
    if not rows:
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
    study = pick_study()
    if study is None:
        message("info", "There is no study yet: import outputs, then make a study of them.")
        st.page_link(paths.IMPORT_OUTPUTS, label="Import outputs")
        st.page_link(paths.STUDIES, label="Make a study")
        return
    question, state, there = choose(study)
    if question.by not in there:
        show_nobody(study, question.by, there)
        write_address(study)
        return
    table = cached.following(question, state)
    if said := sets_said(the_store(), list(dict.fromkeys(row.run for row in table.rows))):
        st.text(said)
    show_progress(table, question, state)
    say_estimate(question)
    show_rates(table, question)
    show_comparison(table, question, state)
    if question.annotator is None:
        show_agreement(question, state)
    show_rule_agreement(question, state)
    if question.by == JudgeKind.RULE:
        show_gold(list(dict.fromkeys(row.run for row in table.rows)))
    embedded_note_of(row.run for row in table.rows)
    show_downloads(question)
    write_address(study)


page_header("results")
with errors_shown():
    main()
