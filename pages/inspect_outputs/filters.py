"""The Inspect page's filter widgets, kept in step with its address in both directions."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

import streamlit as st

from pages.inspect_outputs import further, scores
from pages.inspect_outputs.address import Params, filter_from, params_of
from pages.shared.archived import archived_switch, run_choices, study_choices
from pages.shared.message import message
from pages.shared.plain_text import escaped
from sit_core.records import IN_ORDER
from sit_core.registry import unknown
from sit_core.store import Store
from sit_core.store.browse import (
    CHAIN,
    ENDINGS,
    REMARKS,
    VERDICTS,
    Filter,
    ScoreFilter,
    judge_names,
)
from sit_core.store.studies import Study, list_studies
from sit_core.tasks.follow import FOLLOW

SAMPLE = "inspect sample"
"""The id of the open output, or None."""
COMPARED = "inspect with"
"""The run to compare it with, or None."""
START = "inspect start"
"""The number of the first hit in the list."""
MARK = "inspect mark"
"""What is marked in the outputs: one of `pages.inspect_outputs.sample`'s."""
EXPECTED = "inspect expected"
"""The key of the step whose expected text is meant, or None."""
TURN = "inspect turn"
"""The number of the component's last message, so that it knows which answer it has."""
VIEW = "inspect view"
"""Counts up when the open output changes by anything but a click on the list."""
PLACED = "inspect placed"
"""The `VIEW` whose output is on the page of the list that is shown."""
_LINK = "inspect link"
TOUCHED = "inspect touched"
_WIDGETS = (
    "runs",
    "study",
    "annotator",
    "step",
    "verdict",
    "text",
    "shortest",
    "longest",
    "remark",
    "ended",
)

_SAID = {
    "missing": "not judged yet",
    "done": "done (yes or partly)",
    "not-done": "not done (no)",
    "decided": "done or not done",
}
RULED = {
    "done": "Rules: done",
    "not-done": "Rules: not done",
    "unsure": "Rules: unsure",
    "differs": "Rules differ from people",
}
_REMARKS = {"flagged": "flagged", "noted": "with a note", "either": "flagged or with a note"}
_ENDINGS = {
    "cut": "cut by a limit",
    "refused": "refused by the model or a filter",
    "not-known": "not known",
}
_OFTEN = {"yes": "yes", "partly": "partly", "no": "no", "missing": "not judged"}
"""Of `VERDICTS` what stands in the row, as one judge gave it."""
_SAID_STRICTLY = {**_SAID, "done": "done (yes)", "not-done": "not done (no or partly)"}


# A row that is scrolled on a narrow screen, not five lines before the first output.
_NARROW = """<style>
@media (max-width: 640px) {
  .st-key-inspect-tools { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: thin; }
  .st-key-inspect-tools > * { flex: none; }
}
</style>"""


def touched(*, from_the_top: bool = False) -> None:
    """The user changed something: the widgets are right, not the address of the run before."""
    st.session_state[TOUCHED] = True
    if from_the_top:
        st.session_state[START] = 0


def open_in(state: MutableMapping[str, Any], sample: str) -> None:
    """Show this output, on whichever page of the list it stands."""
    state[SAMPLE] = sample
    state[VIEW] = state[VIEW] + 1 if VIEW in state else 1


