"""Each run belongs to one prompt set, found by the prompts it shares, whatever came first."""

import hashlib
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from sit_core.errors import SitError, UsageError
from sit_core.matching import match_key
from sit_core.settings import Settings
from sit_core.sources import ImportFile, SourceFile, look_at
from sit_core.store import Store, open_store
from sit_core.store.prompt_sets import (
    assign_run,
    assign_runs,
    get_prompt_set,
    list_prompt_sets,
    nearest,
    rename_prompt_set,
    sets_of_runs,
)
from sit_core.store.runs import delete_run, import_predictions
from sit_core.store.schema import prompt_set_runs, prompt_sets
from tests.store.test_old_stores import old_store


def imported(store: Store, run: str, asked: range, *, name: str | None = None, ends: str = "\n"):
    """Import a run over the prompts of these numbers, from a file ``from RUN.jsonl``."""
    rows = [
        {"instruction": f"Do it.{ends}", "input": f"question {i}{ends}?", "output": f"{run} {i}"}
        for i in asked
    ]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    source = SourceFile(f"from {run}.jsonl", lambda: io.BytesIO(data))
    file = ImportFile(source, run, look_at(source).mapping, prompt_set=name)
    report = import_predictions(store, [file])
    assert report.stored
    return report


def sets(store: Store) -> dict[str, tuple[int, tuple[tuple[str, int], ...]]]:
    return {one.name: (one.prompts, one.runs) for one in list_prompt_sets(store)}


def test_runs_over_the_same_prompts_are_in_one_set_named_after_the_first_file(
    store: Store,
) -> None:
    assert imported(store, "a", range(10)).prompt_sets == {"a": "from a"}
    assert imported(store, "b", range(10), ends="\r\n").prompt_sets == {"b": "from a"}
    assert imported(store, "c", range(50, 60)).prompt_sets == {"c": "from c"}
    assert sets(store) == {
        "from a": (10, (("a", 10), ("b", 10))),
        "from c": (10, (("c", 10),)),
    }
    assert sets_of_runs(store) == {"a": "from a", "b": "from a", "c": "from c"}


@pytest.mark.parametrize("order", [(40, 8, 50), (8, 50, 40), (50, 8, 40), (8, 40, 50)])
def test_a_part_belongs_to_the_whole_in_whatever_order_they_come(
    store: Store, order: tuple[int, ...]
) -> None:
    for n in order:
        imported(store, f"first {n}", range(n))
    (one,) = list_prompt_sets(store)
    assert one.prompts == 50
    assert one.runs == (("first 50", 50), ("first 40", 40), ("first 8", 8))


def test_nearly_all_is_enough_and_half_is_not(store: Store) -> None:
    imported(store, "a", range(100))
    imported(store, "nine of ten", range(91, 101))
    imported(store, "half", range(90, 110))
    assert sets_of_runs(store) == {
        "a": "from a",
        "nine of ten": "from a",
        "half": "from half",
    }
    assert get_prompt_set(store, "from a").prompts == 101


def test_a_named_set_is_the_one_that_is_named(store: Store) -> None:
    imported(store, "a", range(10))
    assert imported(store, "b", range(10), name="dev").prompt_sets == {"b": "dev"}
    assert imported(store, "c", range(20, 25), name="dev").prompt_sets == {"c": "dev"}
    assert get_prompt_set(store, "dev").prompts == 15
    assert imported(store, "a", range(10), name="dev").prompt_sets == {"a": "dev"}
    assert get_prompt_set(store, "from a").runs == ()  # its name and its prompts are kept
    assert get_prompt_set(store, "from a").prompts == 10


def test_rows_that_are_added_to_a_run_stay_in_its_set(store: Store) -> None:
    imported(store, "a", range(10), name="dev")
    imported(store, "a", range(100, 120))
    assert sets(store) == {"dev": (30, (("a", 30),))}


