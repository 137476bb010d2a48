"""The Inspect page's address ↔ what it shows, so that every view of it can be linked to.

``/inspect?sample=ID`` opens one output; ``run`` (repeatable), ``study``, ``annotator``, ``step``
(a step's key, ``in_order`` or ``chain``), ``verdict``, ``partly=no`` (partly is not done),
``by`` (``human``, ``llm``, ``rule``: verdicts as the following-rate table counts them),
``rule`` (what the rules say of that step in the study: ``done``, ``not-done``, ``unsure``, or
``differs`` from people), ``llm`` and ``says`` (the same of an LLM judge, by its name; with
``against`` it differs from another one, with ``other-says`` that one, or people, say so),
``text``, ``shortest``, ``longest`` and ``empty=1`` filter the list;
``metric`` (with ``how``: its settings, ``of``: a step's key) asks for an automatic score:
``from`` and ``to`` bound its value, ``score=none`` asks for those without one (``reason``: for
this reason), ``score=unscored`` for those never scored. ``kind`` (``human``, ``llm``, ``rule``)
asks for verdicts of such judges only, ``unusable=1`` for outputs on which an LLM judge has none,
``rated-from`` and ``rated-to`` for its ratings, ``duels`` for what it compared (``duel``: what came
of that, ``duel-with``: with which run), ``iteration`` for prompts grown so often, ``example`` for
one of them. ``remark`` (``flagged``, ``noted``, ``either``) asks for what annotators flagged or
wrote a note on. ``outcome`` (``complete``, ``cut``, ``refused``, ``not-known``) asks how a call
ended. ``list`` asks for exactly the outputs behind a figure of an analysis. ``shared``
(repeatable) asks for prompts that all these runs have. ``with=RUN``
compares.
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from sit_core.store.browse import Filter, ScoreFilter
from sit_core.store.score_filter import VALUE

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
        rule=one("rule"),
        llm=one("llm"),
        says=one("says"),
        against=one("against"),
        other_says=one("other-says"),
        score=_score_from(one),
        text=one("text") or "",
        empty_only=one("empty") == "1",
        kind=one("kind"),
        unusable=one("unusable") == "1",
        rated_from=_rating(one("rated-from")),
        rated_to=_rating(one("rated-to")),
        iteration=_number(one("iteration")),
        duels_by=one("duels"),
        duel=one("duel"),
        duel_with=one("duel-with"),
        example=one("example"),
        remark=one("remark"),
        ended=one("outcome"),
        shared_by=tuple(dict.fromkeys(params.get("shared", []))),
        listed=one("list"),
    )


def _score_from(one: Callable[[str], str | None]) -> ScoreFilter | None:
    metric = one("metric")
    if metric is None:
        return None
    return ScoreFilter(
        metric,
        one("how"),
        one("of") or "",
        one("score") or VALUE,
        _share(one("from")),
        _share(one("to")),
        one("reason"),
    )


def score_params(of: ScoreFilter) -> Params:
    """The part of an address that asks for a score."""
    found = {
        "metric": of.metric,
        "how": of.how,
        "of": of.step,
        "score": None if of.state == VALUE else of.state,
        "from": None if of.least is None else f"{of.least:g}",
        "to": None if of.most is None else f"{of.most:g}",
        "reason": of.reason,
    }
    return {name: [value] for name, value in found.items() if value}


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
        "rule": [of.rule],
        "llm": [of.llm if of.says else None],
        "says": [of.says],
        "against": [of.against if of.says else None],
        "other-says": [of.other_says if of.says else None],
        "text": [of.text],
        "shortest": [None if of.shortest is None else str(of.shortest)],
        "longest": [None if of.longest is None else str(of.longest)],
        "empty": ["1" if of.empty_only else None],
        "kind": [of.kind],
        "unusable": ["1" if of.unusable else None],
        "rated-from": [None if of.rated_from is None else f"{of.rated_from:g}"],
        "rated-to": [None if of.rated_to is None else f"{of.rated_to:g}"],
        "iteration": [None if of.iteration is None else str(of.iteration)],
        "duels": [of.duels_by],
        "duel": [of.duel if of.duels_by else None],
        "duel-with": [of.duel_with if of.duels_by else None],
        "example": [of.example],
        "remark": [of.remark],
        "outcome": [of.ended],
        "shared": list(of.shared_by),
        "list": [of.listed],
    }
    kept = {name: [v for v in values if v] for name, values in found.items()}
    asked = {name: values for name, values in kept.items() if values}
    return {**asked, **(score_params(of.score) if of.score else {})}


def link_to(sample: str, page_url: str | None) -> str:
    """The address that opens exactly this output, as complete as the page's own is known."""
    base = (page_url or "/inspect").split("?")[0].split("#")[0].rstrip("/")
    return f"{base}?{urlencode({'sample': sample})}"


def _share(text: str | None) -> float | None:
    """A bound of a score; what is no number from 0 to 1 is left out."""
    return _within(text, 1)


def _rating(text: str | None) -> float | None:
    """A bound of a rating; what is no number from 0 to 5 is left out."""
    return _within(text, 5)


def _within(text: str | None, most: float) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value <= most else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
