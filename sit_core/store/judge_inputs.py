"""Which outputs an LLM judge is asked about, with their texts."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select

from sit_core.records import Example, Step
from sit_core.store.engine import Store
from sit_core.store.run_contents import EXAMPLE_COLUMNS, example_of
from sit_core.store.schema import examples, predictions, runs, slots
from sit_core.store.studies import get_study

_PAGE = 500


@dataclass(frozen=True, slots=True)
class JudgedOutput:
    """One output with what was asked, and what another run has for the same."""

    id: str
    run: str
    example: Example
    output: str
    steps: tuple[Step, ...]
    """Of the study, else of the example."""
    meta: Mapping[str, Any]
    """Of the output: what was given to the model as its beginning."""
    against_id: str | None
    against: str | None
    against_meta: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChosenOutputs:
    """The outputs meant, in the order in which they are to be judged."""

    ids: tuple[str, ...]
    steps: tuple[Step, ...] | None
    """Of the study; None: each example's own."""
    against: str | None


def choose_outputs(
    store: Store,
    names: Sequence[str],
    *,
    study: str | None = None,
    against: str | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> ChosenOutputs:
    """The outputs of runs (of a study: its samples), drawn if there is a limit.

    The order is drawn too, by example: judging that ends early has the same examples of all runs.

    Args:
        store: where.
        names: of the runs; empty: all of the study's, but the reference.
        study: only its samples.
        against: the run that is compared with.
        limit: at most so many examples of each run.
        seed: of the draw.

    Raises:
        SitError: there is no such study, or a run is not in it.
    """
    p = predictions.c
    query = (
        select(p.id, p.example_id, examples.c.match_key, p.ordinal, p.row, runs.c.name)
        .join(runs, runs.c.id == p.run_id)
        .join(examples, examples.c.id == p.example_id)
    )
    steps = None
    if study is not None:
        of = get_study(store, study)
        names = names or [run for run in of.runs if run != against]
        steps = of.steps
        query = query.join(slots, and_(slots.c.prediction_id == p.id, slots.c.place == 0)).where(
            slots.c.study_id == of.id
        )
    place = {name: i for i, name in enumerate(dict.fromkeys(names))}
    with store.read() as connection:
        found = connection.execute(query.where(runs.c.name.in_(list(place)))).all()
    least: dict[str, str] = {}  # by it a question is drawn, however it is written
    for row in found:
        least[row.match_key] = min(least.get(row.match_key, row.example_id), row.example_id)
    drawn = {key: _dice(seed, example_id) for key, example_id in least.items()}
    found = sorted(found, key=lambda r: (drawn[r.match_key], place[r.name], r.ordinal, r.row))
    if limit is not None:
        seen: dict[str, set[str]] = {name: set() for name in place}
        kept = []
        for row in found:
            of_run = seen[row.name]
            if row.match_key in of_run or len(of_run) < limit:
                of_run.add(row.match_key)
                kept.append(row)
        found = kept
    return ChosenOutputs(tuple(row.id for row in found), steps, against)


def read_chosen(store: Store, chosen: ChosenOutputs) -> Iterator[JudgedOutput]:
    """The same with their texts, a page at a time; those deleted meanwhile are left out."""
    for start in range(0, len(chosen.ids), _PAGE):
        yield from _page(store, chosen, chosen.ids[start : start + _PAGE])


def _page(store: Store, chosen: ChosenOutputs, ids: Sequence[str]) -> list[JudgedOutput]:
    p, e = predictions.c, examples.c
    query = (
        select(p.id, runs.c.name, p.output, e.match_key, p.ordinal)
        .add_columns(p.meta.label("output_meta"), *EXAMPLE_COLUMNS)
        .join(runs, runs.c.id == p.run_id)
        .join(examples, e.id == p.example_id)
        .where(p.id.in_(ids))
    )
    others: dict[tuple[str, int], tuple[str, str, Mapping[str, Any]]] = {}
    with store.read() as connection:
        rows = {row.id: row for row in connection.execute(query)}
        if chosen.against is not None:
            asked = {row.match_key for row in rows.values()}
            of_reference = (
                select(p.id, p.output, p.meta, e.match_key, p.ordinal)
                .join(runs, runs.c.id == p.run_id)
                .join(examples, e.id == p.example_id)
                .where(runs.c.name == chosen.against, e.match_key.in_(asked))
                .order_by(p.row)
            )
            for r in connection.execute(of_reference):
                others.setdefault((r.match_key, r.ordinal), (r.id, r.output, r.meta or {}))
    found = []
    for number in ids:
        row = rows.get(number)
        if row is None:
            continue
        key = (row.match_key, row.ordinal)
        other_id, other, other_meta = others.get(key, (None, None, {}))
        example = example_of(row)
        mine = example.steps if chosen.steps is None else chosen.steps
        meta = row.output_meta or {}
        found.append(
            JudgedOutput(
                row.id, row.name, example, row.output, mine, meta, other_id, other, other_meta
            )
        )
    return found


def _dice(seed: int, example_id: str) -> bytes:
    return hashlib.sha256(f"{seed}/{example_id}".encode()).digest()
