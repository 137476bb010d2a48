"""How endpoints are asked to continue a given beginning, and what of their replies is new."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sit_core.models import Generated, GenerationSettings, ModelSpec, Prefilled, load_model
from sit_core.models.config import WITHOUT_EFFECT, ModelConfig
from sit_core.models.endpoint.prefill import prefill_fault
from sit_core.models.identity import identity_of
from sit_core.models.interface import CONTINUE_BY
from tests.models.bad_server import BadServer, Handler, answer, event

pytest.importorskip("aiohttp")
SETTINGS = GenerationSettings(max_new_tokens=9)
BEGUN = Prefilled("Sing.", "La la\n")


def model_of(server: BadServer, **fields: Any) -> Any:
    return load_model(ModelSpec("m", backend="openai", base_url=server.url, **fields))


def made_by(model: Any) -> Generated:
    ((_, made),) = model.generate([BEGUN], SETTINGS)
    return made


@pytest.mark.parametrize(
    ("way", "message", "body"),
    [
        (
            "continue_final_message",
            {},
            {"continue_final_message": True, "add_generation_prompt": False},
        ),
        ("prefix", {"prefix": True}, {}),
        ("last_message", {}, {}),
    ],
)
def test_a_chat_ends_with_the_beginning(
    way: str, message: dict[str, Any], body: dict[str, Any], server: BadServer
) -> None:
    assert made_by(model_of(server, continue_by=way)).text == "SING."
    (sent,) = server.requests
    assert sent["messages"] == [
        {"role": "user", "content": "Sing."},
        {"role": "assistant", "content": "La la\n", **message},
    ]
    fields = ("continue_final_message", "add_generation_prompt")
    assert {name: sent[name] for name in fields if name in sent} == body


def test_a_text_completion_goes_on_by_itself(server: BadServer) -> None:
    model = model_of(server, prompt_format="plain")
    assert made_by(model).text == "SING.LA LA\n"
    assert server.requests[0]["prompt"] == "Sing.La la\n"


def repeating(handler: Handler, body: dict[str, Any]) -> None:
    """As Mistral: the reply begins with the prefix."""
    text = body["messages"][-1]["content"] + "La la\nli"
    if body.get("stream"):
        events = b"".join(event(text[i : i + 4]) for i in range(0, len(text), 4))
        end = event(None, "stop")
        handler.send(200, events + end, content_type="text/event-stream")
    else:
        handler.send(200, json.dumps(answer(text)).encode())


def test_what_a_reply_repeats_is_taken_off_once(server: BadServer) -> None:
    server.behave = lambda number, body: repeating
    model = model_of(server, continue_by="prefix_repeated")
    assert made_by(model).text == "La la\nli"  # the second one is the model's own
    made: list[Generated] = []

    def pieces() -> Iterator[str]:
        made.append((yield from model.stream(BEGUN, SETTINGS)))

    assert "".join(pieces()) == "La la\nli"
    assert made[0].text == "La la\nli"


def test_a_reply_that_does_not_repeat_it_is_an_error_and_no_output(server: BadServer) -> None:
    made = made_by(model_of(server, continue_by="prefix_repeated"))
    assert "does not begin with the given text" in (made.error or "")


def test_known_endpoints_are_asked_their_way_others_not_at_all() -> None:
    def fault(url: str, **fields: Any) -> str:
        return prefill_fault(ModelSpec("m", backend="openai", base_url=url, **fields)) or ""

    assert fault("https://api.deepseek.com/beta") == ""
    assert "api.deepseek.com/beta" in fault("https://api.deepseek.com/v1")
    assert fault("https://api.mistral.ai/v1") == ""
    assert "continue_by" in fault("https://api.openai.com/v1")
    for way in list(CONTINUE_BY)[1:]:
        assert fault("https://api.openai.com/v1", continue_by=way) == ""
    assert prefill_fault(ModelSpec("a local one")) is None


def test_the_way_is_no_part_of_what_is_written() -> None:
    assert "continue_by" in WITHOUT_EFFECT
    one = ModelConfig("m", backend="openai", base_url="http://localhost:1/v1")
    other = ModelConfig(
        "m", backend="openai", base_url="http://localhost:1/v1", continue_by="prefix"
    )
    assert identity_of(one) == identity_of(other)
