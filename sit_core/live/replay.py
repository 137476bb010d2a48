"""Stored outputs played as if they were written now; no model has part in it.

A `Replay` has what the page needs of `sit_core.live.streaming.Streams`, so that both are drawn by
the same code. What is shown at a moment follows from the clock alone: no thread, nothing to clean
up. The texts are those of the store to the letter; how fast they come is the viewer's choice and
says nothing about the model.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sit_core.errors import UsageError
from sit_core.live.request import MOST_MODELS
from sit_core.live.streaming import Phase, StreamState, numbers
from sit_core.models import ModelSpec
from sit_core.records import Outcome
from sit_core.store.stored_outputs import StoredOutput

PACES = {"slow": 5.0, "reading": 15.0, "fast": 60.0, "at once": None}
"""Name → words a second; None: all at once."""
PACE = "reading"
OUTPUT, PACE_NAME = "replay", "pace"
"""Parameters of the page's address: the outputs' ids, and how fast they come."""
_PIECE = re.compile(r"\s{0,16}\S{1,16}|\s{1,16}")
"""About a word, with the white space before it; bounded, for texts without spaces."""
_NO_MODEL = ModelSpec("stored")
"""Which model wrote a text stands in its run; here none is asked."""


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What is to be replayed, as an address says it."""

    outputs: tuple[str, ...]
    pace: str = PACE


def replay_params(ask: ReplayRequest) -> dict[str, list[str]]:
    """The parameters that stand for it; what is as usual is left out.

    >>> replay_params(ReplayRequest(("a", "b"), "fast"))
    {'replay': ['a', 'b'], 'pace': ['fast']}
    """
    params = {OUTPUT: list(ask.outputs)}
    return params if ask.pace == PACE else params | {PACE_NAME: [ask.pace]}


def replay_asked(params: Mapping[str, Sequence[str]]) -> ReplayRequest:
    """What an address asks for; the outputs are not looked up yet.

    Raises:
        UsageError: there are too many outputs, or there is no such pace.
    """
    outputs = tuple(dict.fromkeys(params.get(OUTPUT, ())))
    pace = next(iter(params.get(PACE_NAME, ())), PACE)
    if len(outputs) > MOST_MODELS:
        raise UsageError(f"A replay shows at most {MOST_MODELS} outputs side by side.")
    if pace not in PACES:
        raise UsageError(f"There is no pace {pace[:40]!r}; choose one of: {', '.join(PACES)}.")
    return ReplayRequest(outputs, pace)


class Replay:
    """Some outputs for one question, played side by side from the moment it is made."""

    def __init__(
        self,
        outputs: Sequence[StoredOutput],
        pace: str = PACE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Begin at once.

        Args:
            outputs: all for the same question.
            pace: one of `PACES`.
            clock: seconds, from any moment on.
            sleep: wait for so many seconds.
        """
        self.number = next(numbers)
        self.outputs = tuple(outputs)
        self.example = self.outputs[0].example
        self._pace = PACES[pace]
        self._clock, self._sleep = clock, sleep
        self._ends = [[m.end() for m in _PIECE.finditer(o.output)] for o in self.outputs]
        self._began = clock()
        self._stopped: float | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the start; it stands still once it was stopped."""
        return (self._clock() if self._stopped is None else self._stopped) - self._began

    @property
    def running(self) -> bool:
        """Whether anything is still to come."""
        if self._stopped is not None:
            return False
        now = self.elapsed
        return any(self._shown(ends, now) < len(ends) for ends in self._ends)

    def snapshot(self) -> tuple[StreamState, ...]:
        """All outputs as far as they have come."""
        now = self.elapsed
        return tuple(
            self._state(output, ends, self._shown(ends, now))
            for output, ends in zip(self.outputs, self._ends, strict=True)
        )

    def wait(self, seconds: float) -> None:
        """Return when the next words come, or after so many seconds."""
        if self.running and self._pace is not None:
            to_come = 1 / self._pace - self.elapsed % (1 / self._pace)
            self._sleep(min(seconds, to_come))

    def stop(self) -> None:
        """Stand still; what has come stays. Harmless when all has come."""
        if self.running:
            self._stopped = self._clock()

    def join(self) -> None:
        """Nothing to wait for."""

    def _shown(self, ends: Sequence[int], now: float) -> int:
        """How many pieces have come."""
        return len(ends) if self._pace is None else min(len(ends), int(now * self._pace))

    def _state(self, output: StoredOutput, ends: Sequence[int], shown: int) -> StreamState:
        if shown < len(ends):
            phase = Phase.WRITING if self._stopped is None else Phase.STOPPED
            text = output.output[: ends[shown - 1]] if shown else ""
            return StreamState(_NO_MODEL, phase, text, pieces=shown, thoughts=output.thoughts)
        # How it ended is told at the end, as it is of a model that writes.
        return StreamState(
            _NO_MODEL,
            Phase.DONE,
            output.output,
            pieces=shown,
            cut=output.outcome is Outcome.CUT,
            refused=output.outcome is Outcome.REFUSED,
            reason=output.reason,
            thoughts=output.thoughts,
        )
