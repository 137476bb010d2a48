"""Outcomes add up to n and lead back to their instructions; lengths, reasons, kinds of a set."""

from pathlib import Path

import pytest

from sit_core.metrics.verb_noun import kind_reader
from sit_core.results.seq_instruct import (
    OUTCOMES,
    lengths,
    outcome_of,
    outcomes,
    places,
    reasons,
    set_kinds,
)
from tests.instruction_sets import seeds, small_set, went_on, write_set


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_every_instruction_has_one_outcome_and_they_add_up(home: Path) -> None:
    one = small_set(home=home)
    rows = outcomes(one)
    found = {(row.iteration, row.outcome): row.n for row in rows}
    assert found == {
        (1, "B"): 1,
        (1, "C"): 1,
        (1, "D"): 1,
        (1, "gated"): 1,
        (1, "failed"): 1,
        (2, "A"): 1,
        (2, "D"): 1,
        (2, "held before"): 1,
        (2, "gated"): 1,
        (2, "failed"): 1,
    }
    for iteration in (1, 2):
        assert sum(row.n for row in rows if row.iteration == iteration) == one.seeds
    assert (rows[0].share, rows[0].of) == (0.2, 5)
    assert [rows[0].low, rows[0].high] == pytest.approx([0.0103, 0.6245], abs=1e-4)


def test_a_count_leads_to_just_its_instructions(home: Path) -> None:
    one = small_set(home=home)
    for row in outcomes(one):
        found = places(one, row.iteration, outcome=row.outcome)
        assert len(found) == row.n
        assert {outcome_of(one.index(row.iteration), place) for place in found} == {row.outcome}
    assert [(r.iteration, r.outcome, r.reason, r.n) for r in reasons(one)] == [
        (1, "gated", "lost numbers", 1),
        (1, "failed", "classify: empty", 1),
        (2, "gated", "unchanged", 1),
        (2, "failed", "classify: refused", 1),
    ]
    assert places(one, 1, reason="lost numbers") == [3]
    assert places(one, 1, reason="no such reason") == []
    assert places(one, 2, reason="lost numbers") == []


def test_text_is_found_in_instruction_input_and_response(home: Path) -> None:
    one = small_set(home=home)
    assert places(one, 1, text="TASTE") == [0]
    assert places(one, 1, text="input 4") == [4]
    assert places(one, 1, text="it is sweet") == [0]
    assert places(one, 1, text="O plum") == []
    assert places(one, 2, text="O plum", among=[1, 2]) == []


def test_made_without_an_option_is_not_lost(home: Path) -> None:
    first = seeds("Name a plum.")
    one = write_set("x", [first, [went_on(first[0], "made", instruction="New.")]], home)
    assert [(row.outcome, row.n) for row in outcomes(one)] == [("made", 1)]
    assert set(OUTCOMES) >= {"made", "A", "B", "C", "D"}


def test_lengths_are_the_five_numbers_of_what_there_is(home: Path) -> None:
    texts = ["a " * n for n in (1, 2, 3, 4, 100)]
    first = seeds(*texts)
    one = write_set("x", [first, [went_on(r, "failed", reason="x") for r in first[:3]]], home)
    (seed, later) = lengths(one)
    assert (seed.iteration, seed.n, seed.first, seed.median, seed.third) == (0, 5, 2, 3, 4)
    assert (seed.low, seed.high, seed.longest, seed.mean) == (1, 4, 100, 22)
    assert (later.iteration, later.n, later.median) == (1, 3, 2)
    assert [row.n for row in lengths(one, "response")] == [5, 3]


def test_kinds_are_of_what_the_iteration_made(home: Path) -> None:
    one = small_set(home=home)
    rule = kind_reader("rule")
    assert set_kinds(one, 0, rule).instructions == 5
    table = set_kinds(one, 1, rule)
    assert table.instructions == 2
    assert table.ids_of("name", "plum") == ["0"]
    assert table.ids_of("repeat", any_noun=True) == ["1"]


def test_nothing_made_yet_is_nothing_shown(home: Path) -> None:
    one = write_set("x", [seeds("Name a plum.")], home)
    assert (outcomes(one), reasons(one)) == ([], [])
    assert len(lengths(one)) == 1
