"""Times are shown in the reader's zone, labelled, by one function everywhere."""

import doctest
import re
import time
from pathlib import Path

import pytest

import sit_core.times
from sit_core.times import known_zone, moment, shown_time

ROOT = Path(__file__).parents[1]
SUMMER = 1785000000


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "2026-07-25 17:20 UTC"),
        ("Europe/Berlin", "2026-07-25 19:20 CEST"),
        ("Asia/Kathmandu", "2026-07-25 23:05 +0545"),
        ("America/Los_Angeles", "2026-07-25 10:20 PDT"),
    ],
)
def test_a_moment_is_shown_in_the_readers_zone_with_its_name(zone: str, shown: str) -> None:
    assert shown_time(SUMMER, zone) == shown


def test_a_terminal_has_the_machines_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        for zone, shown in [("Asia/Tokyo", "02:20 JST"), ("UTC", "17:20 UTC")]:
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert shown_time(SUMMER).endswith(shown)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("name", ["", None, "Nowhere", "../../etc/passwd", "/etc/passwd", "a\0b"])
def test_what_a_browser_says_may_be_no_zone(name: str | None) -> None:
    assert known_zone(name) is None


def test_the_examples_in_the_docs_are_true() -> None:
    assert doctest.testmod(sit_core.times).failed == 0


def test_a_moment_knows_its_zone() -> None:
    assert moment(0).isoformat() == "1970-01-01T00:00:00+00:00"


def test_pages_and_terminal_show_times_by_these_functions_only() -> None:
    """``--json`` and exports have ISO times in UTC, which is another thing."""
    written = re.compile(r"strftime\(|\.fromtimestamp\(|DatetimeColumn\(|:%Y|:%H")
    iso = re.compile(r"fromtimestamp\([^)]*, UTC\)\.isoformat\(")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("pages", "sit_core/cli")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path != ROOT / "pages" / "shared" / "times.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if written.search(line) and not iso.search(line)
    ]
    assert found == []
