"""What was made so far, for pages and exports: read lazily, also while a job writes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sit_core.errors import SitError
from sit_core.models.usage import Usage
from sit_core.names import name_of
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.folder import FOLDER, SetFolder
from sit_core.seq_instruct.index import Index, RecordFilter
from sit_core.seq_instruct.record import Record, StageReply, record_from
from sit_core.settings import settings

ANY = RecordFilter()


@dataclass
class InstructionSet:
    """One stored set. Indexes are read when they are first asked for; see `refresh`."""

    folder: SetFolder
    config: SeqInstructConfig
    _indexes: dict[int, Index] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return self.folder.name

    @property
    def seeds(self) -> int:
        """How many instructions it began with; 0 until they were read."""
        return len(self.index(0))

    @property
    def iterations(self) -> list[int]:
        """Those of which there is something, from 1."""
        last = max(self.config.iterations, 1)
        return [i for i in range(1, last + 1) if len(self.index(i))]

    @property
    def complete(self) -> bool:
        """Whether all iterations were made of all seeds."""
        return bool(self.seeds) and len(self.index(self.config.iterations)) == self.seeds

    def index(self, iteration: int) -> Index:
        """What is in an iteration (0: the seeds): counts by option, state, reason; lengths."""
        found = self._indexes.get(iteration)
        if found is None:
            found = self._indexes[iteration] = Index()
            found.refresh(self.folder.index(iteration))
        return found

    def refresh(self) -> None:
        """Take up what was written since."""
        for iteration, index in self._indexes.items():
            index.refresh(self.folder.index(iteration))

    def page(
        self, iteration: int, wanted: RecordFilter = ANY, *, start: int = 0, count: int = 50
    ) -> list[Record]:
        """Some of the records of an iteration that are wanted, in order of place."""
        places = self.index(iteration).places(wanted)[start : start + count]
        return [self.record(iteration, place) for place in places]

    def record(self, iteration: int, place: int) -> Record:
        """One record.

        Raises:
            SitError: there is none (yet).
        """
        index = self.index(iteration)
        if not 0 <= place < len(index):
            raise SitError(f"There is no instruction {place} in iteration {iteration}.")
        try:
            with self.folder.records(iteration).open("rb") as file:
                file.seek(index.offsets[place])
                return record_from(json.loads(file.readline()))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SitError(
                f"The records of iteration {iteration} can't be read ({type(error).__name__})."
            ) from None

    def lineage(self, place: int) -> list[Record]:
        """An instruction from its seed through all iterations that it is in."""
        return [
            self.record(iteration, place)
            for iteration in (0, *self.iterations)
            if place < len(self.index(iteration))
        ]

    def usage(self, iteration: int | None = None) -> dict[str, Usage]:
        """Stage → what its calls used, in one iteration or all; also in the wave under way."""
        found: dict[str, Usage] = {}
        for one in self.iterations if iteration is None else [iteration]:
            for stage, usage in self.index(one).usage.items():
                found[stage] = found.get(stage, Usage()).plus(usage)
        for number, reply in self._open_replies():
            if iteration in (None, number):
                found[reply.stage] = found.get(reply.stage, Usage()).plus(reply.usage())
        return found

    def cost(self) -> float:
        """What all that cost, by the prices of the configuration."""
        usage = self.usage().items()
        return sum((used.cost(self.config.prices_of(stage)) for stage, used in usage), 0.0)

    def under_way(self) -> dict[str, int]:
        """Stage → replies of the wave that is not finished yet."""
        found: dict[str, int] = {}
        for _, reply in self._open_replies():
            found[reply.stage] = found.get(reply.stage, 0) + 1
        return found

    def _open_replies(self) -> Iterator[tuple[int, StageReply]]:
        """The iteration and the replies of the wave that is not finished yet."""
        for row in rows_of(self.folder.open):
            number, place = row.pop("iteration", None), row.pop("place", None)
            # A run killed right after a wave's records were written leaves its replies behind.
            if (
                isinstance(number, int)
                and isinstance(place, int)
                and place >= len(self.index(number))
            ):
                yield number, StageReply(**row)  # type: ignore[arg-type]


def open_set(name: str, home: Path | None = None) -> InstructionSet:
    """A set by name.

    Raises:
        SitError: there is none, or its configuration can't be read.
    """
    folder = SetFolder.of(name, home)
    if not folder.config.exists():
        raise SitError(f"There is no set of instructions {name!r}.")
    return InstructionSet(folder, folder.asked())


def instruction_sets(home: Path | None = None) -> list[InstructionSet]:
    """All that are stored, the newest first; what can't be read is left out."""
    found = []
    for path in ((home or settings().home) / FOLDER).glob("*/config.yaml"):
        try:
            found.append((-path.stat().st_mtime, open_set(name_of(path.parent), home)))
        except (SitError, OSError):
            continue
    return [one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].name))]


def records_of(path: Path) -> Iterator[Record]:
    """The records of a file, one after another."""
    for row in rows_of(path):
        yield record_from(row)


def rows_of(path: Path, start: int = 0) -> Iterator[dict[str, object]]:
    """The whole lines of a JSONL file; a torn one (its writer was killed) is passed over."""
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                yield row
