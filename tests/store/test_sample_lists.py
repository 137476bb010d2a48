"""A list of samples opens exactly its outputs, is kept once, and says what was deleted since."""

from hypothesis import given
from hypothesis import strategies as st

from sit_core.store import Store
from sit_core.store.browse import Filter, count_hits, page_of_hits
from sit_core.store.runs import delete_run
from sit_core.store.sample_lists import LONGEST_TITLE, keep_samples, list_id, list_title
from tests.factories import make_run


@given(st.lists(st.text(min_size=1, max_size=4)), st.randoms())
def test_a_lists_id_is_that_of_the_set_of_its_outputs(ids: list[str], rng) -> None:
    other = [*ids, *ids]
    rng.shuffle(other)
    assert list_id(other) == list_id(ids)


def test_a_list_opens_exactly_its_outputs_and_is_kept_once(store: Store) -> None:
    ids = make_run(store, "one", 4)
    others = make_run(store, "two", 4)
    wanted = [ids[1], ids[3], others[0]]
    name = keep_samples(store, wanted, "Length: one, 3–9 words")
    assert keep_samples(store, [*reversed(wanted), ids[1]], "another title") == name
    assert list_title(store, name) == ("Length: one, 3–9 words", 3, 3)
    hits = page_of_hits(store, Filter(listed=name))
    assert {hit.id for hit in hits} == set(wanted)
    assert count_hits(store, Filter(listed=name, runs=("two",))) == 1
    assert count_hits(store, Filter(listed="no such list")) == 0
    assert list_title(store, "no such list") is None


def test_outputs_that_were_deleted_since_are_counted(store: Store) -> None:
    kept = make_run(store, "kept", 2)
    gone = make_run(store, "gone", 2)
    name = keep_samples(store, [*kept, *gone], "x" * 1000)
    delete_run(store, "gone")
    assert list_title(store, name) == ("x" * LONGEST_TITLE, 4, 2)
