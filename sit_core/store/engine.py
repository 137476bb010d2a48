"""Open the store: one engine per database, migrated to the newest schema, on SQLite or PostgreSQL.

``with store.write() as connection`` is one transaction that either happens as a whole or not at
all; on SQLite it takes the write lock at its start (``BEGIN IMMEDIATE``), so that reading and then
writing inside it can't collide with another writer.
"""

import atexit
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sit_core.errors import OutOfReach, SitError
from sit_core.settings import Settings, settings
from sit_core.store import copies, presence
from sit_core.store.write_lock import AdvisoryLock, WriteLock, hold

BUSY_SECONDS = 30
POOL_SECONDS = 30
CONNECT_SECONDS = 5
"""A host that is gone without a word must not keep a page waiting for minutes."""
LOG_SECONDS = 1
"""To wait for others before their log stays as it is."""
_open: dict[str, "Store"] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Store:
    """A migrated database. Share one per process; connections come from its pool."""

    engine: Engine
    url: str
    held: int | None = None
    """Says that this process uses the store, see `presence`."""
    _write_lock: WriteLock = field(default_factory=WriteLock, repr=False, compare=False)
    """In which this process's threads write to SQLite."""

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database (else PostgreSQL)."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state and changes nothing.

        Raises:
            OutOfReach: the database does not answer.
        """
        with _in_words("read"), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends, rolled back when it raises.

        Raises:
            OutOfReach: the database does not answer, is kept busy, or its disk is full; its
                ``__cause__`` is what the driver said. Nothing of the transaction is stored.
        """
        turn = self._write_lock.held(BUSY_SECONDS) if self.is_sqlite else nullcontext()
        with _in_words("written"), turn, self.engine.connect() as connection:
            connection = connection.execution_options(sit_write=True)
            with connection.begin():
                yield connection

    def empty_log(self) -> None:
        """Move what SQLite has in its log into the database, so that the file alone holds it all.

        What somebody is reading or writing at the moment stays in the log until the next time.

        Raises:
            OutOfReach: as in `write`.
        """
        if self.is_sqlite:
            with _in_words("written"), self.engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {LOG_SECONDS * 1000}")
                try:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
                finally:
                    connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    def close(self) -> None:
        """Close the pool; the next `open_store` opens anew."""
        with _lock:
            opened = _open.get(self.url) is self
            if opened:
                del _open[self.url]
                with suppress(Exception):  # a full disk: the log stays for the next one
                    self.empty_log()
            self.engine.dispose()
            if opened:
                presence.leave(self.held)


@atexit.register
def _close_all() -> None:
    """A program that ends leaves one whole database file behind."""
    for store in list(_open.values()):
        store.close()


@contextmanager
def _in_words(done: str) -> Iterator[None]:
    """What the database can't do just now, as one sentence."""
    try:
        yield
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        if not _of_the_database(error):
            raise  # the statement's own: a bug, or what a caller counts on
        said = first_line(error)
        raise OutOfReach(f"The database can't be {done} ({said}). {_advice(said)}") from error


def _of_the_database(error: Exception) -> bool:
    """Whether the database is at fault, not the statement."""
    if isinstance(error, InterfaceError | PoolTimeout):
        return True  # a connection that ended under us, or none free for long
    assert isinstance(error, DatabaseError)
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        return False  # no such table and the like, which SQLite calls operational, too
    return isinstance(error, OperationalError) or type(error) is DatabaseError


def first_line(error: BaseException | None) -> str:
    """What the driver says, on one line, for anybody to read.

    PostgreSQL's own words name its host, the path of its socket and the user, so they go into the
    program's log only.
    """
    said = getattr(error, "orig", error)
    if isinstance(error, PoolTimeout):
        return "too many are using it at once"
    if type(said).__module__.partition(".")[0] == "psycopg":
        state = str(getattr(said, "sqlstate", None) or "")
        logging.getLogger(__name__).info("PostgreSQL says: %s", said)
        known = (words for begin, words in _POSTGRESQL if state.startswith(begin))
        return next(known, f"error {state}" if state else AWAY)
    words = str(said).strip()
    return words.splitlines()[0] if words else type(error).__name__


