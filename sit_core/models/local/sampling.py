"""The next token of each row of a batch: the likeliest, or drawn by the row's own random generator.

Each row has a random generator of its own, seeded by the settings' seed and its prompt: what is
drawn does not depend on what else is in the batch.
"""

import hashlib
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sit_core.models.interface import GenerationSettings

if TYPE_CHECKING:
    from torch import Tensor


def rng_for(seed: int, prompt: Sequence[int]) -> random.Random:
    """The random generator for one prompt (its token ids)."""
    packed = ",".join(map(str, (seed, *prompt)))
    return random.Random(hashlib.sha256(packed.encode()).digest())


def choose(
    logits: "Tensor", settings: GenerationSettings, rows: Sequence[random.Random]
) -> list[int]:
    """A token for each row of ``logits`` (rows × vocabulary); draws once from each row's generator.

    Temperature first, then the ``top_k`` likeliest, then the fewest of those that hold ``top_p``.
    """
    import torch

    if settings.temperature == 0:
        greedy: list[int] = logits.argmax(dim=-1).tolist()
        return greedy
    scaled = logits.float() / settings.temperature
    k = min(settings.top_k or scaled.shape[-1], scaled.shape[-1])
    likeliest, tokens = scaled.topk(k, dim=-1)  # sorted
    chances = likeliest.softmax(dim=-1)
    up_to = chances.cumsum(dim=-1)
    kept = chances.masked_fill(up_to - chances >= settings.top_p, 0.0)
    kept[:, 0] = chances[:, 0]
    up_to = kept.cumsum(dim=-1)
    thrown = torch.tensor([[row.random()] for row in rows], device=up_to.device, dtype=up_to.dtype)
    place = (up_to <= thrown * up_to[:, -1:]).sum(dim=-1, keepdim=True)
    last = (kept > 0).sum(dim=-1, keepdim=True) - 1  # rounding must not lead beyond what was kept
    drawn: list[int] = tokens.gather(-1, place.minimum(last)).squeeze(-1).tolist()
    return drawn
