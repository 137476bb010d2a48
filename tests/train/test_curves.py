"""Curves are only added to; readers read what is new, and a kill leaves nothing misleading."""

from pathlib import Path

import pytest

from sit_core.train.curves import Curves, CurveWriter


def point(step: int, loss: float = 1.0) -> dict[str, float]:
    return {
        "step": step,
        "loss": loss,
        "learning_rate": 0.1,
        "tokens": step * 10,
        "tokens_per_second": 5.0,
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "curves.jsonl"


def test_readers_read_only_what_is_new(path: Path) -> None:
    writer, reader = CurveWriter(path), Curves(path)
    writer.add(begins_at=0, of=4)
    writer.add(step=0, held_out=3.0)
    writer.add(**point(1, 2.0))
    assert reader.read() == 3
    assert reader.read() == 0
    before = reader.offset
    writer.add(**point(2, 1.5))
    writer.add(step=2, held_out=2.0)
    assert reader.read() == 2
    assert reader.offset > before
    assert reader.loss == [(1, 2.0), (2, 1.5)]
    assert reader.held_out == [(0, 3.0), (2, 2.0)]
    assert (reader.steps, reader.step, reader.best, reader.tokens) == (4, 2, (2, 2.0), 20)


def test_a_line_half_written_waits(path: Path) -> None:
    reader = Curves(path)
    assert reader.read() == 0
    path.write_bytes(b'{"begins_at": 0, "of": 2}\n{"step": 1, "los')
    assert reader.read() == 1
    with path.open("ab") as file:
        file.write(b's": 1.0, "learning_rate": 1, "tokens": 1, "tokens_per_second": 1}\n')
    assert reader.read() == 1
    assert reader.loss == [(1, 1.0)]


def test_what_a_killed_process_did_after_its_checkpoint_is_forgotten(path: Path) -> None:
    writer, reader = CurveWriter(path), Curves(path)
    writer.add(begins_at=0, of=9)
    for step in (1, 2, 3):
        writer.add(**point(step, 9.0))
    writer.add(step=3, held_out=9.0)
    reader.read()
    writer.close()
    with path.open("ab") as file:
        file.write(b'{"step": 4, "lo')  # torn by a machine that went down
    writer = CurveWriter(path)
    writer.add(begins_at=2, of=9)
    writer.add(**point(3, 1.0))
    reader.read()
    fresh = Curves(path)
    fresh.read()
    for one in (reader, fresh):
        assert one.loss == [(1, 9.0), (2, 9.0), (3, 1.0)]
        assert (one.held_out, one.attempts) == ([], 2)


def test_a_file_begun_anew_is_read_anew(path: Path) -> None:
    reader = Curves(path)
    for loss in (5.0, 4.0):
        path.unlink(missing_ok=True)
        writer = CurveWriter(path)
        writer.add(begins_at=0, of=1)
        writer.add(**point(1, loss))
        if loss == 5.0:
            writer.add(**point(2))
        reader.read()
    assert reader.loss == [(1, 4.0)]


def test_a_number_that_is_none_is_not_written(path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        CurveWriter(path).add(step=1, loss=float("nan"))
