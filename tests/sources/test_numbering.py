"""Golds of one prompt become variants, outputs for one example become ordinals."""

from sit_core.records import Example, Prediction
from sit_core.sources import Numbering


def numbered(numbering: Numbering, *rows: tuple[str, str, str | None]) -> list[tuple[int, int]]:
    made = [Prediction(run, Example("ask", q, reference=gold), "") for run, q, gold in rows]
    found = [numbering.number(p) for p in made]
    return [(p.example.variant, p.ordinal) for p in found]


def test_the_same_question_with_another_gold_is_another_example() -> None:
    rows = [("r", "q", "1"), ("r", "q", "2"), ("r", "other", "9"), ("r", "q", "1")]
    assert numbered(Numbering(), *rows) == [(0, 0), (1, 0), (0, 0), (0, 1)]


def test_every_run_counts_its_own_outputs() -> None:
    assert numbered(Numbering(), ("a", "q", "1"), ("b", "q", "1")) == [(0, 0), (0, 0)]


def test_a_missing_gold_is_the_first_variant() -> None:
    assert numbered(Numbering(), ("r", "q", None), ("r", "q", "1")) == [(0, 0), (0, 1)]


def test_what_the_store_has_decides_whatever_the_order_of_the_rows() -> None:
    numbering = Numbering()
    numbering.learn(Example("ask", "q", reference="2", variant=1))
    numbering.learn(Example("ask", "q", reference="1", variant=0))
    assert numbered(numbering, ("r", "q", "2"), ("r", "q", "3"), ("r", "q", "1")) == [
        (1, 0),
        (2, 0),
        (0, 0),
    ]
