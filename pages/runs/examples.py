"""Which examples a new run asks: micro lab, a file, another run's, or a data set on the hub."""

import streamlit as st

from pages.shared.archived import run_choices
from pages.shared.message import message
from pages.shared.plain_text import verbatim
from pages.shared.upload import kept
from sit_core.embedded import shipped
from sit_core.errors import SitError
from sit_core.predict import PredictConfig
from sit_core.predict.examples import first_examples
from sit_core.settings import settings
from sit_core.sources.file_formats import suffixes
from sit_core.store import Store

_P = "new run "
_MICROLAB, _FILE, _RUN, _HUB = "Micro lab", "A file", "Another run's", "Hub data set"


def asked_examples(store: Store) -> str:
    """Where they come from, as `PredictConfig` has it."""
    skills = sorted(path.stem for path in shipped.HELD_OUT.glob("*.jsonl"))
    runs = run_choices(store)
    kinds = [_FILE, *([_RUN] if runs else []), _HUB]
    if skills:
        kinds.insert(0, _MICROLAB)
    kind = st.selectbox("Examples", kinds, key=f"{_P}examples")
    if kind == _MICROLAB:
        first = skills.index("answer") if "answer" in skills else 0
        skill = st.selectbox("Items that the model has never seen", skills, first, key=f"{_P}skill")
        source = f"microlab:{skill}"
    elif kind == _RUN:
        source = f"run:{st.selectbox('Run', runs, key=f'{_P}of run')}"
    elif kind == _HUB:
        name = st.text_input(
            "Data set", key=f"{_P}hub", placeholder="ID, ID:SPLIT, ID:SPLIT:CONFIG"
        )
        source = f"hub:{name.strip()}" if name.strip() else ""
    else:
        source = uploaded_file(
            "Instructions and inputs: JSONL, a JSON list, CSV or Parquet; no outputs are needed",
            f"{_P}file",
        )
    return source


def uploaded_file(label: str, key: str) -> str:
    """A file as a source, kept under its hash, so that the job and a later resume find it."""
    upload = st.file_uploader(
        label,
        type=[suffix.lstrip(".") for suffix in suffixes()],
        max_upload_size=settings().max_upload_mb,
        key=key,
    )
    if upload is None:
        return ""
    try:
        return f"file:{kept(upload)}"
    except SitError as error:
        message("error", str(error))
        return ""


def columns() -> tuple[str, ...]:
    """Which column of the examples is what, where it is not to be guessed."""
    said = []
    for field, what in (
        ("instruction", "instruction"),
        ("input", "input"),
        ("reference", "gold answer"),
    ):
        column = st.text_input(
            f"Column of the {what}", key=f"{_P}column {field}", placeholder="guessed by its name"
        ).strip()
        if column:
            said.append(f"{field}={column}")
    return tuple(said)


def first_look(store: Store, wanted: PredictConfig) -> str:
    """The first example of a file, as it will be asked; or why the file will not do."""
    if not wanted.examples.startswith("file:"):
        return ""
    try:
        wanted.wording(), wanted.chain(), wanted.changes()
    except SitError:
        return ""  # said when the run is started
    try:
        first = first_examples(store, wanted)[0]
    except SitError as error:
        return str(error)
    with st.expander("The first example, as it is asked"):
        verbatim(first.instruction, key=f"{_P}first instruction", label="Instruction")
        verbatim(first.input, key=f"{_P}first input", label="Input", empty="(none)")
        gold = first.reference
        verbatim(gold or "", key=f"{_P}first gold", label="Gold answer", empty="(none)")
    return ""
