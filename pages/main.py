"""Page configuration and navigation; runs before every page."""

import gc
import sys
import threading
from pathlib import Path

ROOT = str(Path(__file__).parent.parent)
if ROOT not in sys.path:  # `streamlit run` puts the entry's folder there, other launchers do not
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

from pages.shared import paths  # noqa: E402

# What people use while they judge or show something stands open; the rest is one click further,
# by what it is for, in the order of the work.
PAGES = {
    "": [
        st.Page(
            paths.ANNOTATE,
            title="Annotate",
            icon=":material/rate_review:",
            default=True,
            url_path="annotate",
        ),
        st.Page(paths.LIVE, title="Live", icon=":material/bolt:", url_path="live"),
        st.Page(paths.RESULTS, title="Results", icon=":material/table_chart:", url_path="results"),
        st.Page(
            paths.INSPECT_OUTPUTS, title="Inspect", icon=":material/search:", url_path="inspect"
        ),
        st.Page(paths.JOBS, title="Jobs", icon=":material/list_alt:", url_path="jobs"),
    ],
    "Data": [
        st.Page(
            paths.IMPORT_OUTPUTS, title="Import", icon=":material/upload_file:", url_path="import"
        ),
        st.Page(paths.AUGMENT, title="Augment", icon=":material/call_split:", url_path="augment"),
        st.Page(
            paths.SEQ_INSTRUCT,
            title="Seq-Instruct",
            icon=":material/account_tree:",
            url_path="seq_instruct",
        ),
    ],
    "Models": [
        st.Page(paths.TRAIN, title="Train", icon=":material/model_training:", url_path="train"),
        st.Page(paths.RUNS, title="Runs", icon=":material/play_arrow:", url_path="runs"),
    ],
    "Judging": [
        st.Page(paths.STUDIES, title="Studies", icon=":material/science:", url_path="studies"),
        st.Page(paths.JUDGE, title="Judge", icon=":material/gavel:", url_path="judge"),
    ],
    "Tables": [
        st.Page(
            paths.LEADERBOARD,
            title="Leaderboard",
            icon=":material/leaderboard:",
            url_path="leaderboard",
        ),
        st.Page(paths.SCORES, title="Scores", icon=":material/calculate:", url_path="scores"),
        st.Page(
            paths.REPRODUCTION,
            title="Reproduction",
            icon=":material/rule:",
            url_path="reproduction",
        ),
    ],
}

# Seconds from the first page to the embedded model: the browser still fetches its last parts.
PAUSE = 1.0

# The text is what one looks at first: no empty band above it, the whole width for it.
STYLE = """<style>
button kbd { color: inherit !important; opacity: 1 !important; }
.stMainBlockContainer { padding: 3.9rem 1.5rem 1rem; }
[data-testid="stSidebarHeader"] { height: 2.5rem; }
[data-testid="stSidebarUserContent"] [data-testid="stMarkdownContainer"] { font-size: 0.875rem; }
[data-testid="stSidebarUserContent"] h1, [data-testid="stSidebarUserContent"] h2,
[data-testid="stSidebarUserContent"] h3 { font-size: 1rem; padding: 0.4rem 0 0.2rem; }
</style>"""


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


st.set_page_config(page_title="Sequential instruction tuning", page_icon="🪜", layout="wide")
st.html(STYLE)
page = st.navigation(PAGES, position="top")
try:
    page.run()
finally:  # also where a page ends early
    make_ready()
freeze_imports(len(sys.modules))
