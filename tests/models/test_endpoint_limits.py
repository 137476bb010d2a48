"""Replies without end, packed too well or refused in parts: bounded, said, and asked otherwise."""

import gzip
import json
from typing import Any

import pytest

from sit_core.errors import SitError
from sit_core.models import GenerationSettings, ModelSpec
from sit_core.models.endpoint.backend import EndpointModel
from sit_core.models.endpoint.retries import Retries
from sit_core.records import Outcome
from tests.models import bad_server
from tests.models.bad_server import BadServer, answer, error, event

pytest.importorskip("aiohttp")
SETTINGS = GenerationSettings(max_new_tokens=9, in_flight=64)
KEY = "sk-the-secret-key-0123456789"


async def no_sleep(seconds: float) -> None:
    """Instead of waiting."""


def endpoint(server: BadServer, longest: float = 60.0, **fields: Any) -> EndpointModel:
    spec = ModelSpec("m", backend="openai", base_url=server.url, **fields)
    return EndpointModel(
        spec, retries=Retries(attempts=2), timeout=30.0, sleep=no_sleep, longest=longest
    )


def one(model: EndpointModel, prompt: str = "hi"):
    return next(model.generate([prompt], SETTINGS))[1]


def test_a_reply_that_is_packed_too_well_is_cut(server: BadServer) -> None:
    packed = gzip.compress(json.dumps(answer("x " * 20_000_000)).encode(), 1)
    server.behave = lambda number, body: (
        lambda handler, _: handler.send(200, packed, content_encoding="gzip")
    )
    made = one(endpoint(server))
    assert (made.outcome, len(made.text)) == (Outcome.CUT, 20_000)
    assert "longer than such a reply can be" in str(made.reason)


def stalls(*pieces: bytes, kind: str) -> bad_server.Behaviour:
    """Sends these and then nothing more, for ever."""

    def behave(handler: bad_server.Handler, body: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("content-type", kind)
        handler.send_header("content-length", "100000")
        handler.end_headers()
        for piece in pieces:
            handler.wfile.write(piece)
        handler.wfile.flush()
        handler.server.gate.wait()
        handler.close_connection = True

    return behave


def test_a_reply_that_takes_too_long_is_cut_where_it_is(server: BadServer) -> None:
    half = b'{"choices": [{"index": 0, "message": {"content": "half a'
    server.behave = lambda number, body: stalls(half, kind="application/json")
    made = one(endpoint(server, longest=0.3))
    assert (made.outcome, made.text) == (Outcome.CUT, "half a")
    assert str(made.reason).startswith("it was not complete after 0.3 s")


def test_a_stream_that_takes_too_long_is_cut_where_it_is(server: BadServer) -> None:
    server.behave = lambda number, body: stalls(
        event("half"), event(" a"), kind="text/event-stream"
    )
    stream = endpoint(server, longest=0.3).stream("hi", SETTINGS)
    pieces = []
    with pytest.raises(StopIteration) as end:
        while True:
            pieces.append(next(stream))
    assert (pieces, end.value.value.text) == (["half", " a"], "half a")
    assert end.value.value.outcome is Outcome.CUT


def refuse(names: list[str], said: str) -> Any:
    """Refuses a request with the first of these fields that it has."""

    def behave(number: int, body: dict[str, Any]) -> bad_server.Behaviour:
        wrong = [name for name in names if name in body]
        return error(400, said.format(wrong[0])) if wrong else bad_server.echo

    return behave


def test_what_is_refused_is_asked_once_and_for_all_by_many_requests(server: BadServer) -> None:
    server.behave = refuse(
        ["max_tokens", "temperature", "seed"], "Unsupported parameter: '{}' is not supported."
    )
    model = endpoint(server)
    prompts = [f"p{i}" for i in range(300)]
    made = dict(model.generate(prompts, SETTINGS))
    assert [made[i].text for i in range(300)] == [p.upper() for p in prompts]
    assert sorted(model.identity()["left_out"]) == ["seed", "temperature"]
    assert model.identity()["max_tokens_sent_as"] == "max_completion_tokens"
    assert len(server.requests) <= 300 + 3 * 64  # each of those in flight learns each at most once
    asked = len(server.requests)
    list(model.generate(["again"], SETTINGS))
    assert len(server.requests) == asked + 1
    assert server.requests[-1]["max_completion_tokens"] == 9


def test_the_limit_of_tokens_is_never_left_out(server: BadServer) -> None:
    server.behave = refuse(["max_tokens", "max_completion_tokens"], "{} is not supported")
    made = one(endpoint(server))
    assert made.outcome is Outcome.FAILED
    assert "is not supported" in str(made.error)
    assert all({"max_tokens", "max_completion_tokens"} & set(r) for r in server.requests)


def test_a_field_that_stays_refused_ends_as_an_error(server: BadServer) -> None:
    server.behave = lambda number, body: error(400, "Unsupported parameter: 'seed'")
    made = one(endpoint(server))
    assert "Unsupported parameter: 'seed'" in str(made.error)
    assert len(server.requests) == 2


def test_who_may_not_stream_gets_the_whole(server: BadServer) -> None:
    server.behave = refuse(["stream"], "Your organization must be verified: '{}' is unsupported.")
    assert list(endpoint(server).stream("hi", SETTINGS)) == ["HI"]
    assert "stream" not in server.requests[-1]


def test_what_is_refused_names_no_key(server: BadServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_KEY", KEY)
    server.behave = refuse(["seed"], f"{KEY}: unknown field '{{}}'")
    model = endpoint(server, key_env="MY_API_KEY")
    assert one(model).text == "HI"
    assert model.identity()["left_out"] == {"seed": "…: unknown field 'seed'"}


@pytest.mark.parametrize("status", [400, 422])
def test_a_prompt_that_a_filter_refuses_is_a_refusal(server: BadServer, status: int) -> None:
    said = {"error": {"message": "Inappropriate content", "code": "data_inspection_failed"}}
    server.behave = lambda number, body: (
        lambda handler, _: handler.send(status, json.dumps(said).encode())
    )
    made = one(endpoint(server))
    assert (made.outcome, made.text) == (Outcome.REFUSED, "")
    assert made.reason == "Inappropriate content"
    assert list(endpoint(server).stream("hi", SETTINGS)) == []


def test_a_line_without_end_is_cut(server: BadServer) -> None:
    line = b'data: {"choices": [{"delta": {"content": "' + b"x" * 3_000_000
    server.behave = lambda number, body: bad_server.stream(event("a"), line)
    stream = endpoint(server).stream("hi", SETTINGS)
    assert next(stream) == "a"
    with pytest.raises(StopIteration) as end:
        next(stream)
    assert (end.value.value.text, end.value.value.outcome) == ("a", Outcome.CUT)


def refuses(said: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"refusal": said}}]}).encode() + b"\n\n"


