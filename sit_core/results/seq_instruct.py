"""What became of a set of instructions: outcomes per iteration with shares, lengths, reasons.

An outcome says both what the writer chose and whether it came to something: the options A to C that
were made, D (held now), held since before, refused by a gate, failed. In each iteration every
instruction has exactly one, so that they add up to n. Each count can be asked for its instructions.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sit_core.metrics.verb_noun import KindReader
from sit_core.results.verb_noun import KindTable, kinds_of
from sit_core.seq_instruct.index import OPTIONS, STATES, Index
from sit_core.seq_instruct.instruction_set import InstructionSet, records_of
from sit_core.seq_instruct.stages import WORDS, Option, State
from sit_core.statistics import wilson_open
from sit_core.statistics.interval import figure_text

HELD_BEFORE, GATED, FAILED, MADE = "held before", "gated", "failed", "made"
OUTCOMES: Mapping[str, str] = {
    **{str(option): f"{option} · {WORDS[option]}" for option in Option},
    MADE: "made, option unknown",
    HELD_BEFORE: "held before",
    GATED: "refused by a gate",
    FAILED: "failed",
}
"""Outcome → what it is called; in the order of the figures."""


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """How many instructions of one iteration have one outcome."""

    iteration: int
    outcome: str
    n: int
    of: int
    """All instructions of the iteration that are done."""
    low: float
    high: float
    """95 % interval of n / of: `wilson_open`."""

    @property
    def share(self) -> float:
        """``n / of``."""
        return self.n / self.of

    @property
    def shown(self) -> str:
        """In one cell.

        >>> OutcomeRow(1, "A", 3, 10, 0.108, 0.603).shown
        '3 · 30 % [11–60]'
        """
        rate = figure_text(self.share, self.low, self.high, digits=0, unit=" %")
        return f"{self.n:,} · {rate}"


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """Why instructions of one iteration were refused or failed."""

    iteration: int
    outcome: str
    reason: str
    n: int
    of: int


@dataclass(frozen=True, slots=True)
class LengthRow:
    """Lengths in words over one iteration: the five numbers of a box, and the mean."""

    iteration: int
    what: str
    """``instruction`` or ``response``."""
    n: int
    low: float
    first: float
    median: float
    third: float
    high: float
    """The shortest and longest within one and a half times the box's width of it."""
    mean: float
    longest: int


@cache
def _outcome(state: int, option: int) -> str:
    named, chosen = STATES[state], OPTIONS[option]
    if named == State.MADE:
        return chosen or MADE
    if named == State.HELD:
        return str(Option.HOLD) if chosen == Option.HOLD else HELD_BEFORE
    return str(named)


def outcome_of(index: Index, place: int) -> str:
    """The outcome of the instruction at a place."""
    return _outcome(index.states[place], index.options[place])


def outcomes(one: InstructionSet) -> list[OutcomeRow]:
    """Per iteration, the outcomes that there are, in the order of `OUTCOMES`."""
    found = []
    for iteration in one.iterations:
        index = one.index(iteration)
        pairs = Counter(zip(index.states, index.options, strict=True))
        counts: Counter[str] = Counter()
        for (state, option), n in pairs.items():
            counts[_outcome(state, option)] += n
        of = len(index)
        for outcome in OUTCOMES:
            if n := counts[outcome]:
                span = wilson_open(n, of)
                low, high = span.ends if span else (0.0, 1.0)
                found.append(OutcomeRow(iteration, outcome, n, of, low, high))
    return found


def reasons(one: InstructionSet) -> list[ReasonRow]:
    """Per iteration, the reasons of refused and failed instructions, the commonest first."""
    found = []
    for iteration in one.iterations:
        index = one.index(iteration)
        counts = Counter(
            (_outcome(state, option), index.named_reasons[reason] or "")
            for state, option, reason in zip(
                index.states, index.options, index.reasons, strict=True
            )
            if reason
        )
        for (outcome, reason), n in counts.most_common():
            found.append(ReasonRow(iteration, outcome, reason, n, len(index)))
    return found


def lengths(one: InstructionSet, what: str = "instruction") -> list[LengthRow]:
    """Per iteration (0: the seeds), how long instructions or responses are, in words.

    Responses that there are none of don't count. Iterations without any are left out.
    """
    import numpy as np

    found = []
    for iteration in (0, *one.iterations):
        index = one.index(iteration)
        words = np.asarray(index.words if what == "instruction" else index.response_words)
        if what != "instruction":
            words = words[words > 0]
        if not len(words):
            continue
        first, median, third = (float(q) for q in np.quantile(words, [0.25, 0.5, 0.75]))
        reach = 1.5 * (third - first)
        inside = words[(words >= first - reach) & (words <= third + reach)]
        found.append(
            LengthRow(
                iteration,
                what,
                len(words),
                float(inside.min()),
                first,
                median,
                third,
                float(inside.max()),
                float(words.mean()),
                int(words.max()),
            )
        )
    return found


def places(
    one: InstructionSet,
    iteration: int,
    *,
    outcome: str | None = None,
    reason: str | None = None,
    text: str = "",
    among: Iterable[int] | None = None,
) -> list[int]:
    """The instructions of an iteration that are asked for, by place.

    Args:
        one: the set.
        iteration: 0 for the seeds.
        outcome: one of `OUTCOMES`; None: any.
        reason: of a refused or failed one.
        text: stands in its instruction, input or response, whatever the case.
        among: only these.
    """
    index = one.index(iteration)
    found: Sequence[int] = range(len(index))
    if outcome is not None:
        found = [place for place in found if outcome_of(index, place) == outcome]
    if reason is not None:
        named = index.named_reasons
        number = named.index(reason) if reason in named else -1
        found = [place for place in found if index.reasons[place] == number]
    if among is not None:
        kept = set(among)
        found = [place for place in found if place in kept]
    if text:
        with_text = _with_text(one, iteration, text)
        found = [place for place in found if place in with_text]
    return list(found)


def _with_text(one: InstructionSet, iteration: int, text: str) -> set[int]:
    wanted = text.casefold()
    return {
        record.place
        for record in records_of(one.folder.records(iteration))
        if any(
            wanted in part.casefold()
            for part in (record.instruction, record.input, record.response or "")
        )
    }


def set_kinds(one: InstructionSet, iteration: int, reader: KindReader | None = None) -> KindTable:
    """The kinds of the instructions that an iteration made (of the seeds: of all).

    Ids are places, as text.

    Args:
        one: the set.
        iteration: 0 for the seeds.
        reader: who finds the kinds.
    """
    index = one.index(iteration)
    made_now = STATES.index(State.MADE)
    return kinds_of(
        (
            (str(record.place), record.instruction)
            for record in records_of(one.folder.records(iteration))
            if record.place < len(index)
            and (iteration == 0 or index.states[record.place] == made_now)
        ),
        reader,
    )
