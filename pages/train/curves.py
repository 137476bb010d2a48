"""Curves of trainings, one or several; while one is under way only what is new is read."""

import streamlit as st

from pages.shared.message import errors_shown
from pages.shared.store import the_store
from sit_core.figures.tables import curves_figure
from sit_core.jobs import Job, duration
from sit_core.train.curves import Curves
from sit_core.train.folder import TrainingFolder
from sit_core.train.jobs import job_of

EVERY = 2.0
_READ = "training curves"


def curves_of(name: str) -> Curves:
    """The curves of a training with all that has been written; read from where we were."""
    folder = TrainingFolder.of(name)
    kept: dict[str, Curves] = st.session_state.setdefault(_READ, {})
    key = str(folder.curves)
    if key not in kept:
        kept[key] = Curves(folder.curves)
    kept[key].read()
    return kept[key]


def live_curves(names: list[str]) -> None:
    """Draw the curves, again and again while one of the trainings is under way."""
    active = any(job is not None and job.active for job in _jobs(names))

    def part() -> None:
        with errors_shown(goes_on=not active):
            drawn()

    def drawn() -> None:
        found = {name: curves_of(name) for name in names}
        if len(names) == 1:
            _numbers(found[names[0]], _jobs(names)[0])
        if any(curves.loss or curves.held_out for curves in found.values()):
            st.plotly_chart(curves_figure(found), key=f"curves {len(names)}")
        elif active:
            st.text("The curves begin with the first update.")

    st.fragment(part, run_every=EVERY if active else None)()


def _jobs(names: list[str]) -> list[Job | None]:
    store = the_store()
    return [job_of(store, TrainingFolder.of(name)) for name in names]


def _numbers(curves: Curves, job: Job | None) -> None:
    """Where it stands, in figures."""
    if not curves.loss and not curves.held_out:
        return
    with st.container(horizontal=True):
        st.metric("Update", f"{curves.step:,} of {curves.steps or 0:,}")
        if curves.loss:
            st.metric("Loss", f"{curves.loss[-1][1]:.3f}")
        if curves.best is not None:
            step, loss = curves.best
            st.metric(f"Lowest held-out loss, after update {step:,}", f"{loss:.3f}")
        if curves.learning_rate:
            st.metric("Learning rate", f"{curves.learning_rate[-1][1]:.2e}")
        if curves.tokens_per_second is not None:
            st.metric("Tokens per second", f"{curves.tokens_per_second:,.0f}")
        if job is not None and job.active and job.seconds_left is not None:
            st.metric("Time left", duration(job.seconds_left))
