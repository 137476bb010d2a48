"""The server's own sentence is found in the error bodies of every server, and what it refuses."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.models.endpoint.error_bodies import error_in, read_error
from sit_core.models.endpoint.responses import OPTIONAL


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "too long", "type": "x", "code": 400}}, "too long"),
        ({"object": "error", "message": "too long", "code": 400}, "too long"),  # vLLM
        ({"detail": "Not Found"}, "Not Found"),  # FastAPI
        ({"detail": [{"loc": ["body", "seed"], "msg": "no integer"}]}, "seed: no integer"),
        (
            {"detail": [{"loc": ["body", "a", 0], "msg": "x"}, {"loc": ["body"], "msg": "y"}]},
            "a.0: x; y",
        ),
        (
            {"object": "error", "message": {"detail": [{"loc": ["body", "b"], "msg": "bad"}]}},
            "b: bad",
        ),  # Mistral
        ({"error": "model 'x' not found"}, "model 'x' not found"),  # Ollama
        ({"error": {"code": 503, "message": "Loading model", "type": "x"}}, "Loading model"),
        ({"error": "Input validation error", "error_type": "validation"}, "Input validation error"),
        ({"type": "error", "error": {"type": "x", "message": "Overloaded"}}, "Overloaded"),
        ([{"error": {"code": 400, "message": "Unknown name", "status": "X"}}], "Unknown name"),
        ({"errors": [{"message": "first"}, {"message": "second"}]}, "first; second"),
        ({"error": {"message": None, "detail": "deep"}}, "deep"),
        ({"error": "x", "error_description": "y"}, "x"),
        ({"message": "Unauthorized"}, "Unauthorized"),
        ({"title": "Bad request"}, "Bad request"),
        (
            {
                "error": {
                    "message": "Provider returned error",
                    "metadata": {"raw": '{"error": {"message": "it is full"}}'},
                }
            },
            "Provider returned error: it is full",
        ),  # OpenRouter
        ({}, ""),
        ({"error": None}, ""),
        ({"error": {}}, ""),
        ([], ""),
        (None, ""),
        (7, ""),
    ],
)
def test_the_servers_sentence(body: Any, said: str) -> None:
    assert read_error(json.dumps(body).encode()).said == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><head><title>502 Bad Gateway</title></head></html>", "502 Bad Gateway"),
        (b"<h1>Bad gateway</h1>", "Bad gateway"),
        (b"upstream connect error\nreset", "upstream connect error"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
        (b'{"error": ', ""),
    ],
)
def test_what_is_no_json(body: bytes, said: str) -> None:
    assert read_error(body).said == said


@pytest.mark.parametrize(
    ("message", "refused"),
    [
        ("Unsupported parameter: 'temperature' is not supported with this model.", "temperature"),
        ("Unsupported value: 'temperature' does not support 0.0 with this model.", "temperature"),
        ("property 'seed' is unsupported", "seed"),
        ('Invalid JSON payload received. Unknown name "seed": Cannot find field.', "seed"),
        ("Model x does not support parameter stop", "stop"),
        ("Argument not supported on this model: stop", "stop"),
        ("`temperature` and `top_p` cannot both be specified", "top_p"),
        ("`temperature` must be strictly positive", "temperature"),
        ("Unrecognized request argument supplied: top_k", "top_k"),
        ("top_k: Extra inputs are not permitted", "top_k"),
        ("Your organization must be verified; 'stream' is not supported", "stream"),
        ("`temperature` may only be set to 1 when thinking is enabled.", "temperature"),
    ],
)
def test_a_field_that_is_refused(message: str, refused: str) -> None:
    assert read_error(json.dumps({"error": {"message": message}}).encode()).refuses(refused)


@pytest.mark.parametrize(
    "message",
    [
        "'max_tokens' or 'max_completion_tokens' is too large: 256. The context is 128 tokens",
        "temperature must be between 0 and 2",
        "The model stopped unexpectedly",
        "unknown model",
        "seeds are not supported yet, try later",
        "",
    ],
)
def test_another_error_refuses_no_field(message: str) -> None:
    error = error_in({"error": {"message": message}})
    assert not [name for name in (*OPTIONAL, "max_tokens") if error.refuses(name)]


def test_a_value_out_of_range_is_the_users_to_mend() -> None:
    body = {
        "error": {
            "message": "Invalid 'temperature': decimal above maximum value. Expected a value <= 2",
            "param": "temperature",
            "code": "decimal_above_max_value",
        }
    }
    assert not error_in(body).refuses("temperature")


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ("error", "message", "detail", "code", "type", "loc", "msg", "metadata", "raw")
                ),
                inner,
            )
        ),
    )
)
def test_any_body_is_read(body: Any) -> None:
    found = read_error(json.dumps(body).encode())
    assert len(found.said) <= 300
    assert "\n" not in found.said
    for name in OPTIONAL:
        found.refuses(name)


@given(st.binary())
def test_any_bytes_are_read(body: bytes) -> None:
    assert len(read_error(body).said) <= 300
