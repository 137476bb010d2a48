"""What a row of model outputs says of its call: thoughts apart from the output, and its outcome.

The same rules as for outputs that the program makes itself: thoughts are no output, and a call
that failed has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sit_core.models.finish_reasons import known_outcome, means_failure
from sit_core.models.interface import KEEP
from sit_core.records import Outcome
from sit_core.sources.mapping import ColumnMapping
from sit_core.sources.paths import MISSING, value_at
from sit_core.sources.problem import RowFault
from sit_core.sources.summary import FileSummary
from sit_core.thoughts import joined, may_hold_thoughts, split_thoughts

_OWN = "outcome"


@dataclass(frozen=True, slots=True)
class ImportedOutcome:
    """An imported output, its thoughts and its outcome."""

    output: str
    thoughts: str | None = None
    outcome: Outcome | None = None
    read: tuple[str, ...] = ()
    """Columns whose values are told by these fields, so that they need not be kept beside."""


def imported_outcome(
    output: str,
    fields: Mapping[str, Any],
    mapping: ColumnMapping,
    summary: FileSummary,
    thoughts: str,
) -> ImportedOutcome:
    """What a row says.

    Args:
        output: its text.
        fields: the row.
        mapping: which columns hold thoughts and outcome.
        summary: told what was taken apart and what is not known.
        thoughts: ``apart``, or ``keep`` them in the output.

    Raises:
        RowFault: the call failed, so that there is no output.
    """
    plain = mapping.outcome is None and mapping.thoughts is None
    if plain and (thoughts == KEEP or not may_hold_thoughts(output)):
        return ImportedOutcome(output)  # most rows
    outcome = outcome_in(_at(fields, mapping.outcome), mapping.outcome, summary)
    own = _at(fields, mapping.thoughts)
    beside = own.strip() if isinstance(own, str) else ""
    read = () if mapping.thoughts is None or not isinstance(own, str) else (mapping.thoughts,)
    if outcome is not None and mapping.outcome == _OWN:
        read = (*read, _OWN)
    if thoughts == KEEP:
        return ImportedOutcome(joined(beside, output), None, outcome, read)
    split = split_thoughts(output)
    if split.text != output:
        summary.changed("output", "thoughts taken apart from it", output, split.text)
    found = "\n\n".join(part for part in (beside, split.thoughts) if part)
    return ImportedOutcome(split.text, found or None, outcome, read)


def outcome_in(value: Any, column: str | None, summary: FileSummary) -> Outcome | None:
    """How a call ended, as a file says; None where it does not, or in unknown words.

    Raises:
        RowFault: it failed.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    word = value.strip().casefold()
    if word in (Outcome.COMPLETE, Outcome.CUT, Outcome.REFUSED):
        return Outcome(word)
    if means_failure(value):
        raise RowFault(f"its call failed ({column!r} is {value[:40]!r}), so there is no output")
    known = None if column == _OWN else known_outcome(value)
    if known is None:
        summary.note(f"rows whose {column} is not known to mean how the call ended")
    return known


def _at(fields: Mapping[str, Any], column: str | None) -> Any:
    found = None if column is None else value_at(fields, column)
    return None if found is MISSING else found
