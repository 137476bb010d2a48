"""Which model: the embedded one, one by hub id or folder, or an endpoint. Several forms ask so.

What was said is kept while the browser's window is open: Streamlit forgets a widget's value as soon
as the widget is not drawn, so a form that was closed would ask for everything again.

What a judge's tokens cost, and how much may be spent. Several forms ask so.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.shared.config_form import ConfigForm
from pages.shared.message import message
from sit_core.embedded import shipped
from sit_core.embedded.shipped import MICROLAB
from sit_core.live.model_choices import NamedModel, choices
from sit_core.models.config import ModelConfig
from sit_core.models.interface import MOST_IN_FLIGHT
from sit_core.models.usage import Prices
from sit_core.settings import settings

EMBEDDED = "Embedded model"
LOADED = "Model by hub id or folder"
ENDPOINT = "OpenAI-compatible endpoint"


def model_form(
    prefix: str,
    *,
    label: str = "Model",
    first: str = EMBEDDED,
    adapter: bool = True,
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Draw the widgets; the options of `sit_core.models.config.ModelConfig` that they say.

    Args:
        prefix: of the keys of all widgets here.
        label: what the first menu is called.
        first: the kind that is chosen at first.
        adapter: whether an adapter is asked for.
        before: what to begin with, see `said_before`.
    """
    kinds = model_kinds()
    _recall(prefix, {"kind": first if first in kinds else kinds[0], **(before or {})})
    if st.session_state[f"{prefix}kind"] not in kinds:
        st.session_state[f"{prefix}kind"] = kinds[0]
    kind = st.selectbox(label, kinds, key=f"{prefix}kind")
    _keep(prefix, "kind")
    return model_fields(kind, prefix, adapter=adapter)


def said_before(words: Sequence[str]) -> dict[str, Any]:
    """What an earlier command said of its model, for `model_form`; empty where it said nothing.

    >>> said_before(["judge", "--model=m", "--backend=openai", "--base-url=http://h/v1"])["url"]
    'http://h/v1'
    """
    options = dict(word[2:].split("=", 1) for word in words if word[:2] == "--" and "=" in word)
    model = options.get("model")
    if not model:
        return {}
    if options.get("backend") != "openai":
        return {"kind": EMBEDDED} if model == MICROLAB else {"kind": LOADED, "model": model}
    found: dict[str, Any] = {"kind": ENDPOINT, "served": model}
    found |= {"url": options.get("base-url", ""), "variable": options.get("key-env", "")}
    at_once = options.get("in-flight", "")
    if at_once.isdecimal() and 1 <= int(at_once) <= MOST_IN_FLIGHT:
        found["flight"] = int(at_once)
    return found


def _recall(prefix: str, start: Mapping[str, Any]) -> None:
    """Begin with what this window said here last, else with ``start``."""
    kept: dict[str, Any] = st.session_state.setdefault(f"{prefix}kept", {})
    for name, value in {**start, **kept}.items():
        st.session_state.setdefault(f"{prefix}{name}", value)


def _keep(prefix: str, *names: str) -> None:
    kept: dict[str, Any] = st.session_state.setdefault(f"{prefix}kept", {})
    kept |= {name: st.session_state[f"{prefix}{name}"] for name in names}


def model_kinds() -> list[str]:
    """What there is to choose from on this machine."""
    here = (shipped.BASE / "model.safetensors").is_file()
    return [*([EMBEDDED] if here else []), LOADED, ENDPOINT]


def model_fields(
    kind: str,
    prefix: str,
    *,
    adapter: bool = False,
    note: str = "",
    flight: int = 16,
    keys_from: str = "the environment or the app's secrets",
) -> dict[str, Any]:
    """Draw what has to be said of a model of this kind; the options that it says.

    Args:
        kind: one of `model_kinds`.
        prefix: of the keys of all widgets here.
        adapter: whether an adapter is asked for.
        note: said after what the embedded model is.
        flight: requests to an endpoint at once, to begin with.
        keys_from: where the endpoint's key is looked for.
    """
    _recall(prefix, {"flight": flight})
    if kind == EMBEDDED:
        message("info", f"{shipped.NOTE} {note}".strip())
        return {"model": MICROLAB, **_adapter(prefix, adapter)}
    if kind == ENDPOINT:
        return _endpoint(prefix, keys_from)
    form = ConfigForm(ModelConfig, prefix)
    name = form.draw("model", key=f"{prefix}model", help=None)
    _keep(prefix, "model")
    return {"model": name, **_adapter(prefix, adapter)}


def _endpoint(prefix: str, keys_from: str) -> dict[str, Any]:
    form = ConfigForm(ModelConfig, prefix)
    allowed = ", ".join(settings().key_variables).replace("*", "…")
    form.draw("base_url", key=f"{prefix}url", help=None)
    form.draw(
        "model",
        key=f"{prefix}served",
        label="Model, as the endpoint calls it",
        placeholder=None,
        help=None,
    )
    form.draw(
        "key_env",
        key=f"{prefix}variable",
        help=f"Its name, never the key: that comes from {keys_from}. Allowed: {allowed}",
    )
    form.draw("in_flight", key=f"{prefix}flight", help=None)
    _keep(prefix, "url", "served", "variable", "flight")
    return {"backend": "openai", **form.values}


def _adapter(prefix: str, asked: bool) -> dict[str, Any]:
    if not asked:
        return {}
    kind = st.session_state.get(f"{prefix}kind")
    known = {one.spec.adapter: one for one in _adapters() if one.embedded or kind != EMBEDDED}

    def chosen() -> None:
        """An adapter of the list brings its base along."""
        one = known.get(st.session_state[f"{prefix}adapter"])
        if one is not None and kind == LOADED:
            st.session_state[f"{prefix}model"] = one.spec.model

    text = st.selectbox(
        "Adapter (PEFT)",
        list(known),
        None,
        key=f"{prefix}adapter",
        format_func=lambda path: known[path].name if path in known else str(path),
        placeholder="none: choose one, or type a folder or hub id",
        accept_new_options=True,
        on_change=chosen,
    )
    return {"adapter": (text or "").strip() or None}


def _adapters() -> list[NamedModel]:
    """The adapters that lie at hand."""
    return [one for one in choices() if one.spec.adapter is not None]


def take_model(prefix: str, token: str) -> None:
    """Have the form begin with the model that a link names.

    Args:
        prefix: of the keys of its widgets.
        token: as `sit_core.live.model_choices` has it (``home+mine``), else a hub id or folder.
    """
    one = next((one for one in choices() if one.token == token), None)
    base = token if one is None else one.spec.model
    embedded = base == MICROLAB or shipped.is_embedded(base)
    state = st.session_state
    state[f"{prefix}kind"] = EMBEDDED if embedded else LOADED
    state[f"{prefix}adapter"] = None if one is None else one.spec.adapter
    if not embedded:
        state[f"{prefix}model"] = base
    _keep(prefix, "kind", *(() if embedded else ("model",)))


def prices_form(prefix: str) -> Prices:
    """Draw the widgets; ``prefix``: of their keys."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given = [
            st.number_input(
                label, 0.0, None, None, key=f"{prefix}{label}", placeholder=said, width=150
            )
            for label, said in (
                ("Price of 1M tokens in", "not known"),
                ("of 1M tokens out", "not known"),
                ("Budget", "no limit"),
            )
        ]
    return Prices(given[0] or 0.0, given[1] or 0.0, given[2])
