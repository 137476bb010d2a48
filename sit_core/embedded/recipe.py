"""The recipe: every number that the build depends on. Two builds of one recipe are the same."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """Sizes, schedule and seed of one build."""

    seed: int = 7
    vocabulary: int = 2400
    width: int = 192
    layers: int = 4
    heads: int = 6
    inner: int = 512
    """Width of the feed-forward layers."""
    context: int = 512
    steps: int = 3600
    batch_tokens: int = 4096
    """Padded tokens in a batch, at most."""
    optimizer: str = "muon"
    """``muon`` (AdamW for embeddings and norms) or ``adamw``."""
    learning_rate: float = 3e-3
    warmup: int = 150
    decay: int = 1400
    """Steps at the end over which the learning rate falls to nothing."""
    early_until: int = 700
    """Steps with the mixture `mixture.EARLY`."""
    weights: dict[str, float] = field(
        default_factory=lambda: {"answer": 4.0, "open answer": 3.0, "plain": 0.3}
    )
    """Skill → weight of its response's tokens in the loss; 1 where it isn't named."""
    half: bool = True
    """Multiply in bfloat16 (weights stay in single precision): nearly twice as fast."""
    far: float = 0.25
    """Share of documents whose response is moved away from the prompt (see `batches`)."""
    farthest: int = 240

    def as_json(self) -> dict[str, Any]:
        """For files."""
        return asdict(self)


TINY = Recipe(
    vocabulary=400,
    width=32,
    layers=2,
    heads=2,
    inner=64,
    steps=24,
    batch_tokens=1024,
    warmup=4,
    decay=8,
    early_until=8,
)
"""Learns nothing; builds in seconds, for tests and to try the command."""
RECIPES = {"base": Recipe(), "tiny": TINY}
