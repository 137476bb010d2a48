"""What binds steps: read from examples and from settings; hostile values are named, never used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.errors import UsageError
from sit_core.results.step_relations import relations

KEYS = ("translate", "paraphrase", "paraphrase-2", "answer")


def test_settings_win_over_what_the_example_says() -> None:
    meta = {"depends": {"answer": ["translate"]}, "weights": {"answer": 3}, "level": "2"}
    own = relations(KEYS, meta)
    assert own.builds_on == {"answer": ("translate",)}
    assert own.weights["answer"] == 3.0
    assert own.level == 2
    said = relations(KEYS, meta, ["answer=paraphrase"], ["paraphrase=2", "answer=0.5"])
    assert said.builds_on == {"answer": ("paraphrase",)}
    assert said.weights == {
        "translate": 1.0,
        "paraphrase": 2.0,
        "paraphrase-2": 2.0,
        "answer": 0.5,
    }
    assert relations(KEYS, {}, ["chain"]).builds_on["answer"] == KEYS[:3]


def test_ids_of_constraints_are_keys_like_others() -> None:
    keys = ("punctuation:no_comma", "startend:end_checker")
    found = relations(keys, {}, [f"{keys[1]}={keys[0]}"])
    assert found.builds_on == {keys[1]: (keys[0],)}


@pytest.mark.parametrize("wrong", ["answer", "=translate", "answer=", ""])
def test_what_is_not_of_the_form_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="--depends"):
        relations(KEYS, {}, [wrong])


@pytest.mark.parametrize(
    "wrong", ["answer", "answer=-1", "answer=nan", "answer=inf", "=2", "a=1e9"]
)
def test_weights_are_numbers_from_0(wrong: str) -> None:
    with pytest.raises(UsageError, match="--weights"):
        relations(KEYS, {}, [], [wrong])


@given(
    st.dictionaries(
        st.sampled_from(["depends", "weights", "level", "iteration", "group", "key", "doc"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
            max_leaves=6,
        ),
    )
)
def test_total_of_whatever_stands_in_an_example(meta: dict[str, object]) -> None:
    found = relations(KEYS, meta)
    assert set(found.weights) == set(KEYS)
    assert set(found.builds_on) <= set(KEYS)
    assert found.level is None or found.level >= 1
    if meta.get("depends") is not None and not isinstance(meta["depends"], dict | str):
        assert "depends" in found.unread
