"""A verb for tests: it counts, waits at gates, and ends as it is told."""

import os
import signal
import sys
import threading
from pathlib import Path

import click

from sit_core.errors import SitError
from sit_core.jobs.worker import joined
from sit_core.store import open_store


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--steps", default=3)
@click.option("--gate", type=int, help="Wait after this step for a file 'open' in the folder.")
@click.option("--fail", is_flag=True)
@click.option("--bug", is_flag=True)
@click.option("--deaf", is_flag=True, help="Don't listen to SIGTERM.")
@click.option("--exit", "code", type=int)
def pretend(
    folder: Path, steps: int, gate: int | None, fail: bool, bug: bool, deaf: bool, code: int | None
) -> None:
    """Append a line per step to the file 'steps'; started again, go on where it was."""
    record = folder / "steps"
    with joined(open_store(), ["pretend"], title="pretend", run="r") as work:
        if deaf:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        begun = len(record.read_text().splitlines()) if record.exists() else 0
        for i in range(begun, steps):
            work.report(i, steps, f"step {i}")
            with record.open("a") as file:
                file.write(f"{i} {os.getpid()}\n")
            print(f"step {i} done")  # noqa: T201
            if gate == i:
                while not (folder / "open").exists():
                    threading.Event().wait(0.02)
        if fail:
            raise SitError("The pretended work can't be done; try another.")
        if bug:
            raise TypeError("a slip\nof the pen")
        if code is not None:
            sys.exit(code)
        work.report(steps, steps, f"{steps} steps done")
