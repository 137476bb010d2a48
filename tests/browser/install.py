"""``python -m tests.browser.install``: a Chromium for the browser tests.

Takes one that is there (``SIT_CHROMIUM``, the system's, Playwright's own); else installs one, by
the system's packages where this is Debian or Ubuntu and we may, else Playwright's.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The path of a Chromium that is here; None when there is none."""
    named = os.environ.get("SIT_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def attempts() -> list[list[list[str]]]:
    """Ways to install one, the first that works is enough."""
    ways = []
    if shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        ways.append([[*sudo, "apt-get", "update"], [*sudo, "apt-get", "install", "-y", "chromium"]])
    ways.append([[sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]])
    ways.append([[sys.executable, "-m", "playwright", "install", "chromium"]])
    return ways


def main() -> int:
    """Find or install; 0 when there is one."""
    if chromium():
        return 0
    for commands in attempts():
        if all(subprocess.run(command, check=False).returncode == 0 for command in commands) and (
            chromium()
        ):
            return 0
    print(  # noqa: T201
        "No Chromium could be installed; install one and set SIT_CHROMIUM to its path.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
