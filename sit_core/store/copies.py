"""Copies of the whole database, made while it is used, and put in its place.

SQLite copies itself by its backup interface, in one read transaction, so that nobody waits.
PostgreSQL's own programs do the same for it: ``pg_dump`` writes a dump in its custom format,
``pg_restore`` turns it into SQL and ``psql`` runs that as one transaction, all or nothing
(`pg_programs` finds them).
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from sit_core.errors import SitError, no_room
from sit_core.files import replacing, to_disk
from sit_core.store.pg_programs import program
from sit_core.store.schema import metadata

SQLITE, POSTGRESQL = "sqlite", "postgresql"
MAGIC = {SQLITE: b"SQLite format 3\0", POSTGRESQL: b"PGDMP"}
"""How a copy of either begins."""
SUFFIX = {SQLITE: ".db", POSTGRESQL: ".dump"}
_BLOCK = 1 << 20
_WITHOUT = (
    "This version brings the database to a new schema and copies it first. If you have a backup "
    "of your own, start once with SIT_BACKUP=0 to go on without that copy."
)


def kind_of(url: str) -> str:
    """Which database a URL names."""
    return SQLITE if url.startswith("sqlite") else POSTGRESQL


def file_of(url: str) -> Path:
    """The file of a SQLite database."""
    return Path(make_url(url).database or "")


def schema_of(url: str) -> str | None:
    """The revision at which a database is; None where there is none, or an empty one.

    Raises:
        SitError: it can't be reached, or is damaged.
    """
    from sit_core.store import migrations

    if kind_of(url) == SQLITE:
        file = file_of(url)
        if not file.exists():
            return None
        return schema_of_file(file)
    with _engine(url) as engine, engine.connect() as connection:
        return migrations.current(connection)


def schema_of_file(file: Path) -> str | None:
    """The same of a SQLite file."""
    try:
        with closing(_connected(file)) as connection:
            tables = "select 1 from sqlite_master where name = 'alembic_version'"
            if connection.execute(tables).fetchone() is None:
                return None
            row = connection.execute("select version_num from alembic_version").fetchone()
            return None if row is None else str(row[0])
    except sqlite3.DatabaseError as error:
        raise SitError(f"{file.name} is no database that can be read ({error}).") from None


class Sink(Protocol):
    """Takes bytes."""

    def write(self, block: bytes, /) -> object:
        """Take some."""


def write_copy(url: str, stream: Sink, beside: Path) -> None:
    """Write a copy of the database as it is at this moment; memory stays small.

    Args:
        url: of the database.
        stream: where to.
        beside: a folder with room for a SQLite file of its size.

    Raises:
        SitError: it can't be read, or PostgreSQL's programs are missing or say no.
    """
    if kind_of(url) == POSTGRESQL:
        _dump(url, stream)
        return
    with tempfile.TemporaryDirectory(prefix=".copy-", dir=beside) as folder:
        copy = Path(folder) / "copy.db"
        copy_sqlite(file_of(url), copy)
        with copy.open("rb") as source:
            shutil.copyfileobj(source, stream, _BLOCK)


def copy_sqlite(file: Path, copy: Path) -> None:
    """A SQLite database with all that its log holds, as one file.

    Raises:
        SitError: it can't be read, or there is no room for the copy.
    """
    try:
        with closing(_connected(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)  # all pages at once: one state, and no writer waits
            target.execute("PRAGMA journal_mode = DELETE")  # one file, no log beside it
    except sqlite3.Error as error:
        raise SitError(
            f"The database can't be copied ({error}); see that its disk and {copy.parent.name} "
            "have room for a second one."
        ) from None


def keep_before_migration(url: str, home: Path, current: str, newest: str) -> Path:
    """Copy the database to ``SIT_HOME/backups`` before its schema changes.

    Raises:
        SitError: there is no room for it, or PostgreSQL's programs are missing or say no; it says
            how to go on.
    """
    kind = kind_of(url)
    folder = home / "backups"
    path = folder / f"before-{newest}-was-{current}{SUFFIX[kind]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            if kind == SQLITE:
                copy_sqlite(file_of(url), part)
            else:
                with part.open("wb") as stream:
                    _dump(url, stream)
    except OSError as error:
        said = no_room(error) or f"{folder} can't be written ({error.strerror})."
        raise SitError(f"{said} {_WITHOUT}") from None
    except SitError as error:
        raise SitError(f"{error} {_WITHOUT}") from None
    return path


def check_copy(file: Path, url: str) -> None:
    """See that a copy of such a database is whole.

    Raises:
        SitError: it is not.
    """
    if kind_of(url) == POSTGRESQL:
        restore = program("pg_restore", server_version(url))
        _run([restore, "--list", str(file)], "The dump can't be read")
        return
    try:
        with closing(_connected(file)) as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise SitError(f"The database in it is damaged ({said}).")


def put_in_place(url: str, copy: Path) -> None:
    """Make the database what the copy is: all of it, or nothing changes.

    Raises:
        SitError: others are connected to PostgreSQL's, its programs are missing, or it says no.
    """
    if kind_of(url) == SQLITE:
        file = file_of(url)
        file.parent.mkdir(parents=True, exist_ok=True)
        for beside in (f"{file}-wal", f"{file}-shm"):
            Path(beside).unlink(missing_ok=True)  # of the database that was there before
        _to_disk(copy)
        copy.replace(file)
        return
    _load(url, copy)


def others_connected(url: str) -> int:
    """How many others use a PostgreSQL database just now; 0 for SQLite, see `presence`."""
    if kind_of(url) == SQLITE:
        return 0
    with _engine(url) as engine, engine.connect() as connection:
        return connection.scalar(
            text(
                "select count(*) from pg_stat_activity where datname = current_database() "
                "and pid <> pg_backend_pid() and backend_type = 'client backend'"
            )
        ) or 0  # fmt: skip


def server_version(url: str) -> int:
    """The major version of a PostgreSQL server."""
    with _engine(url) as engine, engine.connect() as connection:
        return int(connection.exec_driver_sql("show server_version_num").scalar_one()) // 10_000


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url, pool_size=1)
    try:
        yield engine
    except DBAPIError as error:
        said = type(error.orig).__name__
        raise SitError(f"The database can't be reached ({said}); check SIT_DATABASE_URL.") from None
    finally:
        engine.dispose()


def _connected(file: Path) -> sqlite3.Connection:
    """A connection that only reads; with its log, if there is one."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)


