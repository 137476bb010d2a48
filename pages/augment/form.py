"""The form for a mixture: data, chains, texts of steps, shares, wordings → its configuration."""

from typing import Any

import streamlit as st

from pages.shared.examples_from import examples_from
from pages.shared.message import errors_shown
from sit_core.augment.chains import parse_chain
from sit_core.augment.config import LANGUAGE_NAMES, MixtureConfig
from sit_core.config.parse import from_plain
from sit_core.errors import SitError
from sit_core.tasks import TASKS

P = "new mixture "
"""Prefix of the keys of all widgets here."""
OPEN = f"{P}open"
CHAINS = ("R+A", "P+A", "R+P+A", "P+R+P+A", "T+A", "C+A")
_ITSELF, _COLUMN, _PARALLEL, _MODEL = (
    "The data set itself",
    "A column of it",
    "A parallel file",
    "A model",
)


def mixture_form() -> MixtureConfig | None:
    """Draw the form; the configuration, or None where something is missing (it is said)."""
    left, right = st.columns(2, gap="large")
    with left:
        source = examples_from(P)
        data = {**_sequences(), **_texts(left)}
    with right:
        data |= _shares()
        data |= _wording()
    if not source:
        return None
    data["sources"] = [source]
    with errors_shown():
        return from_plain(
            MixtureConfig, {k: v for k, v in data.items() if v is not None}, "The mixture"
        )
    return None


def _sequences() -> dict[str, Any]:
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    chains = left.multiselect(
        "Chains",
        CHAINS,
        ["R+A"],
        key=f"{P}chains",
        accept_new_options=True,
        placeholder="none: the baseline",
        help="; ".join(
            f"{task.letter}: {name}" for name in TASKS if (task := TASKS.get(name)).wording
        )
        + ". Other chains may be typed. Without one the examples stay as they are.",
    )
    cap = right.number_input(
        "Each at most", 1, None, None, key=f"{P}cap", placeholder="no cap", help="In examples."
    )
    return {"chains": [{"chain": c, "cap": cap} if cap else c for c in chains]}


def _texts(place: Any) -> dict[str, Any]:
    """Where the texts of steps come from that are not the input itself."""
    found: dict[str, Any] = {}
    tasks: dict[str, None] = {}
    for text in st.session_state.get(f"{P}chains", ["R+A"]):
        try:
            tasks.update(dict.fromkeys(step.task for step in parse_chain(text)[:-1]))
        except SitError:
            continue  # said with the rest
    into: str | None = None
    for task in tasks:
        if task == "repeat":
            continue
        with place.container(border=True):
            where = st.selectbox(
                f"Texts of the step {task}",
                [_ITSELF, _COLUMN, _PARALLEL, *([] if task == "caption" else [_MODEL])],
                key=f"{P}texts {task}",
                help=TASKS.get(task).obtained,
            )
            texts = _where(task, where)
            if texts:
                found[task] = texts
            if task == "translate":
                codes = sorted(LANGUAGE_NAMES, key=lambda code: (code != "en", code))
                into = st.selectbox(
                    "Into", codes, format_func=LANGUAGE_NAMES.get, key=f"{P}translate into"
                )
    return {"texts": found, "translate_into": into}


def _where(task: str, where: str) -> dict[str, Any]:
    if where == _COLUMN:
        column = st.text_input("Column", key=f"{P}text column {task}", placeholder=task).strip()
        return {"column": column or task}
    if where == _PARALLEL:
        file = st.text_input(
            "File, or SOURCE:FILE", key=f"{P}parallel {task}", placeholder="alpaca.en.json"
        )
        left, right = st.columns(2)
        field = left.text_input("Its column with the text", "input", key=f"{P}field {task}")
        match = right.selectbox(
            "Rows belong together by", ["index", "id", "input", "image"], key=f"{P}match {task}"
        )
        return {"file": file.strip(), "field": field.strip(), "match": match}
    if where == _MODEL:
        left, right = st.columns(2)
        model = left.text_input(
            "Model", "microlab", key=f"{P}model {task}", help="Hub id, folder, or microlab."
        )
        url = right.text_input("Endpoint", key=f"{P}url {task}", placeholder="none: loaded here")
        key = right.text_input(
            "Variable that holds its key", key=f"{P}variable {task}", placeholder="OPENAI_API_KEY"
        )
        endpoint = {"backend": "openai", "base_url": url.strip(), "key_env": key.strip() or None}
        return {"model": {"model": model.strip(), **(endpoint if url.strip() else {})}}
    return {}


def _shares() -> dict[str, Any]:
    left, middle, right = st.columns(3)
    share = left.slider(
        "Share that becomes a sequence",
        0.0,
        1.0,
        1.0,
        0.05,
        key=f"{P}share",
        help="Of the examples that can: those with an input.",
    )
    plain = middle.number_input(
        "Unchanged rows at most", 0, None, None, key=f"{P}plain", placeholder="all"
    )
    held = right.number_input(
        "Examples held out", 0, None, 0, key=f"{P}held out", help="For validation while training."
    )
    seed = left.number_input("Seed", 0, None, 0, key=f"{P}seed")
    keep = middle.selectbox(
        "A changed example",
        ["replace", "keep"],
        format_func={"replace": "replaces the original", "keep": "stands beside it"}.get,
        key=f"{P}originals",
    )
    bad = right.selectbox(
        "Rows that can't be read",
        ["refuse", "skip"],
        format_func={"refuse": "stop with an error", "skip": "leave out"}.get,
        key=f"{P}bad rows",
    )
    return {
        "share": share,
        "plain": plain,
        "held_out": held,
        "seed": seed,
        "originals": keep,
        "bad_rows": bad,
    }


def _wording() -> dict[str, Any]:
    left, right = st.columns(2)
    join = left.selectbox(
        "Between the steps",
        ["newline", "headings"],
        format_func={"newline": "a new line, as in the paper", "headings": "numbered headings"}.get,
        key=f"{P}join",
    )
    use = right.selectbox(
        "Wordings",
        ["seen", "unseen"],
        format_func={"seen": "for training", "unseen": "kept for evaluation"}.get,
        key=f"{P}use",
        help="Those kept for evaluation are never drawn for training.",
    )
    with st.expander("Own wordings"):
        st.text("One per line. They replace the built-in ones.")
        own: dict[str, Any] = {}
        for task in [name for name in TASKS if TASKS.get(name).wording and name != "answer"]:
            text = st.text_area(
                f"Asking for {task}",
                key=f"{P}wordings {task}",
                height=68,
                placeholder=TASKS.get(task).wording,
            )
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            if lines:
                own[task] = {use: lines}
    return {"join": join, "use": use, "wordings": own}
