"""An analysis's settings: widgets from its configuration, kept in step with the address.

The address holds ``analysis``, ``run`` (repeatable), and each setting that is not as usual by the
name of its option, so that every view can be linked to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.shared import paths
from pages.shared.config_form import ConfigForm
from pages.shared.message import message
from sit_core.config.fields import Setting, flat, nested, settings_of
from sit_core.config.parse import parse
from sit_core.registry import unknown
from sit_core.results.analyses import Analysis, AnalysisConfig
from sit_core.results.output_values import measures_there
from sit_core.results.verdict_settings import JUDGE, MEASURE, RUN, STUDY, WHO, nobody_judged
from sit_core.store import Store
from sit_core.store.browse import judge_names
from sit_core.store.studies import list_studies

_LINK, OPEN = "analyses link", "open"
_ROW, _NARROW, _MIDDLE, _WIDE = 3, 160, 250, 300
"""Settings in the row of tools besides runs and verdicts; widths of fields in pixels."""
_SHORT = {"human": "people", "llm": "LLM judges", "rule": "rules"}
"""Kind of judge, on a button."""
VERDICTS = "verdicts"
"""The section of an analysis's configuration that says whose verdicts count."""
KINDS: Mapping[str, Callable[[Store, Sequence[str]], list[str]]] = {
    MEASURE: lambda store, runs: measures_there(store),
    RUN: lambda store, runs: list(runs),
    JUDGE: lambda store, runs: judge_names(store),
    STUDY: lambda store, runs: [study.name for study in list_studies(store)],
}
"""Kind of a setting → what there is to choose from."""


def choose(store: Store, name: str, analysis: Analysis, runs: Sequence[str]) -> Any:
    """Draw the widgets in the row of tools; the configuration that they say.

    Runs, the first settings and whose verdicts stand in the row, all others in a popover.
    """
    kind = analysis.config or AnalysisConfig
    _take_address(name, kind, runs)
    start, times = st.session_state.get(_start(name), (None, 0))
    form: ConfigForm[Any] = ConfigForm(kind, f"analysis {name} {times} ", start=start)

    def said(setting: str) -> Any:
        return st.session_state.get(form.key(setting), form.usual(setting))

    chosen = len(said("runs") or ())
    words = f"{chosen:,} of {len(runs):,} runs" if chosen else f"All {len(runs):,} runs"
    with st.popover(words, icon=":material/stacks:"):
        _draw(form, "runs", st, store, runs, placeholder="All runs", width=560)
    others = [one for one in settings_of(kind) if one.name != "runs"]
    of_verdicts = [one for one in others if one.path[0] == VERDICTS]
    own = [one for one in others if one.path[0] != VERDICTS]
    for one in own[:_ROW]:
        wide = _MIDDLE if one.rules.kind == MEASURE else _NARROW
        _draw(form, one.name, st, store, runs, width=wide, help=None)
    if of_verdicts:
        by = f"{VERDICTS}.by"
        whose = f"Verdicts: {_SHORT.get(said(by), said(by))}" if by in form.settings else "Verdicts"
        with st.popover(whose, icon=":material/group:"):
            for one in of_verdicts:
                _draw(form, one.name, st, store, runs, width=_WIDE)
    if rest := own[_ROW:]:
        other = sum(said(one.name) != one.default for one in rest)
        with st.popover(f"Settings · {other}" if other else "Settings", icon=":material/tune:"):
            for one in rest:
                _draw(form, one.name, st, store, runs, width=_WIDE)
    return form.config()


