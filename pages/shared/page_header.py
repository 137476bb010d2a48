"""The head of a page: its title, one line of purpose, and links to what comes next.

One block of our own words; texts of data never go in here.
"""

import html
from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.shared.page_list import page_info

_TITLE = (
    "margin: 0; padding: 0; font-size: 1.55rem; font-weight: 680; line-height: 1.25;"
    "letter-spacing: -.015em"
)
_PURPOSE = "margin: .2rem 0 0; padding: 0; font-size: .95rem; line-height: 1.4; opacity: .76"


def page_header(page: str, parameters: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """Draw the header of a page, once, before anything else.

    Args:
        page: its address (see `pages.shared.page_list`).
        parameters: next page → what the link carries over (the study that is open, say).
    """
    info = page_info(page)
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key=f"page header {page}"
    ):
        st.html(
            f'<h1 style="{_TITLE}">{html.escape(info.title)}</h1>'
            f'<p style="{_PURPOSE}">{html.escape(info.purpose)}</p>'
        )
        for address, label in info.after:
            following = page_info(address)
            st.page_link(
                following.file,
                label=label,
                icon=following.symbol,
                query_params=dict((parameters or {}).get(address, {})),
            )


# On a phone: fields as wide as the page, what is left in one line, and buttons as icons.
_PHONE = """<style>
@media (max-width: 640px) {
  .st-key-tools > [data-testid=stElementContainer]:has(.stSelectbox, .stButtonGroup) {
    flex: 1 1 100%;
  }
  .st-key-tools > [data-testid=stElementContainer]:has(.stTextInput, .stCheckbox) {
    flex: 1 1 6rem;
  }
  .st-key-tools > [data-testid=stElementContainer]:has(.stSpace) { display: none; }
  .st-key-tools [data-testid=stPopoverButton] p { font-size: 0; }
  .st-key-tools > [data-testid=stElementContainer] > * { max-width: 100%; width: 100%; }
}
</style>"""


def tools_row(*, labelled: bool = False) -> Any:
    """The row below a page's header: what is chosen, and popovers for the rest; once per page.

    Labels of its fields are collapsed; `st.space("stretch")` parts what stands at the right.

    Args:
        labelled: labels of the fields stand above them, so buttons stand beside the fields' boxes.
    """
    st.html(_PHONE)
    side = "bottom" if labelled else "center"
    return st.container(horizontal=True, vertical_alignment=side, gap="small", key="tools")
