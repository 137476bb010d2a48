"""How an endpoint is asked to go on with the beginning of an output, and which can't be asked.

A text completion goes on by itself: the given beginning is written after the prompt. Chat endpoints
differ (their own documentation, as of 2026):

- ``continue_final_message: true`` with ``add_generation_prompt: false``: vLLM, SGLang, TGI;
- ``prefix: true`` in the last message: DeepSeek (below ``/beta``); Mistral, whose reply begins with
  the given text again;
- a last message of the assistant and nothing else: llama.cpp's server, Ollama.

All others begin an answer of their own after the given text and charge for it, so nothing is sent
to an endpoint of which nobody knows how it goes on.
"""

from typing import Any
from urllib.parse import urlsplit

from sit_core.models.interface import CONTINUE_BY, ModelSpec

AUTO, FINAL, PREFIX, REPEATED, LAST = CONTINUE_BY
_DEEPSEEK, _MISTRAL = "api.deepseek.com", "api.mistral.ai"


def prefill_fault(spec: ModelSpec) -> str | None:
    """Why no beginning of an output can be given to a model, as a sentence; None: it can.

    Nothing is sent to find out.

    >>> spec = ModelSpec("gpt-x", backend="openai", base_url="https://api.openai.com/v1")
    >>> prefill_fault(spec)[:70]
    'It is not known how the endpoint https://api.openai.com/v1 goes on aft'
    >>> prefill_fault(ModelSpec("m", backend="openai", base_url="http://x", prompt_format="plain"))
    """
    if spec.backend != "openai" or not _is_chat(spec) or way_of(spec):
        return None
    if urlsplit(spec.base_url or "").hostname == _DEEPSEEK:
        return f"DeepSeek continues a given beginning only at https://{_DEEPSEEK}/beta; ask there."
    return (
        f"It is not known how the endpoint {spec.base_url} goes on after a given beginning of an "
        f"output; say it with continue_by ({', '.join(list(CONTINUE_BY)[1:])}), choose a prompt "
        "format other than chat, or give the text in the instruction alone."
    )


def way_of(spec: ModelSpec) -> str:
    """How a chat endpoint is asked, one of `CONTINUE_BY`; empty: it is not known."""
    if spec.continue_by != AUTO:
        return spec.continue_by
    try:
        parts = urlsplit(spec.base_url or "")
    except ValueError:
        return ""
    if parts.hostname == _DEEPSEEK:
        return PREFIX if parts.path.rstrip("/").endswith("/beta") else ""
    return REPEATED if parts.hostname == _MISTRAL else ""


def continued(body: dict[str, Any], given: str, way: str) -> dict[str, Any]:
    """A request with the given beginning of the output put in.

    >>> continued({"prompt": "Sing: "}, "La", "")
    {'prompt': 'Sing: La'}
    >>> asked = [{"role": "user", "content": "Sing."}]
    >>> continued({"messages": asked}, "La", "prefix")["messages"][1]
    {'role': 'assistant', 'content': 'La', 'prefix': True}
    """
    if "messages" not in body:
        return {**body, "prompt": body["prompt"] + given}
    message: dict[str, Any] = {"role": "assistant", "content": given}
    if way in (PREFIX, REPEATED):
        message["prefix"] = True
    made = {**body, "messages": [*body["messages"], message]}
    if way == FINAL:
        made |= {"continue_final_message": True, "add_generation_prompt": False}
    return made


class RepeatedBeginning:
    """Takes the given text off a reply that begins with it, also one that comes in pieces.

    >>> off = RepeatedBeginning("La la")
    >>> [off.feed(piece) for piece in ("L", "a l", "a li")], off.missing
    (['', '', ' li'], False)
    >>> RepeatedBeginning("La la").feed("So") is None
    True
    """

    def __init__(self, given: str) -> None:
        self._left = given

    @property
    def missing(self) -> bool:
        """Whether not all of it has come."""
        return bool(self._left)

    def feed(self, text: str) -> str | None:
        """What is new in a piece; None: the reply is not the given text's continuation."""
        size = min(len(text), len(self._left))
        if text[:size] != self._left[:size]:
            return None
        self._left = self._left[size:]
        return text[size:]


NOT_REPEATED = "it does not begin with the given text, which this endpoint is said to repeat"


def _is_chat(spec: ModelSpec) -> bool:
    return spec.prompt_format in ("auto", "chat")
