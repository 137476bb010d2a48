"""``sit jobs``: the long actions, their logs; cancel and resume them."""

import json
from dataclasses import asdict

import click

from sit_core.cli.escape import plain
from sit_core.cli.table_options import print_table


@click.group(invoke_without_command=True)
@click.pass_context
def jobs(ctx: click.Context) -> None:
    """List the long actions, read their logs, cancel or resume them."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@jobs.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list with all that is known.")
def list_(as_json: bool = False) -> None:
    """List them, the newest first; dead ones are recognised as such."""
    from sit_core.jobs import current_jobs
    from sit_core.store import open_store
    from sit_core.times import shown_time

    found = current_jobs(open_store())
    if as_json:
        click.echo(json.dumps([asdict(job) for job in found]))
        return
    if not found:
        click.echo("There are no jobs yet; `sit predict … --detach` makes one.")
        return
    rows = [
        [
            str(job.id),
            job.state,
            "" if job.done is None else f"{job.done}/{job.total or '?'}",
            shown_time(job.created_at),
            job.title,
            job.reason or job.message,
        ]
        for job in found
    ]
    print_table(["job", "state", "done", "begun", "title", "says"], rows, left=6)


@jobs.command()
@click.argument("job", type=int)
@click.option(
    "--characters", default=8000, show_default=True, help="Most lines to show, from the end."
)
def log(job: int, characters: int) -> None:
    """Print the end of a job's log."""
    from sit_core.jobs import current_job, log_tail
    from sit_core.store import open_store

    found = current_job(open_store(), job)
    for line in log_tail(found.id, characters).splitlines():
        click.echo(plain(line))


@jobs.command()
@click.argument("job", type=int)
def cancel(job: int) -> None:
    """Stop a job; what it has written is kept."""
    from sit_core.jobs import cancel_job
    from sit_core.jobs.start import GRACE_SECONDS
    from sit_core.store import open_store

    found = cancel_job(open_store(), job, wait=GRACE_SECONDS + 5)
    click.echo(plain(f"Job {found.id}: {found.state}. {found.reason or 'It was asked to stop.'}"))


@jobs.command()
@click.argument("job", type=int)
def resume(job: int) -> None:
    """Start an ended job again; it goes on where it was."""
    from sit_core.jobs import resume_job
    from sit_core.store import open_store

    found = resume_job(open_store(), job)
    click.echo(f"Job {found.id} is started again; `sit jobs log {found.id}` shows its log.")
