"""Files are replaced as a whole: on the disk before they are in place, and nothing left beside."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from sit_core import files


def test_what_replaces_a_file_is_on_the_disk_before_it_is_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synced: set[tuple[int, int]]
) -> None:
    really, states = Path.replace, list[bool]()

    def replace(self: Path, target: Path) -> Path:
        states.append((self.stat().st_ino, self.stat().st_size) in synced)
        return really(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    files.write_bytes(tmp_path / "a", b"x" * 9)
    files.write_text(tmp_path / "b", "ü")
    files.write_json(tmp_path / "c", {"a": ["ü"]})
    with files.replacing(tmp_path / "d") as part:
        part.write_bytes(b"made by others")
    assert states == [True] * 4
    assert [(tmp_path / name).read_bytes() for name in "abd"] == [
        b"x" * 9,
        "ü".encode(),
        b"made by others",
    ]
    text = (tmp_path / "c").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": ["ü"]}
    assert text.endswith("}\n")
    assert "ü" in text


@pytest.mark.parametrize("step", ["write", "fsync"])
def test_after_an_error_the_file_is_as_it_was_and_nothing_is_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "kept.json"
    path.write_bytes(b"before")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"), files.replacing_stream(path) as stream:
        stream.write(b"half")
        if step == "write":
            full(0)
    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["kept.json"]


def test_until_the_end_readers_find_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_bytes(b"before")
    with files.replacing_stream(path) as stream:
        stream.write(b"after")
        stream.flush()
        assert path.read_bytes() == b"before"
        assert all(p == path or p.name.endswith(files.PART) for p in tmp_path.iterdir())
    assert path.read_bytes() == b"after"


def test_two_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    path, both = tmp_path / "one", threading.Barrier(2)
    assert files.beside(path) != files.beside(path)

    def write(content: bytes) -> None:
        with files.replacing_stream(path) as stream:
            both.wait(60)
            stream.write(content)
            both.wait(60)

    contents = [b"a" * 100_000, b"b" * 70_000]
    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert [p.name for p in tmp_path.iterdir()] == ["one"]


@pytest.mark.parametrize("name", ["n" * 255, "名" * 85, "🙂" * 63])
def test_names_as_long_as_a_system_allows(tmp_path: Path, name: str) -> None:
    files.write_text(tmp_path / name, "a")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_text_without_utf_8_is_replaced_only_where_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a"
    files.write_text(path, "a\ud800b", errors="replace")
    assert path.read_bytes() == b"a?b"
    with pytest.raises(UnicodeEncodeError):
        files.write_text(path, "\ud800")
    assert path.read_bytes() == b"a?b"


def test_a_folder_takes_its_place_as_a_whole(tmp_path: Path) -> None:
    place = tmp_path / "a [x]"
    with files.replacing_folder(place) as part:
        (part / "sub").mkdir()
        (part / "sub" / "f").write_text("1")
        assert not place.exists()
    with pytest.raises(ZeroDivisionError), files.replacing_folder(place) as part:
        (part / "f").write_text("2")
        1 / 0  # noqa: B018
    assert [path.name for path in place.iterdir()] == ["sub"]
    with files.replacing_folder(place) as part:
        (part / "g").write_text("3")
    assert [path.name for path in tmp_path.iterdir()] == ["a [x]"]
    assert [path.name for path in place.iterdir()] == ["g"]


def test_what_killed_programs_left_beside_a_folder_is_removed(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    names = [f".a.{gone.pid}.x.part", f".a.{os.getpid()}.x.part", ".ab.1.part", ".a.me.part"]
    for name in names:
        (tmp_path / name).mkdir()
    with files.replacing_folder(tmp_path / "a"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names[1:], "a"])


def test_a_scratch_folder_is_gone_at_the_end_and_what_killed_programs_left_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with files.scratch_folder("sit-report") as mine:
        assert not list(mine.iterdir())
        assert mine.stat().st_mode & 0o077 == 0
        head, _, rest = mine.name.partition(f"-{os.getpid()}-")
        gone = tmp_path / f"{head}-{ended.pid}-{rest}"
        elsewhere = tmp_path / f"sit-report-otherhost-{ended.pid}-{rest}"
        others = tmp_path / f"sit-other-{ended.pid}-x"
        target = tmp_path / "target"
        for folder in (gone, elsewhere, others, target):
            folder.mkdir()
            (folder / "sit.db").write_bytes(b"x")
        link = tmp_path / f"{head}-{ended.pid}-link"
        link.symlink_to(target)
        with files.scratch_folder("sit-report") as second:
            assert second != mine
            assert mine.is_dir()
            assert not gone.exists()
        assert not second.exists()
    assert not mine.exists()
    assert all((one / "sit.db").exists() for one in (elsewhere, others, target, link))
    with pytest.raises(ValueError, match="inside"), files.scratch_folder("sit-report") as third:
        raise ValueError("inside")
    assert not third.exists()
