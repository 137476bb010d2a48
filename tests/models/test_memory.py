"""How much memory is free, and how a lack of it is recognised."""

from pathlib import Path

import pytest

from sit_core.models import memory


def test_a_container_may_have_less_than_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    machine = memory.free_memory("cpu")
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 100000\n")
    assert memory.free_memory("cpu") == 700000
    (tmp_path / "memory.max").write_text("max\n")
    assert machine is None or (memory.free_memory("cpu") or 0) > 1000000


def test_lack_of_memory_has_many_words() -> None:
    torch = pytest.importorskip("torch")
    for error in (
        torch.OutOfMemoryError("x"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried …"),
        RuntimeError("MPS backend out of memory (MPS allocated: …)"),
        MemoryError(),
    ):
        assert memory.is_out_of_memory(error)
    assert not memory.is_out_of_memory(RuntimeError("size mismatch"))
    assert not memory.is_out_of_memory(ValueError("out of memory"))