def _dump(url: str, stream: Sink) -> None:
    words = [
        program("pg_dump", server_version(url)),
        "--format=custom",
        "--no-owner",
        "--no-privileges",
    ]
    words += [f"--table={name}" for name in _tables()]  # another program may have some there, too
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, env=_environ(url)
        )
        assert process.stdout is not None
        try:
            shutil.copyfileobj(process.stdout, stream, _BLOCK)
        finally:
            process.stdout.close()
            code = process.wait()
        if code:
            raise SitError(_failure("pg_dump could not read the database", said, url))


def _load(url: str, dump: Path) -> None:
    """One transaction: what is there goes, what the dump holds comes."""
    server = server_version(url)
    run = [program("psql", server), "--no-psqlrc", "--quiet", "--single-transaction"]
    run += ["--set=ON_ERROR_STOP=1", "--command=set client_min_messages = warning"]
    run += [f"--command=drop table if exists {', '.join(_tables())} cascade", "--file=-"]
    as_sql = [program("pg_restore", server), "--no-owner", "--no-privileges", "--file=-", str(dump)]
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as read:
        source = subprocess.Popen(
            as_sql, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=read
        )
        assert source.stdout is not None
        target = subprocess.Popen(
            run, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=_environ(url)
        )
        assert target.stdin is not None
        whole = False
        try:
            shutil.copyfileobj(source.stdout, target.stdin, _BLOCK)
            whole = source.wait() == 0
            if not whole:  # half of it must not be taken for all: the last word is an error
                target.stdin.write(b"\nselect the_dump_is_cut_off;\n")
        except BrokenPipeError:
            pass
        finally:
            source.stdout.close()
            source.wait()
            with suppress(BrokenPipeError):
                target.stdin.close()
            code = target.wait()
        if code:
            raise SitError(
                _failure("PostgreSQL did not take the backup, and is as before", said, url)
            )
        if not whole:
            raise SitError(_failure("pg_restore could not read the dump", read, url))


def _tables() -> list[str]:
    return [*(table.name for table in metadata.sorted_tables), "alembic_version"]


def _run(words: list[str], what: str) -> None:
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise SitError(f"{what}: {lines[0][:300]}")


def _failure(what: str, said: "tempfile._TemporaryFileWrapper[bytes] | BinaryIO", url: str) -> str:
    """One sentence with the program's first words, without the address and the password."""
    said.seek(0)
    lines = said.read(4000).decode("utf-8", "replace").strip().splitlines()
    first = lines[0] if lines else "no reason given"
    for secret in (make_url(url).password, make_url(url).username, make_url(url).host):
        if secret:
            first = first.replace(str(secret), "…")
    return f"{what}: {first[:300]}"


def _environ(url: str) -> dict[str, str]:
    """Where the programs connect to; a command line would show the password to everybody."""
    parsed: URL = make_url(url)
    query = {k: v if isinstance(v, str) else v[-1] for k, v in parsed.query.items()}
    said = {
        "PGHOST": parsed.host or query.get("host"),
        "PGPORT": str(parsed.port) if parsed.port else query.get("port"),
        "PGUSER": parsed.username or query.get("user"),
        "PGPASSWORD": parsed.password or query.get("password"),
        "PGDATABASE": parsed.database or query.get("dbname"),
        "PGSSLMODE": query.get("sslmode"),
        "PGSSLROOTCERT": query.get("sslrootcert"),
        "PGSSLCERT": query.get("sslcert"),
        "PGSSLKEY": query.get("sslkey"),
        "PGOPTIONS": query.get("options"),
        "LC_ALL": "C",
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PG") or k == "PGPASSFILE"}
    return kept | {name: value for name, value in said.items() if value}


def _to_disk(path: Path) -> None:
    with path.open("rb+") as stream:
        to_disk(stream)
