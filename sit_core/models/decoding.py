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

    model, ends, going = base.model, ends_of(base), list(rows)
    takes = inspect.signature(type(model).forward).parameters
    device = device_of(model)
    ids, mask = _left_padded(going)
    state: dict[str, Any] = {"past_key_values": _new_cache(model)}
    if "logits_to_keep" in takes:
        state["logits_to_keep"] = 1
    while going:
        with base.turns, _threads_for(base), torch.inference_mode():
            if isinstance(ids, list):
                ids, mask = torch.tensor(ids, device=device), torch.tensor(mask, device=device)
            base.adapters.use(adapter)
            if "position_ids" in takes:
                places = (mask.cumsum(-1) - 1).clamp(min=0)
                state["position_ids"] = places[:, -ids.shape[1] :]
            out = model(input_ids=ids, attention_mask=mask, use_cache=True, **state)
            chosen = choose(out.logits[:, -1], settings, [row.dice for row in going])
            for row, token in zip(going, chosen, strict=True):
                row.accept(token, ends)
            had, kept = going, [i for i, row in enumerate(going) if not row.ended]
            going = [going[i] for i in kept]
            if going:
                ids = torch.tensor([[chosen[i]] for i in kept], device=device)
                if len(kept) < len(had):
                    index = torch.tensor(kept, device=device)
                    mask = mask[index]
                    out.past_key_values.batch_select_indices(index)
                state["past_key_values"] = out.past_key_values
                mask = torch.cat([mask, mask.new_ones((len(kept), 1))], dim=-1)
        yield had


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


def _new_cache(model: Any) -> Any:
    from transformers import DynamicCache

    return DynamicCache(config=model.config)
