"""What a model remembers of a batch (its keys and values): rows join it, leave it, and it grows.

transformers' own memory of plain attention is copied whole for every token; this one has free
columns ahead, which the mask hides. All rows end in the same column, as in the batch itself.
Imports torch and transformers, so it is imported only where a model is in memory already.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from transformers.cache_utils import DynamicCache, DynamicLayer

from sit_core.models.local.cpu_shards import side_by_side

AHEAD = 16
"""Free columns after each copy; one is one more token for every row."""


class KVCache(DynamicLayer):  # type: ignore[misc]
    """One layer's keys and values: rows x heads x columns x width, the last columns free.

    They are given as they lie in memory, free columns too: a part of them is read half as fast.
    """

    def __init__(self, keys: Any, values: Any, used: int) -> None:
        super().__init__()
        self.dtype, self.device, self.is_initialized = keys.dtype, keys.device, True
        self.keys, self.values, self.used = keys, values, used

    def update(self, key_states: Any, value_states: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
        """Fill the next column; returns all."""
        self.keys[:, :, self.used : self.used + 1] = key_states
        self.values[:, :, self.used : self.used + 1] = value_states
        self.used += 1
        return self.keys, self.values

    def get_seq_length(self) -> int:
        """How many columns are used."""
        return self.used

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """How many columns the mask has, and where it begins."""
        return self.keys.shape[-2], 0


def is_plain(cache: Any) -> bool:
    """Whether a model's memory is of the kind that rows can join: keys and values, all of them.

    Sliding windows and recurrent states are not; their batches begin and end together.
    """
    return type(cache) is DynamicCache and all(
        type(layer) is DynamicLayer and layer.is_initialized for layer in cache.layers
    )


def laid_out(
    caches: Sequence[Any], plan: Sequence[Sequence[list[int]]], widths: Sequence[int]
) -> list[Any]:
    """New memories of the rows of others, with free columns; the others are emptied on the way.

    Args:
        caches: plain ones (`is_plain`), or what this function made.
        plan: for each new memory: for each of the caches, the rows to take.
        widths: for each new memory, the columns it needs: the tokens of its longest row.
    """
    made = [DynamicCache() for _ in plan]
    for layers in zip(*(cache.layers for cache in caches), strict=True):
        layers_made = side_by_side(partial(_layer_of, layers), list(zip(plan, widths, strict=True)))
        for cache, layer in zip(made, layers_made, strict=True):
            cache.layers.append(layer)
        for layer in layers:
            layer.keys = layer.values = None  # so that there are never two of the whole
    return made


def _layer_of(layers: Sequence[Any], wanted: tuple[Sequence[list[int]], int]) -> KVCache:
    rows, width = wanted
    used = [layer.get_seq_length() for layer in layers]
    keys, values = (
        _joined([getattr(layer, name) for layer in layers], used, rows, width)
        for name in ("keys", "values")
    )
    return KVCache(keys, values, width)


def _joined(
    tensors: Sequence[Any], used: Sequence[int], rows: Sequence[list[int]], width: int
) -> Any:
    """Rows of several tensors below each other, ending in the same column, zeros around them."""
    count, (_, heads, _, size) = sum(map(len, rows)), tensors[0].shape
    layer = tensors[0].new_empty((count, heads, width + AHEAD, size))
    layer[:, :, width:] = 0  # what the mask hides must be numbers all the same
    first = 0
    for held, end, taken in zip(tensors, used, rows, strict=True):
        if not taken:
            continue
        last, begin = first + len(taken), max(0, end - width)
        part = held[:, :, begin:end]
        if len(taken) < len(held):
            part = part[torch.tensor(taken, device=held.device)]
        free = width - (end - begin)
        layer[first:last, :, :free] = 0
        layer[first:last, :, free:width] = part
        first = last
    return layer
