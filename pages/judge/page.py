"""Judge: have another model judge outputs, read what it said, and how well it agrees with whom."""

import streamlit as st

from pages.judge.agreement import show_agreement
from pages.judge.form import OPEN, begin_with, judge_form, judge_jobs
from pages.judge.results import show_results
from pages.shared import paths
from pages.shared.archived import archived_switch, run_choices
from pages.shared.embedded_note import embedded_note_of
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from sit_core.registry import unknown
from sit_core.results.leaderboard.build import leaderboard_version
from sit_core.store import Store
from sit_core.store.browse import run_names
from sit_core.store.llm_judgments import LlmJudge, llm_judges
from sit_core.store.renaming import archived_runs

JUDGE, RUNS, LINK = "judge shown", "judge runs", "judge link"


@st.cache_data(max_entries=20, show_spinner=False)
def _judges(url: str, now: str) -> list[LlmJudge]:
    return llm_judges(the_store())


def choose(store: Store, found: list[LlmJudge]) -> tuple[LlmJudge, tuple[str, ...]]:
    """The judge whose verdicts are shown, and of which runs; part of the address.

    Where none is chosen: all that it judged, without archived ones unless these are shown.
    """
    state = st.session_state
    names = [judge.name for judge in found]
    asked = {name: st.query_params.get_all(name) for name in ("judge", "run")}
    if JUDGE not in state or asked != state.get(LINK):
        wanted = (asked["judge"] or [None])[-1]
        if wanted is not None and wanted not in names:
            message("error", unknown("LLM judge", wanted, names))
        state[JUDGE] = wanted if wanted in names else names[0]
        state[RUNS] = list(dict.fromkeys(asked["run"]))
    if state[JUDGE] not in names:
        state[JUDGE] = names[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Verdicts of",
            names,
            key=JUDGE,
            format_func=lambda name: next((_said(j) for j in found if j.name == name), name),
            width=480,
        )
        judge = next(judge for judge in found if judge.name == chosen)
        lost = [run for run in state[RUNS] if run not in judge.runs]
        state[RUNS] = [run for run in state[RUNS] if run not in lost]
        offered = set(run_choices(store, state[RUNS]))
        choices = [run for run in judge.runs if run in offered]
        runs = st.multiselect(
            "Runs",
            choices,
            key=RUNS,
            placeholder="All that it judged" if choices else "All that it judged are archived",
            width="stretch",
        )
    if hidden := len(judge.runs) - len(choices):
        st.text(f"{hidden:,} archived run{'s' * (hidden != 1)} that it judged: not shown.")
    if set(judge.runs) & set(archived_runs(store)):
        archived_switch(store, "run", "judge results")
    if lost:
        message("info", f"This judge has judged nothing of: {', '.join(lost)}.")
    shown = {"judge": [chosen], "run": list(runs)}
    if shown != asked:
        st.query_params.from_dict(shown)
    state[LINK] = shown
    return judge, tuple(runs or choices)


def _said(judge: LlmJudge) -> str:
    parts = [f"{judge.judged:,} outputs"] if judge.judged else []
    parts += [f"{judge.compared:,} pairs"] if judge.compared else []
    parts += [f"{judge.unusable:,} unusable"] if judge.unusable else []
    return f"{judge.name} ({', '.join(parts) or 'nothing yet'})"


def main() -> None:
    """Draw the page."""
    store = the_store()
    if not run_names(store):
        message("info", "There is nothing to judge yet. Import outputs, or make a run.")
        st.page_link(paths.IMPORT_OUTPUTS, label="Import outputs", icon=":material/upload_file:")
        st.page_link(paths.RUNS, label="Runs", icon=":material/play_arrow:")
        return
    if "new" in st.query_params:
        begin_with(st.query_params.get_all("run"))
        st.query_params.clear()
    now = leaderboard_version(store)
    found = _judges(store.url, now)
    if st.session_state.get(OPEN) or not found:
        judge_form(store)
    elif st.button("Judge outputs", type="primary", icon=":material/add:", key="open judge"):
        st.session_state[OPEN] = True
        st.rerun()
    judge_jobs(store)
    if not found:
        st.text("No LLM has judged anything yet.")
        return
    judge, runs = choose(store, found)
    if not runs:
        st.text("All that it judged is archived.")
        return
    show_results(store, now, judge.name, runs)
    if judge.judged:
        show_agreement(store, now, judge, runs, found)
    embedded_note_of(runs or judge.runs)


page_header("judge")
with errors_shown():
    main()
