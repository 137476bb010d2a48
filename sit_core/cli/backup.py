"""``sit backup``: the whole store as one file; ``sit restore``: one of them put in place."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from sit_core.cli.escape import plain


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--without", multiple=True, metavar="NAME", help="Leave this folder of SIT_HOME out.")
@click.option("--sizes", is_flag=True, help="Only say how large each folder is; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Nothing but one line of JSON.")
def backup(file: Path | None, without: tuple[str, ...], sizes: bool, as_json: bool) -> None:
    """Write the database and the folders of SIT_HOME into FILE (a zip), also while the app runs.

    With a manifest of hashes; FILE is there whole or not at all. Folders such as adapters and
    models may be large: --sizes tells, --without leaves one out. Of PostgreSQL it holds a dump by
    pg_dump. `sit restore FILE` puts it back.
    """
    from sit_core.backup import contents_of, make_backup
    from sit_core.errors import UsageError
    from sit_core.settings import settings

    if sizes:
        found = contents_of(settings(), without)
        if as_json:
            click.echo(json.dumps({"bytes_of": found.bytes_of, "without": found.without}))
        else:
            _say_sizes(dict(found.bytes_of), found.without)
        return
    if file is None:
        raise UsageError("Name the file to write, such as: sit backup monday.zip")
    done = make_backup(settings(), file, without=without)
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(
        f"{plain(done.file)}: {_size(done.bytes)}, the database (schema {done.schema}) and "
        f"{done.files:,} files of SIT_HOME."
    )
    _say_sizes(done.bytes_of, done.without)
    for reason, n in done.left_out.items():
        click.echo(f"  left out: {n:,} ({reason})")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Nothing but one line of JSON.")
def restore(file: Path, as_json: bool) -> None:
    """Make the store what the backup FILE holds; what was there is kept in SIT_HOME/backups.

    Refused while an app, a job or a command uses the store. Every hash is checked before anything
    changes; an older schema is brought to the newest. FILE may also be a copy of the database
    alone, as is made in SIT_HOME/backups before each change of the schema. Restore only what you
    trust: of PostgreSQL a backup is SQL that is run.
    """
    from sit_core.backup import restore_backup
    from sit_core.settings import settings
    from sit_core.times import shown_time

    done = restore_backup(settings(), file)
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    of = ""
    if done.made is not None:
        of = f" of {shown_time(done.made)}"
    click.echo(f"Restored {plain(file.name)}{of}: the database and {done.files:,} files.")
    if done.migrated:
        click.echo(f"It was brought to schema {done.schema}.")
    if done.kept is not None:
        click.echo(f"What was there before lies in {plain(done.kept)}.")


def _say_sizes(bytes_of: dict[str, int], without: dict[str, int]) -> None:
    for name, size in sorted(bytes_of.items(), key=lambda pair: -pair[1]):
        if name not in without:
            click.echo(f"  {plain(name)}: {_size(size)}")
    for name, size in without.items():
        click.echo(f"  {plain(name)}: {_size(size)}, left out")


def _size(size: float) -> str:
    """Bytes in words.

    >>> _size(12), _size(1_234_567)
    ('12 B', '1.2 MB')
    """
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
