"""Query, key and value are found under the names that each family of models gives them."""

import doctest

import pytest

from sit_core.errors import SitError
from sit_core.train import targets
from sit_core.train.targets import target_modules

LLAMA = [f"model.layers.0.self_attn.{x}_proj" for x in "qkvo"] + ["model.layers.0.mlp.up_proj"]
BLOOM = ["h.0.self_attention.query_key_value", "h.0.self_attention.dense", "h.0.mlp.dense_h_to_4h"]


def test_the_examples_in_the_docs_are_true() -> None:
    assert doctest.testmod(targets).failed == 0


def test_the_papers_targets() -> None:
    wanted = ["query", "key", "value"]
    assert target_modules(wanted, LLAMA) == ["q_proj", "k_proj", "v_proj"]
    assert target_modules(wanted, BLOOM) == ["query_key_value"]
    assert target_modules(["output"], LLAMA) == ["o_proj"]


def test_names_of_ones_own() -> None:
    assert target_modules(["up_proj", "query"], LLAMA) == ["up_proj", "q_proj"]
    assert target_modules(["all-linear"], []) == "all-linear"


def test_what_the_model_has_not_is_named() -> None:
    with pytest.raises(SitError, match=r"found gate_proj; it has k_proj, o_proj.*all-linear"):
        target_modules(["query", "gate_proj"], LLAMA)
