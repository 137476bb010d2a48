"""Page configuration and navigation; runs before every page."""

import gc
import sys
import threading
from pathlib import Path

ROOT = str(Path(__file__).parent.parent)
if ROOT not in sys.path:  # `streamlit run` puts the entry's folder there, other launchers do not
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

# What people use while they judge or show something stands open; the rest is one click further,
# by what it is for, in the order of the work.
PAGES = {
    "": [
        st.Page("annotate.py", title="Annotate", icon=":material/rate_review:", default=True),
        st.Page("live.py", title="Live", icon=":material/bolt:"),
        st.Page("results.py", title="Results", icon=":material/table_chart:"),
        st.Page(
            "inspect_outputs.py", title="Inspect", icon=":material/search:", url_path="inspect"
        ),
        st.Page("jobs.py", title="Jobs", icon=":material/list_alt:"),
    ],
    "Data": [
        st.Page(
            "import_outputs.py", title="Import", icon=":material/upload_file:", url_path="import"
        ),
        st.Page("augment.py", title="Augment", icon=":material/call_split:"),
        st.Page("seq_instruct.py", title="Seq-Instruct", icon=":material/account_tree:"),
    ],
    "Models": [
        st.Page("train.py", title="Train", icon=":material/model_training:"),
        st.Page("runs.py", title="Runs", icon=":material/play_arrow:"),
    ],
    "Judging": [
        st.Page("studies.py", title="Studies", icon=":material/science:"),
        st.Page("judge.py", title="Judge", icon=":material/gavel:"),
    ],
    "Tables": [
        st.Page("leaderboard.py", title="Leaderboard", icon=":material/leaderboard:"),
        st.Page("scores.py", title="Scores", icon=":material/calculate:"),
        st.Page("reproduction.py", title="Reproduction", icon=":material/rule:"),
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
    from sit_core.live.warming import warm_embedded

    warm_embedded()


st.set_page_config(page_title="Sequential instruction tuning", page_icon="🪜", layout="wide")
st.html(STYLE)
page = st.navigation(PAGES, position="top")
try:
    page.run()
finally:  # also where a page ends early
    make_ready()
freeze_imports(len(sys.modules))
