"""A backup is the whole installation; restored, nothing is missing and nothing false believed."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from sit_core.backup import contents_of, make_backup, restore_backup
from sit_core.errors import SitError, UsageError
from sit_core.settings import Settings, settings
from sit_core.store import Store, copies, migrations, open_store, pg_programs, presence
from sit_core.store.runs import list_runs
from sit_core.store.schema import judgments
from tests.cli.test_import import Sit
from tests.factories import judge, make_run, make_study
from tests.store.test_old_stores import old_store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def filled(store: Store, where: Settings) -> Store:
    """A store with a judged study, and files in the folders beside it."""
    (one,) = make_run(store, "a", ["hive\x7f — नमस्ते"])
    make_study(store, "s", ["a"])
    judge(store, "s", one, "ann", {"repeat": "yes"})
    for name, content in FILES.items():
        path = where.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return store


FILES = {
    "adapters/tuned/adapter_model.safetensors": bytes(range(256)) * 500,
    "seq_instruct/mine/iteration-0.jsonl": b'{"a": 1}\n' * 1000,
    "prompts/own/a b\u00e9.txt": "Größe\r\n".encode(),
    "texts/empty": b"",
}


def files_of(where: Settings) -> dict[str, bytes]:
    """What is in SIT_HOME beside the database."""
    return {
        str(p.relative_to(where.home)): p.read_bytes()
        for p in where.home.rglob("*")
        if p.is_file()
        and not p.name.startswith(("sit.db", ".in-use"))
        and p.relative_to(where.home).parts[0] != "backups"
    }


def count(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(judgments)) or 0


def kept_copies(where: Settings) -> list[str]:
    return sorted(p.name for p in (where.home / "backups").glob("*"))


def test_restored_everything_is_as_it_was_when_it_was_backed_up(
    filled: Store, where: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "b.zip"
    done = make_backup(where, file)  # while the store is open, and being written
    assert (done.files, done.schema, done.left_out) == (len(FILES), migrations.NEWEST, {})
    make_run(filled, "later", 3)
    with filled.write() as connection:
        connection.execute(text("update runs set name = 'other' where name = 'a'"))
    (where.home / "adapters/tuned/adapter_model.safetensors").write_bytes(b"worse")
    (where.home / "texts/more").write_bytes(b"since then")
    (where.home / "jobs").mkdir()
    (where.home / "jobs" / "log").write_bytes(b"in no backup")
    filled.close()
    said = restore_backup(where, file)
    again = open_store(where)
    assert [run.name for run in list_runs(again)] == ["a"]
    assert count(again) == 1
    assert files_of(where) == {**FILES, "jobs/log": b"in no backup"}
    # What was there before is not lost either.
    assert said.kept is not None
    kept = Path(said.kept)
    assert (kept / "texts" / "more").read_bytes() == b"since then"
    assert (kept / "adapters/tuned/adapter_model.safetensors").read_bytes() == b"worse"
    again.close()
    restore_backup(where, next(kept.glob("database.*")))
    back = open_store(where)
    assert {run.name for run in list_runs(back)} == {"other", "later"}
    back.close()


def test_into_an_empty_installation(filled: Store, where: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    make_backup(where, file)
    filled.close()
    if copies.kind_of(where.database_url) == copies.SQLITE:
        shutil.rmtree(where.home)
    else:
        with copies._engine(where.database_url) as engine, engine.begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
            connection.execute(text("create table theirs (x int)"))  # another program's
        shutil.rmtree(where.home)
    assert restore_backup(where, file).kept is None
    store = open_store(where)
    assert count(store) == 1
    assert files_of(where) == FILES
    make_run(store, "new", 1)  # numbers go on where they were
    if not store.is_sqlite:
        with store.read() as connection:
            assert connection.scalar(text("select count(*) from theirs")) == 0
    store.close()


def test_it_is_refused_while_anybody_has_the_store_open(
    filled: Store, where: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "b.zip"
    make_backup(where, file)
    make_run(filled, "later", 1)
    with pytest.raises(SitError, match=r"using this store|other connections use"):
        restore_backup(where, file)
    assert {run.name for run in list_runs(filled)} == {"a", "later"}
    assert [p.name for p in where.home.glob(".restore-*")] == []


def test_nobody_opens_a_store_that_is_being_restored(store: Store, where: Settings) -> None:
    store.close()
    folder = where.home
    folder.mkdir(exist_ok=True)
    with presence.alone(folder), pytest.raises(SitError, match="being restored just now"):
        open_store(where)
    open_store(where).close()


@pytest.mark.postgres
def test_somebody_connected_from_another_machine_counts(postgres_url: str, tmp_path: Path) -> None:
    here = settings({"SIT_HOME": str(tmp_path / "here"), "SIT_DATABASE_URL": postgres_url})
    there = settings({"SIT_HOME": str(tmp_path / "there"), "SIT_DATABASE_URL": postgres_url})
    store = open_store(there)
    make_run(store, "a", 1)
    file = tmp_path / "b.zip"
    make_backup(there, file)
    with pytest.raises(SitError, match="1 other connections use"):
        restore_backup(here, file)
    store.close()
    restore_backup(here, file)


def test_without_its_programs_postgresql_says_what_to_install(
    store: Store, where: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store.is_sqlite:
        pytest.skip("of PostgreSQL")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pg_programs, "PLACES", ())
    with pytest.raises(SitError, match=r"pg_dump is not installed; install.*postgresql-client"):
        make_backup(where, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.postgres
def test_a_filled_postgresql_is_not_migrated_without_a_copy_unless_that_is_wanted(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No program fits: a sentence and nothing changed; then it is said to go on without."""
    environ = {"SIT_HOME": str(tmp_path / "home"), "SIT_DATABASE_URL": postgres_url}
    where = settings(environ)
    held = old_store(where)
    programs = os.environ["PATH"]
    monkeypatch.setattr(pg_programs, "PLACES", ())
    monkeypatch.setenv("PATH", str(fake_programs(tmp_path / "old", 9)))
    with pytest.raises(SitError, match=r"version 9 here, too old.*SIT_PG_BIN.*SIT_BACKUP=0"):
        open_store(where)
    assert copies.schema_of(postgres_url) == "0004"
    assert kept_copies(where) == []
    unguarded = settings({**environ, "SIT_BACKUP": "0"})
    store = open_store(unguarded)
    assert count(store) == len(held["judgments"])
    assert kept_copies(where) == []
    store.close()
    monkeypatch.setenv("PATH", programs)
    open_store(where).close()  # nothing is left to change