def test_the_hash_is_of_the_prompts_alone(store: Store) -> None:
    imported(store, "a", range(4, -1, -1), ends="\r\n")
    keys = sorted(match_key("Do it.", f"question {i}\n?") for i in range(5))
    found = get_prompt_set(store, "from a").sha256
    assert found == hashlib.sha256("".join(keys).encode()).hexdigest()
    imported(store, "b", range(5))
    assert get_prompt_set(store, "from a").sha256 == found
    imported(store, "c", range(6))
    assert get_prompt_set(store, "from a").sha256 != found


def test_a_set_is_renamed(store: Store) -> None:
    imported(store, "a", range(5))
    imported(store, "b", range(20, 30))
    rename_prompt_set(store, "from a", "CSQA")
    assert sets_of_runs(store)["a"] == "CSQA"
    with pytest.raises(SitError, match="already"):
        rename_prompt_set(store, "CSQA", "from b")
    with pytest.raises(SitError, match="did you mean 'CSQA'"):
        rename_prompt_set(store, "CSQ", "x")
    with pytest.raises(UsageError, match="needs a name"):
        rename_prompt_set(store, "CSQA", " ")
    assert imported(store, "c", range(5)).prompt_sets == {"c": "CSQA"}


def test_a_run_is_put_elsewhere_and_leaves_its_prompts_behind_only_if_others_have_them(
    store: Store,
) -> None:
    imported(store, "a", range(10))
    imported(store, "more", range(40))
    assert get_prompt_set(store, "from a").prompts == 40
    assign_runs(store, "large", ["more"])
    assert sets(store) == {"from a": (10, (("a", 10),)), "large": (40, (("more", 40),))}
    with pytest.raises(UsageError, match="mor"):
        assign_runs(store, "large", ["mor"])


def test_a_deleted_run_leaves_the_set_with_its_name(store: Store) -> None:
    imported(store, "a", range(10))
    rename_prompt_set(store, "from a", "dev")
    delete_run(store, "a")
    assert sets(store) == {"dev": (10, ())}
    assert imported(store, "b", range(10)).prompt_sets == {"b": "dev"}


def test_what_was_typed_on_the_live_page_is_a_set_of_its_own(store: Store) -> None:
    imported(store, "a", range(3))
    with store.write() as connection:
        assign_run(connection, 1, name=None, proposed="Live page", live=True)
    assert sets_of_runs(store) == {"a": "from a"}  # a run stays where it is
    imported(store, "live", range(70, 73))
    with store.write() as connection:
        connection.execute(delete(prompt_set_runs).where(prompt_set_runs.c.run_id == 2))
        connection.execute(delete(prompt_sets).where(prompt_sets.c.name == "from live"))
        assign_run(connection, 2, proposed="Live page", live=True)
    assert sets_of_runs(store)["live"] == "Live page"
    assert imported(store, "b", range(70, 73)).prompt_sets == {"b": "from b"}


@pytest.mark.slow
def test_the_runs_of_an_old_store_are_found_to_share_a_set(where: Settings) -> None:
    old_store(where)
    store = open_store(where)
    assert sets_of_runs(store) == {"a": "a", "b": "a"}
    found = get_prompt_set(store, "a")
    assert (found.prompts, found.runs) == (2300, (("a", 2300), ("b", 5)))
    before = found.sha256
    with store.write() as connection:  # the program would have found the same
        assign_run(connection, 2)
    assert get_prompt_set(store, "a").sha256 == before
    store.close()


@given(
    st.integers(1, 50),
    st.dictionaries(
        st.integers(1, 9),
        st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        max_size=5,
    ),
)
def test_the_nearest_set_shares_nearly_all_with_one_of_the_two(
    size: int, others: dict[int, tuple[int, int]]
) -> None:
    others = {k: (min(both, size), n) for k, (both, n) in others.items()}
    found = nearest(size, others)
    near = {k for k, (both, n) in others.items() if both and both >= 0.9 * min(size, n)}
    assert (found is None) == (not near)
    if found is not None:
        assert found in near
        assert others[found][0] == max(others[k][0] for k in near)


def test_a_name_that_is_taken_gets_a_number(store: Store, tmp_path: Path) -> None:
    imported(store, "a", range(5))
    rename_prompt_set(store, "from a", "from b")
    assert imported(store, "b", range(90, 99)).prompt_sets == {"b": "from b (2)"}
