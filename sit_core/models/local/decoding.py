"""The loop that makes tokens: one for each row of the batch per turn.

A loop of our own rather than ``generate``, because several users share a base token by token, rows
that have ended make room for others, and each row has its own random generator.
"""

import inspect
import time
from collections import deque
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from sit_core.models.interface import GenerationSettings
from sit_core.models.local.base_model_cache import LoadedBase
from sit_core.models.local.batch import (
    AT_ONCE,
    Batch,
    arranged,
    is_worth_it,
    next_batch,
    read_together,
)
from sit_core.models.local.cpu_shards import calm, shards_of, side_by_side
from sit_core.models.local.sampling import choose
from sit_core.models.local.sequence_state import SequenceState


def decode(
    base: LoadedBase,
    adapter: str | None,
    waiting: deque[SequenceState],
    settings: GenerationSettings,
    budget: int | None = None,
) -> Iterator[list[SequenceState]]:
    """Give every row its tokens until all have ended; yields the rows that got one, each turn.

    Rows leave ``waiting`` (largest first) for the batch as it has room for them, within the budget
    of tokens. Between two turns the base is free for others, and nothing is lost by going no
    further.
    """
    turns, shards = _Turns(base, adapter, settings), shards_of(base)
    batches: list[Batch] = []
    while waiting or batches:
        begun: list[Batch] = []
        coming = _coming(base, batches, waiting, budget or settings.batch_tokens)
        while coming:
            chunks = _chunks(coming, shards) if base.joins else [coming]
            coming = coming[sum(map(len, chunks)) :]
            new = turns.begin(chunks)
            begun += new
            yield [row for batch in new for row in batch.rows]
            if not base.joins:  # which the first prompts of all show
                waiting.extendleft(reversed(coming))
                break
        with calm(base):
            batches = arranged(batches, begun, shards, base.joins)
        if batches:
            going = [row for batch in batches for row in batch.rows if not row.ended]
            turns.go_on(batches)
            yield going


class _Turns:
    """Turns of one piece of work at a base."""

    def __init__(self, base: LoadedBase, adapter: str | None, settings: GenerationSettings) -> None:
        self._base, self._adapter, self._settings = base, adapter, settings
        self._takes = inspect.signature(type(base.model).forward).parameters
        self._cache = "past_key_values" if "past_key_values" in self._takes else "cache_params"
        self._device, self._ends = device_of(base.model), ends_of(base)

    def begin(self, chunks: Sequence[Sequence[SequenceState]]) -> list[Batch]:
        """Read the prompts; each row gets its first token."""
        from sit_core.models.local.kv_cache import is_plain

        for row in (row for rows in chunks for row in rows):
            row.began = time.monotonic()
        begun = self._turn(self._read, chunks)
        self._base.joins = all(is_plain(batch.cache) for batch in begun)
        return begun

    def go_on(self, batches: Sequence[Batch]) -> None:
        """One more token for each row."""
        self._turn(self._further, batches)

    def _turn(self, work: Any, parts: Sequence[Any]) -> list[Batch]:
        with self._base.turns, calm(self._base):
            self._base.adapters.use(self._adapter)
            batches = side_by_side(work, parts)
        for batch in batches:
            for row, token in zip(batch.rows, batch.tokens, strict=True):
                if not row.ended:
                    row.accept(token, self._ends)
        return batches

    def _read(self, rows: Sequence[SequenceState]) -> Batch:
        import torch

        ids, mask = (torch.tensor(made, device=self._device) for made in _left_padded(rows))
        batch = Batch(rows, mask, used=mask.shape[-1])
        return self._step(batch, ids, (mask.cumsum(-1) - 1).clamp(min=0))

    def _further(self, batch: Batch) -> Batch:
        import torch

        ids = torch.tensor([[token] for token in batch.tokens], device=self._device)
        batch.one_more()
        return self._step(batch, ids, batch.mask.sum(-1, keepdim=True) - 1)

    def _step(self, batch: Batch, ids: Any, places: Any) -> Batch:
        import torch

        said: dict[str, Any] = {"input_ids": ids, "attention_mask": batch.mask, "use_cache": True}
        if batch.cache is not None:  # at first the model makes one of its own
            said[self._cache] = batch.cache
            if self._cache == "cache_params":
                # What a recurrent model remembers has left the padding behind.
                said["attention_mask"] = None
        if "position_ids" in self._takes:
            said["position_ids"] = places
        if "logits_to_keep" in self._takes:
            said["logits_to_keep"] = 1
        with torch.inference_mode():
            out = self._base.model(**said)
            rng = [row.rng for row in batch.rows]
            batch.tokens = choose(out.logits[:, -1], self._settings, rng)
        batch.cache = out[self._cache]
        return batch


def _coming(
    base: LoadedBase, batches: Sequence[Batch], waiting: deque[SequenceState], budget: int
) -> list[SequenceState]:
    """Rows that leave ``waiting`` for the batch now."""
    going = [row.size for batch in batches for row in batch.rows if not row.ended]
    if not waiting or (going and not base.joins):
        return []
    # The largest come first, so none that waits is larger than those that went.
    sizes = [max(going)] * len(going) if going else []
    count = next_batch([*sizes, *(row.size for row in waiting)], budget) - len(going)
    if going and not is_worth_it(count, min(len(going), len(waiting))):
        return []
    return [waiting.popleft() for _ in range(count)]


def _chunks(rows: Sequence[SequenceState], shards: int) -> list[list[SequenceState]]:
    """Which of the rows are read next, side by side; those of a chunk have like lengths."""
    lengths, chunks, first = [len(row.prompt) for row in rows], list[list[SequenceState]](), 0
    while first < len(rows) and len(chunks) < shards:
        count = read_together(lengths[first:], min(AT_ONCE, ceil(sum(lengths) / shards)))
        chunks.append(list(rows[first : first + count]))
        first += count
    return chunks


def device_of(model: Any) -> Any:
    """Where inputs go; weights that accelerate keeps elsewhere are on no device ("meta")."""
    return next(p.device for p in model.parameters() if p.device.type != "meta")


def ends_of(base: LoadedBase) -> frozenset[int]:
    """The tokens with which this model ends an output."""
    said = getattr(base.model.generation_config, "eos_token_id", None)
    ends = set(said if isinstance(said, list) else [said])
    return frozenset(e for e in ends | {base.tokenizer.eos_token_id} if e is not None)


def context_of(base: LoadedBase) -> int | None:
    """How many tokens the model reads and writes in all; None where it names no limit."""
    config = base.model.config.get_text_config()
    limit = getattr(config, "max_position_embeddings", None)
    return limit if isinstance(limit, int) and limit > 0 else None


def _left_padded(rows: Sequence[SequenceState]) -> tuple[list[list[int]], list[list[int]]]:
    """Token ids and mask, so that all prompts end in the same column."""
    width = max(len(row.prompt) for row in rows)
    pads = [width - len(row.prompt) for row in rows]
    ids = [[0] * pad + row.prompt for pad, row in zip(pads, rows, strict=True)]
    mask = [[0] * pad + [1] * len(row.prompt) for pad, row in zip(pads, rows, strict=True)]
    return ids, mask
