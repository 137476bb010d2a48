"""Downloads of judgments, results, remarks and predictions, made when the button is pressed."""

import re

import streamlit as st

from pages.results.address import EXCEL, FORMAT, TABLE, offered, usual
from pages.shared.for_excel import for_excel
from pages.shared.store import the_store
from sit_core.export import FORMATS, TABLES, export_bytes
from sit_core.results.table_query import TableQuery

MIME = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}


def show_downloads(question: TableQuery) -> None:
    """Draw a choice of table and format, and the button."""
    offered(TABLE, "table", list(TABLES))
    offered(FORMAT, "format", list(FORMATS))
    what = st.selectbox("Table", list(TABLES), key=TABLE)
    form = st.selectbox("Format", list(FORMATS), key=FORMAT)
    usual(table=next(iter(TABLES)), format=next(iter(FORMATS)))
    bom = for_excel(st.container(), form, EXCEL)
    store = the_store()

    def data() -> bytes:
        return export_bytes(store, what, question, form, bom)

    name = re.sub(r"[^\w.-]+", "-", f"{question.study} {what}").strip("-.") or what
    st.download_button(
        "Download",
        data,
        file_name=f"{name}.{form}",
        mime=MIME[form],
        on_click="ignore",
        icon=":material/download:",
        key="export button",
    )
    st.caption(
        "Judgments and remarks come with every revision and of every judge; run names are "
        "included. In CSV, texts that begin like a formula get a leading apostrophe. Exported "
        "predictions can be imported again, and are the same then."
    )
