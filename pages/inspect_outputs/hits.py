"""Of the Inspect page: what its filter finds, one page of it, and where the open output stands."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.inspect_outputs.filters import PLACED, SAMPLE, START, VIEW
from sit_core.store import Store
from sit_core.store.browse import (
    Filter,
    Hit,
    HitPosition,
    count_hits,
    page_of_hits,
    place_among,
    version,
)
from sit_core.store.overview import places_of_runs
from sit_core.store.scores import scores_version

PER_PAGE = 100
Version = tuple[float, ...]


@st.cache_data(show_spinner=False, max_entries=2000)
def _count(_store: Store, url: str, now: Version, of: Filter) -> int:
    return count_hits(_store, of)


@st.cache_data(show_spinner=False, max_entries=500)
def _page(_store: Store, url: str, now: Version, of: Filter, offset: int) -> list[Hit]:
    return page_of_hits(_store, of, offset=offset, limit=PER_PAGE)


@st.cache_data(show_spinner=False, max_entries=2000)
def _place(_store: Store, url: str, now: Version, of: Filter, sample: str) -> HitPosition | None:
    return place_among(_store, of, sample)


@st.cache_data(show_spinner=False, max_entries=5)
def run_places(_store: Store, url: str, now: Version) -> dict[str, int]:
    """Run → its order of arrival, for its colour."""
    return places_of_runs(_store)


@dataclass(frozen=True, slots=True)
class FoundHits:
    """What the filter finds."""

    total: int
    start: int
    """The number of the first hit of this page, from 0."""
    rows: Sequence[Hit]
    sample: str | None
    """The output to show: the one that is open, else the first of the page."""
    position: HitPosition | None
    """Of that output; None where it is none of the hits."""


def hits(store: Store, of: Filter, now: Version) -> FoundHits:
    """One page of the hits: the one with the open output, once that was opened by a link or a key.

    Args:
        store: where.
        of: what is asked for.
        now: the store's version, see `versions`.
    """
    state = st.session_state
    known = (store, store.url, now, of)
    total = _count(*known)
    sample = state[SAMPLE]
    position = _place(*known, sample) if sample and total else None
    if state.get(PLACED) != state[VIEW]:
        state[PLACED] = state[VIEW]
        if position:
            state[START] = position.position // PER_PAGE * PER_PAGE
    start = state[START] = max(0, min(state[START], (total - 1) // PER_PAGE * PER_PAGE))
    rows = _page(*known, start) if total else []
    if sample is None and rows:
        sample = rows[0].id
        position = HitPosition(0, None, rows[1].id if total > 1 else None)
        if start:
            position = _place(*known, sample)
    return FoundHits(total, start, rows, sample, position)


def versions(store: Store, of: Filter) -> Version:
    """Changes whenever what the page shows may change."""
    return version(store) + (scores_version(store) if of.score else ())
