"""The flat table counts as a dict would."""

from hypothesis import given
from hypothesis import strategies as st

from sit_core.sources.seen import KeyCounts, hash64

KEYS = st.integers(1, 2**64 - 1) | st.integers(1, 40).map(lambda i: i << 20)


@given(st.lists(st.tuples(KEYS, st.integers(0, 2**63))))
def test_it_holds_what_a_dict_holds(pairs: list[tuple[int, int]]) -> None:
    counts, expected = KeyCounts(), {}
    for key, value in pairs:
        counts[key] = expected[key] = value
    assert {key: counts[key] for key in expected} == expected
    assert len(counts) == len(expected)


def test_it_grows_and_forgets_nothing() -> None:
    counts = KeyCounts()
    keys = [hash64(str(i)) for i in range(5000)]
    for i, key in enumerate(keys):
        counts[key] = i
    assert [counts[key] for key in keys] == list(range(5000))
    assert counts[hash64("never seen")] == 0


def test_a_hash_depends_on_where_the_parts_are_cut() -> None:
    assert hash64("a", "bc") != hash64("ab", "c")
    assert hash64("\ud800") != hash64("\ud801")
