"""How many words the outputs of runs have, counted once per run and process.

A word is what stands between white space; in scripts without any a whole sentence is one, so that
characters are the better measure there.
"""

import threading
from collections import OrderedDict

from sit_core.store import Store
from sit_core.store.leaderboard import OutputColumns, made_at, read_texts

KEPT = 500
"""Runs whose counts stay in memory."""
_counts: "OrderedDict[tuple[object, ...], dict[str, int]]" = OrderedDict()
_lock = threading.Lock()


def words_and_empty(store: Store, outputs: OutputColumns) -> tuple[list[int], list[bool]]:
    """Per output, in the order of ``outputs``: its words, and whether there is nothing in it."""
    sizes: dict[int, int] = {}
    for run in outputs.run_ids:
        sizes[run] = sizes.get(run, 0) + 1
    names = made_at(store, list(sizes))
    counted: dict[str, int] = {}
    for run, size in sizes.items():
        if run in names:
            counted |= _of_run(store, run, (store.url, run, *names[run], size))
    # An output that was deleted just now has none; the next board is without it.
    words = [counted.get(prediction, 0) for prediction in outputs.ids]
    return words, [n == 0 for n in words]


def _of_run(store: Store, run: int, key: tuple[object, ...]) -> dict[str, int]:
    with _lock:
        if key in _counts:
            _counts.move_to_end(key)
            return _counts[key]
    counted = {prediction: len(text.split()) for prediction, text in read_texts(store, run)}
    with _lock:
        _counts[key] = counted
        while len(_counts) > KEPT:
            _counts.popitem(last=False)
    return counted