AWAY = "it does not answer just now"
_POSTGRESQL = (
    ("08", AWAY),
    ("57P", AWAY),
    ("53100", "its disk is full"),
    ("53300", "too many are using it at once"),
    ("28", "it refuses the name or the password"),
    ("3D000", "there is no database of that name"),
    ("25006", "it is read-only"),
)
"""How PostgreSQL's error codes begin, in words."""


def _advice(said: str) -> str:
    words = said.lower()
    if any(word in words for word in ("full", "disk i/o", "no space")):
        return "Make room on its disk, then try again."
    if "locked" in words or "busy" in words:
        return "Another program keeps it busy; try again."
    if "readonly" in words or "read-only" in words:
        return "See that its folder may be written."
    if "malformed" in words or "not a database" in words:
        return "Its file is damaged; put a copy back, or set SIT_HOME to another folder."
    if AWAY in words or "too many" in words:
        return "Try again in a minute."
    return "Bring it back, then try again."


def open_store(where: Settings | None = None) -> Store:
    """The store that the settings name, migrated; the same object for the same database.

    Raises:
        SitError: the database can't be reached, or was written by a newer version.
    """
    where = where or settings()
    with _lock:
        if where.database_url in _open:
            return _open[where.database_url]
        folder = where.home
        if copies.kind_of(where.database_url) == copies.SQLITE:
            folder = copies.file_of(where.database_url).parent
        engine = _engine(where)
        store = Store(engine, where.database_url, presence.enter(folder))
        try:
            migrate(store, where.home if where.copy_first else None)
        except BaseException as error:
            store.engine.dispose()
            presence.leave(store.held)
            if not isinstance(error, OutOfReach):
                raise
            # Not where it is: that is nobody's business who sees the message on a page.
            if not store.is_sqlite:
                said = getattr(error.__cause__, "orig", error.__cause__)
                logging.getLogger(__name__).warning("%s: %s", where.shown_database, said)
            raise OutOfReach(
                f"The database can't be opened: {first_line(error.__cause__)}. "
                "Check SIT_HOME and SIT_DATABASE_URL."
            ) from None
        _open[where.database_url] = store
        return store


def _engine(where: Settings) -> Engine:
    if where.database_url.startswith("sqlite"):
        _make_folder(where.home)
        engine = create_engine(
            where.database_url,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
            pool_size=8,
            max_overflow=32,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    asked = make_url(where.database_url).query
    return create_engine(
        where.database_url,
        pool_size=8,
        max_overflow=32,
        pool_pre_ping=True,
        pool_timeout=POOL_SECONDS,
        connect_args={} if "connect_timeout" in asked else {"connect_timeout": CONNECT_SECONDS},
    )


def _make_folder(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SitError(
            f"The folder {home} can't be made ({error.strerror}); "
            "set SIT_HOME to a folder that may be written."
        ) from None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    _into_wal(cursor)
    # FULL: an acknowledged judgment survives a power cut, not only a killed process.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.close()


def _into_wal(cursor: Any) -> None:
    """Have a log beside the database; what it is set to stays so in the file.

    SQLite does not wait where another opener of a new database is about to do the same: it would
    wait for us. So it is tried again.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            busy = (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("sit_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def migrate(store: Store, home: Path | None = None) -> None:
    """Bring the database to the newest schema; several processes may do so at once.

    One that holds something is copied to ``SIT_HOME/backups`` first, where ``home`` is given.

    Raises:
        SitError: the database was written by a newer version of this program, or no copy of it
            can be made; nothing has changed then.
    """
    from sit_core.store import migrations

    with store.read() as connection:
        if migrations.current(connection) == migrations.NEWEST:
            return
    with store.write() as connection:
        hold(connection, AdvisoryLock.MIGRATION)
        current = migrations.current(connection)
        if current == migrations.NEWEST:
            return
        if current is not None and not migrations.is_known(current):
            raise SitError(
                f"This database has schema {current}, newer than this program knows; "
                "update the program."
            )
        if current is not None and home is not None:
            copies.keep_before_migration(store.url, home, current, migrations.NEWEST)
        migrations.upgrade(connection)
