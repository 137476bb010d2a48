"""When a request is made again, and after how long."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_AGAIN = frozenset({408, 425, 429})


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

    def pause(self, attempt: int, told: float | None, dice: random.Random) -> float:
        """Seconds after the failed ``attempt`` (1, 2, …).

        >>> [round(Retries().pause(n, None, random.Random(0)), 1) for n in (1, 2, 3, 9)]
        [0.5, 0.9, 1.8, 27.7]
        >>> Retries().pause(1, 7.0, random.Random(0))
        7.0
        """
        if told is not None:
            return min(told, self.longest_told)
        return min(self.longest, self.first * 2.0 ** (attempt - 1)) * (0.5 + dice.random() / 2)


def is_worth_another(status: int) -> bool:
    """Whether the same request may succeed later."""
    return status in _AGAIN or status >= 500


def told_to_wait(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The seconds that ``Retry-After`` asks for: a number, or a date.

    >>> told_to_wait({"retry-after": "3"}), told_to_wait({"retry-after": "soon"}), told_to_wait({})
    (3.0, None, None)
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> told_to_wait({"retry-after": "Thu, 01 Jan 2026 12:00:09 GMT"}, noon)
    9.0
    """
    said = headers.get("retry-after", "").strip()
    if said.replace(".", "", 1).isdecimal():
        return float(said)
    try:
        when = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