@pytest.mark.postgres
def test_the_copy_before_a_migration_can_be_restored(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the first programs on PATH are too old for the server."""
    where = settings({"SIT_HOME": str(tmp_path / "home"), "SIT_DATABASE_URL": postgres_url})
    held = old_store(where)
    older = fake_programs(tmp_path / "old", 9)
    monkeypatch.setenv("PATH", f"{older}{os.pathsep}{os.environ['PATH']}")
    store = open_store(where)
    (copy,) = kept_copies(where)
    assert copy == f"before-{migrations.NEWEST}-was-0004.dump"
    with store.write() as connection:
        connection.execute(text("delete from judgments"))
    store.close()
    restore_backup(where, where.home / "backups" / copy)
    again = open_store(where)
    assert count(again) == len(held["judgments"])
    again.close()


def fake_programs(folder: Path, version: int) -> Path:
    """Programs that say a version and do nothing else."""
    folder.mkdir()
    for name in ("pg_dump", "pg_restore", "psql"):
        file = folder / name
        file.write_text(
            f"#!/bin/sh\n[ $1 = --version ] && echo '{name} (PostgreSQL) {version}.4'\n"
        )
        file.chmod(0o755)
    return folder


def test_of_postgresqls_programs_the_one_nearest_above_the_server_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pg_programs, "PLACES", (str(tmp_path / "packages-*"),))
    folders = {v: fake_programs(tmp_path / f"packages-{v}", v) for v in (15, 17)}
    first = fake_programs(tmp_path / "first", 18)
    own = fake_programs(tmp_path / "own", 17)

    def found(server: int, **environ: str) -> str:
        path = pg_programs.program("pg_dump", server, {"PATH": str(first), **environ})
        return str(Path(path).parent)

    assert found(14) == found(15) == str(folders[15])
    assert found(16) == found(17) == str(folders[17])
    assert found(16, SIT_PG_BIN=str(own)) == str(own)
    assert found(18) == str(first)
    (first / "pg_dump").write_text("#!/no/such/program\n")
    with pytest.raises(SitError, match="version 17 here, too old"):
        found(18)


def remade(file: Path, change: Callable[[dict[str, Any], dict[str, bytes]], object]) -> Path:
    """The backup with another manifest or other files."""
    with zipfile.ZipFile(file) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(parts.pop("manifest.json"))
    change(manifest, parts)
    other = file.with_name("other.zip")
    with zipfile.ZipFile(other, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
        new.writestr("manifest.json", json.dumps(manifest))
    return other


def _flip(parts: dict[str, bytes], name: str) -> None:
    parts[name] = parts[name][:-1] + bytes([parts[name][-1] ^ 1])


def _elsewhere(path: str) -> Callable[[dict[str, Any], dict[str, bytes]], object]:
    def change(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
        entry = manifest["files"][0]
        parts[path] = parts[entry["path"]]
        entry["path"] = path

    return change


BAD: dict[str, tuple[Callable[[dict[str, Any], dict[str, bytes]], object], str]] = {
    "a byte": (lambda m, p: _flip(p, "home/seq_instruct/mine/iteration-0.jsonl"), "is damaged"),
    "a byte of the database": (lambda m, p: _flip(p, "database.db"), "is damaged"),
    "longer": (lambda m, p: p.update({"home/texts/empty": b"x"}), "is damaged"),
    "a file less": (lambda m, p: p.pop("home/texts/empty"), "no backup by this program"),
    "up": (_elsewhere("home/../../evil"), "out of its place"),
    "root": (_elsewhere("/etc/evil"), "out of its place"),
    "beside": (_elsewhere("elsewhere/evil"), "out of its place"),
    "the lock": (_elsewhere("home/.in-use"), "out of its place"),
    "the backups": (_elsewhere("home/backups/x"), "out of its place"),
    "a bare name": (_elsewhere("home"), "out of its place"),
    "twice": (lambda m, p: m["files"].append(m["files"][0]), "out of its place"),
    "newer schema": (lambda m, p: m["database"].update(schema="9999"), "update the program"),
    "newer format": (lambda m, p: m.update(format=99), "update the program"),
    "too large": (lambda m, p: m["files"][0].update(bytes=10**18), "make room"),
    "no number": (lambda m, p: m["files"][0].update(bytes="many"), "no backup by this program"),
    "no list": (lambda m, p: m.update(files=None), "no backup by this program"),
    "another database": (lambda m, p: m["database"].update(kind="postgresql"), "of PostgreSQL"),
}


@pytest.fixture
def backed(sqlite_store: Store, tmp_path: Path) -> tuple[Settings, Path]:
    """A closed SQLite store and its backup."""
    where = settings({"SIT_HOME": str(tmp_path / "home")})
    make_run(sqlite_store, "a", 2)
    for name, content in FILES.items():
        path = where.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    make_backup(where, tmp_path / "b.zip")
    sqlite_store.close()
    return where, tmp_path / "b.zip"


def state(where: Settings) -> tuple[bytes, dict[str, bytes]]:
    return (where.home / "sit.db").read_bytes(), files_of(where)


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_as_the_manifest_says_changes_nothing(
    name: str, backed: tuple[Settings, Path], tmp_path: Path
) -> None:
    where, file = backed
    before = state(where)
    change, sentence = BAD[name]
    with pytest.raises(SitError, match=sentence):
        restore_backup(where, remade(file, change))
    assert state(where) == before
    assert kept_copies(where) == []
    assert not (tmp_path / "evil").exists()
    assert list(where.home.glob(".restore-*")) == []


@pytest.mark.slow
@hypothesis_settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_file_with_any_part_changed_or_missing_is_refused_or_gives_the_same(
    backed: tuple[Settings, Path], data: st.DataObject
) -> None:
    where, file = backed
    whole = file.read_bytes()
    if data.draw(st.booleans()):
        broken = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        at = data.draw(st.integers(0, len(whole) - 1))
        broken = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    other = file.with_name("broken.zip")
    other.write_bytes(broken)
    before = files_of(where)
    with suppress(SitError):
        restore_backup(where, other)
    store = open_store(where)
    assert [run.name for run in list_runs(store)] == ["a"]
    store.close()
    assert files_of(where) == before


def test_an_older_schema_is_brought_to_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import command

    from sit_core.store.engine import Store as EngineStore
    from sit_core.store.engine import _engine

    where = settings({"SIT_HOME": str(tmp_path / "old")})
    old = EngineStore(_engine(where), where.database_url)
    with old.write() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        connection.execute(
            text(
                "insert into runs (name, settings, provenance, created_at, state) "
                "values ('before', '{}', '{}', 0, 'complete')"
            )
        )
    old.close()
    make_backup(where, tmp_path / "b.zip")
    store = open_store(where)  # the app was updated meanwhile
    (copy,) = kept_copies(where)
    assert copy == f"before-{migrations.NEWEST}-was-0004.db"
    assert copies.schema_of_file(where.home / "backups" / copy) == "0004"
    make_run(store, "after", 1)
    store.close()
    said = restore_backup(where, tmp_path / "b.zip")
    assert said.migrated
    again = open_store(where)
    assert [run.name for run in list_runs(again)] == ["before"]
    again.close()
    # The copy that was made before the migration does, too, with nothing but the database in it.
    assert restore_backup(where, where.home / "backups" / copy).migrated


def test_large_folders_can_be_left_out_and_stay_where_they_are(
    backed: tuple[Settings, Path], tmp_path: Path
) -> None:
    where, _ = backed
    assert contents_of(where).bytes_of["adapters"] == 128_000
    done = make_backup(where, tmp_path / "small.zip", without=["adapters"])
    assert done.without == {"adapters": 128_000}
    assert "adapters" not in done.bytes_of
    restore_backup(where, tmp_path / "small.zip")
    assert files_of(where) == FILES
    with pytest.raises(UsageError, match="adapters"):
        make_backup(where, tmp_path / "x.zip", without=["adaptors"])


def test_links_and_the_backup_itself_are_not_in_it(
    backed: tuple[Settings, Path], tmp_path: Path
) -> None:
    where, _ = backed
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("hush")
    (where.home / "link").symlink_to(tmp_path / "secret")
    (where.home / "texts" / "key").symlink_to(tmp_path / "secret" / "key")
    (where.home / "texts" / "half.part").write_text("half")
    file = where.home / "b.zip"
    done = make_backup(where, file)
    assert done.left_out == {"a link, which is not followed": 2}
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    assert sorted(names) == sorted(["database.db", "manifest.json", *(f"home/{n}" for n in FILES)])


def test_a_backup_is_never_written_over(backed: tuple[Settings, Path]) -> None:
    where, file = backed
    with pytest.raises(UsageError, match="choose another name"):
        make_backup(where, file)


def test_one_that_fails_leaves_nothing_behind(
    backed: tuple[Settings, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, _ = backed

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sit_core.backup.write._take", full)
    before = sorted(tmp_path.iterdir())
    with pytest.raises((SitError, OSError)):
        make_backup(where, tmp_path / "c.zip")
    assert sorted(tmp_path.iterdir()) == before


def test_the_commands(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sit = Sit(capsys)
    sit("backup", str(tmp_path / "none.zip"))
    assert (sit.code, "nothing to back up" in sit.err) == (1, True)
    store = open_store()
    make_run(store, "a", 2)
    sit("backup", str(tmp_path / "b.zip"), "--json")
    assert json.loads(sit.out)["database"] == "sqlite"
    sit("restore", str(tmp_path / "b.zip"))
    assert (sit.code, "using this store" in sit.err) == (1, True)
    store.close()
    sit("restore", str(tmp_path / "b.zip"))
    assert sit.code == 0
    assert "lies in" in sit.out
    sit("restore", str(tmp_path / "nowhere.zip"))
    assert sit.code == 2
    assert "Traceback" not in sit.err
    sit("backup", "--sizes", "--json")
    assert sit.code == 0
    sit("backup")
    assert sit.code == 2


@pytest.mark.slow
def test_a_copied_file_is_the_whole_database_once_a_command_has_ended(tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text('{"instruction": "Say hi.", "output": "hi", "steps": "answer"}\n')
    home = tmp_path / "home"
    environ = {**os.environ, "SIT_HOME": str(home), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "sit_core.cli", "import", str(source)]
    with closing(sqlite3.connect(":memory:")) as app:
        home.mkdir()
        first = subprocess.run(words, env=environ, capture_output=True, check=False)
        assert first.returncode == 0, first.stderr
        app.execute("attach ? as theirs", [str(home / "sit.db")])  # an app that has it open
        assert app.execute("select count(*) from theirs.predictions").fetchone() == (1,)
        source.write_text('{"instruction": "Say ho.", "output": "ho", "steps": "answer"}\n')
        second = subprocess.run(
            [*words, "--run", "second"], env=environ, capture_output=True, check=False
        )
        assert second.returncode == 0, second.stderr
        alone = tmp_path / "alone.db"
        shutil.copy(home / "sit.db", alone)  # the file alone, as people copy it
    with closing(sqlite3.connect(alone)) as copy:
        assert copy.execute("select count(*) from predictions").fetchone() == (2,)


def test_what_is_restored_is_on_the_disk_before_it_takes_its_place(
    filled: Store, where: Settings, tmp_path: Path, synced: set[tuple[int, int]]
) -> None:
    file = tmp_path / "b.zip"
    make_backup(where, file)
    filled.close()
    synced.clear()
    put: set[tuple[int, int]] = set()
    really = copies.put_in_place

    def put_in_place(url: str, copy: Path) -> None:
        really(url, copy)
        put.update(synced)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies, "put_in_place", put_in_place)
        restore_backup(where, file)
    for name in FILES:
        there = (where.home / name).stat()
        assert (there.st_ino, there.st_size) in put, name


def test_the_copy_before_a_migration_is_on_the_disk(
    tmp_path: Path, synced: set[tuple[int, int]]
) -> None:
    file = tmp_path / "sit.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("create table runs (name text)")
        connection.commit()
    kept = copies.keep_before_migration(f"sqlite:///{file}", tmp_path, "0007", "0008")
    assert (kept.stat().st_ino, kept.stat().st_size) in synced
