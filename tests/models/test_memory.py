"""How much memory is free, and how a lack of it is recognised."""

from pathlib import Path

import pytest

from sit_core.errors import SitError
from sit_core.models import ModelSpec
from sit_core.models.local import load as opening
from sit_core.models.local import memory
from sit_core.models.local.weights import Weights


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
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        MemoryError(),
    ):
        assert memory.is_out_of_memory(error)
    assert not memory.is_out_of_memory(RuntimeError("size mismatch"))
    assert not memory.is_out_of_memory(ValueError("out of memory"))


def test_what_is_free_on_other_devices_is_asked_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    asked = []

    def info(device: object) -> tuple[int, int]:
        asked.append(str(device))
        return 7, 80

    monkeypatch.setattr(torch.cuda, "mem_get_info", info)
    assert memory.free_memory("cuda") == memory.free_memory("cuda:1") == 7
    assert asked == ["cuda", "cuda:1"]
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 100)
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 30)
    assert memory.free_memory("mps") == 70
    assert memory.free_memory("xpu") is None


@pytest.mark.parametrize(
    ("cuda", "mps", "named", "chosen"),
    [
        (0, False, "auto", "cpu"),
        (0, True, "auto", "mps"),
        (2, True, "auto", "cuda"),
        (2, False, "cuda:1", "cuda:1"),
        (0, True, "mps:0", "mps"),
        (0, False, "cpu:0", "cpu"),
        (2, False, "cuda:2", None),
        (0, False, "mps", None),
        (1, False, "cuda:x", None),
    ],
)
def test_the_device_is_the_one_that_was_named_or_the_fastest_there_is(
    cuda: int, mps: bool, named: str, chosen: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    if chosen is None:
        with pytest.raises(SitError, match=r"no device|The device is"):
            opening.choose_device(named)
    else:
        assert opening.choose_device(named) == chosen


@pytest.mark.parametrize(
    ("device", "stored", "asked", "dtype", "size"),
    [
        ("cpu", "BF16", "auto", "float32", 4),
        ("mps", "BF16", "auto", "bfloat16", 2),
        ("cuda", "F16", "auto", "float16", 2),
        ("cuda", "F32", "auto", "float32", 4),
        ("cuda", "F8_E4M3", "auto", "float32", 4),
        ("cuda", "F32", "bfloat16", "bfloat16", 2),
    ],
)
def test_the_dtype_is_the_one_that_was_named_or_what_the_device_is_fast_with(
    device: str, stored: str, asked: str, dtype: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "choose_device", lambda name: name)
    monkeypatch.setattr(opening, "free_memory", lambda device: 1000)
    weights = Weights((), 100, stored, ())
    spec = ModelSpec("m", device=device, dtype=asked)
    fit = opening.choose_fit(spec, weights)
    assert (fit.device, fit.dtype, fit.needs) == (device, dtype, 100 * size)
    monkeypatch.setattr(opening, "free_memory", lambda device: 300)
    assert opening.fits(opening.choose_fit(spec, weights)) == (fit.dtype != "float32" or
        (device, asked) == ("cpu", "auto"))  # fmt: skip
