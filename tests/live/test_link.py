"""A link brings back the ask, holds no secret, and is never trusted."""

import base64
import json
import zlib
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.errors import SitError, UsageError
from sit_core.live import LiveRequest
from sit_core.live.link import LONGEST_LINK, address_of, is_link, linked, params_of
from sit_core.models import GenerationSettings, ModelSpec

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)
SPECS = st.sampled_from(
    [
        ModelSpec("org/model"),
        ModelSpec("folder", adapter="my adapter"),
        ModelSpec("served", backend="openai", base_url="http://127.0.0.1:1/v1"),
    ]
)
ASKS = st.builds(
    LiveRequest,
    instruction=TEXTS,
    input=TEXTS,
    steps=st.none() | st.just("repeat,answer"),
    models=st.lists(SPECS, max_size=3, unique=True).map(tuple),
    settings=st.builds(
        GenerationSettings,
        max_new_tokens=st.integers(1, 4096),
        temperature=st.floats(0, 5),
        top_p=st.floats(0.01, 1),
        top_k=st.integers(0, 100),
        seed=st.integers(0, 2**53),
        stop=st.lists(TEXTS.filter(bool), max_size=2).map(tuple),
    ),
)


@given(ASKS)
def test_every_ask_comes_back_through_an_address(ask: LiveRequest) -> None:
    address = address_of(ask, "http://host/live?old=1#x")
    assert linked(parse_qs(urlsplit(address).query, keep_blank_values=True)).ask == ask


def test_a_long_ask_is_compressed_and_a_too_long_one_refused() -> None:
    ask = LiveRequest("Repeat the input.", "the same words " * 2000)
    (packed,) = params_of(ask)["ask"]
    assert len(packed) < 500
    assert linked(params_of(ask)).ask == ask
    noise = "".join(chr(0x4E00 + (i * i * 7919) % 20000) for i in range(LONGEST_LINK))
    with pytest.raises(UsageError, match="too long for a link"):
        params_of(LiveRequest("Repeat the input.", noise))


def test_no_link_names_where_a_key_comes_from() -> None:
    spec = ModelSpec("m", backend="openai", base_url="http://x/v1", key_env="SECRET_KEY")
    assert "SECRET_KEY" not in address_of(LiveRequest("Hi", models=(spec,)), "http://host/live")
    assert linked(params_of(LiveRequest("Hi", models=(spec,)))).ask.models[0].key_env is None


def packed(content: bytes) -> dict[str, list[str]]:
    return {"ask": [base64.urlsafe_b64encode(content).decode()]}


@pytest.mark.parametrize(
    "params",
    [
        packed(b"no zlib"),
        packed(zlib.compress(b"no json")),
        packed(zlib.compress(b"[1, 2]")),
        packed(zlib.compress(b'{"instruction": "text, no list"}')),
        packed(zlib.compress(b"[" * 100_000)),
        packed(zlib.compress(json.dumps({"instruction": ["x"]}).encode())[:-3]),
        packed(zlib.compress(b"0" * 50_000_000)),
        {"ask": ["ä?"]},
        {"model": ['{"model": "m", "key_env": "SECRET"}']},
        {"model": ['{"model": "m", "device": "cuda"}']},
        {"model": ['{"model": "m", "prompt_format": "/etc/passwd.txt"}']},
        {"model": ['{"model": ["m"]}']},
        {"model": ['{"model": "m", "backend": "openai", "base_url": "http://u:p@host/v1"}']},
        {"model": ['{"model": "m", "backend": "openai", "base_url": "file:///etc"}']},
        {"model": ['{"model']},
        {"model": ["microlab"] * 4},
        {"tokens": ["many"]},
        {"tokens": ["9" * 30]},
        {"tokens": ["0"]},
        {"temperature": ["nan"]},
        {"temperature": ["hot"]},
        {"seed": ["-1"]},
        {"instruction": ["x\0y"]},
        {"instruction": ["x\ud800"]},
        {"input": ["x" * 200_001]},
        {"steps": ["repaet"]},
        {"stop": [""], "top_p": ["0"]},
    ],
)
def test_a_broken_link_is_one_sentence(params) -> None:
    with pytest.raises(SitError) as caught:
        linked(params)
    assert str(caught.value).startswith("This link is broken (")
    assert "\n" not in str(caught.value)


def test_models_of_ours_that_are_not_here_are_named() -> None:
    found = linked({"instruction": ["Hi"], "model": ["microlab+gone", '{"model": "m"}']})
    assert found.missing == ("microlab+gone",)
    assert found.ask.models == (ModelSpec("m"),)


def test_other_pages_parameters_are_no_link() -> None:
    assert not is_link({"study": ["s"], "run": ["r"]})
    assert is_link({"instruction": ["x"]})
