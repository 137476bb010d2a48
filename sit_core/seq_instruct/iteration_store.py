"""The files of an iteration, as its run writes them: appended to, whole again after any death.

A wave's replies go into ``open.jsonl`` one by one as they come; its records are appended together
once the wave has ended, and only then is ``open.jsonl`` emptied. So what was replied is in at least
one of the two, and a line that was torn is the one that was being written.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from sit_core.files import to_disk
from sit_core.seq_instruct.folder import SetFolder
from sit_core.seq_instruct.index import Index, index_line
from sit_core.seq_instruct.instruction_set import rows_of
from sit_core.seq_instruct.record import InProgress, Record, StageReply, record_from
from sit_core.seq_instruct.stages import ERROR


class IterationStore:
    """The records of one iteration."""

    def __init__(self, folder: SetFolder, iteration: int) -> None:
        self.folder = folder
        self.iteration = iteration
        self.path = folder.records(iteration)
        self.index_path = folder.index(iteration)
        self.index = Index()
        self._repair()

    def __len__(self) -> int:
        return len(self.index)

    def commit(self, records: Sequence[Record]) -> None:
        """Append a wave's records; they are on the disk when this returns."""
        lines = [_line(record.to_json()) for record in records]
        with self.path.open("ab") as file:
            offset = file.tell()
            file.write(b"".join(lines))
            to_disk(file)
        short = []
        for line, record in zip(lines, records, strict=True):
            short.append(index_line(offset, record))
            offset += len(line)
        self._append_index(short)

    def text_of(self, place: int) -> str:
        """The new instruction that stands, or was proposed, at a place."""
        with self.path.open("rb") as file:
            file.seek(self.index.offsets[place])
            record = record_from(json.loads(file.readline()))
        return new_text(record)

    def records(self, start: int, count: int) -> list[Record]:
        """Records from a place on."""
        if start >= len(self):
            return []
        with self.path.open("rb") as file:
            file.seek(self.index.offsets[start])
            count = min(count, len(self) - start)
            return [record_from(json.loads(file.readline())) for _ in range(count)]

    def _append_index(self, short: list[list[Any]]) -> None:
        with self.index_path.open("ab") as file:
            file.write(b"".join(_line(one) for one in short))
        for one in short:
            self.index.add(one)

    def _repair(self) -> None:
        _cut_torn_line(self.path)
        _cut_torn_line(self.index_path)
        if not self.path.exists():
            self.index_path.unlink(missing_ok=True)
            return
        self.index.refresh(self.index_path)
        with self.path.open("rb") as file:
            if len(self):
                file.seek(self.index.offsets[-1])
                file.readline()
            missing = []
            offset = file.tell()
            for line in file:
                missing.append(index_line(offset, record_from(json.loads(line))))
                offset += len(line)
        if missing:
            self._append_index(missing)


class PendingReplies:
    """``open.jsonl``: the replies of the wave that is under way."""

    def __init__(self, folder: SetFolder, iteration: int) -> None:
        self.path = folder.open
        self.iteration = iteration
        _cut_torn_line(self.path)
        self._file: BinaryIO | None = None

    def known(self, wave: Sequence[InProgress]) -> Iterator[tuple[InProgress, StageReply]]:
        """Put the replies that are there to their instructions; gives each."""
        by_place = {one.before.place: one for one in wave}
        for row in rows_of(self.path):
            one = by_place.get(int(str(row.pop("place", -1))))
            if row.pop("iteration", None) != self.iteration or one is None:
                continue
            reply = StageReply(**row)  # type: ignore[arg-type]
            one.replies.append(reply)
            if reply.why != ERROR:  # a connection that broke may be better now
                one.tries[reply.stage] = one.tries.get(reply.stage, 0) + 1
            yield one, reply

    def add(self, place: int, reply: StageReply) -> None:
        """One more reply; handed to the system, so that a killed process loses none."""
        if self._file is None:
            self._file = self.path.open("ab")
        self._file.write(_line({"iteration": self.iteration, "place": place, **reply.to_json()}))
        self._file.flush()

    def clear(self) -> None:
        """The wave has ended."""
        self.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Put what was written onto the disk."""
        if self._file is not None:
            with suppress(OSError):
                to_disk(self._file)
            self._file.close()
            self._file = None


def new_text(record: Record) -> str:
    """The text by which duplicates are told: what is new in an iteration, with its input."""
    text = record.instruction if record.proposed is None else record.proposed
    return f"{text}\n{record.input}"


def _line(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _cut_torn_line(path: Path) -> None:
    """Take off what stands after the last line's end: it was being written when somebody died."""
    with suppress(FileNotFoundError), path.open("rb+") as file:
        end = file.seek(0, 2)
        place = end
        while place:
            start = max(0, place - 65536)
            file.seek(start)
            found = file.read(place - start).rfind(b"\n")
            if found >= 0:
                place = start + found + 1
                break
            place = start
        if place < end:
            file.truncate(place)
