"""What the framework allows: a Streamlit fragment that shows the next of 100,000 rows on one key.

The yardstick of `bench.annotate`; run by it with BENCH_DB naming the SQLite file.
"""

import gc
import os
import sqlite3

import streamlit as st


@st.cache_resource
def connection() -> sqlite3.Connection:
    """The store's file, opened once."""
    opened = sqlite3.connect(os.environ["BENCH_DB"], check_same_thread=False, isolation_level=None)
    opened.execute("pragma journal_mode = wal")
    opened.execute("create table if not exists bare (id integer primary key, verdict text)")
    gc.collect()
    gc.freeze()
    return opened


def judge(place: int) -> None:
    """Store a verdict and go on."""
    connection().execute("insert into bare (verdict) values ('yes')")
    st.session_state.place = place + 1


@st.fragment
def one() -> None:
    """Show one row and its button."""
    place = st.session_state.setdefault("place", 0)
    text = connection().execute(
        "select output from predictions order by row limit 1 offset ?", (place,)
    )
    st.text(f"{place}: {text.fetchone()[0]}")
    st.button("Yes", key=f"yes {place}", shortcut="1", on_click=judge, args=(place,))


one()
