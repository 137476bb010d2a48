"""Constraints that a program checks, where rows have IFEval's lists: steps of the example."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sit_core.metrics.verifiable import META, constraints_in
from sit_core.records import Example
from sit_core.sources.problem import RowFault
from sit_core.sources.texts import storable


def with_constraints(example: Example, fields: Mapping[str, Any]) -> Example:
    """The example with the steps of its constraints, where the row (or its ``doc``) has any.

    Raises:
        RowFault: the lists are not as IFEval has them.
    """
    doc = fields.get("doc")
    try:
        found = constraints_in(fields)
        if found is None and isinstance(doc, Mapping):
            found = constraints_in(doc)
    except ValueError as error:
        raise RowFault(str(error)) from None
    if found is None:
        return example
    steps, kept = found
    return replace(example, steps=steps, meta={**example.meta, META: storable(kept)})