def filters(store: Store) -> Filter:
    """Draw the widgets; what they ask for."""
    _follow_address()
    state = st.session_state
    offered = study_choices(store, [state[_key("study")] or ""])
    every = list_studies(store, archived=True)
    studies = {study.name: study for study in every if study.name in offered}
    runs = run_choices(store, state[_key("runs")])
    study = _choice("study", list(studies))
    people = judge_names(store, study)
    steps = _steps(studies, study)
    _choice("annotator", people)
    _choice("step", list(steps))
    _choice("verdict", list(VERDICTS))
    _choice("remark", list(REMARKS))
    _choice("ended", list(ENDINGS))
    lost = [run for run in state[_key("runs")] if run not in runs]
    for run in lost:
        message("error", unknown("run", run, runs))
    state[_key("runs")] = [run for run in state[_key("runs")] if run not in lost]
    said = _SAID if state[_key("partly")] else _SAID_STRICTLY

    def changed() -> None:
        touched(from_the_top=True)

    def any_judge() -> None:
        state[_key("by")] = None
        changed()

    def any_ruling() -> None:
        state[_key("rule")] = None
        changed()

    _check_rule(study, steps)
    scored = scores.known(store)
    st.html(_NARROW)
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="inspect tools"
    ):
        _text(changed)
        _select("Study", list(studies), "study", changed, width=180, shown="Any study")
        st.multiselect(
            "Runs",
            runs,
            key=_key("runs"),
            on_change=changed,
            placeholder="All runs",
            label_visibility="collapsed",
            width=240,
        )
        _verdict_shown(changed)
        with st.popover(_more(), icon=":material/tune:", key="inspect more"):
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                _select("Judged by", people, "annotator", changed, width=160)
                _select("Step", list(steps), "step", changed, width=160, names=steps)
                _select("Verdict", list(VERDICTS), "verdict", changed, width=200, names=said)
                _select("Remarks", list(REMARKS), "remark", changed, width=160, names=_REMARKS)
                _select("Outcome", list(ENDINGS), "ended", changed, width=200, names=_ENDINGS)
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                _length(changed)
            score = scores.choose(scored, changed)
            archived_switch(store, "run", "inspect")
    _also(steps, said, score)
    with st.container(horizontal=True, gap="small", key="inspect left out"):
        if state[_key("rule")]:
            st.button(
                RULED[state[_key("rule")]],
                key="inspect any ruling",
                icon=":material/close:",
                help="What the rules (an estimate) say of this step. Press to leave that out.",
                on_click=any_ruling,
            )
        if state[_key("by")]:
            st.button(
                "As in Results",
                key="inspect any judge",
                icon=":material/close:",
                help="The verdict is the one that the Results page counts: the majority of "
                "the judges. Press to find any one judge's.",
                on_click=any_judge,
            )
        more = further.choose(changed)
        scores.reason(score, changed)
    further.say_list(store)
    return Filter(
        rule=state[_key("rule")],
        score=score,
        runs=tuple(state[_key("runs")]),
        study=study,
        annotator=state[_key("annotator")],
        step=state[_key("step")],
        verdict=state[_key("verdict")],
        by=state[_key("by")],
        partly_done=state[_key("partly")],
        shortest=state[_key("shortest")],
        longest=state[_key("longest")],
        text=state[_key("text")],
        remark=state[_key("remark")],
        ended=state[_key("ended")],
        empty_only=state[_key("empty")],
        **more,
    )


def write_address(of: Filter) -> None:
    """Make the address say what the page shows."""
    wanted = params_of(of, st.session_state[SAMPLE], st.session_state.get(COMPARED))
    if wanted != _address():
        st.query_params.from_dict(wanted)
    st.session_state[_LINK] = wanted


def _key(name: str) -> str:
    return f"inspect filter {name}"


def _address() -> Params:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _follow_address() -> None:
    """Take over an address that did not come from this page's own widgets (a link, going back)."""
    state = st.session_state
    address = _address()
    ours = state.pop(TOUCHED, False) or address == state.get(_LINK)
    if ours and _key("runs") in state:
        return
    of = filter_from(address)
    for name in _WIDGETS:
        value = getattr(of, name)
        state[_key(name)] = list(value) if name == "runs" else value
    state[_key("empty")] = of.empty_only
    state[_key("partly")] = of.partly_done
    state[_key("by")] = of.by
    state[_key("rule")] = of.rule
    scores.take(of.score)
    further.take(of)
    state[SAMPLE] = (address.get("sample") or [None])[-1]
    state[COMPARED] = (address.get("with") or [None])[-1]
    state[START] = 0
    state[VIEW] = state.get(VIEW, 0) + 1


def _choice(name: str, options: Sequence[str]) -> str | None:
    """What was chosen; something that is not there (any more) is said and dropped."""
    chosen = st.session_state[_key(name)]
    if chosen is not None and chosen not in options:
        kind = {"annotator": "judge", "ended": "outcome"}.get(name, name)
        message("error", unknown(kind, chosen, list(options)))
        chosen = st.session_state[_key(name)] = None
    return chosen


