"""What is sent to an OpenAI-compatible endpoint, and what its replies mean.

The readers are total: an `EndpointReply`, or a `Fault` with the reason. Many servers speak this
API, each a little differently: texts come as parts, thoughts in fields of several names, errors
inside of replies that are called a success.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sit_core.models.endpoint.error_bodies import ErrorBody, error_in
from sit_core.models.endpoint.retries import is_worth_another
from sit_core.models.finish_reasons import FinishedReply, ending_of, known_outcome
from sit_core.models.interface import GenerationSettings
from sit_core.records import Outcome

CHAT, COMPLETIONS = "chat/completions", "completions"
"""The two ways of asking; also the paths below the endpoint's address."""
OPTIONAL = ("temperature", "seed", "top_p", "top_k", "stop", "stream")
"""Fields of a request that are left out where an endpoint refuses them."""
_THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_text", "thoughts")
"""Where servers put thoughts: DeepSeek, vLLM, llama.cpp; Ollama, OpenRouter; …."""
_THINKING = ("think", "reason", "thought")
_PARTS = 100_000
"""Of a text in more parts, the rest is not read."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a reply, called a success by its server, is none."""

    reason: str
    """As the end of a sentence."""
    again: bool = True
    """Whether the same request may succeed at once."""
    error: ErrorBody | None = None
    """What the server says of itself, where that is the reason; None: it can't be read."""


@dataclass(frozen=True, slots=True)
class EndpointReply:
    """A whole reply, or a piece of a streamed one."""

    text: str
    finish: str = ""
    """``stop``, ``length``, …; empty while it goes on."""
    tokens: int | None = None
    model: str = ""
    """What the endpoint says that it used."""
    prompt_tokens: int | None = None
    refusal: str = ""
    """What the model says in place of an output, or after the beginning of one, where the endpoint
    marks it so."""
    thoughts: str = ""
    """What came marked as thoughts."""
    reason: str | None = None
    """Why it ended so, in the server's own words, as the end of a sentence."""

    @property
    def ending(self) -> FinishedReply:
        """How it ended; only of a whole reply."""
        ending = ending_of(self.finish, bool(self.text))
        if self.refusal.strip() and ending.outcome is not Outcome.FAILED:
            # Also after a part of an output, which stays as it is.
            return FinishedReply(Outcome.REFUSED, "the model declined")
        return ending


