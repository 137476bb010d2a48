"""An endpoint that misbehaves in every way: errors are sentences, and keys stay secret."""

import gzip
import logging
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest

from sit_core.errors import SitError
from sit_core.models import Generated, GenerationSettings, ModelSpec
from sit_core.models.endpoint import connection
from sit_core.models.endpoint.backend import EndpointModel, load
from sit_core.models.endpoint.retries import Retries
from sit_core.records import Example, Outcome
from tests.models import bad_server
from tests.models.bad_server import BadServer, error, event

pytest.importorskip("aiohttp")
SETTINGS = GenerationSettings(max_new_tokens=9, in_flight=4)
PROMPTS = [f"prompt {number}" for number in range(12)]
KEY = "sk-the-secret-key-0123456789"


class Naps:
    """Instead of sleeping: notes for how long it should have slept."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def model(server: BadServer, naps: Naps) -> EndpointModel:
    return endpoint(server, naps)


def endpoint(server: BadServer, naps: Naps, **fields: Any) -> EndpointModel:
    spec = ModelSpec("some-model", backend="openai", base_url=server.url, **fields)
    return EndpointModel(spec, retries=Retries(attempts=4), timeout=5.0, sleep=naps)


def texts(model: EndpointModel, settings: GenerationSettings = SETTINGS) -> list[str | None]:
    made = dict(model.generate(PROMPTS, settings))
    assert sorted(made) == list(range(len(PROMPTS)))
    return [made[i].error or made[i].text for i in range(len(PROMPTS))]


def streamed(model: EndpointModel, prompt: str = "hi") -> tuple[list[str], Generated]:
    stream, pieces = model.stream(prompt, SETTINGS), []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as end:
            return pieces, end.value


def test_every_prompt_gets_its_own_answer(server: BadServer, model: EndpointModel) -> None:
    assert texts(model) == [prompt.upper() for prompt in PROMPTS]
    made = next(model.generate(["one two"], SETTINGS))[1]
    assert (made.cut, made.tokens, made.error) == (False, 2, None)
    sent = server.requests[-1]
    assert sent["path"] == "/v1/chat/completions"
    assert (sent["model"], sent["max_tokens"], sent["seed"]) == ("some-model", 9, 0)
    assert "top_k" not in sent
    assert "stop" not in sent
    assert model.identity()["reported"] == ["the-model-2026"]


def test_settings_are_sent_and_plain_formats_go_to_completions(
    server: BadServer, naps: Naps
) -> None:
    model = endpoint(server, naps, prompt_format="alpaca")
    settings = GenerationSettings(
        max_new_tokens=3, temperature=0.5, top_p=0.9, top_k=7, seed=5, stop=("###",)
    )
    example = Example("Repeat the input.", "a cow\n### Response:\n")
    made = next(model.generate([example], settings))[1]
    sent = server.requests[0]
    assert sent["path"] == "/v1/completions"
    assert sent["prompt"] == model.prompt(example)
    assert made.text == model.prompt(example).upper()
    wanted = {"max_tokens": 3, "temperature": 0.5, "top_p": 0.9, "top_k": 7, "seed": 5}
    assert {name: sent[name] for name in wanted} == wanted
    assert sent["stop"] == ["###"]


def test_as_many_are_in_flight_as_the_user_allows(server: BadServer, model: EndpointModel) -> None:
    together = threading.Barrier(4)

    def wait(handler: Any, body: dict[str, Any]) -> None:
        together.wait(timeout=20)  # passes only if four requests are there at once
        bad_server.echo(handler, body)

    server.behave = lambda number, body: wait
    assert texts(model) == [prompt.upper() for prompt in PROMPTS]
    assert server.most == 4


def test_results_come_while_others_are_still_waited_for(
    server: BadServer, model: EndpointModel
) -> None:
    slow = {PROMPTS[0]}
    server.behave = lambda number, body: (
        bad_server.silent if bad_server.asked(body) in slow else bad_server.echo
    )
    results = model.generate(PROMPTS, SETTINGS)
    first = [next(results)[0] for _ in range(11)]
    assert sorted(first) == list(range(1, 12))
    results.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "behaviour",
    [
        bad_server.drop,
        bad_server.half,
        bad_server.garbage,
        error(429),
        error(500),
        error(503),
        error(408),
    ],
    ids=["drop", "half", "garbage", "429", "500", "503", "408"],
)
def test_a_stumble_is_made_good(
    behaviour: bad_server.Behaviour, server: BadServer, model: EndpointModel, naps: Naps
) -> None:
    server.behave = lambda number, body: behaviour if number == 1 else bad_server.echo
    assert texts(model) == [prompt.upper() for prompt in PROMPTS]
    assert len(naps.seconds) == len(PROMPTS)


def test_pauses_grow_and_a_server_that_says_how_long_is_obeyed(
    server: BadServer, model: EndpointModel, naps: Naps
) -> None:
    server.behave = lambda number, body: error(500)
    assert next(model.generate(["x"], SETTINGS))[1].error == "The endpoint answers HTTP 500: no."
    assert len(naps.seconds) == 3
    for pause, most in zip(naps.seconds, (0.5, 1.0, 2.0), strict=True):
        assert most / 2 <= pause <= most
    naps.seconds.clear()
    server.behave = lambda number, body: error(429, retry_after="17")
    next(model.generate(["y"], SETTINGS))
    assert naps.seconds == [17.0, 17.0, 17.0]


def test_what_fails_for_good_is_an_error_of_its_prompt_alone(
    server: BadServer, model: EndpointModel
) -> None:
    server.behave = lambda number, body: (
        error(400, "the prompt is too long") if "7" in bad_server.asked(body) else bad_server.echo
    )
    made = dict(model.generate(PROMPTS, SETTINGS))
    assert made[7].error == "The endpoint answers HTTP 400: the prompt is too long."
    assert made[7].text == ""
    assert server.times["prompt 7"] == 1
    assert [made[i].error for i in range(12) if i != 7] == [None] * 11


def test_a_slow_answer_is_an_error_after_the_time_limit(server: BadServer, naps: Naps) -> None:
    spec = ModelSpec("m", backend="openai", base_url=server.url)
    model = EndpointModel(spec, retries=Retries(attempts=2), timeout=0.05, sleep=naps)
    server.behave = lambda number, body: bad_server.silent
    assert next(model.generate(["x"], SETTINGS))[1].error == "No answer came within 0.05 s."
    assert len(server.requests) == 2


def test_an_endpoint_that_goes_down_half_way_keeps_what_was_made(
    server: BadServer, model: EndpointModel
) -> None:
    def goes_down(handler: Any, body: dict[str, Any]) -> None:
        server.end()
        bad_server.drop(handler, body)

    server.behave = lambda number, body: (
        goes_down if bad_server.asked(body) == PROMPTS[5] else bad_server.echo
    )
    results = model.generate(PROMPTS, GenerationSettings(in_flight=1))
    made = [next(results) for _ in range(5)]
    with pytest.raises(SitError, match=f"No endpoint answers at {server.url}"):
        next(results)
    assert [(index, result.text) for index, result in made] == [
        (index, PROMPTS[index].upper()) for index in range(5)
    ]


def test_an_endpoint_that_refuses_everything_is_not_asked_for_ever(
    server: BadServer, model: EndpointModel
) -> None:
    server.behave = lambda number, body: error(400, "bad parameter")
    made = []
    with pytest.raises(SitError, match=r"all failed\. The endpoint answers HTTP 400: bad"):
        made.extend(model.generate([f"p{i}" for i in range(500)], SETTINGS))
    assert 20 <= len(made) < 40


def test_a_limit_that_was_reached_is_told_and_a_filter_is_a_refusal(
    server: BadServer, model: EndpointModel
) -> None:
    server.behave = lambda number, body: bad_server.cut
    assert next(model.generate(["x"], SETTINGS))[1].cut
    filtered = bad_server.json.dumps(bad_server.answer("half", "content_filter")).encode()
    server.behave = lambda number, body: lambda handler, _: handler.send(200, filtered)
    made = next(model.generate(["x"], SETTINGS))[1]
    assert (made.outcome, made.text, made.error) == (Outcome.REFUSED, "half", None)
    assert "filter" in str(made.reason)


def test_the_newer_name_of_the_limit_is_learned(server: BadServer, model: EndpointModel) -> None:
    server.behave = lambda number, body: (
        error(400, "Unsupported: 'max_tokens'. Use 'max_completion_tokens' instead.")
        if "max_tokens" in body
        else bad_server.echo
    )
    assert texts(model) == [prompt.upper() for prompt in PROMPTS]
    assert len(server.requests) <= len(PROMPTS) + SETTINGS.in_flight


def test_an_unknown_model_or_path_ends_at_once(server: BadServer, model: EndpointModel) -> None:
    server.behave = lambda number, body: error(404)
    with pytest.raises(SitError, match="no chat/completions or no model 'some-model'"):
        list(model.generate(PROMPTS, SETTINGS))


def test_told_to_stop_it_leaves_requests_that_hang(server: BadServer, model: EndpointModel) -> None:
    server.behave = lambda number, body: bad_server.silent if number else bad_server.echo
    before = threading.active_count()
    assert list(model.generate(PROMPTS, SETTINGS, lambda: len(server.requests) >= 4)) == []
    assert list(model.stream("x", SETTINGS, lambda: len(server.requests) >= 5)) == []
    server.gate.set()
    assert not [t for t in threading.enumerate() if t.name == "requests"]
    assert threading.active_count() <= before + 6


def test_told_to_stop_it_gives_no_further_piece(server: BadServer, model: EndpointModel) -> None:
    """Also one that has come already, and waits."""
    server.behave = lambda number, body: bad_server.stream(
        event("a"), event("b"), event("c"), event(None, "stop"), b"data: [DONE]\n\n"
    )
    shown: list[str] = []
    for piece in model.stream("hi", SETTINGS, lambda: len(shown) == 1):
        shown.append(piece)
    assert shown == ["a"]


def test_a_stream_comes_in_pieces(server: BadServer, model: EndpointModel) -> None:
    events = [
        event(""),
        event("Grü"),
        event("ße \u2028 "),
        event("北京", None),
        event(None, "stop"),
    ]
    whole = b"".join(events) + b"data: [DONE]\n\n"
    for size in (1, 7, len(whole)):
        pieces = [whole[i : i + size] for i in range(0, len(whole), size)]
        server.behave = lambda number, body, pieces=pieces: bad_server.stream(*pieces)  # type: ignore[misc]
        shown, made = streamed(model)
        assert shown == ["Grü", "ße \u2028 ", "北京"]
        assert (made.text, made.cut) == ("Grüße \u2028 北京", False)
    assert server.requests[-1]["stream"] is True
    server.behave = lambda number, body: bad_server.stream(event("a"), event(None, "length"))
    assert streamed(model)[1].cut


def test_a_stream_that_breaks_off_says_so_and_repeats_nothing(
    server: BadServer, model: EndpointModel
) -> None:
    for behaviour in (
        bad_server.stream(event("half"), whole=False),
        bad_server.stream(event("half")),
        bad_server.stream(event("half"), b'data: {"error": {"message": "out of memory"}}\n\n'),
        bad_server.stream(event("half"), b"data: {not json\n\n"),
    ):
        server.behave = lambda number, body, behaviour=behaviour: behaviour  # type: ignore[misc]
        stream = model.stream("hi", SETTINGS)
        assert next(stream) == "half"
        with pytest.raises(SitError, match="The stream broke off"):
            list(stream)
    assert len(server.requests) == 4


def test_a_stream_that_fails_before_its_first_piece_is_asked_for_again(
    server: BadServer, model: EndpointModel
) -> None:
    good = bad_server.stream(event("hello"), event(None, "stop"))
    stumbles = [bad_server.drop, error(503), bad_server.stream(b": wait\n\n"), good]
    server.behave = lambda number, body: stumbles[number - 1]
    assert streamed(model)[0] == ["hello"]
    server.behave = lambda number, body: error(500, "broken")
    with pytest.raises(SitError, match="HTTP 500: broken"):
        list(model.stream("hi", SETTINGS))


def test_the_key_is_sent_and_found_nowhere_else(
    server: BadServer, naps: Naps, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("MY_API_KEY", KEY + "\n")
    model = endpoint(server, naps, key_env="MY_API_KEY")
    server.behave = lambda number, body: error(400, f"I know that your key is {KEY}")
    made = next(model.generate(["x"], SETTINGS))[1]
    assert server.requests[0]["headers"]["authorization"] == f"Bearer {KEY}"
    assert "your key is …" in str(made.error)
    said = [repr(model), repr(model.spec), repr(model.identity()), repr(made), caplog.text]
    for status in (401, 403):
        server.behave = lambda number, body, status=status: error(status, KEY)  # type: ignore[misc]
        with pytest.raises(SitError, match="refuses the key in MY_API_KEY") as caught:
            list(model.generate(["x"], SETTINGS))
        said.append(f"{caught.value!r} {caught.value.__cause__!r}")
    held = [vars(held) for held in (model, model._asking, model._connection)]
    assert KEY not in "".join(said) + repr(held)


def test_a_key_that_is_missing_or_none_is_told_before_anything_is_sent(
    server: BadServer, naps: Naps, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SitError, match="The environment variable MY_API_KEY is not set"):
        endpoint(server, naps, key_env="MY_API_KEY")
    monkeypatch.setenv("MY_API_KEY", "schlüssel")
    with pytest.raises(SitError, match="characters that no key has") as caught:
        endpoint(server, naps, key_env="MY_API_KEY")
    assert "schl" not in str(caught.value)
    server.behave = lambda number, body: error(401)
    with pytest.raises(SitError, match="wants a key"):
        list(endpoint(server, naps).generate(["x"], SETTINGS))


def test_nothing_of_the_users_machine_gets_into_a_request_and_none_is_led_astray(
    server: BadServer, model: EndpointModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    elsewhere = "http://127.0.0.1:9/astray"
    content = bad_server.json.dumps(bad_server.answer("hi")).encode()
    server.behave = lambda number, body: (
        lambda handler, _: handler.send(
            302 if number > 2 else 200, content, location=elsewhere, set_cookie="who=me"
        )
    )
    made = dict(model.generate(["x", "x", "x"], GenerationSettings(in_flight=1)))
    assert [made[i].text for i in (0, 1)] == ["hi", "hi"]
    assert made[2].error == "The endpoint answers HTTP 302."
    assert not [r for r in server.requests if {"authorization", "cookie"} & set(r["headers"])]


def test_the_proxy_that_the_environment_names_is_used(
    server: BadServer, naps: Naps, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = ModelSpec("m", backend="openai", base_url="http://far-away.invalid/v1")
    monkeypatch.setenv("http_proxy", server.url.removeprefix("http://").removesuffix("/v1"))
    monkeypatch.delenv("no_proxy", raising=False)
    model = EndpointModel(far, retries=Retries(attempts=1), timeout=5.0, sleep=naps)
    assert next(model.generate(["hi"], SETTINGS))[1].text == "HI"
    assert server.requests[0]["path"] == "http://far-away.invalid/v1/chat/completions"
    monkeypatch.setenv("no_proxy", "far-away.invalid")
    assert connection._proxy_for(far.base_url or "") is None


def test_a_compressed_reply_is_read(server: BadServer, model: EndpointModel) -> None:
    packed = gzip.compress(bad_server.json.dumps(bad_server.answer("hello")).encode())
    server.behave = lambda number, body: (
        lambda handler, _: handler.send(200, packed, content_encoding="gzip")
    )
    assert next(model.generate(["x"], SETTINGS))[1].text == "hello"


def test_certificates_are_checked_by_those_that_are_trusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    context = connection._trusted("https://far-away.invalid/v1")
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) > 50
    monkeypatch.setenv("SSL_CERT_FILE", "/of/the/firm.pem")
    assert connection._trusted("https://far-away.invalid/v1") is True  # as Python does: it reads it


def test_nobody_there_is_one_sentence(server: BadServer, model: EndpointModel, naps: Naps) -> None:
    server.end()
    for ask in (lambda: list(model.generate(PROMPTS, SETTINGS)), lambda: streamed(model)):
        with pytest.raises(SitError, match="No endpoint answers at"):
            ask()
    assert load(model.spec).spec is model.spec


def test_an_image_is_an_error_of_its_prompt(model: EndpointModel) -> None:
    asked = [Example("What is this?", image="cat.png"), Example("hi")]
    made = dict(model.generate(asked, SETTINGS))
    assert "can't see" in str(made[0].error)
    assert made[1].text == "HI"
    with pytest.raises(SitError, match="can't see"):
        list(model.stream(asked[0], SETTINGS))
