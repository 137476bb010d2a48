"""An ask ↔ the parameters of the page's address, so that it can be shared by link.

A short ask is readable there; a long one is compressed into one parameter. A link holds no secret
and no name of a key's variable, so that nobody's link can send a key anywhere; and opening it only
fills the page in. What a link holds is checked as if a stranger had written it.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlencode

from sit_core.errors import SitError, UsageError
from sit_core.live.model_choices import NamedModel, choices
from sit_core.live.request import LONGEST, MOST_MODELS, LiveRequest
from sit_core.models import GenerationSettings, ModelSpec
from sit_core.prompts import FORMATS
from sit_core.sources.rows import Limits
from sit_core.sources.texts import fault_of

Params = dict[str, list[str]]
LONG = 1500
"""From so many characters on a link is compressed."""
LONGEST_LINK = 6000
"""Characters; servers and chats cut addresses that are much longer."""
PACKED = "ask"
_NUMBERS = {"tokens": "max_new_tokens", "top_k": "top_k", "seed": "seed"}
_SHARES = {"temperature": "temperature", "top_p": "top_p"}
_NAMES = {"instruction", "input", "steps", "model", "stop", PACKED, *_NUMBERS, *_SHARES}
NAMES = frozenset(_NAMES)
"""All parameters of an address that belong to what is asked."""
_OF_MODEL = ("model", "backend", "adapter", "revision", "prompt_format", "dtype", "base_url")
"""Fields of a model that a link may hold; never where a key comes from."""
_BROKEN = "This link is broken ({}); ask for it again, or fill the page in yourself."


@dataclass(frozen=True, slots=True)
class LinkedRequest:
    """What a link asks for."""

    ask: LiveRequest
    missing: tuple[str, ...] = ()
    """Models of this program that it names and that are not on this machine."""


def is_link(params: Mapping[str, Sequence[str]]) -> bool:
    """Whether an address holds an ask at all."""
    return any(params.get(name) for name in _NAMES)


def params_of(ask: LiveRequest, known: Sequence[NamedModel] | None = None) -> Params:
    """The parameters that stand for an ask; what is as usual is left out.

    Args:
        ask: what is asked.
        known: the models at hand, where somebody has looked them up already.

    Raises:
        UsageError: it is too long for a link.
    """
    params = _plain(ask, choices() if known is None else known)
    if len(urlencode(params, doseq=True)) <= LONG:
        return params
    packed = zlib.compress(json.dumps(params, ensure_ascii=False).encode("utf-8"), 9)
    params = {PACKED: [base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")]}
    if len(params[PACKED][0]) > LONGEST_LINK:
        raise UsageError(
            "This is too long for a link; shorten the instruction or the input, or pass the texts "
            "on as a file."
        )
    return params


def address_of(ask: LiveRequest, page: str, known: Sequence[NamedModel] | None = None) -> str:
    """The whole address; ``page`` is the page's own, with or without parameters.

    ``known`` as of `params_of`.

    Raises:
        UsageError: it is too long for a link.
    """
    base = page.split("?")[0].split("#")[0].rstrip("/")
    return f"{base}?{urlencode(params_of(ask, known), doseq=True)}"


def linked(params: Mapping[str, Sequence[str]]) -> LinkedRequest:
    """What an address asks for.

    Raises:
        SitError: the link is broken, or asks for what can't be; one sentence.
    """
    given = {name: list(params[name]) for name in _NAMES if params.get(name)}
    if PACKED in given:
        given = _unpacked(given[PACKED][0])
    for name, values in given.items():
        if fault := next(filter(None, (fault_of(text, Limits()) for text in values)), None):
            raise SitError(_BROKEN.format(f"its {name} {fault}"))
    if len(given.get("model", [])) > MOST_MODELS:
        raise SitError(_BROKEN.format("it names too many models"))
    missing: list[str] = []
    known = {choice.token: choice.spec for choice in choices()}
    specs = [_spec(text, known, missing) for text in given.get("model", [])]
    try:
        ask = LiveRequest(
            instruction=_one(given, "instruction"),
            input=_one(given, "input"),
            steps=_one(given, "steps") or None,
            models=tuple(spec for spec in specs if spec is not None),
            settings=_settings(given),
        )
        ask.chain()
    except (UsageError, ValueError) as error:
        said = str(error).rstrip(".") if isinstance(error, UsageError) else "a number is none"
        raise SitError(_BROKEN.format(said)) from None
    return LinkedRequest(ask, tuple(missing))


def _plain(ask: LiveRequest, known: Sequence[NamedModel]) -> Params:
    found: Params = {"instruction": [ask.instruction], "input": [ask.input]}
    found["steps"] = [ask.steps or ""]
    tokens = {choice.spec: choice.token for choice in known}
    found["model"] = [tokens.get(spec) or _described(spec) for spec in ask.models]
    usual = LiveRequest().settings
    for name, setting in (_NUMBERS | _SHARES).items():
        value = getattr(ask.settings, setting)
        found[name] = [] if value == getattr(usual, setting) else [str(value)]
    found["stop"] = list(ask.settings.stop)
    return {name: kept for name, values in found.items() if (kept := [v for v in values if v])}


def _described(spec: ModelSpec) -> str:
    values = {name: getattr(spec, name) for name in _OF_MODEL}
    usual = {field.name: field.default for field in fields(ModelSpec)}
    return json.dumps({n: v for n, v in values.items() if v != usual[n]}, ensure_ascii=False)


def _spec(text: str, known: Mapping[str, ModelSpec], missing: list[str]) -> ModelSpec | None:
    if not text.startswith("{"):
        if text not in known:
            missing.append(text[:100])
        return known.get(text)
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise SitError(_BROKEN.format("a model in it can't be read")) from None
    if not all(n in _OF_MODEL and isinstance(v, str) and len(v) < 1000 for n, v in values.items()):
        raise SitError(_BROKEN.format("a model in it says what no link may say"))
    if values.get("prompt_format", "auto") not in ("auto", *FORMATS):
        raise SitError(_BROKEN.format("it names a prompt format that is not known"))
    try:
        return ModelSpec(**{"model": "", **values})
    except UsageError as error:
        raise SitError(_BROKEN.format(str(error).rstrip("."))) from None


def _unpacked(text: str) -> Params:
    most = 8 * LONGEST
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        opened = zlib.decompressobj()
        content = opened.decompress(packed, most)  # a small link may hold gigabytes
        if not opened.eof:
            raise ValueError("it is cut off, or too large")
        values = json.loads(content)
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        raise SitError(_BROKEN.format("it is not whole")) from None
    if not isinstance(values, dict) or not all(_texts(v) for v in values.values()):
        raise SitError(_BROKEN.format("it holds something else than texts"))
    return {name: list(values[name]) for name in _NAMES - {PACKED} if values.get(name)}


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _one(given: Params, name: str) -> str:
    text = given.get(name, [""])[-1]
    if len(text) > LONGEST:
        raise UsageError(f"its {name} is longer than {LONGEST:,} characters")
    return text


def _settings(given: Params) -> GenerationSettings:
    values: dict[str, Any] = dict(_numbers(given))
    usual = LiveRequest().settings
    values.setdefault("max_new_tokens", usual.max_new_tokens)
    return GenerationSettings(**values, stop=tuple(given.get("stop", [])))


def _numbers(given: Params) -> Iterator[tuple[str, int | float]]:
    for name, setting in _NUMBERS.items():
        if name in given:
            text = given[name][-1]
            if not (text.isascii() and text.isdigit() and len(text) < 20):
                raise ValueError(name)
            yield setting, int(text)
    for name, setting in _SHARES.items():
        if name in given:
            yield setting, float(given[name][-1][:40])
