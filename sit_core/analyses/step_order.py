"""Order: chains whose tasks are listed as they are to be done, against those listed otherwise.

Part of the analysis *chain-length*. An *error* is an output that lacks a step, or has its steps in
another order than asked; of RIFT's errors about half are of order (arXiv 2601.18924). In which
order the steps were done instead is an estimate by rules (`sit_core.metrics.segment`), whoever
judged.
"""

from collections.abc import Iterable, Sequence

from sit_core.analyses.chain_tables import (
    IN_ORDER_COLUMN,
    NUMBER,
    SYSTEM,
    WHOLE,
    Asked,
    Rows,
    grouped,
    share_of,
)
from sit_core.results.estimate import Estimate
from sit_core.store.verdict_state import DONE, NOT_DONE, UNDECIDED
from sit_core.tasks.orders import JUMPING, LINEAR, LISTED, jumping_places

BOTH, ERRORS = "whole and in order", "errors that are of order"
_LIKE = (LISTED, LINEAR)
"""What an order is compared with: the first of these that the same system was asked in."""


def success(one: Asked) -> int | None:
    """Whether all steps were done, in the order asked."""
    whole, order = one.one.whole, one.one.in_order
    if whole == NOT_DONE or order == NOT_DONE:
        return NOT_DONE
    return DONE if whole == DONE and order == DONE else whole if whole != DONE else order


def is_order_error(one: Asked) -> int | None:
    """Of an error: whether steps that were done came in another order than asked."""
    if success(one) != NOT_DONE:
        return None
    return int(one.one.in_order == NOT_DONE)


def order_tables(kept: Sequence[Asked]) -> list[Rows]:
    """Per system, number of steps and order; then in which order the steps were done instead."""
    several = [one for one in kept if len(one.one.steps) > 1]
    made = Rows("Order of the tasks")
    made.note = (
        "An error lacks a step or has steps in another order; the last share is of the errors. "
        "Fewer than two steps done have no order, so they are no error of order. The difference "
        "is in whole and in order, on the questions of the same chain that both have."
    )
    groups = grouped(several, lambda x: (x.system, x.number, x.one.chain, x.order))
    for (system, number, chain, order), cases in groups.items():
        row: dict[str, object] = {SYSTEM: system, NUMBER: number, "chain": chain, "order": order}
        ids: dict[str, Iterable[str]] = {"": [case.one.output.id for case in cases]}
        row[WHOLE], ids[WHOLE] = share_of(made, cases, lambda x: x.one.whole, WHOLE)
        row[IN_ORDER_COLUMN], ids[IN_ORDER_COLUMN] = share_of(
            Rows(""), cases, lambda x: x.one.in_order, IN_ORDER_COLUMN
        )
        row[BOTH], ids[BOTH] = share_of(Rows(""), cases, success, BOTH)
        errors = [case for case in cases if is_order_error(case) is not None]
        row[ERRORS], _ = share_of(Rows(""), errors, is_order_error, ERRORS)
        ids[ERRORS] = [case.one.output.id for case in errors if is_order_error(case)]
        like = next((o for o in _LIKE if o != order and (system, number, chain, o) in groups), None)
        row["compared with"] = like if order == JUMPING or like == LINEAR else None
        row["difference"] = None
        if row["compared with"]:
            row["difference"] = _difference(cases, groups[system, number, chain, like])
        made.add(row, ids)
    if not any(row["compared with"] for row in made.rows):
        for row in made.rows:
            del row["compared with"], row["difference"]
    return [made, _done_instead(several)]


def _difference(cases: Sequence[Asked], others: Sequence[Asked]) -> Estimate:
    from sit_core.results.output_values import FOLLOWING, Measure, difference_of

    def means(of: Sequence[Asked]) -> dict[str, float]:
        found: dict[str, list[int]] = {}
        for one in of:
            state = success(one)
            if state is not None and state != UNDECIDED:
                found.setdefault(one.content, []).append(state)
        return {content: sum(each) / len(each) for content, each in found.items()}

    return difference_of(Measure(FOLLOWING), means(cases), means(others))


def _done_instead(several: Sequence[Asked]) -> Rows:
    """Which order the steps were found in, of outputs judged not to be in order."""
    made = Rows("In which order they were done instead (found by rules, an estimate)")
    wrong = [one for one in several if one.one.in_order == NOT_DONE]
    groups = grouped(wrong, lambda x: (x.system, x.number, x.one.chain, x.order, *_found_order(x)))
    for (system, number, chain, order, done, listed), cases in groups.items():
        row = {SYSTEM: system, NUMBER: number, "chain": chain, "order": order}
        row |= {"done": done, "as listed": listed, "outputs": len(cases)}
        made.add(row, {"": [case.one.output.id for case in cases]})
    return made


def _found_order(one: Asked) -> tuple[str, str]:
    """The letters of the steps that were done, as they stand; whether they are listed so."""
    from sit_core.metrics.segment import OutputSegment, split_output
    from sit_core.results.table_query import labels

    example = one.one.output.example
    parts = split_output(one.one.output.output, example) if example.steps else {}
    starts = {
        key: part.start
        for key, part in parts.items()
        if isinstance(part, OutputSegment) and one.one.state(key) == DONE
    }
    if len(starts) < 2:
        return "not found", "–"
    names = labels(one.one.steps)
    done = sorted(starts, key=lambda key: starts[key])
    listed = [step.key for step in one.one.steps]
    if one.order == JUMPING and len({step.task for step in one.one.steps}) > 1:
        listed = [one.one.steps[i].key for i in jumping_places(one.one.steps)]
    as_listed = done == [key for key in listed if key in starts]
    if done == [step.key for step in one.one.steps if step.key in starts]:
        return "as asked, by the rules", "–"
    return " ".join(names.get(key, key) for key in done), "yes" if as_listed else "no"