def _check_rule(study: str | None, steps: dict[str, str]) -> None:
    """A ruling that can't be asked for is said and dropped."""
    state = st.session_state
    ruling = state[_key("rule")]
    if ruling is not None and ruling not in RULED:
        message("error", unknown("ruling", ruling, list(RULED)))
    elif ruling is not None and (study is None or state[_key("step")] not in steps):
        message("info", "What the rules say is asked for a study and one of its steps.")
    else:
        return
    state[_key("rule")] = None


def _text(changed: Callable[[], None]) -> None:
    st.text_input(
        "Text",
        key=_key("text"),
        on_change=changed,
        placeholder="Words in the texts",
        icon=":material/search:",
        label_visibility="collapsed",
        width=220,
    )


def _length(changed: Callable[[], None]) -> None:
    for name, label in (("shortest", "Length from"), ("longest", "to")):
        st.number_input(
            label, 0, None, None, 1, key=_key(name), on_change=changed, width=120, placeholder="any"
        )
    st.checkbox("Empty only", key=_key("empty"), on_change=changed)


def _select(
    label: str,
    options: list[str],
    name: str,
    changed: Callable[[], None],
    width: int,
    names: Mapping[str, str] | None = None,
    shown: str = "",
) -> None:
    """A menu of one filter; with ``shown`` it stands in the row, its label for screen readers."""
    st.selectbox(
        label,
        options,
        key=_key(name),
        index=None,
        on_change=changed,
        placeholder=shown or "Any",
        label_visibility="collapsed" if shown else "visible",
        width=width,
        format_func=lambda option: (names or {}).get(option, option),
    )


def _verdict_shown(changed: Callable[[], None]) -> None:
    """The verdicts that are asked for most, one click away; the menu under *More* has all."""
    state = st.session_state
    asked = state[_key("verdict")]

    def pressed() -> None:
        state[_key("verdict")] = state[_key("verdict shown")]
        changed()

    state[_key("verdict shown")] = asked if asked in _OFTEN else None
    st.segmented_control(
        "Verdict",
        list(_OFTEN),
        key=_key("verdict shown"),
        on_change=pressed,
        format_func=_OFTEN.get,
        label_visibility="collapsed",
    )


def _set_under_more() -> list[str]:
    """The filters under *More* that are set, by name."""
    state = st.session_state
    names = ("annotator", "step", "remark", "ended", "shortest", "longest", "empty")
    found = [name for name in names if not further.asks_nothing(state[_key(name)])]
    return [*found, *(["verdict"] if state[_key("verdict")] not in (None, *_OFTEN) else [])]


def _more() -> str:
    number = len(_set_under_more()) + scores.is_asked()
    return f"More · {number}" if number else "More"


def _also(steps: Mapping[str, str], said: Mapping[str, str], score: ScoreFilter | None) -> None:
    """What is set under *More*, in a line: nothing may filter unseen."""
    state = st.session_state
    words = {
        "annotator": lambda value: f"judged by {value}",
        "step": lambda value: f"step {steps.get(value, value)}",
        "verdict": lambda value: said.get(value, value),
        "remark": _REMARKS.get,
        "ended": lambda value: f"outcome: {_ENDINGS.get(value, value)}",
        "shortest": lambda value: f"{value:,} characters or more",
        "longest": lambda value: f"{value:,} characters or less",
        "empty": lambda value: "empty",
    }
    found = [str(words[name](state[_key(name)])) for name in _set_under_more()]
    found += [scores.in_words(score)] if score else []
    if found:
        st.html(
            '<div data-filters style="font-size: .85rem; opacity: .8; overflow-wrap: anywhere; '
            f'unicode-bidi: isolate">Only: {escaped(" · ".join(found))}</div>'
        )


def _steps(studies: dict[str, Study], study: str | None) -> dict[str, str]:
    """Step key → what the menu calls it; of the study, else of all studies."""
    chosen = [studies[study]] if study else list(studies.values())
    steps = {step.key: f"{step.letter} · {step.key}" for s in chosen for step in s.steps}
    whole = {CHAIN: f"{chosen[0].chain} · all steps" if study else "all steps"}
    order = {IN_ORDER: "in the order asked"} if any(s.ask_order for s in chosen) else {}
    # LLMs and rules judge in no study: all tasks together, or the steps that the prompt has.
    follow = {} if study or FOLLOW.name in steps else {FOLLOW.name: "F · all tasks together"}
    return {**steps, **follow, **whole, **order}