def request_body(
    api: str,
    model: str,
    prompt: str,
    settings: GenerationSettings,
    *,
    stream: bool = False,
    limit_name: str = "max_tokens",
) -> dict[str, Any]:
    """The request; what is left at "no limit" is not mentioned, as not all endpoints know it."""
    body: dict[str, Any] = {
        "model": model,
        limit_name: settings.max_new_tokens,
        "temperature": settings.temperature,
        "seed": settings.seed,
    }
    if api == CHAT:
        body["messages"] = [{"role": "user", "content": prompt}]
    else:
        body["prompt"] = prompt
    optional = {
        "top_p": settings.top_p if settings.top_p < 1 else None,
        "top_k": settings.top_k or None,
        "stop": list(settings.stop) or None,
        "stream": stream or None,
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def read_reply(content: bytes) -> EndpointReply | Fault:
    """A reply as it came.

    >>> read_reply(b'{"choices": [{"message": {"content": "Hi"}}], "usage": null}').text
    'Hi'
    >>> read_reply(b'{"choices": [{"text": "Hi"}], "usage": {"completion_tokens": 1}}').tokens
    1
    >>> read_reply(b'{"choices": [{"message": {"refusal": "No."}}]}').refusal
    'No.'
    >>> read_reply(b'{"choices": [{"message": {"content": [{"text": "H"}, {"text": "i"}]}}]}').text
    'Hi'
    >>> read_reply(b"<html>").reason
    'it is no JSON'
    >>> read_reply(b'{"error": {"message": "it died", "code": 400}}').reason
    'it died'
    >>> read_reply(b'{"choices": []}').reason
    'it holds no choice'
    >>> read_reply(b'{"choices": [{"index": 0, "finish_reason": "stop"}]}').reason
    'it holds no text'
    """
    answer = _object(content)
    if isinstance(answer, Fault):
        return answer
    choice = _choice(answer)
    if (fault := _fault(answer, choice)) is not None:
        return fault
    if choice is None:
        error = error_in(answer)
        if "choices" not in answer and error.said:
            return Fault(error.said, error=error)
        return Fault("it holds no choice")
    found = _read(answer, choice, choice.get("message"))
    if isinstance(found, EndpointReply) and not (found.text or found.refusal or found.thoughts):
        told = isinstance(choice.get("message"), dict) or "text" in choice
        empty = told and (_content(choice) == "" or bool(found.finish))
        return found if empty else Fault("it holds no text")
    return found


def read_piece(data: bytes) -> EndpointReply | Fault:
    """One event of a stream.

    >>> read_piece(b'{"choices": [{"delta": {"role": "assistant"}}]}').text
    ''
    >>> read_piece(b'{"error": {"message": "out of memory"}}').reason
    'out of memory'
    """
    answer = _object(data)
    if isinstance(answer, Fault):
        return answer
    choice = _choice(answer)
    if (fault := _fault(answer, choice)) is not None:
        return fault
    if "choices" not in answer and (error := error_in(answer)).said:
        return Fault(error.said, error=error)
    choice = choice or {}
    return _read(answer, choice, choice.get("delta", choice.get("message")))


def _read(answer: dict[str, Any], choice: dict[str, Any], message: Any) -> EndpointReply | Fault:
    """A choice of a whole reply or of a piece."""
    text = thoughts = refusal = ""
    if isinstance(message, dict):
        for kind, part in _parts(message.get("content")):
            text += part if kind == "text" else ""
            thoughts += part if kind == "thoughts" else ""
            refusal += part if kind == "refusal" else ""
        thoughts = thoughts or next(
            (found for name in _THOUGHTS if (found := _flat(message.get(name)))), ""
        )
        thoughts = thoughts or _flat(message.get("reasoning_details"))
        said = message.get("refusal")
        refusal = refusal or (said if isinstance(said, str) else "")
    else:
        text = _flat(choice.get("text"))
        thoughts = next((found for name in _THOUGHTS if (found := _flat(choice.get(name)))), "")
    finish, usage = choice.get("finish_reason"), answer.get("usage")
    model = answer.get("model")
    return EndpointReply(
        text,
        "" if finish is None else str(finish)[:100],  # a word of another kind is none that is known
        _count(usage, "completion_tokens"),
        model[:200] if isinstance(model, str) else "",
        _count(usage, "prompt_tokens"),
        refusal,
        thoughts,
    )


def _fault(answer: dict[str, Any], choice: dict[str, Any] | None) -> Fault | None:
    """An error inside of what is called a reply."""
    for holder in (answer, choice or {}):
        error = holder.get("error")
        if error:
            found = error_in(error if isinstance(error, (dict, list)) else holder)
            again = found.status is None or is_worth_another(found.status)
            return Fault(found.said or "it holds an error", again, found if found.said else None)
    native = choice.get("native_finish_reason") if choice else None
    if choice and isinstance(native, str) and known_outcome(native) is Outcome.REFUSED:
        choice["finish_reason"] = native  # a router calls a filter's end a plain stop
    return None


def _content(choice: dict[str, Any]) -> Any:
    message = choice.get("message")
    return message.get("content") if isinstance(message, dict) else choice.get("text")


def _parts(content: Any) -> Iterator[tuple[str, str]]:
    """(text, thoughts or refusal; what it says) of a message's content, whole or in parts."""
    if isinstance(content, (str, dict)):
        content = [content]
    for part in content[:_PARTS] if isinstance(content, list) else ():
        if isinstance(part, str):
            yield "text", part
        elif isinstance(part, dict):
            kind = str(part.get("type", "text"))
            if part.get("thought") is True or any(word in kind for word in _THINKING):
                yield "thoughts", _flat(part)
            elif kind == "refusal":
                yield "refusal", _flat(part.get("refusal"))
            else:
                yield "text", _flat(part.get("text"))


def _flat(found: Any, depth: int = 0) -> str:
    """The text in thoughts or parts of any shape: text, or parts of parts."""
    if isinstance(found, str):
        return found
    if depth > 5:
        return ""
    if isinstance(found, list):
        return "".join(_flat(part, depth + 1) for part in found[:_PARTS])
    if isinstance(found, dict):
        names = ("text", "thinking", "reasoning", "summary", "content", "value")
        return next((text for name in names if (text := _flat(found.get(name), depth + 1))), "")
    return ""


def _count(usage: object, name: str) -> int | None:
    found = usage.get(name) if isinstance(usage, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def _object(content: bytes) -> dict[str, Any] | Fault:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return Fault("it is no JSON")
    return answer if isinstance(answer, dict) else Fault("it is no JSON object")


def _choice(answer: dict[str, Any]) -> dict[str, Any] | None:
    """The choice that was asked for: the one with the index 0, or without any."""
    choices = answer.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and choice.get("index", 0) in (0, None):
            return choice
    return None
