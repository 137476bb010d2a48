"""An analysis's settings: widgets from its configuration, kept in step with the address.

The address holds ``analysis``, ``run`` (repeatable), and each setting that is not as usual by the
name of its option, so that every view can be linked to.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from pages.shared.config_form import ConfigForm
from pages.shared.message import message
from sit_core.config.fields import Setting, flat, nested, settings_of
from sit_core.config.parse import parse
from sit_core.registry import unknown
from sit_core.results.analyses import Analysis, AnalysisConfig
from sit_core.results.output_values import measures_there
from sit_core.results.verdict_settings import JUDGE, MEASURE, RUN, STUDY
from sit_core.store import Store
from sit_core.store.browse import judge_names
from sit_core.store.studies import list_studies

_LINK = "analyses link"
_ROW = 4
"""Widgets side by side."""
KINDS: Mapping[str, Callable[[Store, Sequence[str]], list[str]]] = {
    MEASURE: lambda store, runs: measures_there(store),
    RUN: lambda store, runs: list(runs),
    JUDGE: lambda store, runs: judge_names(store),
    STUDY: lambda store, runs: [study.name for study in list_studies(store)],
}
"""Kind of a setting → what there is to choose from."""


def choose(store: Store, name: str, analysis: Analysis, runs: Sequence[str]) -> Any:
    """Draw the widgets; the configuration that they say."""
    kind = analysis.config or AnalysisConfig
    _take_address(name, kind, runs)
    start, times = st.session_state.get(_start(name), (None, 0))
    form: ConfigForm[Any] = ConfigForm(kind, f"analysis {name} {times} ", start=start)
    _draw(form, "runs", st, store, runs, placeholder="All runs")
    own = [one for one in settings_of(kind) if len(one.path) == 1 and one.name != "runs"]
    of_sections = [one for one in settings_of(kind) if len(one.path) > 1]
    for start in range(0, len(own), _ROW):
        boxes = st.columns(_ROW, vertical_alignment="bottom")
        for one, box in zip(own[start : start + _ROW], boxes, strict=False):
            _draw(form, one.name, box, store, runs)
    if of_sections:
        for start in range(0, len(of_sections), _ROW):
            boxes = st.columns(_ROW, vertical_alignment="bottom")
            for one, box in zip(of_sections[start : start + _ROW], boxes, strict=False):
                _draw(form, one.name, box, store, runs)
    return form.config()


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


def write_address(name: str, config: AnalysisConfig) -> None:
    """Make the address say what the page shows."""
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


def _take_address(name: str, kind: type[AnalysisConfig], runs: Sequence[str]) -> None:
    """Take over an address that did not come from this page's own widgets (a link, going back)."""
    address, link = _address(), st.session_state.get(_LINK)
    if not address and link:  # back from another page of the app: as it was left
        address, link = link, None
    if address == link or address.get("analysis") not in (None, [name]):
        return
    said = {key: values for key, values in address.items() if key not in ("analysis", "run")}
    leaves = {one.key: one for one in _leaves(kind)}
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


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}
