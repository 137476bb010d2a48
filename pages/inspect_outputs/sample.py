"""Of the Inspect page: one output as the component draws it, alone or beside another run's."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.inspect_outputs.address import link_to
from pages.inspect_outputs.filters import COMPARED, EXPECTED, MARK
from pages.shared.embedded_note import embedded_sentence
from pages.shared.times import when
from sit_core.figures.outputs import (
    SHOWN,
    Segments,
    ShownOutput,
    beside_json,
    everything_else,
    former_json,
    judges_json,
    output_json,
    output_name,
    question_json,
    scores_json,
    text_json,
)
from sit_core.live.step_marks import output_pieces
from sit_core.metrics.alignment import overlaps, word_diff
from sit_core.metrics.generated_part import generated_part
from sit_core.records import Example, Prediction, Step
from sit_core.store import Store
from sit_core.store.browse_sample import OutputView, get_output, other_outputs
from sit_core.store.judge_replies import replies_about
from sit_core.store.run_check import former_texts_of
from sit_core.store.scores import scores_of

Texts = Sequence[tuple[str, str]]
"""What a text is, and the text."""
STEPS, EXPECTED_TEXT, DIFFERENCES = "steps", "expected", "differences"
"""What can be marked in an output."""

# Two texts of 200,000 characters take seconds; the next rerun has them at once.
_overlaps = st.cache_data(overlaps, max_entries=50, show_spinner="Comparing …")
_word_diff = st.cache_data(word_diff, max_entries=50, show_spinner="Comparing …")


@st.cache_data(show_spinner=False, max_entries=1000)
def _parts(output: str, instruction: str, asked: str, steps: tuple[Step, ...]) -> Segments:
    return output_pieces(output, Example(instruction, asked, steps=steps))


def sample(store: Store, sample_id: str, places: dict[str, int]) -> tuple[dict[str, Any], Texts]:
    """Everything about one output, and the texts that are too long to be drawn whole.

    Raises:
        SitError: there is no such output.
    """
    view = get_output(store, sample_id)
    others = other_outputs(store, view)
    own, wanted = output_name(view.run, view.ordinal), st.session_state.get(COMPARED)
    if wanted == own:
        wanted = None
    by_name = {output_name(one.run, one.ordinal): one.id for one in others}
    other = get_output(store, by_name[wanted]) if wanted in by_name else None
    shown = [view] if other is None else [view, other]
    marks = [STEPS, *([DIFFERENCES] if other else [])]
    marks += [EXPECTED_TEXT] if any(step.expected for step in view.steps) else []
    mark = st.session_state.get(MARK)
    mark = mark if mark in marks else STEPS
    question = question_json(view)
    if mark == DIFFERENCES and other is not None:
        pieces = _marked(_word_diff(view.output[:SHOWN], other.output[:SHOWN]), same=False)
    elif mark == EXPECTED_TEXT:
        pieces = _expected(shown, question)
    else:
        pieces = [_parts_of(one) for one in shown]
    drawn = [
        output_json(
            ShownOutput(one, segments, embedded_sentence([one.model])), places.get(one.run, 0)
        )
        for one, segments in zip(shown, pieces, strict=True)
    ]
    data = {
        **drawn[0],
        "other": drawn[1] if other else None,
        "row": view.row + 1,
        "question": question,
        "beside": beside_json(others, wanted, places),
        "chosen_beside": wanted,
        "marks": marks,
        "mark": mark,
        "judges": judges_json(view, replies_about(store, view.id), _moment),
        "scores": scores_json(scores_of(store, view.id)),
        "former": former_json(former_texts_of(store, view.id), _moment),
        "else": text_json(everything_else(view)),
        "link": link_to(view.id, st.context.url),
    }
    return data, _long_texts(shown)


def _moment(seconds: float) -> str:
    return when(seconds, with_seconds=True)


def _parts_of(view: OutputView) -> Segments:
    """The parts by step, an estimate by rules; a text that is cut on the screen has none."""
    if len(view.output) > SHOWN:
        return [(view.output, None)]
    whole = Prediction(view.run, Example(view.instruction, view.input, steps=view.steps), "")
    part = generated_part(replace(whole, output=view.output, meta=view.meta))
    given = view.output[: len(view.output) - len(part.output)]
    if not given and part.example.steps == view.steps:
        return _parts(view.output, view.instruction, view.input, view.steps)
    # What was given is no step's part; the others keep their places in the chain.
    places = [view.steps.index(step) for step in part.example.steps]
    found = _parts(part.output, view.instruction, view.input, part.example.steps)
    return [(given, None), *((text, None if at is None else places[at]) for text, at in found)]


def _marked(sides: tuple[Any, Any], *, same: bool) -> list[Segments]:
    return [[(text, 0 if is_same is same else None) for text, is_same in side] for side in sides]


def _expected(shown: Sequence[OutputView], question: dict[str, Any]) -> list[Segments]:
    """Mark what the outputs share with a step's expected text, and the same in that text."""
    texts = {step.key: step.expected for step in shown[0].steps if step.expected}
    key = st.session_state.get(EXPECTED)
    key = key if key in texts else next(iter(texts))
    question["marked"] = key
    sides = [_marked(_overlaps(texts[key][:SHOWN], one.output[:SHOWN]), same=True) for one in shown]
    for one in question["expected"]:
        if one["key"] == key:
            one["text"] = text_json(texts[key], sides[0][0])
    return [side[1] for side in sides]


def _long_texts(shown: Sequence[OutputView]) -> Texts:
    """What is cut on the screen, to be downloaded whole."""
    view = shown[0]
    texts = [
        *zip(("output", "output beside"), (one.output for one in shown), strict=False),
        ("instruction", view.instruction),
        ("input", view.input),
        ("right answer", view.reference or ""),
        ("thoughts", view.thoughts or ""),
        *(("expected text", step.expected or "") for step in view.steps),
    ]
    return [(name, text) for name, text in texts if len(text) > SHOWN]
