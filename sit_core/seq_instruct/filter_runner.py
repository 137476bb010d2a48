"""The gates at work on a wave: each looked at as it comes, duplicates in the order of places."""

from collections.abc import Iterable

from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.duplicates import Duplicates
from sit_core.seq_instruct.filters import ANSWER_TOO_LONG, DUPLICATE, refused_by
from sit_core.seq_instruct.iteration_store import IterationStore, new_text
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.stages import RESPOND, State
from sit_core.seq_instruct.state import candidate_of

Refusal = tuple[str, str]
"""The gate's name, and why."""


class FilterRunner:
    """Of one iteration; remembers the new instructions of all its batches."""

    def __init__(self, config: SeqInstructConfig, store: IterationStore) -> None:
        self.config = config
        self.store = store
        self._texts: dict[int, str] = {}
        self._looked_at: dict[tuple[int, str], Refusal | None] = {}
        self._duplicates = Duplicates(config.duplicate_similarity, self._text_of)
        for start in range(0, len(store), config.wave) if self._compares else ():
            for record in store.records(start, config.wave):
                if passed_the_gates(record):
                    self._duplicates.add(record.place, new_text(record))
            self._duplicates.forget()

    @property
    def _compares(self) -> bool:
        return DUPLICATE in self.config.gates

    def look(self, before: Record, instruction: str | None) -> tuple[Refusal | None, str]:
        """What the gates say of one, and its text; done while other replies are awaited."""
        assert instruction is not None
        candidate = candidate_of(before, instruction, self.config)
        text = f"{candidate.instruction}\n{candidate.input}"
        key = (before.place, text)
        if key not in self._looked_at:
            self._looked_at[key] = refused_by(candidate, self.config.gates)
            if self._compares:
                self._duplicates.look(text)
        return self._looked_at[key], text

    def gated(self, wave: Iterable[tuple[Record, str | None]]) -> dict[int, Refusal]:
        """Place → why a wave's new instructions are refused; the earlier of two alike passes."""
        gated: dict[int, Refusal] = {}
        for before, instruction in wave:
            if instruction is None:
                continue
            refusal, text = self.look(before, instruction)
            if refusal is None and self._compares:
                earlier = self._duplicates.earlier(text)
                if earlier is not None:
                    refusal = (DUPLICATE, f"it is nearly the instruction at place {earlier}")
                else:
                    self._texts[before.place] = text
                    self._duplicates.add(before.place, text)
            if refusal is not None:
                gated[before.place] = refusal
        return gated

    def forget(self) -> None:
        """The wave's records are on the disk: they are read there if they are asked for."""
        self._texts.clear()
        self._looked_at.clear()
        self._duplicates.forget()

    def _text_of(self, place: int) -> str:
        return self._texts.get(place) or self.store.text_of(place)


def passed_the_gates(record: Record) -> bool:
    """Whether later instructions are compared with its new one."""
    if record.state is State.MADE:
        return True
    if record.state is State.GATED:
        return record.reason == ANSWER_TOO_LONG
    return record.state is State.FAILED and str(record.reason).startswith(f"{RESPOND}:")
