"""What is sent to an OpenAI-compatible endpoint, and what its replies mean.

The readers are total: a reply, or `Unparsed` with the reason.
"""

import json
from dataclasses import dataclass
from typing import Any

from sit_core.models.interface import GenerationSettings
from sit_core.records import Unparsed

CHAT, COMPLETIONS = "chat/completions", "completions"
"""The two ways of asking; also the paths below the endpoint's address."""
_REFUSED = "the endpoint's content filter ended it"


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply, or a piece of a streamed one."""

    text: str
    finish: str = ""
    """``stop``, ``length``, …; empty while it goes on."""
    tokens: int | None = None
    model: str = ""
    """What the endpoint says that it used."""
    prompt_tokens: int | None = None
    refused: bool = False
    """Whether it comes marked as a refusal."""

    @property
    def cut(self) -> bool:
        """Whether the limit of tokens ended it."""
        return self.finish == "length"

    @property
    def problem(self) -> str | None:
        """Why the text is no output."""
        return _REFUSED if self.finish == "content_filter" else None


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


def read_reply(content: bytes) -> Reply | Unparsed:
    """A reply as it came.

    >>> read_reply(b'{"choices": [{"message": {"content": "Hi"}, "finish_reason": "length"}]}').cut
    True
    >>> read_reply(b'{"choices": [{"text": "Hi"}], "usage": {"completion_tokens": 1}}').tokens
    1
    >>> read_reply(b'{"choices": [{"message": {"refusal": "No."}}]}').refused
    True
    >>> read_reply(b"<html>")
    Unparsed(reason='it is no JSON')
    >>> read_reply(b'{"choices": []}')
    Unparsed(reason='it holds no choice')
    >>> read_reply(b'{"choices": [{"message": {"content": 7}}]}')
    Unparsed(reason='it holds no text')
    """
    answer = _object(content)
    if isinstance(answer, Unparsed):
        return answer
    choice = _first_choice(answer)
    if choice is None:
        return Unparsed("it holds no choice")
    message = choice.get("message")
    text = message.get("content") if isinstance(message, dict) else choice.get("text")
    finish = choice.get("finish_reason")
    refused = False
    if not text and isinstance(message, dict):  # a refusal, or all tokens went into thinking
        refusal = message.get("refusal")
        refused = isinstance(refusal, str) and bool(refusal)
        text = refusal if refused else text if finish is None else ""
    if not isinstance(text, str):
        return Unparsed("it holds no text")
    usage = answer.get("usage")
    return Reply(
        text,
        finish if isinstance(finish, str) else "stop",
        _count(usage, "completion_tokens"),
        str(answer.get("model") or ""),
        _count(usage, "prompt_tokens"),
        refused,
    )


def read_piece(data: bytes) -> Reply | Unparsed:
    """One event of a stream.

    >>> read_piece(b'{"choices": [{"delta": {"role": "assistant"}}]}').text
    ''
    >>> read_piece(b'{"error": {"message": "out of memory"}}')
    Unparsed(reason='out of memory')
    """
    answer = _object(data)
    if isinstance(answer, Unparsed):
        return answer
    if answer.get("error"):
        return Unparsed(said_in(data) or "an error")
    choice = _first_choice(answer) or {}
    delta = choice.get("delta")
    text = delta.get("content") if isinstance(delta, dict) else choice.get("text")
    finish = choice.get("finish_reason")
    return Reply(
        text if isinstance(text, str) else "",
        finish if isinstance(finish, str) else "",
        model=str(answer.get("model") or ""),
    )


def said_in(content: bytes) -> str:
    """The message of an error's body, on one line, shortened; empty where there is none.

    >>> said_in(b'{"error": {"message": "too long"}}'), said_in(b'{"detail": "no"}')
    ('too long', 'no')
    >>> said_in(b"<h1>Bad gateway</h1>")
    ''
    """
    answer = _object(content)
    said: Any = answer if isinstance(answer, dict) else ""
    for key in ("error", "message"):
        said = said.get(key, said.get("detail", "")) if isinstance(said, dict) else said
    line = " ".join(str(said).split()) if isinstance(said, (str, list)) else ""
    return line if len(line) <= 200 else line[:199] + "…"


def _count(usage: object, name: str) -> int | None:
    found = usage.get(name) if isinstance(usage, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _object(content: bytes) -> dict[str, Any] | Unparsed:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return Unparsed("it is no JSON")
    return answer if isinstance(answer, dict) else Unparsed("it is no JSON object")


def _first_choice(answer: dict[str, Any]) -> dict[str, Any] | None:
    choices = answer.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None
