"""Figures of instructions show the tables' numbers, lead back to them, and no text is markup."""

from pathlib import Path

from sit_core.figures.instructions import (
    instruction_lengths_figure,
    kinds_figure,
    outcomes_figure,
    petal_of,
)
from sit_core.metrics.verb_noun import kind_reader
from sit_core.results.seq_instruct import lengths, outcomes
from sit_core.results.verb_noun import kinds_of
from tests.instruction_sets import small_set


def test_every_outcome_is_a_piece_of_its_iterations_bar(tmp_path: Path) -> None:
    rows = outcomes(small_set(home=tmp_path))
    figure = outcomes_figure(rows)
    pieces = {
        tuple(data): (share, text)
        for trace in figure.data
        for data, share, text in zip(trace.customdata, trace.x, trace.text, strict=True)
    }
    assert pieces == {(r.iteration, r.outcome): (r.share, f"{r.n:,}") for r in rows}
    assert "1 of 5" in figure.data[0].hovertext[0]


def test_boxes_are_drawn_from_their_numbers(tmp_path: Path) -> None:
    rows = lengths(small_set(home=tmp_path))
    (box,) = instruction_lengths_figure(rows).data
    assert list(box.x) == ["seeds", "iteration 1", "iteration 2"]
    assert list(box.median) == [row.median for row in rows]


def test_a_petal_leads_to_its_kind_and_the_rings_add_up() -> None:
    texts = ["Write a poem.", "Write a poem.", "Write it down.", "Name a <b>plum</b>.", "Why?"]
    table = kinds_of(((str(i), text) for i, text in enumerate(texts)), kind_reader("rule"))
    (sun,) = kinds_figure(table).data
    values = dict(zip(sun.ids, sun.values, strict=True))
    parents = dict(zip(sun.ids, sun.parents, strict=True))
    for ident in [i for i, parent in parents.items() if parent == ""]:
        assert values[ident] == sum(values[i] for i, parent in parents.items() if parent == ident)
    kinds = [petal_of(ident) for ident in sun.ids]
    assert ("write", None, True) in kinds
    assert ("write", "poem", False) in kinds
    assert all("<b>" not in text for text in [*sun.labels, *sun.hovertext])
    for odd in ("", "[]", "[1]", '["a", 2]', '["a", "b", "c"]', "{}", None):
        assert petal_of(odd) is None
