"""Rules against careful readings in files: κ with its interval, confusion, what differs.

The verdicts of the rules are made anew from the stored outputs. Done (yes or partly) against not
done is what κ is of, for the order yes against no; what either side calls *unsure* stands apart
and is counted, and so is what can't be compared.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sit_core.errors import SitError
from sit_core.metrics.following import RULE_JUDGE, following
from sit_core.metrics.generated_part import generated_part
from sit_core.records import IN_ORDER, Prediction, Unparsed, Verdict
from sit_core.results.gold_file import GoldVerdicts, names_of
from sit_core.statistics.kappa import kappa, kappa_interval, table_of
from sit_core.store import Store
from sit_core.store.run_contents import RunOutput, run_outputs

UNSURE = Verdict.UNSURE.value


@dataclass(frozen=True, slots=True)
class GoldRow:
    """One step, in one file or in all together."""

    file: str | None
    """None: all together."""
    step: str
    """Its key, or `IN_ORDER`."""
    cells: dict[tuple[str, str], int]
    """(the reading says, the rule says) → outputs; with unsure ones."""
    differing: tuple[str, ...]
    """Predictions on which κ's two sides differ."""
    no_reading: int
    """Outputs of which the file says nothing at this step."""

    @property
    def pairs(self) -> dict[tuple[str, str], int]:
        """What κ is of: done or not done (the order: yes or no), without unsure ones."""
        found: Counter[tuple[str, str]] = Counter()
        for (read, ruled), n in self.cells.items():
            if UNSURE not in (read, ruled):
                found[_side(read), _side(ruled)] += n
        return dict(found)

    @property
    def n(self) -> int:
        """Outputs that κ is of."""
        return sum(self.pairs.values())

    @property
    def unsure(self) -> int:
        """Outputs that one side calls unsure."""
        return sum(self.cells.values()) - self.n

    def to_dict(self) -> dict[str, Any]:
        """The shape of ``--json``."""
        table = table_of(self.pairs)
        found, interval = kappa(table), kappa_interval(table)
        equal = sum(n for (a, b), n in self.pairs.items() if a == b)
        return {
            "file": self.file,
            "step": self.step,
            "n": self.n,
            "agree": equal / self.n if self.n else None,
            "kappa": found,
            "low": None if interval is None else interval.low,
            "high": None if interval is None else interval.high,
            "method": None if interval is None else interval.method,
            "unsure": self.unsure,
            "no_reading": self.no_reading,
            "cells": [
                {"reading": a, "rule": b, "n": n} for (a, b), n in sorted(self.cells.items())
            ],
            "differing": list(self.differing),
        }


@dataclass(frozen=True, slots=True)
class GoldAgreement:
    """Everything about some files."""

    rows: tuple[GoldRow, ...]
    unmatched: dict[str, int] = field(default_factory=dict)
    """File → readings of which the store has no output."""

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results agreement --rule --gold FILE --json``."""
        return {
            "against": "gold",
            "rules": RULE_JUDGE,
            "rows": [row.to_dict() for row in self.rows],
            "unmatched": self.unmatched,
        }


def _side(verdict: str) -> str:
    return "done" if verdict == Verdict.PARTLY.value or verdict == Verdict.YES.value else "not done"


def gold_agreement(
    store: Store, files: Sequence[tuple[str, Sequence[GoldVerdicts]]], run: str | None = None
) -> GoldAgreement:
    """Rules against the readings of files.

    Args:
        store: where the outputs are.
        files: name and readings of each. A reading that names no run is about ``run``, else about
            the run that is called like its file without the ending.
        run: the run that they are about, where they name none.

    Raises:
        SitError: a run is unknown; no reading is about an output in the store.
    """
    rows: list[GoldRow] = []
    unmatched: dict[str, int] = {}
    known: dict[str, list[RunOutput]] = {}
    for name, readings in files:
        cells: dict[str, Counter[tuple[str, str]]] = {}
        differing: dict[str, list[str]] = {}
        missing: Counter[str] = Counter()
        for reading in readings:
            of = reading.run or run or name.removesuffix(".jsonl").removesuffix(".json")
            if of not in known:
                known[of] = list(run_outputs(store, of))
            output = _output(known[of], reading)
            if output is None:
                unmatched[name] = unmatched.get(name, 0) + 1
                continue
            names = names_of(output.example.steps)
            whole = Prediction(of, output.example, output.output, meta=output.meta)
            part = generated_part(whole)
            for key, ruling in following(part.output, part.example).items():
                read = reading.of(key, names.get(key, ()))
                if read is None or isinstance(ruling, Unparsed):
                    missing[key] += 1
                    continue
                said = ruling.verdict.value
                cells.setdefault(key, Counter())[read, said] += 1
                if UNSURE not in (read, said) and _side(read) != _side(said):
                    differing.setdefault(key, []).append(output.id)
        rows += [
            GoldRow(name, key, dict(cells[key]), tuple(differing.get(key, ())), missing[key])
            for key in cells
        ]
    if not rows:
        raise SitError("No reading is about an output in the store; import the outputs first.")
    return GoldAgreement((*rows, *_together(rows)) if len(files) > 1 else tuple(rows), unmatched)


def _output(outputs: Sequence[RunOutput], reading: GoldVerdicts) -> RunOutput | None:
    for output in outputs:
        if reading.prediction is not None:
            if output.id == reading.prediction:
                return output
        elif reading.example is not None:
            if output.example.id == reading.example:
                return output
        elif output.row == reading.row:
            return output
    return None


def _together(rows: Sequence[GoldRow]) -> list[GoldRow]:
    keys = dict.fromkeys(row.step for row in rows)
    found: list[GoldRow] = []
    for key in sorted(keys, key=lambda key: key == IN_ORDER):
        cells: Counter[tuple[str, str]] = Counter()
        of_step = [row for row in rows if row.step == key]
        for row in of_step:
            cells.update(row.cells)
        differing = tuple(x for row in of_step for x in row.differing)
        found.append(
            GoldRow(None, key, dict(cells), differing, sum(row.no_reading for row in of_step))
        )
    return found
