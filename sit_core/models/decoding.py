"""The loop that makes tokens: a batch of rows, left padded, one token for each per turn.

A loop of our own rather than ``generate``, because several users share a base token by token, rows
that have ended leave the batch, and each row throws dice of its own.
"""

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sit_core.models.bases import Base
from sit_core.models.interface import GenerationSettings
from sit_core.models.rows import Row
from sit_core.models.sampling import choose

_SMALL = 20_000_000
"""Parameters of a model that a CPU computes faster with one thread: more would mostly wait for each
other, and where other programs are at work, ten times as long."""


def decode_batch(
    base: Base, adapter: str | None, rows: Sequence[Row], settings: GenerationSettings
) -> Iterator[list[Row]]:
    """Give every row its tokens until all have ended; yields the rows that got one, each turn.

    Between two turns the base is free for others, and nothing is lost by going no further.
    """
    import torch

    model, ends, here = base.model, ends_of(base), list(rows)
    takes = inspect.signature(type(model).forward).parameters
    device = device_of(model)
    ids, mask = _left_padded(here)
    cache = "past_key_values" if "past_key_values" in takes else "cache_params"  # Mamba's word
    state: dict[str, Any] = {}  # the model makes its own cache at the first turn
    if "logits_to_keep" in takes:
        state["logits_to_keep"] = 1
    while going := [row for row in here if not row.ended]:
        with base.turns, _threads_for(base), torch.inference_mode():
            if isinstance(ids, list):
                ids, mask = torch.tensor(ids, device=device), torch.tensor(mask, device=device)
            base.adapters.use(adapter)
            if "position_ids" in takes:
                places = (mask.cumsum(-1) - 1).clamp(min=0)
                state["position_ids"] = places[:, -ids.shape[1] :]
            # What a recurrent model remembers has left the padding behind after the first turn.
            shown = None if cache == "cache_params" and cache in state else mask
            out = model(input_ids=ids, attention_mask=shown, use_cache=True, **state)
            state[cache] = out[cache]
            chosen = choose(out.logits[:, -1], settings, [row.dice for row in here])
            for row, token in zip(here, chosen, strict=True):
                if not row.ended:
                    row.accept(token, ends)
            kept = _kept(here, state[cache])
            if 0 < len(kept) < len(here):
                index = torch.tensor(kept, device=device)
                mask = mask[index]
                state[cache].batch_select_indices(index)
            here = [here[i] for i in kept]
            ids = torch.tensor([[chosen[i]] for i in kept], device=device)
            mask = torch.cat([mask, mask.new_ones((len(mask), 1))], dim=-1)
        yield going


def _kept(here: Sequence[Row], cache: Any) -> list[int]:
    """The places of the rows that stay in the batch: those that have not ended.

    Where a kind of memory can't be taken apart (linear attention), all stay until the last ends.
    """
    kept = [i for i, row in enumerate(here) if not row.ended]
    parts = getattr(cache, "layers", None)
    apart = parts and all(hasattr(part, "batch_select_indices") for part in parts)
    return kept if apart or not kept else list(range(len(here)))


@contextmanager
def _threads_for(base: Base) -> Iterator[None]:
    """One thread for a small model on a CPU, as many as before afterwards."""
    import torch

    before = torch.get_num_threads()
    small = base.fit.device == "cpu" and base.weights.parameters < _SMALL
    if small:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if small:
            torch.set_num_threads(before)


def device_of(model: Any) -> Any:
    """Where inputs go; weights that accelerate keeps elsewhere are on no device ("meta")."""
    return next(p.device for p in model.parameters() if p.device.type != "meta")


def ends_of(base: Base) -> frozenset[int]:
    """The tokens with which this model ends an output."""
    said = getattr(base.model.generation_config, "eos_token_id", None)
    ends = set(said if isinstance(said, list) else [said])
    return frozenset(e for e in ends | {base.tokenizer.eos_token_id} if e is not None)


def context_of(base: Base) -> int | None:
    """How many tokens the model reads and writes in all; None where it names no limit."""
    config = base.model.config.get_text_config()
    limit = getattr(config, "max_position_embeddings", None)
    return limit if isinstance(limit, int) and limit > 0 else None


def _left_padded(rows: Sequence[Row]) -> tuple[list[list[int]], list[list[int]]]:
    """Token ids and mask, so that all prompts end in the same column."""
    width = max(len(row.prompt) for row in rows)
    pads = [width - len(row.prompt) for row in rows]
    ids = [[0] * pad + row.prompt for pad, row in zip(pads, rows, strict=True)]
    mask = [[0] * pad + [1] * len(row.prompt) for pad, row in zip(pads, rows, strict=True)]
    return ids, mask
