"""Models asked while one looks on: several at once, streamed, read step by step, kept if wanted."""

from sit_core.live.request import Ask
from sit_core.live.streaming import Phase, Shown, Streams

__all__ = ["Ask", "Phase", "Shown", "Streams"]
