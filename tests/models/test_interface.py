"""What a specification and its settings accept, and that no secret gets into them."""

from dataclasses import dataclass, replace

import pytest

from sit_core.errors import UsageError
from sit_core.models import GenerationSettings, ModelSpec
from sit_core.models.config import ModelConfig
from sit_core.models.identity import identity_of
from sit_core.models.interface import FailuresInARow

URL = "http://localhost:8000/v1"


def test_a_key_in_place_of_the_name_of_its_variable_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="key_env takes the name") as caught:
        ModelSpec("m", backend="openai", base_url=URL, key_env="sk-very-secret")
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://me:secret@host/v1", "http://host/v1?api_key=secret"])
def test_a_secret_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError, match="keys come from key_env") as caught:
        ModelSpec("m", backend="openai", base_url=url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", [None, "", "localhost:8000", "ftp://host/v1", "http://", "http://["]
)
def test_an_endpoint_needs_an_address(url: str | None) -> None:
    with pytest.raises(UsageError, match="base_url"):
        ModelSpec("m", backend="openai", base_url=url)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        ModelSpec(" ", backend="transformer", dtype="float8", base_url=URL)
    message = str(caught.value)
    assert "did you mean 'transformers'" in message
    for part in ("Name a model", "dtype", "belong to the backend openai"):
        assert part in message
    with pytest.raises(UsageError) as caught:
        GenerationSettings(max_new_tokens=0, temperature=-1, top_p=0, stop=("",))
    for part in ("max_new_tokens", "temperature", "top_p", "stop text"):
        assert part in str(caught.value)


def test_what_becomes_of_thoughts_is_part_of_an_identity_only_where_it_is_not_as_usual() -> None:
    """Else every reply that was kept before there was a choice would be asked for again."""
    usual = ModelConfig("m", backend="openai", base_url="http://localhost:1/v1")
    assert "thoughts" not in identity_of(usual)
    assert identity_of(replace(usual, thoughts="keep"))["thoughts"] == "keep"

    @dataclass(frozen=True)
    class Later(ModelConfig):
        novelty: int = 3

    later = Later(usual.model, backend=usual.backend, base_url=usual.base_url)
    assert identity_of(later) == identity_of(usual)
    assert identity_of(replace(later, novelty=4))["novelty"] == 4
    with pytest.raises(UsageError, match="thoughts: Expected one of apart, keep"):
        GenerationSettings(thoughts="else")


def test_failures_are_in_a_row_only_without_a_success_between() -> None:
    failures = FailuresInARow()
    assert [failures.add("timeout") for _ in range(19)] == [False] * 19
    assert not failures.add(None)
    assert (failures.count, failures.last) == (0, "")
    assert [failures.add(f"no. {i}") for i in range(20)] == [False] * 19 + [True]
    assert (failures.count, failures.last) == (20, "no. 19")
