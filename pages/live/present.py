"""Presentation mode: what is asked and what comes of it in large type, for people in the back row.

Nothing else is on the screen; keys do the rest: → and ← go to another example, Space runs, Esc
leaves. The address has ``present=1``, so a link opens the page like this.
"""

import streamlit as st

from pages.live.address import link_accepted
from pages.live.form import Asked, about_embedded, stop
from pages.live.instruction import example_beside, take_example
from pages.live.state import P, asked, present
from pages.live.step_marks import step_chips
from pages.shared.plain_text import verbatim
from sit_core.live.instruction_builder import links_of
from sit_core.live.model_choices import NamedModel
from sit_core.records import Step, Unparsed

STYLE = """<style>
[data-testid=stSidebar], [data-testid=stExpandSidebarButton],
[data-testid=stHeader], [data-testid=stToolbar] { display: none; }
.stMainBlockContainer { padding-top: 1.2rem; max-width: none; }
</style>"""
"""Takes the app's frame away; leaving the mode takes this away."""


def presentation(known: list[NamedModel]) -> Asked:
    """Draw what is asked and the keys.

    Raises:
        UsageError: Run was pressed and it can't be asked; all that is wrong.
    """
    ask, problems = asked(known)
    left, right = st.columns(2, gap="small")
    with left:
        verbatim(ask.instruction, key="large instruction", empty="(no instruction)", size="1.5rem")
    with right:
        verbatim(ask.input, key="large input", empty="(no input)", size="1.3rem", height="26vh")
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="live-large-row"
    ):
        run = st.button(
            "Run",
            type="primary",
            key=f"{P}run large",
            icon=":material/play_arrow:",
            shortcut="Space",
            on_click=link_accepted,
        )
        links = links_of(ask.instruction)
        if not isinstance(links, Unparsed):
            chips = step_chips([(Step(link.task, link.letter), link.clause) for link in links])
            st.html(chips, width="content")
        st.space("stretch")
        for label, by, icon, key in (
            ("Previous", -1, "chevron_left", "Left"),
            ("Next", 1, "chevron_right", "Right"),
        ):
            st.button(
                label,
                key=f"{P}{label} example",
                icon=f":material/{icon}:",
                type="tertiary",
                shortcut=key,
                on_click=_turn,
                args=(by,),
            )
        st.button(
            "Leave",
            key=f"{P}leave",
            icon=":material/close_fullscreen:",
            type="tertiary",
            shortcut="Escape",
            on_click=present,
            args=(False,),
        )
    about_embedded(ask, known)
    found = Asked(ask, run, tuple(problems))
    if run:
        found.check()
    return found


def _turn(by: int) -> None:
    stop()
    take_example(example_beside(by))
