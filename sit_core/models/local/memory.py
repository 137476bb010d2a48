"""How much memory is free, before a model is loaded that would not fit.

On a CPU running out of memory is no exception: the system ends the process.
"""

import math
import os
from pathlib import Path
from typing import Any

_CGROUP = Path("/sys/fs/cgroup")
_LACK = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "status_alloc_failed",  # cuBLAS and cuDNN, about room to work in
)


def free_memory(device: str) -> int | None:
    """Bytes that a model may take on ``cpu``, ``cuda``, ``cuda:1``, ``mps``; None: nobody knows."""
    if device.startswith("cuda"):
        import torch

        free: int = torch.cuda.mem_get_info(torch.device(device))[0]
        return free
    if device == "mps":
        import torch

        # What Metal recommends, not all that the machine has: beyond it everything is swapped.
        most: int = torch.mps.recommended_max_memory()
        return max(0, most - int(torch.mps.driver_allocated_memory()))
    if device != "cpu":
        return None
    known = [n for n in (_of_the_machine(), _of_the_container()) if n is not None]
    return min(known, default=None)


def tokens_that_fit(model: Any, device: str) -> int | None:
    """How many tokens a loaded model may remember in half of the free memory; None: who knows.

    Two numbers (key and value) x layers x heads x width for each, where attention is the plain one;
    other kinds remember less.
    """
    free, config = free_memory(device), model.config.get_text_config()
    heads = getattr(config, "num_attention_heads", None)
    sizes: list[Any] = [
        getattr(config, "num_hidden_layers", None),
        getattr(config, "num_key_value_heads", None) or heads,
        getattr(config, "head_dim", None) or (heads and config.hidden_size // heads),
    ]
    if free is None or not all(isinstance(size, int) and size > 0 for size in sizes):
        return None
    if device.startswith("cuda"):
        free += _held_in_reserve(device)
    numbers: int = 2 * math.prod(sizes)
    return int(free / 2 / (numbers * next(model.parameters()).element_size()))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch says, in one of its several ways, that memory ran out."""
    import torch

    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in said for words in _LACK)


def let_go(torch: Any) -> None:
    """Give what torch holds in reserve back to the device."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()


def in_gigabytes(size: int) -> str:
    """As people read it.

    >>> in_gigabytes(13_500_000_000), in_gigabytes(3_000_000)
    ('13.5 GB', '0.003 GB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e9:.3f} GB"


def _held_in_reserve(device: str) -> int:
    """What torch keeps of the device's memory and does not use at the moment."""
    import torch

    where = torch.device(device)
    kept: int = torch.cuda.memory_reserved(where) - torch.cuda.memory_allocated(where)
    return kept


def _of_the_machine() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(x.split()[1]) * 1024 for x in lines if x.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None  # macOS, Windows


def _of_the_container() -> int | None:
    try:
        most = int((_CGROUP / "memory.max").read_text(encoding="ascii"))
        used = int((_CGROUP / "memory.current").read_text(encoding="ascii"))
        stat = (_CGROUP / "memory.stat").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None  # no limit ("max"), or no container
    cached = sum(int(x.split()[1]) for x in stat if x.startswith("inactive_file "))
    return max(0, most - used + cached)
