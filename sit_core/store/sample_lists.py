"""Lists of samples: exactly the outputs behind one figure, kept so that its link always opens them.

A point of a curve may stand for ten outputs that no filter describes. Their list is kept under an
id made of the outputs' ids, so that keeping it again changes nothing, and an address stays short.
"""

import hashlib
import time
from collections.abc import Sequence

from sqlalchemy import Select, func, insert, select

from sit_core.store.engine import Store
from sit_core.store.schema import predictions, sample_list_items, sample_lists

LONGEST_TITLE = 300
_BATCH = 10_000


def list_id(ids: Sequence[str]) -> str:
    """The id of the list of these outputs; their order makes no difference.

    >>> list_id(["b", "a", "a"]) == list_id(["a", "b"])
    True
    """
    text = "\n".join(sorted(set(ids)))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def keep_samples(store: Store, ids: Sequence[str], title: str) -> str:
    """Keep a list of outputs, and return its id; one that is there stays as it is.

    Args:
        store: where.
        ids: of predictions.
        title: what the figure is; plain text.
    """
    name, kept = list_id(ids), sorted(set(ids))
    with store.write() as connection:
        if connection.scalar(select(sample_lists.c.id).where(sample_lists.c.id == name)):
            return name
        row = {"id": name, "title": title[:LONGEST_TITLE], "created_at": time.time()}
        connection.execute(insert(sample_lists), row)
        for start in range(0, len(kept), _BATCH):
            items = [
                {"list_id": name, "prediction_id": one} for one in kept[start : start + _BATCH]
            ]
            connection.execute(insert(sample_list_items), items)
    return name


def samples_on(name: str) -> Select[tuple[str]]:
    """The ids of the outputs on a list; none where there is no such list."""
    return select(sample_list_items.c.prediction_id).where(sample_list_items.c.list_id == name)


def list_title(store: Store, name: str) -> tuple[str, int, int] | None:
    """Title of a list, how many outputs it names, how many are there; None: there is no list."""
    with store.read() as connection:
        title = connection.scalar(select(sample_lists.c.title).where(sample_lists.c.id == name))
        if title is None:
            return None
        on_it = samples_on(name).subquery()
        named = connection.scalar(select(func.count()).select_from(on_it)) or 0
        there = select(func.count()).where(predictions.c.id.in_(samples_on(name)))
        return str(title), int(named), int(connection.scalar(there) or 0)
