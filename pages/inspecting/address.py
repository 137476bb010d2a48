"""The Inspect page's address ↔ what it shows, so that every view of it can be linked to.

``/inspect?sample=ID`` opens one output; ``run`` (repeatable), ``study``, ``annotator``, ``step``
(a step's key, ``in_order`` or ``chain``), ``verdict``, ``partly=no`` (partly is not done),
``by`` (``human``, ``llm``, ``rule``: verdicts as the following-rate table counts them),
``text``, ``shortest``, ``longest`` and ``empty=1`` filter the list; ``with=RUN`` compares.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from sit_core.store.browse import Filter

Params = dict[str, list[str]]

_ALIASES = {"followed": "done", "not-followed": "not-done"}


def filter_from(params: Mapping[str, list[str]]) -> Filter:
    """The filter that an address asks for; numbers that are none are left out."""

    def one(name: str) -> str | None:
        return params[name][-1] if params.get(name) and params[name][-1] else None

    verdict = one("verdict")
    return Filter(
        runs=tuple(dict.fromkeys(params.get("run", []))),
        study=one("study"),
        annotator=one("annotator"),
        step=one("step"),
        verdict=_ALIASES.get(verdict, verdict) if verdict else None,
        by=one("by"),
        partly_done=one("partly") != "no",
        shortest=_number(one("shortest")),
        longest=_number(one("longest")),
        text=one("text") or "",
        empty_only=one("empty") == "1",
    )


def params_of(of: Filter, sample: str | None, compared: str | None = None) -> Params:
    """The address of a view; what is not set is not in it."""
    found: dict[str, list[str | None]] = {
        "sample": [sample],
        "with": [compared if sample else None],
        "study": [of.study],
        "run": list(of.runs),
        "annotator": [of.annotator],
        "step": [of.step],
        "verdict": [of.verdict],
        "by": [of.by if of.verdict else None],
        "partly": [None if of.partly_done else "no"],
        "text": [of.text],
        "shortest": [None if of.shortest is None else str(of.shortest)],
        "longest": [None if of.longest is None else str(of.longest)],
        "empty": ["1" if of.empty_only else None],
    }
    kept = {name: [v for v in values if v] for name, values in found.items()}
    return {name: values for name, values in kept.items() if values}


def link_to(sample: str, page_url: str | None) -> str:
    """The address that opens exactly this output, as complete as the page's own is known."""
    base = (page_url or "/inspect").split("?")[0].split("#")[0].rstrip("/")
    return f"{base}?{urlencode({'sample': sample})}"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
