"""Runs and studies that were renamed or archived, the same on every page.

Addresses and what a session keeps follow a renaming; pickers leave archived ones out, say which,
and have a switch that shows them; one run or study is renamed or archived where it is open.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import streamlit as st

from pages.shared.message import errors_shown
from pages.shared.plain_text import escaped
from pages.shared.store import the_store
from sit_core.errors import OutOfReach
from sit_core.store import Store
from sit_core.store.browse import run_names
from sit_core.store.renaming import (
    archive_runs,
    archive_studies,
    archived_runs,
    archived_studies,
    former_and_present,
    rename_run,
    rename_study,
)
from sit_core.store.studies import list_studies

Kind = Literal["run", "study"]
_OF_RUNS = (
    "run",
    "with",
    "a",
    "b",
    "with-run",
    "duel-with",
    "shared",
    "reference",
    "first",
    "second",
)
"""Parameters of addresses that hold names of runs, or of systems that go by them."""
_OF_STUDIES = ("study",)
_KEYS_OF_RUNS = re.compile(
    r"(.*[ _])?(runs?|with|against|A|B|first|second|reference|systems?)( \d+)?|runs of analyses"
)
_KEYS_OF_STUDIES = re.compile(r"(.*[ _])?study( chosen (last|to annotate)| picker .*)?", re.DOTALL)
"""Keys of the session under which names of runs (or of systems that go by them), and of studies,
are chosen. All others stay as they are: an annotator, a model or a text may be called the same."""
_TYPED = frozenset(("new run run",))
"""Keys under which a new name is typed."""
_SEEN, _NAMED = "renames followed", 5


def follow_renames() -> None:
    """Have the address, and what this session keeps, say what runs and studies are called now.

    Drawn before every page, so no page need know of former names.
    """
    try:
        runs, studies = former_and_present(the_store())
    except OutOfReach:  # the page itself says so
        return
    for names, parameters in ((runs, _OF_RUNS), (studies, _OF_STUDIES)):
        for parameter in parameters if names else ():
            asked = st.query_params.get_all(parameter)
            now = [names.get(value, value) for value in asked]
            if now != asked:
                st.query_params[parameter] = list(dict.fromkeys(now))
    seen = st.session_state.get(_SEEN)
    if seen != (runs, studies):
        st.session_state[_SEEN] = (runs, studies)
        if seen is not None or runs or studies:
            _follow_in_session(runs, studies)


def _follow_in_session(runs: dict[str, str], studies: dict[str, str]) -> None:
    """Change what was chosen by a former name: values are whole names, or lists of such."""
    for key in map(str, list(st.session_state)):
        if _KEYS_OF_STUDIES.fullmatch(key):
            names = studies
        elif _KEYS_OF_RUNS.fullmatch(key) and key not in _TYPED:
            names = runs
        else:
            continue
        value = st.session_state[key]
        now: Any = value
        if isinstance(value, str):
            now = names.get(value, value)
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            now = list(dict.fromkeys(names.get(one, one) for one in value))
        if now != value:
            st.session_state[key] = now


def run_choices(store: Store, also: Iterable[str] = ()) -> list[str]:
    """The runs that a picker offers, the newest first.

    Args:
        store: where.
        also: what the address or another page named: offered although it is archived.
    """
    return _choices(run_names(store), archived_runs(store), "run", also)


def study_choices(store: Store, also: Iterable[str] = ()) -> list[str]:
    """The studies that a picker offers, the newest first; ``also`` as in `run_choices`."""
    known = [study.name for study in list_studies(store, archived=True)]
    return _choices(known, archived_studies(store), "study", also)


def _choices(
    known: Sequence[str], archived: Sequence[str], kind: Kind, also: Iterable[str]
) -> list[str]:
    left_out = set() if archived_shown(kind) else set(archived) - set(also)
    return [name for name in known if name not in left_out]


def archived_shown(kind: Kind) -> bool:
    """Whether this session has them shown."""
    return bool(st.session_state.get(_key(kind)))


def _key(kind: Kind) -> str:
    return f"archived {kind} shown"


def archived_switch(store: Store, kind: Kind, place: str) -> None:
    """Draw the switch, with how many there are and which; nothing where there are none.

    Args:
        store: where.
        kind: of runs or of studies.
        place: the page and part, for the widget's key.
    """
    names = archived_runs(store) if kind == "run" else archived_studies(store)
    if not names:
        return
    widget = f"show archived {kind} {place}"
    st.session_state[widget] = archived_shown(kind)

    def changed() -> None:
        st.session_state[_key(kind)] = st.session_state[widget]

    plural = {"run": "runs", "study": "studies"}[kind] if len(names) > 1 else kind
    shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.toggle(
            f"Show {len(names):,} archived {plural}", key=widget, on_change=changed, width="content"
        )
        _muted(shown)


def formerly(names: Sequence[str]) -> None:
    """Draw under which names it is found as well; nothing where there are none."""
    if names:
        _muted(f"Formerly {', '.join(names)}")


def _muted(text: str) -> None:
    st.html(
        '<div style="font-size: .84rem; opacity: .76; overflow-wrap: anywhere;'
        f'unicode-bidi: isolate">{escaped(text)}</div>'
    )


def rename_and_archive(store: Store, kind: Kind, name: str, archived: bool, said: str) -> None:
    """Draw the two actions on one run or study.

    Args:
        store: where.
        kind: a run or a study.
        name: what it is called.
        archived: whether it is archived.
        said: where in the session the page finds the sentence on what was done.
    """
    parameter = "run" if kind == "run" else "study"
    with (
        st.popover("Rename", icon=":material/edit:", type="tertiary"),
        st.form(f"rename {kind}", border=False),
    ):
        new = st.text_input("New name", name, key=f"new name {kind} {name}", max_chars=200)
        st.text("Its former name goes on working in addresses and commands.")
        if st.form_submit_button("Rename it", type="primary"):
            with errors_shown():
                renamed = (rename_run if kind == "run" else rename_study)(store, name, new)
                st.session_state[said] = renamed.sentence
                st.query_params[parameter] = renamed.name
                st.rerun()
    label = "Show in lists again" if archived else "Archive"
    icon = ":material/unarchive:" if archived else ":material/archive:"
    if st.button(label, key=f"archive {kind} {name}", type="tertiary", icon=icon):
        with errors_shown():
            change = archive_runs if kind == "run" else archive_studies
            change(store, [name], archived=not archived)
            st.session_state[said] = (
                f"{name!r} is in lists again."
                if archived
                else f"{name!r} is archived: left out of lists, and nothing of it is deleted."
            )
            st.rerun()
