"""Tables and sentences of pages have the reader's zone, which their headings name."""

import json

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from pages.shared.times import moments, time_column, when

    st.text(when(1785000000))
    st.dataframe({"Made": moments([1785000000])}, column_config={"Made": time_column("Made")})


@pytest.mark.parametrize(
    ("told", "zone", "shown"),
    [
        ("Europe/Berlin", "Europe/Berlin", "2026-07-25 19:20 CEST"),
        (None, "UTC", "2026-07-25 17:20 UTC"),
        ("<b>no zone</b>", "UTC", "2026-07-25 17:20 UTC"),
    ],
)
def test_the_browser_tells_the_zone(
    told: str | None, zone: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ContextProxy, "timezone", property(lambda _: told))
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert app.text[0].value == shown
    column = json.loads(app.dataframe[0].proto.columns)["Made"]
    assert column["label"] == f"Made ({zone})"
    assert column["type_config"]["timezone"] == zone
