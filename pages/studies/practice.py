"""The practice samples of one study: take them in, say what is right, demand them or not."""

from collections.abc import Callable

import streamlit as st

from pages.shared.message import message
from pages.shared.plain_text import in_label, verbatim
from sit_core.annotation.practice import read_practice, worked_samples
from sit_core.errors import SitError
from sit_core.records import IN_ORDER, Verdict
from sit_core.store import Store
from sit_core.store.practice import (
    PracticeSample,
    add_practice,
    asked_of,
    draw_practice,
    practice_samples_of,
    remove_practice,
    require_practice,
    set_practice,
)
from sit_core.store.studies import Study

_SAID = "practice said"
_DRAW, _WORKED, _FILE = "Outputs outside the study", "Worked examples of ours", "A file"


def practice(store: Store, study: Study) -> None:
    """Draw the samples and the ways to more of them."""
    if said := st.session_state.pop(_SAID, None):
        message("done", said)
    samples = practice_samples_of(store, study)
    st.text(
        "Before they judge, annotators can try on these; afterwards they see your verdicts, where "
        "you give some. What is said in practice is kept apart and counts in no table."
    )
    if samples:
        required = st.toggle(
            "Annotators must practise first", study.practice_required, key=f"required {study.id}"
        )
        if required != study.practice_required:
            require_practice(store, study, required)
            st.rerun()
    for place, sample in enumerate(samples, 1):
        with st.expander(f"Practice sample {place}: {_verdicts_said(study, sample)}"):
            _one(store, study, sample)
    _more(store, study)


def _verdicts_said(study: Study, sample: PracticeSample) -> str:
    """What is said of it, in our own words and letters."""
    said = len(sample.verdicts)
    if not said:
        return "no verdict given"
    return f"{said} of {len(asked_of(study))} verdicts given"


def _one(store: Store, study: Study, sample: PracticeSample) -> None:
    for name in ("instruction", "input", "output"):
        text = getattr(sample, name)
        if text or name == "output":
            verbatim(text, key=f"practice {sample.id} {name}", label=name.capitalize())
    with st.form(f"practice {sample.id}", border=False):
        verdicts = {}
        for number, key in enumerate(asked_of(study)):
            words = [v.value for v in Verdict if key != IN_ORDER or v != Verdict.PARTLY]
            given = sample.verdicts.get(key)
            step = study.steps[number] if number < len(study.steps) else None
            verdicts[key] = st.segmented_control(
                in_label(f"{step.letter}: {step.task}" if step else "in the order asked"),
                words,
                default=given.value if given else None,
                key=f"practice {sample.id} {key}",
            )
        reason = st.text_area("Why", sample.reason, height=80, key=f"practice why {sample.id}")
        save, remove = st.columns(2)
        if save.form_submit_button("Save", type="primary"):
            said = {key: Verdict(one) for key, one in verdicts.items() if one}
            changed = PracticeSample(
                sample.instruction, sample.input, sample.output, said, reason, sample.id
            )
            _done(lambda: set_practice(store, study, changed), "The practice sample is saved.")
        if remove.form_submit_button("Take it out", type="tertiary"):
            _done(lambda: remove_practice(store, study, [sample.id]), "The practice sample is out.")


def _more(store: Store, study: Study) -> None:
    """Three ways to practice samples."""
    worked = worked_samples(study)
    kinds = [_DRAW, *([_WORKED] if worked else []), _FILE]
    with st.popover("Add practice samples", icon=":material/add:"):
        kind = st.radio("From", kinds, key=f"practice from {study.id}")
        if kind == _DRAW:
            st.text("Nobody judges afterwards what they practised on. You give the verdicts.")
            count = st.number_input("How many", 1, 20, 3, key=f"practice count {study.id}")
        elif kind == _WORKED:
            st.text(f"{len(worked)} made-up outputs with verdicts and reasons.")
        else:
            file = st.file_uploader(
                "JSON lines: instruction, input, output, verdicts, reason",
                type=["jsonl", "json"],
                key=f"practice file {study.id}",
            )
        if not st.button("Add", type="primary", key=f"practice add {study.id}"):
            return
        if kind == _DRAW:
            _done(lambda: draw_practice(store, study, int(count)), "{} added.")
        elif kind == _WORKED:
            _done(lambda: add_practice(store, study, worked), "{} added.")
        elif file is None:
            message("error", "Choose a file first.")
        else:
            data = file.getvalue()
            _done(lambda: add_practice(store, study, read_practice(data, study)), "{} added.")


def _done(act: Callable[[], object], said: str) -> None:
    """Do it and draw the page anew; what is wrong is said where it was pressed."""
    try:
        result = act()
    except SitError as error:
        message("error", str(error))
    else:
        number = f"{result} practice sample{'s' * (result != 1)}" if "{}" in said else ""
        st.session_state[_SAID] = said.format(number)
        st.rerun()
