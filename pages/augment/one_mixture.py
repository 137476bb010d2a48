"""A mixture that was made: counts and lengths, its files in both formats, the way to the hub.

Examples before and after, side by side, what was added marked.
"""

import shlex

import streamlit as st

from pages.shared import paths
from pages.shared.heading import heading
from pages.shared.message import message
from pages.shared.plain_text import verbatim
from sit_core.augment.chains import label
from sit_core.augment.config import MixtureConfig
from sit_core.augment.example import target_of
from sit_core.augment.manifest import has_changes, sources_said
from sit_core.augment.mixtures import StoredMixture, in_format, words_for
from sit_core.augment.preview import MixturePreview, preview
from sit_core.augment.push_to_hub import hub_token, push_mixture
from sit_core.augment.rows import ROW_FORMATS
from sit_core.config.yaml_file import read_yaml, to_yaml
from sit_core.errors import SitError
from sit_core.figures.tables import lengths_figure

_PUSHED = "pushed mixture"
LARGE = 200 * 1024 * 1024
"""Larger files are read from where they lie: a browser's download is held in memory."""


def one_mixture(mixture: StoredMixture) -> None:
    """Draw it."""
    heading(mixture.name)
    _counts(mixture)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.plotly_chart(lengths_figure(mixture.made), key="mixture lengths")
    with right:
        _tables(mixture)
    said = sources_said(mixture.made)
    if said:
        with st.expander(
            "Columns and values as they were read", expanded=has_changes(mixture.made)
        ):
            st.text("\n".join(said))
    _downloads(mixture)
    show_changes(mixture.config, f"made {mixture.name}")
    with st.expander("The configuration and the command"):
        st.code(to_yaml(mixture.config), language="yaml", wrap_lines=True)
        st.code(shlex.join(["sit", *words_for(mixture.name)]), language=None, wrap_lines=True)
    _push(mixture)


def _counts(mixture: StoredMixture) -> None:
    made = mixture.made
    held = made.get("held_out") or {}
    with st.container(horizontal=True):
        st.metric("Rows for training", f"{made['train']['rows']:,}")
        st.metric("Rows held out", f"{held.get('rows', 0):,}")
        st.metric("Ask for a sequence", f"{made['sequential']:,} of {made['rows']:,}")
        st.metric("Examples read", f"{made['examples']:,}")


def _tables(mixture: StoredMixture) -> None:
    made = mixture.made
    rows = [
        *(("Chain", name, n) for name, n in made["chains"].items()),
        *(("Steps", str(steps), n) for steps, n in made["steps"].items()),
        *(("Language", name, n) for name, n in made["languages"].items()),
        *(("Stayed unchanged", why, n) for why, n in made["unchanged"].items()),
        *(("Left out", why, n) for why, n in made["left_out"].items()),
        *(("Text refused", why, n) for why, n in made["texts_refused"].items()),
        *((("Bad rows", "left out", made["bad_rows"]),) if made["bad_rows"] else ()),
    ]
    st.dataframe(
        [{"": of, "what": what, "n": n} for of, what, n in rows],
        hide_index=True,
        key="mixture counts",
        alt="Rows by chain, steps and language, and why examples stayed as they were",
    )


def _downloads(mixture: StoredMixture) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if mixture.config.use != "unseen":
            st.page_link(
                paths.TRAIN,
                label="Train on this",
                icon=":material/model_training:",
                query_params={"mixture": mixture.name},
            )
        for form in ROW_FORMATS:
            _download(mixture, form)
        if mixture.held_out is not None:
            held = mixture.held_out
            st.download_button(
                "Held-out file",
                lambda: held.read_bytes(),
                file_name=held.name,
                on_click="ignore",
                icon=":material/download:",
                key="download held out",
            )
        manifest = mixture.folder / f"{mixture.name}.manifest.yaml"
        st.download_button(
            "Manifest",
            lambda: manifest.read_bytes(),
            file_name=manifest.name,
            on_click="ignore",
            icon=":material/download:",
            key="download manifest",
        )
    st.text(f"On the machine that runs the app: {mixture.train}")


def _download(mixture: StoredMixture, form: str) -> None:
    if mixture.train.stat().st_size > LARGE:
        st.text(f"{form}: too large for a download; copy the file.")
        return
    st.download_button(
        f"Download ({'chat messages' if form == 'messages' else 'Alpaca'})",
        lambda: b"".join(in_format(mixture.train, form)),
        file_name=f"{mixture.name}.{form}.jsonl",
        mime="application/x-ndjson",
        on_click="ignore",
        icon=":material/download:",
        key=f"download {form}",
    )


def _push(mixture: StoredMixture) -> None:
    with st.expander("Push to the hub"):
        token = hub_token()
        if token is None:
            st.text(
                "No token is set. Start the app with HF_TOKEN in its environment, or sign in on "
                "its machine with: hf auth login"
            )
            return
        repo = st.text_input("Data set", key="push repository", placeholder="owner/name")
        private = st.checkbox("Private", value=True, key="push private")
        if st.button("Push", key="push mixture", icon=":material/cloud_upload:"):
            try:
                with st.spinner("Uploading"):
                    where = push_mixture(mixture, repo.strip(), token, private=private)
                st.session_state[_PUSHED] = ("done", f"It is at {where}.")
            except SitError as error:
                st.session_state[_PUSHED] = ("error", str(error))
        if said := st.session_state.pop(_PUSHED, None):
            message(*said)


SHOWN = 50


@st.cache_data(ttl=120, max_entries=16, show_spinner="Reading the first examples")
def _first(text: str) -> MixturePreview:
    return preview(read_yaml(MixtureConfig, text), SHOWN)


def show_changes(config: MixtureConfig, key: str) -> None:
    """One change at a time, with a way to the next.

    Raises:
        SitError: the data can't be read.
    """
    found = _first(to_yaml(config))
    if found.problems:
        rest = len(found.problems) - 3
        said = "\n".join(map(str, found.problems[:3])) + (
            f"\n… and {rest} more" if rest > 0 else ""
        )
        message("warning" if config.bad_rows == "skip" else "error", said)
    if not found.changes:
        reasons = "; ".join(f"{n:,}: {why}" for why, n in found.unchanged.most_common(4))
        message(
            "info",
            f"None of the first {found.looked_at:,} rows becomes a sequence ({reasons}).",
        )
        return
    n = len(found.changes)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.number_input(
            f"Example (of the first {n})", 1, n, 1, key=f"{key} example", width=200
        )
        left = "; ".join(f"{many:,}: {why}" for why, many in found.unchanged.most_common(3))
        st.text(f"Of {found.looked_at:,} rows read{f', unchanged {left}' if left else ''}.")
    change = found.changes[int(place) - 1]
    before, after = st.columns(2, gap="medium")
    with before:
        st.text("Before")
        verbatim(change.before.instruction, key=f"{key} b1", label="Instruction", height="9rem")
        verbatim(change.before.input, key=f"{key} b2", label="Input", height="12rem")
        verbatim(target_of(change.before), key=f"{key} b3", label="Output")
    with after:
        st.text(f"After: {label(change.after.steps)}")
        verbatim(
            change.after.instruction,
            key=f"{key} a1",
            segments=change.instruction_segments(),
            label="Instruction",
            height="9rem",
        )
        verbatim(change.after.input, key=f"{key} a2", label="Input", height="12rem")
        verbatim(change.output, key=f"{key} a3", segments=change.output_segments(), label="Output")
