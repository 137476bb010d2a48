"""A place inside a column: by names and numbers, and a column that is called so comes first."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.sources.paths import MISSING, column_of, nested_paths, value_at

NAMES = st.text(min_size=1, max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_every_path_that_is_offered_leads_to_a_value(row: dict[str, Any]) -> None:
    for path in nested_paths([row]):
        assert value_at(row, path) is not MISSING


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_a_column_s_own_name_is_always_that_column(row: dict[str, Any]) -> None:
    for name, value in row.items():
        assert value_at(row, name) is value
        assert column_of(row, name) == name


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("choices.0.turns.1", "again"),
        ("choices.-1.turns.-1", "last"),
        ("with.dots", "literal"),
        ("meta.with.dots.deep", "inside"),
        ("choices.2", MISSING),
        ("choices.first", MISSING),
        ("choices.0.turns.0.0", MISSING),
        ("nothing", MISSING),
        (".", MISSING),
        ("choices.99999999999999999999", MISSING),
    ],
)
def test_a_path_reaches_inside_or_nowhere(path: str, value: object) -> None:
    row = {
        "choices": [{"turns": ["Aloha", "again"]}, {"turns": ["last"]}],
        "with.dots": "literal",
        "with": {"dots": "nested"},
        "meta": {"with.dots": {"deep": "inside"}},
    }
    assert value_at(row, path) == value


def test_the_list_of_paths_is_bounded_however_large_a_row_is() -> None:
    row = {"a": {str(i): {str(j): "x" for j in range(1000)} for i in range(1000)}}
    assert len(nested_paths([row])) == 200
