"""Page configuration and navigation; runs before every page."""

import gc
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).parent.parent)
if ROOT not in sys.path:  # `streamlit run` puts the entry's folder there, other launchers do not
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

from pages.shared.archived import follow_renames  # noqa: E402
from pages.shared.message import message  # noqa: E402
from pages.shared.page_list import all_pages  # noqa: E402
from pages.shared.theme import colour  # noqa: E402
from sit_core.plugins import faults  # noqa: E402

NAME = "SIT workbench"
STATIC = Path(__file__).parent / "static"
SIDEBAR = 216  # pixels

# Seconds from the first page to the embedded model: the browser still fetches its last parts.
PAUSE = 1.0

# What the theme has no option for: the width of the text, and the colour of letters on what is
# chosen: they stand on the page, where in dark the primary colour is too dark to be read.
STYLE = f"""<style>
button kbd {{ color: inherit !important; opacity: 1 !important; }}
.stMainBlockContainer {{ padding-left: 2rem; padding-right: 2rem; max-width: 1560px; }}
button[data-variant][data-selected="true"] p, [role=tab][aria-selected=true] p {{
  color: {colour("linkColor")};
}}
</style>"""


def navigation() -> dict[str, list[Any]]:
    """The pages by their headings in the sidebar, in the order of the list."""
    groups: dict[str, list[Any]] = {}
    for info in all_pages():
        groups.setdefault(info.group, []).append(
            st.Page(
                info.file,
                title=info.title,
                icon=info.symbol,
                url_path=info.address or None,
                default=not info.address,
                help=info.purpose,
            )
        )
    return groups


def logo() -> None:
    """The name and its mark; the theme is known from the second run on."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    st.logo(
        str(STATIC / f"logo_{theme}.svg"),
        size="large",
        icon_image=str(STATIC / "logo_mark.svg"),
    )


@st.cache_resource(show_spinner=False)
def freeze_imports(modules: int) -> None:
    """Streamlit collects garbage after each rerun; frozen, what is imported costs nothing then.

    Cached by the number of modules: done again when a page has imported more.
    """
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False)
def make_ready() -> None:
    """Once per process, after its first page: the first Run on Live is not kept waiting.

    Importing torch takes longer than it takes to find the Live page.
    """
    from sit_core.settings import settings

    if settings().warm:
        timer = threading.Timer(PAUSE, _make_ready)
        timer.daemon = True
        timer.start()


def _make_ready() -> None:
    from sit_core.live.preload import warm_embedded

    warm_embedded()


# Before the navigation: else a page's icon is fetched from elsewhere, for the browser's tab.
st.set_page_config(
    page_title=NAME,
    page_icon=str(STATIC / "logo_mark.svg"),
    layout="wide",
    initial_sidebar_state=SIDEBAR,
)
page = st.navigation(navigation(), position="sidebar", expanded=True)
if page.url_path:
    st.set_page_config(page_title=f"{page.title} · {NAME}")
logo()
st.html(STYLE)
follow_renames()
try:
    if not page.url_path:
        for sentence in faults():
            message("warning", sentence)
    page.run()
finally:  # also where a page ends early
    make_ready()
freeze_imports(len(sys.modules))
