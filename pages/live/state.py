"""What the Live page's widgets say ↔ an `LiveRequest`; the keys of all these widgets."""

from typing import Any

import streamlit as st

from sit_core.errors import SitError
from sit_core.live.model_choices import NamedModel
from sit_core.live.request import MOST_MODELS, LiveRequest
from sit_core.live.sample_inputs import live_examples
from sit_core.models import GenerationSettings, ModelSpec

P = "live "
"""Prefix of the keys of all widgets of this page."""
HUB, ENDPOINT = "Hub id or folder", "OpenAI-compatible endpoint"
STREAMS = "live streams"
"""The `Streams` that run or ran last in this session."""
ASKED = "live asked"
"""The `LiveRequest` that they were started with."""
UNHEARD = "live unheard"
"""There from a press of Run until its drawing came to its end or somebody stopped it."""
FOREIGN = "live from a link"
"""Whether the widgets were filled by a link that names models of others."""
REPLAY = "live replayed"
"""The `Replay` that plays or played last in this session."""
PRESENT = "present"
"""Parameter of the address: the page is shown to people who look on from afar."""
_NUMBERS = ("max_new_tokens", "temperature", "top_p", "top_k", "seed")


def fill_first(known: list[NamedModel]) -> None:
    """What a new visitor finds: something that can be run as it is."""
    if f"{P}instruction" not in st.session_state:
        models = tuple(choice.spec for choice in known if choice.embedded)[:MOST_MODELS]
        first = live_examples()[0]
        fill(LiveRequest(first.instruction, first.input, models=models), known)


def presenting() -> bool:
    """Whether the page is shown in presentation mode."""
    return st.query_params.get(PRESENT) == "1"


def present(on: bool) -> None:
    """Turn presentation mode on or off; for callbacks."""
    if on:
        st.query_params[PRESENT] = "1"
    else:
        st.query_params.pop(PRESENT, None)


def fill(ask: LiveRequest, known: list[NamedModel]) -> None:
    """Let the widgets say this; call it before they are drawn, or in a callback."""
    state: dict[str, Any] = {
        "instruction": ask.instruction,
        "input": ask.input,
        "steps": ask.steps or "",
        "models": max(1, len(ask.models)),
        "stop": "\n".join(ask.settings.stop),
        **{name: getattr(ask.settings, name) for name in _NUMBERS},
    }
    for place in range(MOST_MODELS):
        spec = ask.models[place] if place < len(ask.models) else None
        state |= _fields_of(place, spec, known)
    for name, value in state.items():
        st.session_state[P + name] = value


def _fields_of(place: int, spec: ModelSpec | None, known: list[NamedModel]) -> dict[str, Any]:
    at = f"{place} "
    kind = known[min(place, len(known) - 1)].name if known else HUB
    blank = dict.fromkeys(("model", "adapter", "url", "served", "variable"), "")
    said: dict[str, Any] = {"kind": kind, **blank, "format": "auto"}
    if spec is None:
        pass
    elif same := next((c for c in known if c.spec == spec), None):
        said["kind"] = same.name
    elif spec.backend == "openai":
        said |= {"kind": ENDPOINT, "url": spec.base_url or "", "served": spec.model}
        said |= {"variable": spec.key_env or "", "format": spec.prompt_format}
    else:
        said |= {"kind": HUB, "model": spec.model, "adapter": spec.adapter or ""}
        said |= {"format": spec.prompt_format}
    return {at + name: value for name, value in said.items()}


def asked(known: list[NamedModel]) -> tuple[LiveRequest, list[str]]:
    """What the widgets say, and what is wrong with that so far."""
    problems: list[str] = []
    models = []
    for place in range(_said("models", 1) or 1):
        try:
            models.append(_spec(place, known))
        except SitError as error:
            problems.append(str(error))
    settings = LiveRequest().settings
    try:
        numbers = {name: _said(name, getattr(settings, name)) for name in _NUMBERS}
        stop = tuple(line for line in _said("stop", "").split("\n") if line)
        settings = GenerationSettings(**{**numbers, "stop": stop})
    except SitError as error:
        problems.append(str(error))
    ask = LiveRequest(
        instruction=_said("instruction", ""),
        input=_said("input", ""),
        steps=_said("steps", "").strip() or None,
        models=tuple(models),
        settings=settings,
    )
    return ask, problems


def _spec(place: int, known: list[NamedModel]) -> ModelSpec:
    def said(name: str) -> str:
        return str(_said(f"{place} {name}", "")).strip()

    kind = said("kind")
    for choice in known:
        if choice.name == kind:
            return choice.spec
    form = said("format") or "auto"
    if kind == ENDPOINT:
        return ModelSpec(
            said("served"),
            backend="openai",
            prompt_format=form,
            base_url=said("url") or None,
            key_env=said("variable") or None,
        )
    return ModelSpec(said("model"), adapter=said("adapter") or None, prompt_format=form)


def _said(name: str, usual: Any) -> Any:
    value = st.session_state.get(P + name)
    return usual if value is None else value
