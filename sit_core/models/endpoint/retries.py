"""When a request is made again, and after how long."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_AGAIN = frozenset({408, 425, 429})
_NUMBER = re.compile(r"([+-]?[0-9]{1,60}(?:\.[0-9]{0,20})?)\s*s?", re.ASCII | re.IGNORECASE)
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Retries:
    """How patient an endpoint's client is.

    Pauses double, with a random part so that many requests do not come back at the same moment.
    """

    attempts: int = 6
    first: float = 0.5
    """Seconds before the second attempt."""
    longest: float = 30.0
    longest_told: float = 120.0
    """At most so long is waited where the server itself says how long."""

    def pause(self, attempt: int, told: float | None, rng: random.Random) -> float:
        """Seconds after the failed ``attempt`` (1, 2, …).

        >>> [round(Retries().pause(n, None, random.Random(0)), 1) for n in (1, 2, 3, 9)]
        [0.5, 0.9, 1.8, 27.7]
        >>> Retries().pause(1, 7.0, random.Random(0))
        7.0
        """
        if told:  # "at once" is no advice to follow without end
            return min(told, self.longest_told)
        return min(self.longest, self.first * 2.0 ** (attempt - 1)) * (0.5 + rng.random() / 2)


def is_worth_another(status: int) -> bool:
    """Whether the same request may succeed later."""
    return status in _AGAIN or status >= 500


def told_to_wait(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The seconds that a server asks to wait: ``Retry-After`` (a number, or a date), or in ms.

    Total: what is no such thing is None, what lies in the past 0, and nothing is above a day.

    >>> told_to_wait({"retry-after": "3"}), told_to_wait({"retry-after": "soon"}), told_to_wait({})
    (3.0, None, None)
    >>> told_to_wait({"retry-after-ms": "200"}), told_to_wait({"retry-after": "1" * 30})
    (0.2, 86400.0)
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> told_to_wait({"retry-after": "Thu, 01 Jan 2026 12:00:09 -0000"}, noon)
    9.0
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        said = headers.get(name, "").strip()[:100]
        if number := _NUMBER.fullmatch(said):
            return max(0.0, min(float(number[1]) / unit, _DAY))
    said = headers.get("retry-after", "").strip()[:100]
    try:
        when = parsedate_to_datetime(said)
        if when.tzinfo is None:  # "-0000": in UTC, as all dates of HTTP are
            when = when.replace(tzinfo=UTC)
        seconds = (when - (now or datetime.now(UTC))).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, min(seconds, _DAY))
