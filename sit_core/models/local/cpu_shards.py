"""Steps of a small model on a CPU, side by side: a thread for each shard of the batch.

torch's own threads wait for each other after every operation. With a small model that is most of
what they do, and where other programs are at work it takes ten times as long as one thread alone.
Shards wait for each other once per token.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

from sit_core.models.local.base_model_cache import LoadedBase

T = TypeVar("T")
R = TypeVar("R")
_SMALL = 20_000_000
"""Parameters up to which a model is small."""


def shards_of(base: LoadedBase) -> int:
    """How many shards may work for a base: as many as torch has threads, or 1."""
    return _threads() if _is_small(base) else 1


@contextmanager
def calm(base: LoadedBase) -> Iterator[None]:
    """One thread for a small model on a CPU, as many as before afterwards."""
    import torch

    before = torch.get_num_threads()
    if _is_small(base):
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if _is_small(base):
            torch.set_num_threads(before)


def side_by_side(work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
    """``work`` on each part at the same time; all have ended when it returns or raises."""
    others = [_pool().submit(work, part) for part in parts[1:]]
    try:
        first = work(parts[0])
    finally:
        wait(others)
    return [first, *(other.result() for other in others)]


def _is_small(base: LoadedBase) -> bool:
    return base.fit.device == "cpu" and base.weights.parameters < _SMALL


@lru_cache
def _threads() -> int:
    import torch

    return int(torch.get_num_threads())  # asked once, before the first `calm` changes it


@lru_cache
def _pool() -> ThreadPoolExecutor:
    import torch

    # How many threads torch uses is a setting of each thread.
    return ThreadPoolExecutor(_threads(), "shard", initializer=torch.set_num_threads, initargs=(1,))
