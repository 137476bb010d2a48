"""Before the desk: which study, how far it is and how long it takes, how to judge, who judges."""

from typing import Any

import streamlit as st

from pages.annotate.component import key_legend, study_cards
from pages.shared.annotator_name import NAME, known_annotator
from pages.shared.embedded_note import embedded_note_of
from pages.shared.guidelines import draw_guidelines
from pages.shared.message import errors_shown
from pages.shared.page_header import page_header
from pages.shared.plain_text import in_label
from sit_core.annotation.responses import step_rows, study_token
from sit_core.figures.style import step_kind
from sit_core.store import Store
from sit_core.store.judgments import MAX_NAME, annotator_name, annotator_names
from sit_core.store.studies import Study
from sit_core.store.study_progress import (
    StudyForAnnotator,
    practice_counts,
    seconds_per_sample,
    studies_for_annotator,
)

CHOSEN = "study chosen to annotate"
PILLS = 20
"""So many known names are offered to click; the others are typed."""
LONGEST = 60
"""Characters of a study's name on the button."""


def start(store: Store, studies: list[Study], asked: str | None) -> None:
    """Draw the page; the form's button leads to the desk.

    Args:
        store: where.
        studies: all of them, the newest first; at least one.
        asked: the name of the study in the address, if there is one.
    """
    page_header("annotate")
    names = annotator_names(store)
    # The cards show how far this name is: the one chosen below, which was drawn in the run before.
    who = st.session_state.get("known names", known_annotator())
    who = who if who in names else None
    progress = {one.study: one for one in studies_for_annotator(store, who)}
    shown = sorted(studies, key=lambda study: not progress[study.name].left)
    chosen = _chosen(shown, asked)
    left, right = st.columns([2, 1], gap="medium")
    with left:
        counts = practice_counts(store)
        cards = [_card(store, study, progress[study.name], counts) for study in shown]
        clicked = study_cards(cards, study_token(chosen), who)
        if clicked is not None:
            for study in shown:
                if study_token(study) == clicked and study != chosen:
                    st.session_state[CHOSEN] = study.name
                    st.rerun()
        with st.expander("How to judge", icon=":material/menu_book:"):
            draw_guidelines(chosen.guidelines)
        if not chosen.blind:
            embedded_note_of(chosen.runs)
    with right, st.container(border=True, key="who_judges"):
        _who(chosen, names, who)


def _chosen(shown: list[Study], asked: str | None) -> Study:
    """The study whose card is marked: the one clicked, else that of the address, else the first."""
    wanted = st.session_state.get(CHOSEN) or asked
    return next((study for study in shown if study.name == wanted), shown[0])


def _card(
    store: Store, study: Study, at: StudyForAnnotator, practice: dict[str, int]
) -> dict[str, Any]:
    """What a card says, in words and numbers; the component draws it."""
    runs = f"{len(study.runs)} run{'s' * (len(study.runs) != 1)}"
    facts = [f"{study.sample:,} example{'s' * (study.sample != 1)} × {runs}"]
    if study.annotators > 1:
        facts.append(f"{study.annotators} people per sample")
    if study.blind:
        facts.append("blind")
    if number := practice.get(study.name):
        some = f"{number} practice sample{'s' * (number != 1)}"
        facts.append(f"{some} first" if study.practice_required else some)
    seconds = seconds_per_sample(store, study.id) if at.left and at.done else None
    return {
        "token": study_token(study),
        "name": study.name,
        "what": ", ".join(facts),
        "steps": [
            {"letter": s.letter, "kind": step_kind(s.letter, place), "word": s.task}
            for place, s in enumerate(study.steps)
        ],
        "left": at.left,
        "time": None if seconds is None else time_shown(seconds * at.left),
        "mine": at.mine,
        "done": at.done,
        "total": at.total,
        "people": at.people,
    }


def time_shown(seconds: float) -> str:
    """How long something will take, roughly.

    >>> time_shown(20), time_shown(340), time_shown(9000)
    ('1 min', '6 min', '2.5 h')
    """
    minutes = max(1, -(-int(seconds) // 60))
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _who(study: Study, names: list[str], who: str | None) -> None:
    """Ask for the name; known ones are one click."""
    st.html("<h2 style='margin:0;padding:0;font-size:1rem;font-weight:640'>Who judges?</h2>")
    st.caption(
        "Your name is stored with each of your judgments."
        + (" Worked here before? Choose your name to pick up where you left off." if names else "")
    )
    offered = names[:PILLS]
    if who is not None and who not in offered:
        offered = [who, *offered[: PILLS - 1]]
    if offered:
        # Pills show their options as Markdown: a name is only text.
        st.pills(
            "Known names",
            offered,
            default=known_annotator() if known_annotator() in offered else None,
            format_func=in_label,
            key="known names",
            label_visibility="collapsed",
        )
        if len(names) > len(offered):
            st.caption(f"{len(names) - len(offered):,} more are known: type the name.")
    with st.form("who judges", border=False):
        # A field of its own for each chosen name, so that it begins with that name.
        typed = st.text_input("Your name", who or "", max_chars=MAX_NAME, key=f"name of {who!r}")
        text = study.name if len(study.name) <= LONGEST else f"{study.name[: LONGEST - 1]}…"
        if st.form_submit_button(
            f"Start with {in_label(text)}",
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
        ):
            with errors_shown():
                st.session_state[NAME] = annotator_name(typed, names)
                st.session_state.pop(CHOSEN, None)
                st.query_params["study"] = study.name
                st.rerun()
    key_legend(
        [
            {**row, "kind": step_kind(row["letter"], place), "word": word}
            for place, (row, word) in enumerate(
                zip(step_rows(study), [*(s.task for s in study.steps), "in order"], strict=False)
            )
        ]
    )
