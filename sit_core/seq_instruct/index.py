"""What is in an iteration's file, in a few bytes a record: for pages, counts and filters.

The index file has a short JSON line per record: where it begins, how it came out, how long it is,
what it used. It is written after the records and made again from them where it is behind.
"""

import json
from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sit_core.models.usage import Usage
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.stages import State

STATES = tuple(State)
OPTIONS = (None, "A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records are wanted; None: whatever it is."""

    state: str | None = None
    option: str | None = None
    reason: str | None = None


@dataclass
class Index:
    """The lines of one iteration, in the order of their places."""

    offsets: "array[int]" = field(default_factory=lambda: array("Q"))
    states: "array[int]" = field(default_factory=lambda: array("B"))
    options: "array[int]" = field(default_factory=lambda: array("B"))
    reasons: "array[int]" = field(default_factory=lambda: array("H"))
    words: "array[int]" = field(default_factory=lambda: array("I"))
    """Of the instruction."""
    response_words: "array[int]" = field(default_factory=lambda: array("I"))
    named_reasons: list[str | None] = field(default_factory=lambda: [None])
    usage: dict[str, Usage] = field(default_factory=dict)
    """Stage → what its calls used."""
    position: int = 0
    """Bytes of the index file that were read."""

    def __len__(self) -> int:
        return len(self.offsets)

    def add(self, line: list[Any]) -> None:
        """One more record."""
        offset, state, option, reason, words, response_words, usage = line
        self.offsets.append(offset)
        self.states.append(STATES.index(State(state)))
        self.options.append(OPTIONS.index(option))
        if reason not in self.named_reasons:
            self.named_reasons.append(reason)
        self.reasons.append(self.named_reasons.index(reason))
        self.words.append(words)
        self.response_words.append(response_words)
        for stage, numbers in usage.items():
            self.usage[stage] = self.usage.get(stage, Usage()).plus(Usage(*numbers))

    def refresh(self, path: Path) -> None:
        """Read what was added to the index file; a line that is being written is left for later."""
        try:
            with path.open("rb") as file:
                file.seek(self.position)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self.add(json.loads(line))
                    self.position += len(line)
        except FileNotFoundError:
            return

    def places(self, wanted: RecordFilter) -> list[int]:
        """The places of the records that are wanted, in order."""
        found = range(len(self))
        checks: list[tuple[array[int], int]] = []
        if wanted.state is not None:
            checks.append((self.states, STATES.index(State(wanted.state))))
        if wanted.option is not None:
            checks.append((self.options, OPTIONS.index(wanted.option)))
        if wanted.reason is not None:
            if wanted.reason not in self.named_reasons:
                return []
            checks.append((self.reasons, self.named_reasons.index(wanted.reason)))
        return [place for place in found if all(of[place] == value for of, value in checks)]

    def by_state(self) -> dict[str, int]:
        """State → records."""
        counts = Counter(self.states)
        return {str(STATES[i]): n for i, n in sorted(counts.items())}

    def by_option(self) -> dict[str, int]:
        """Option → records; without those that have none (seeds, held before, not understood)."""
        counts = Counter(self.options)
        return {str(OPTIONS[i]): n for i, n in sorted(counts.items()) if i}

    def by_reason(self) -> dict[str, int]:
        """Reason → failed and gated records, the most frequent first."""
        counts = Counter(self.reasons)
        return {str(self.named_reasons[i]): n for i, n in counts.most_common() if i}


def index_line(offset: int, record: Record) -> list[Any]:
    """A record's line."""
    usage: dict[str, list[int]] = {}
    for reply in record.replies:
        numbers = usage.setdefault(reply.stage, [0, 0, 0, 0])
        for i, n in enumerate((1, reply.prompt_tokens, reply.tokens, int(reply.estimated))):
            numbers[i] += n
    return [
        offset,
        str(record.state),
        record.option,
        record.reason,
        len(record.instruction.split()),
        len((record.response or "").split()),
        usage,
    ]
