"""From columns on the Live page to outputs that a study can take up, with where they come from."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sit_core import __version__
from sit_core.embedded.shipped import portable
from sit_core.errors import SitError
from sit_core.live.model_choices import NamedModel, name_of
from sit_core.live.request import LiveRequest
from sit_core.live.streaming import Phase, Streams, StreamState
from sit_core.records import Outcome, stable_id
from sit_core.store import Store
from sit_core.store.live_samples import (
    LiveOutput,
    LiveRun,
    SaveReport,
    keep_in_new_study,
    keep_in_study,
)
from sit_core.store.study_plan import StudyPlan

_LONGEST = 120
_OF_MODEL = ("backend", "model", "adapter", "revision", "prompt_format", "dtype", "base_url")
_OF_DICE = ("temperature", "top_p", "top_k", "stop")
_OF_MACHINE = ("versions", "device", "device_map", "reported", "left_out")
"""Parts of a model's identity that tell where it ran, not what it is."""


def keep(
    store: Store,
    streams: Streams,
    ask: LiveRequest,
    known: Sequence[NamedModel],
    *,
    study: str | None = None,
    new: StudyPlan | None = None,
) -> SaveReport:
    """Keep all outputs that are whole as samples of a study, or of a new one.

    Raises:
        SitError: none is whole, or the study can't take them; nothing is stored then.
    """
    streams.join()  # the identity of a model is known a moment after its output
    made = [shown for shown in streams.snapshot() if whole(shown)]
    if not made:
        raise SitError("There is no whole output to keep: let a model write to its end.")
    kept = [_output(shown, streams, ask, known) for shown in made]
    if new is not None:
        return keep_in_new_study(store, kept, new)
    if study is None:
        raise SitError("Choose a study, or name a new one.")
    return keep_in_study(store, kept, study)


def whole(shown: StreamState) -> bool:
    """Whether it is an output: not one that somebody stopped or that broke off."""
    return shown.phase is Phase.DONE


def _output(
    shown: StreamState, streams: Streams, ask: LiveRequest, known: Sequence[NamedModel]
) -> LiveOutput:
    settings = asdict(ask.settings)
    meta: dict[str, Any] = {
        "live": True,
        "seed": ask.settings.seed if ask.settings.temperature > 0 else None,
        "max_new_tokens": ask.settings.max_new_tokens,
        "seconds": round((shown.last or 0.0) - (shown.loaded or 0.0), 3),
        "at": round(time.time()),
    }
    if shown.tokens is not None:
        meta["tokens"] = shown.tokens
    if shown.cut:
        meta["cut"] = True
    if shown.reason:
        meta["reason"] = shown.reason
    spec = asdict(shown.spec)
    spec |= {"model": portable(shown.spec.model), "adapter": portable(shown.spec.adapter)}
    of_run = {name: spec[name] for name in _OF_MODEL} | {name: settings[name] for name in _OF_DICE}
    of_run = json.loads(json.dumps(of_run))  # tuples as lists, as they come back
    identity = shown.identity or {}
    same = {name: value for name, value in identity.items() if name not in _OF_MACHINE}
    number = stable_id("live", json.dumps([of_run, same], sort_keys=True, default=str))[:8]
    name = name_of(shown.spec, known)
    run = LiveRun(
        name=f"live: {_one_line(name)} {number}",
        model=spec["model"],
        adapter=spec["adapter"],
        settings=of_run,
        provenance={"version": __version__, "model": json.loads(json.dumps(identity, default=str))},
    )
    outcome = Outcome.REFUSED if shown.refused else Outcome.CUT if shown.cut else Outcome.COMPLETE
    return LiveOutput(run, streams.example, shown.text, meta, outcome, shown.thoughts)


def _one_line(name: str) -> str:
    tidy = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return tidy if len(tidy) <= _LONGEST else tidy[: _LONGEST - 1] + "…"
