"""Every claim of the plan: verdict, figure, interval and each training seed's own figure, drawn.

A row is read without colour: the verdict is a sign and a word, the figure a number beside a line
(interval), a diamond (mean) and rings (seeds); the bound is a dashed line.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from pages.shared.embedded_note import show_methods
from sit_core.reproduction.adapters_overlap import adapters_overlap
from sit_core.reproduction.claims import ClaimsReport, kept_claims
from sit_core.reproduction.seed_samples import samples_of
from sit_core.results.claims import (
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    ClaimResult,
    figure_said,
)

SIGNS = {REPRODUCED: "✓", NOT_REPRODUCED: "✗", NOT_TESTABLE: "–"}
ALL = "all"


@st.cache_data(max_entries=2, show_spinner="Scoring the seeds' outputs …")
def cached_claims(seeds: str) -> ClaimsReport:
    """The report, made once for these seeds."""
    return kept_claims()


def show_claims(found: ClaimsReport) -> None:
    """Draw all of it."""
    st.subheader("Every claim, by a base that knows no instructions")
    st.caption(
        "What this pair can show: what IT teaches and what it leaves out, because the base was "
        "taught no instructions, and IT and SIT are tuned on the same rows with as many updates on "
        "answers. What it can't: anything about larger models, ordinary texts or images."
    )
    there, planned = len(found.seeds), len(found.plan.judged)
    st.text(
        f"{there} of {planned} training seeds are there; {found.plan.questions} held-out questions "
        f"each. Claims, seeds and bounds were laid down before the runs (data/reproduction/"
        f"plan.yaml); an earlier form of the recipe was chosen on seed {found.plan.chosen_on}, "
        "which judges nothing, and the final one was tried on no seed before them."
    )
    counts = {v: sum(r.verdict == v for r in found.results) for v in SIGNS}
    wanted = st.segmented_control(
        "Verdict",
        [ALL, *SIGNS],
        format_func=lambda v: (
            f"All {len(found.results)}" if v == ALL else f"{SIGNS[v]} {v} {counts[v]}"
        ),
        default=ALL,
        required=True,
        label_visibility="collapsed",
        key="verdict of claims",
    )
    kept = [r for r in found.results if wanted in (ALL, r.verdict)]
    st.html(_STYLE + _table(kept))
    show_methods(r.figure.interval.method for r in kept if r.figure is not None)
    st.caption(
        "In percent (ρ from −1 to 1). ◆ mean over seeds, line its 95 % interval over seeds and "
        "questions together, ○ each seed, dashed the bound. Following is by rule."
    )
    _show_samples(found)
    _show_overlap(found)


def _table(results: list[ClaimResult]) -> str:
    rows = "".join(_rows(results))
    head = "".join(
        f"<th scope='col'>{name}</th>"
        for name in ("verdict", "claim", "figure, interval, seeds", "", "wanted", "the paper")
    )
    return (
        f"<div class='claims' role='region' tabindex='0' aria-label='Claims'><table>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _rows(results: list[ClaimResult]) -> Iterator[str]:
    source = ""
    for result in results:
        claim = result.claim
        if claim.source != source:
            source = claim.source
            yield f"<tr><th colspan='6' scope='rowgroup' class='group'>{escape(source)}</th></tr>"

        yield (
            f"<tr id='{escape(claim.id)}'>"
            f"<td class='verdict {_class(result)}'><b>{SIGNS[result.verdict]}</b> "
            f"{escape(result.verdict)}</td>"
            f"<td>{escape(claim.text)}<small>{escape(result.why)}</small></td>"
            f"<td class='figure'>{escape(figure_said(result).replace(' · ', chr(10)))}</td>"
            f"<td>{_drawing(result)}</td>"
            f"<td>{escape(claim.criterion)}</td>"
            f"<td>{escape(claim.paper or '')}</td></tr>"
        )


def _class(result: ClaimResult) -> str:
    return {REPRODUCED: "yes", NOT_REPRODUCED: "no"}.get(result.verdict, "none")


def _drawing(result: ClaimResult) -> str:
    """Interval, mean, seeds and bound on the whole scale: 0 to 100, or −100 to 100.

    Of places in percent of its width: `st.html` takes no SVG.
    """
    figure, claim = result.figure, result.claim
    if figure is None:
        return ""
    least = -1.0 if claim.minus is not None or claim.correlated_with else 0.0

    def left(value: float) -> str:
        return f"left:{100 * (value - least) / (1 - least):.1f}%"

    bound = claim.above if claim.above is not None else claim.below
    low, high = figure.interval.ends
    width = f"width:{100 * (high - low) / (1 - least):.1f}%"
    seeds = "".join(
        f"<i class='seed' style='{left(value)}' "
        f"title='seed {seed}: {result.scale * value:.2f}'></i>"
        for seed, value in zip(result.seeds, figure.seeds, strict=True)
    )
    return (
        f"<div class='scale' role='img' aria-label='{escape(figure_said(result))}'>"
        f"<i class='axis'></i><i class='zero' style='{left(0)}'></i>"
        f"<i class='bound' style='{left(bound or 0)}'></i>"
        f"<i class='interval' style='{left(low)};{width}'></i>{seeds}"
        f"<i class='mean' style='{left(figure.value)}'></i></div>"
    )


def _show_samples(found: ClaimsReport) -> None:
    """The outputs behind a claim: one click opens them."""
    testable = [r for r in found.results if r.figure is not None]
    if not testable:
        return
    with st.expander("Outputs behind a claim"):
        left, right = st.columns([4, 1])
        result = left.selectbox(
            "Claim",
            testable,
            format_func=lambda r: f"{r.claim.source}: {r.claim.text}",
            key="claim of samples",
        )
        seed = right.selectbox("Training seed", result.seeds, key="seed of samples")
        rows = samples_of(result.claim, seed, found.plan.models)
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            height=420,
            alt="Questions with the outputs that the claim compares, and what each counts",
        )


@st.cache_data(max_entries=1, show_spinner="Looking for test prompts in training rows …")
def _of_adapters() -> dict[str, Any]:
    return adapters_overlap().to_dict(shown=0)


def _show_overlap(found: ClaimsReport) -> None:
    """What training rows and test prompts share."""
    said = [("base that knows instructions", "all adapters", _of_adapters())]
    said += [
        (f"seed {seed}", found.plan.models.get(model, model), of_model)
        for seed, of in found.overlap.items()
        for model, of_model in of.items()
    ]
    rows = [
        {
            "of": of,
            "tuned": model,
            "training rows": known["train_rows"],
            "test prompts": known["test_rows"],
            "same text": known["exact"],
            "same, normalised": known["normalised"],
            "same input": known["inputs"],
            f"half of their {known['ngram']}-grams": known["words"],
            "mean share of n-grams": f"{100 * (known['mean_share'] or 0):.1f} %",
            "too short for n-grams": known["short"],
        }
        for of, model, known in said
    ]
    st.subheader("Do test prompts stand in the training rows?")
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, alt="Overlap of training rows and test prompts"
    )
    st.caption(
        "Test questions are about facts in phrasings (or pairs) that no training asks; choices and "
        "phrasings recur, so some n-grams do. Of a base's texts a sample is looked at. For files "
        "of your own: `sit overlap --train FILE --test FILE`."
    )


_STYLE = """<style>
.claims { overflow-x: auto; }
.claims table { border-collapse: collapse; width: 100%; font-size: 14px; min-width: 1080px; }
.claims th { text-align: left; font-weight: 600; font-size: 12.5px; padding: 4px 10px 4px 0; }
.claims th.group { padding-top: 14px; font-size: 15px; }
.claims td { padding: 6px 10px 6px 0; vertical-align: top; border-top: 1px solid
  light-dark(#dbe3e2, #2a3839); }
.claims td small { display: block; font-size: 12.5px; color: light-dark(#53625f, #a3b5b2); }
.claims .verdict { white-space: nowrap; }
.claims .yes { color: light-dark(#0b6f65, #3fcdbb); }
.claims .no { color: light-dark(#a8213b, #ff7d8f); }
.claims .figure { white-space: pre-line; font-variant-numeric: tabular-nums; min-width: 190px; }
.claims .scale { position: relative; width: 200px; height: 30px; margin: 4px 8px; }
.claims .scale i { position: absolute; display: block; }
.claims .axis { left: 0; right: 0; top: 11px; height: 1px;
  background: light-dark(#b8c4c2, #4a5a5b); }
.claims .zero { top: 7px; width: 1px; height: 9px; background: light-dark(#b8c4c2, #4a5a5b); }
.claims .bound { top: 0; height: 30px; border-left: 1.5px dashed currentColor; }
.claims .interval { top: 10px; height: 3px; background: currentColor; min-width: 2px; }
.claims .mean { top: 7px; width: 9px; height: 9px; margin-left: -5px; transform: rotate(45deg);
  background: currentColor; }
.claims .seed { top: 20px; width: 8px; height: 8px; margin-left: -4px; border-radius: 50%;
  border: 1.4px solid currentColor; box-sizing: border-box; }
</style>"""
