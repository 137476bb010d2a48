"""Times in the zone of whoever looks at the page, which the browser tells; the zone is shown."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import streamlit as st

from sit_core.times import known_zone, moment, shown_time


def reader_zone() -> str:
    """The reader's time zone; UTC where the browser does not say."""
    return known_zone(st.context.timezone) or "UTC"


def when(seconds: float, *, with_seconds: bool = False) -> str:
    """A moment for a sentence or a cell."""
    return shown_time(seconds, reader_zone(), with_seconds=with_seconds)


def moments(seconds: Iterable[float]) -> list[datetime]:
    """The cells of a column that `time_column` draws; sorted as times, not as words."""
    return [moment(at) for at in seconds]


def time_column(label: str, width: int | None = None) -> Any:
    """The column of a table: times in the reader's zone, which its heading names."""
    zone = reader_zone()
    return st.column_config.DatetimeColumn(
        f"{label} ({zone})", format="YYYY-MM-DD HH:mm", timezone=zone, width=width
    )
