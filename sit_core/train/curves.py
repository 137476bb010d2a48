"""A training's figures over time: a JSONL that is only ever added to, so readers read what is new.

Lines: ``{"step": 12, "loss": …, "learning_rate": …, "tokens": …, "tokens_per_second": …}`` after
updates, ``{"step": 12, "held_out": …}`` after a look at the held-out rows, and
``{"begins_at": 10, "of": 200}`` when a process takes the training up; what was noted of later steps
before that was lost with the process that did them.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Points = list[tuple[int, float]]


@dataclass
class Curves:
    """What has been read so far; `read` adds what is new."""

    path: Path
    offset: int = 0
    """Bytes that have been read."""
    steps: int | None = None
    """Of the whole training."""
    loss: Points = field(default_factory=list)
    held_out: Points = field(default_factory=list)
    learning_rate: Points = field(default_factory=list)
    tokens_per_second: float | None = None
    tokens: int = 0
    attempts: int = 0

    def read(self) -> int:
        """Read the lines that came since; returns how many. A line half written waits."""
        try:
            with self.path.open("rb") as file:
                if file.seek(0, 2) < self.offset:  # begun anew: the file is another one
                    self.__init__(self.path)  # type: ignore[misc]
                file.seek(self.offset)
                block = file.read()
        except OSError:
            return 0
        whole, newline, _ = block.rpartition(b"\n")
        self.offset += len(whole) + len(newline)
        lines = whole.split(b"\n") if newline else []
        for line in lines:
            self._take(line)
        return len(lines)

    @property
    def step(self) -> int:
        """The last update."""
        return self.loss[-1][0] if self.loss else 0

    @property
    def best(self) -> tuple[int, float] | None:
        """Step and loss of the best look at the held-out rows."""
        return min(self.held_out, key=lambda point: point[1], default=None)

    def _take(self, line: bytes) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return  # torn by a machine that went down
        if not isinstance(said, dict):
            return
        if "begins_at" in said:
            self.steps, self.attempts = said.get("of"), self.attempts + 1
            for points in (self.loss, self.held_out, self.learning_rate):
                while points and points[-1][0] > said["begins_at"]:
                    points.pop()
            return
        step = said.get("step")
        if not isinstance(step, int):
            return
        if "held_out" in said:
            if not self.held_out or self.held_out[-1][0] != step:
                self.held_out.append((step, said["held_out"]))
        elif "loss" in said:
            self.loss.append((step, said["loss"]))
            self.learning_rate.append((step, said["learning_rate"]))
            self.tokens_per_second = said["tokens_per_second"]
            self.tokens = said["tokens"]


class CurveWriter:
    """Adds lines; each is one write, so that none is torn by a kill."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        if os.fstat(self._file).st_size and not self._ends_a_line(path):
            os.write(self._file, b"\n")

    def add(self, **said: Any) -> None:
        """One line of JSON; raises ValueError for a number that is none."""
        os.write(self._file, json.dumps(said, allow_nan=False).encode() + b"\n")

    def close(self) -> None:
        """No more lines."""
        os.close(self._file)

    @staticmethod
    def _ends_a_line(path: Path) -> bool:
        with path.open("rb") as file:
            file.seek(-1, 2)
            return file.read(1) == b"\n"