def show_nobody(store: Store, name: str, config: AnalysisConfig, runs: Sequence[str]) -> bool:
    """That nobody of the kind chosen judged, and who did: one press away, never by itself.

    Returns:
        Whether it was said.
    """
    found = nobody_judged(store, config, runs)
    if found is None:
        return False
    message("info", found.sentence)

    def instead(kind: str) -> None:
        _, times = st.session_state.get(_start(name), (None, 0))
        other = replace(found.verdicts, by=kind, annotator=None)
        st.session_state[_start(name)] = (replace(config, **{VERDICTS: other}), times + 1)

    with st.container(horizontal=True, vertical_alignment="center"):
        for kind in found.instead:
            st.button(
                f"Show verdicts of {WHO[kind]}",
                key=f"instead {kind}",
                on_click=instead,
                args=(kind,),
            )
        if found.verdicts.by == "human":
            st.page_link(paths.STUDIES, label="Have people judge", query_params={"run": runs[0]})
        elif found.verdicts.by == "llm":
            st.page_link(paths.JUDGE, label="Ask an LLM judge")
        else:
            st.page_link(paths.SCORES, label="Score by rules")
    return True


def _draw(
    form: ConfigForm[Any], name: str, box: Any, store: Store, runs: Sequence[str], **more: Any
) -> None:
    """One widget; what can be chosen from is offered, and what was asked for stands among it."""
    one = form.settings[name]
    kind = RUN if name == "runs" else one.rules.kind
    if kind in KINDS:
        offered = KINDS[kind](store, runs)
        asked = st.session_state.get(form.key(name), form.usual(name))
        asked = list(asked or ()) if one.many else [asked] if asked else []
        more["options"] = [*offered, *(value for value in asked if value not in offered)]
    form.draw(name, box, **more)


def write_address(name: str, config: AnalysisConfig) -> dict[str, list[str]]:
    """Make the address say what the page shows; its parameters."""
    kind = type(config)
    usual = {one.key: one.default for one in _leaves(kind)}
    wanted: dict[str, list[str]] = {"analysis": [name], "run": list(config.runs)}
    for key, value in flat(config).items():
        if key != "runs" and value != usual.get(key):
            wanted[key] = list(map(str, value)) if isinstance(value, tuple) else [str(value)]
    wanted = {key: values for key, values in wanted.items() if values}
    if wanted != _address():
        st.query_params.from_dict(wanted)
    st.session_state[_LINK] = wanted
    return wanted


def _take_address(name: str, kind: type[AnalysisConfig], runs: Sequence[str]) -> None:
    """Take over an address that did not come from this page's own widgets (a link, going back)."""
    address, link = _address(), st.session_state.get(_LINK)
    leaves = {one.key: one for one in _leaves(kind)}
    ours = {"analysis", "run", *leaves}
    # Back from another page, whose parameters the browser may still show: as it was left.
    if link and not ours & set(address):
        address, link = link, None
    if address == link or address.get("analysis") not in (None, [name]):
        return
    said = {key: values for key, values in address.items() if key not in ("analysis", "run")}
    for key in said:
        if key not in leaves:
            message("error", unknown("setting", key, list(leaves)))
    plain = {
        key: tuple(values) if leaves[key].many else _plain(leaves[key], values[-1])
        for key, values in said.items()
        if key in leaves
    }
    asked = address.get("run", [])
    for run in asked:
        if run not in runs:
            message("error", unknown("run", run, list(runs)))
    plain["runs"] = tuple(run for run in dict.fromkeys(asked) if run in runs)
    config, faults, _ = parse(kind, nested(kind, plain))
    for fault in faults:
        message("error", fault)
    if config is None or faults:
        return
    _, times = st.session_state.get(_start(name), (None, 0))
    st.session_state[_start(name)] = (config, times + 1)


def _plain(one: Setting, text: str) -> Any:
    from sit_core.config.arguments import plain_value

    if one.type is bool:
        return text == "True"
    return plain_value(one, text)


def _leaves(kind: type) -> list[Setting]:
    return [one for one in settings_of(kind) if one.flag is not None]


def _start(name: str) -> str:
    """Where it is kept what the widgets begin with, and how often that was another address's."""
    return f"analyses start of {name}"


def take_open() -> str | None:
    """The figure whose samples the address asks for (``open``); taken out of it."""
    place = st.query_params.get(OPEN)
    if place is not None:
        del st.query_params[OPEN]
    return place


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params if name != OPEN}
