"""The kinds of instruction of a set, counted: verb → noun, as the sunburst shows them.

Kinds are counted once for each clause that asks for something; instructions of which no kind can be
had are counted beside them with the reason, never among them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sit_core.metrics.verb_noun import KindReader, VerbNoun, kind_reader
from sit_core.records import Unparsed
from sit_core.statistics import LEVEL, wilson_open

VERBS_SHOWN = 20
NOUNS_SHOWN = 4
OTHER = "(others)"


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind and the instructions that have it."""

    verb: str
    noun: str | None
    n: int
    """Clauses of this kind."""
    ids: tuple[str, ...]
    """The instructions that have at least one, in the order given."""


@dataclass(frozen=True, slots=True)
class KindTable:
    """The kinds of some instructions."""

    reader: str
    label: str
    instructions: int
    """That were looked at."""
    clauses: int
    """The kinds that were found; a sequence has several."""
    rows: tuple[KindRow, ...]
    """The commonest first."""
    unparsed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Reason → the instructions that have no kind for it."""

    @property
    def without(self) -> int:
        """How many instructions have no kind."""
        return sum(map(len, self.unparsed.values()))

    def verbs(self) -> dict[str, int]:
        """Verb → its clauses, the commonest first."""
        found: Counter[str] = Counter()
        for row in self.rows:
            found[row.verb] += row.n
        return dict(found.most_common())

    def ids_of(self, verb: str, noun: str | None = None, *, any_noun: bool = False) -> list[str]:
        """The instructions of a kind, or of a verb whatever its noun."""
        rows = [r for r in self.rows if r.verb == verb and (any_noun or r.noun == noun)]
        return list(dict.fromkeys(i for row in rows for i in row.ids))

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results kinds --json``."""
        n = self.instructions - self.without
        rows = []
        for row in self.rows:
            span = wilson_open(len(row.ids), n)
            rows.append(
                {
                    "verb": row.verb,
                    "noun": row.noun,
                    "clauses": row.n,
                    "instructions": len(row.ids),
                    "share": len(row.ids) / n if n else None,
                    "low": span.low if span else None,
                    "high": span.high if span else None,
                    "method": span.method if span else None,
                }
            )
        return {
            "reader": self.reader,
            "label": self.label,
            "instructions": self.instructions,
            "with_a_kind": n,
            "clauses": self.clauses,
            "level": LEVEL,
            "rows": rows,
            "unparsed": {reason: len(ids) for reason, ids in self.unparsed.items()},
        }


def kinds_of(
    instructions: Iterable[tuple[str, str]], reader: KindReader | None = None
) -> KindTable:
    """The table of some instructions.

    Args:
        instructions: (id, text) of each.
        reader: who finds the kinds; None: `kind_reader`'s choice.
    """
    by = reader or kind_reader()
    ids, texts = [], []
    for name, text in instructions:
        ids.append(name)
        texts.append(text)
    counts: Counter[VerbNoun] = Counter()
    where: dict[VerbNoun, list[str]] = {}
    unparsed: dict[str, list[str]] = {}
    for name, found in zip(ids, by.read(texts), strict=True):
        if isinstance(found, Unparsed):
            unparsed.setdefault(found.reason, []).append(name)
            continue
        counts.update(found)
        for kind in dict.fromkeys(found):
            where.setdefault(kind, []).append(name)
    order = sorted(counts, key=lambda kind: (-counts[kind], kind.verb, kind.noun or ""))
    return KindTable(
        by.name,
        by.label,
        len(ids),
        sum(counts.values()),
        tuple(KindRow(kind.verb, kind.noun, counts[kind], tuple(where[kind])) for kind in order),
        {reason: tuple(found) for reason, found in unparsed.items()},
    )


@dataclass(frozen=True, slots=True)
class SunburstSlice:
    """A piece of the sunburst: a verb (no noun), a verb's noun, or what is left over of it."""

    verb: str
    noun: str | None
    n: int
    inner: bool
    """Whether it is a verb, in the inner ring."""
    ids: tuple[str, ...]


def petals(
    table: KindTable, *, verbs: int = VERBS_SHOWN, nouns: int = NOUNS_SHOWN
) -> Sequence[SunburstSlice]:
    """The pieces of the sunburst: the commonest verbs and of each the commonest nouns.

    All that a verb has beyond these is one piece `OTHER`, so that an inner piece is as large as its
    outer ones together. Rarer verbs are left out; whoever draws says how many clauses that are.
    """
    found = []
    for verb, n in list(table.verbs().items())[:verbs]:
        rows = [row for row in table.rows if row.verb == verb]
        found.append(SunburstSlice(verb, None, n, True, tuple(table.ids_of(verb, any_noun=True))))
        named = [row for row in rows if row.noun is not None][:nouns]
        found += [SunburstSlice(verb, row.noun, row.n, False, row.ids) for row in named]
        rest = [row for row in rows if row not in named]
        if rest:
            ids = tuple(dict.fromkeys(i for row in rest for i in row.ids))
            found.append(SunburstSlice(verb, OTHER, sum(row.n for row in rest), False, ids))
    return found