def test_a_stream_that_declines_after_a_part_is_a_refusal(server: BadServer) -> None:
    server.behave = lambda number, body: bad_server.stream(
        event("part"), refuses("no"), event(None, "stop"), b"data: [DONE]\n\n"
    )
    stream = endpoint(server).stream("hi", SETTINGS)
    assert next(stream) == "part"
    with pytest.raises(StopIteration) as end:
        next(stream)
    assert (end.value.value.text, end.value.value.outcome) == ("part", Outcome.REFUSED)


def test_a_refusal_without_end_is_bounded_as_a_text_is(server: BadServer) -> None:
    server.behave = lambda number, body: bad_server.stream(*[refuses("no " * 100)] * 200)
    stream, shown = endpoint(server).stream("hi", SETTINGS), []
    while True:
        try:
            shown.append(next(stream))
        except StopIteration as end:
            made = end.value
            break
    assert (made.outcome, len(made.text)) == (Outcome.REFUSED, 20_000)
    assert sum(map(len, shown)) == 20_000


def test_the_reason_of_a_router_is_the_providers(server: BadServer) -> None:
    raw = json.dumps({"error": {"message": "engine is full"}})
    said = {"error": {"message": "Provider returned error", "code": 503, "metadata": {"raw": raw}}}
    server.behave = lambda number, body: (
        lambda handler, _: handler.send(200, json.dumps(said).encode())
    )
    made = one(endpoint(server))
    assert made.error == "The endpoint says: Provider returned error: engine is full."
    with pytest.raises(SitError, match="engine is full"):
        list(endpoint(server).stream("hi", SETTINGS))


@pytest.mark.parametrize(
    ("choice", "outcome", "text", "thoughts"),
    [
        ({"finish_reason": 1, "message": {"content": "a"}}, Outcome.FAILED, "", ""),
        ({"finish_reason": "stop", "index": None, "text": "a"}, Outcome.COMPLETE, "a", ""),
        (
            {"message": {"content": "<think>Hm.</think>a", "reasoning_content": "Hm."}},
            Outcome.COMPLETE,
            "a",
            "Hm.",
        ),
        (
            {"message": {"content": "a", "reasoning": {"summary": [{"text": "Hm."}]}}},
            Outcome.COMPLETE,
            "a",
            "Hm.",
        ),
        (
            {"message": {"content": "a", "reasoning_details": [{"text": "H"}, {"text": "m."}]}},
            Outcome.COMPLETE,
            "a",
            "Hm.",
        ),
        (
            {"message": {"content": [{"text": "Hm.", "thought": True}, {"text": "a"}]}},
            Outcome.COMPLETE,
            "a",
            "Hm.",
        ),
        (
            {"message": {"content": [{"type": "refusal", "refusal": "No."}]}},
            Outcome.REFUSED,
            "No.",
            "",
        ),
        (
            {"finish_reason": "stop", "message": {"content": "part", "refusal": "no"}},
            Outcome.REFUSED,
            "part",
            "",
        ),
        (
            {"message": {"content": [{"text": "part"}, {"type": "refusal", "refusal": "No."}]}},
            Outcome.REFUSED,
            "part",
            "",
        ),
        (
            {"finish_reason": "length", "message": {"content": "part", "refusal": "No."}},
            Outcome.REFUSED,
            "part",
            "",
        ),
        (
            {"finish_reason": "stop", "message": {"content": "a", "refusal": " "}},
            Outcome.COMPLETE,
            "a",
            "",
        ),
        (
            {"finish_reason": "error", "message": {"content": "part", "refusal": "No."}},
            Outcome.FAILED,
            "",
            "",
        ),
        (
            {"finish_reason": "stop", "native_finish_reason": "SAFETY", "message": {"content": ""}},
            Outcome.REFUSED,
            "",
            "",
        ),
        (
            {"finish_reason": "stop", "message": {"content": "a", "audio": 1}},
            Outcome.COMPLETE,
            "a",
            "",
        ),
    ],
)
def test_other_servers_habits(
    server: BadServer, choice: dict[str, Any], outcome: Outcome, text: str, thoughts: str
) -> None:
    said = json.dumps({"choices": [choice]}).encode()
    server.behave = lambda number, body: lambda handler, _: handler.send(200, said)
    made = one(endpoint(server))
    assert (made.outcome, made.text, made.thoughts) == (outcome, text, thoughts)
