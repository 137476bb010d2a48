"""How far a verb is, for its job and on standard error."""

import sys
import time
from collections.abc import Callable

import click

from sit_core.cli.escape import plain

SECONDS_BETWEEN = 5.0
"""Between two lines of progress where standard error is no terminal."""


class CommandProgress:
    """Passes the progress on to the job and tells it on standard error."""

    def __init__(self, report: Callable[..., None], *, quiet: bool) -> None:
        self.report = report
        self.quiet = quiet
        self.terminal = sys.stderr.isatty()
        self.last, self.said = 0.0, ""

    def __call__(self, done: int | None, total: int | None = None, message: str = "") -> None:
        """So far; raises where the job is to stop."""
        self.report(done, total, message)
        now = time.monotonic()
        wait = 0.2 if self.terminal else SECONDS_BETWEEN
        if self.quiet or (now - self.last < wait and message == self.said):
            return
        self.last, self.said = now, message
        line = plain(message if done is None else f"{done:,} of {total or 0:,}: {message}")
        if self.terminal:
            click.echo(f"\r{line:<60.60}", err=True, nl=False)
        else:
            click.echo(line, err=True)

    def end(self) -> None:
        """Clear the line."""
        if self.terminal and not self.quiet:
            click.echo("\r" + " " * 60 + "\r", err=True, nl=False)
