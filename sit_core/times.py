"""Moments as people read them: in the reader's own time zone, which stands beside the time.

The store, ``--json`` and exports hold seconds or UTC; this is for the eye alone.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a time that knows its zone (UTC)."""
    return datetime.fromtimestamp(seconds, UTC)


def known_zone(name: str | None) -> str | None:
    """The name, if it is a time zone's; a browser may say anything.

    >>> known_zone("Europe/Berlin"), known_zone("Nowhere/At all"), known_zone("../etc/passwd")
    ('Europe/Berlin', None, None)
    """
    try:
        return None if not name else ZoneInfo(name).key
    except (ValueError, OSError, KeyError):
        return None


def shown_time(seconds: float, zone: str | None = None, *, with_seconds: bool = False) -> str:
    """A moment in a zone, with the zone's short name.

    Args:
        seconds: since 1970.
        zone: its name (``Europe/Berlin``); None: that of this machine, for a terminal.
        with_seconds: whether the seconds are shown too.

    >>> shown_time(0, "UTC"), shown_time(1785000000, "Europe/Berlin", with_seconds=True)
    ('1970-01-01 00:00 UTC', '2026-07-25 19:20:00 CEST')
    """
    at = moment(seconds).astimezone(ZoneInfo(zone) if zone else None)
    return f"{at:%Y-%m-%d %H:%M:%S %Z}" if with_seconds else f"{at:%Y-%m-%d %H:%M %Z}"
