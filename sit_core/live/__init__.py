"""Models asked while one looks on: several at once, streamed, read step by step, kept if wanted."""

from sit_core.live.request import LiveRequest
from sit_core.live.streaming import Phase, Streams, StreamState

__all__ = ["LiveRequest", "Phase", "StreamState", "Streams"]
