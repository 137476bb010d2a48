"""Adversarial text: an example counted by hand, what each figure opens, and what is left out."""

import json
from typing import Any

import pytest
from sqlalchemy import update

from sit_core.actions import Context
from sit_core.analyses.adversarial import (
    NOT_GIVEN,
    AdversarialConfig,
    adversarial,
    adversarial_figure,
)
from sit_core.errors import SitError
from sit_core.results.analyses import ANALYSES, AnalysisTable
from sit_core.results.conditions import condition_runs
from sit_core.score.config import ScoreConfig
from sit_core.score.run import score_runs
from sit_core.store import Store
from sit_core.store.schema import predictions, runs
from tests.factories import make_run

GIVEN = "Something else?"
"""Shares no word with the questions."""


def condition_run(
    store: Store,
    name: str,
    answers: list[str],
    condition: str,
    implied: list[str | None] | None = None,
    *,
    place: str = "both",
    model: str = "m",
    text: str = GIVEN,
) -> list[str]:
    """A run whose outputs begin with a given text, but for the conditions none and own."""
    begun = "" if condition in ("none", "own") or place == "instruction" else f"{text}\n"
    ids = make_run(store, name, [f"{begun}{answer}" for answer in answers], expected=True)
    with store.write() as connection:
        for number, one in enumerate(ids):
            given: dict[str, Any] = {"condition": condition, "steps": ["repeat"]}
            if condition not in ("none", "own"):
                given |= {"text": text, "place": place}
                given["implied"] = implied[number] if implied else f"answer {number}"
            if place == "instruction":
                given["steps"] = []
            meta = {} if condition == "own" else {"given": given, "given_characters": len(begun)}
            connection.execute(update(predictions).where(predictions.c.id == one).values(meta=meta))
        connection.execute(update(runs).where(runs.c.name == name).values(model=model))
    return ids


@pytest.fixture
def ids(store: Store) -> dict[str, list[str]]:
    """Six questions; the wrong text of the last has no known implied answer."""
    right = [f"answer {n}" for n in range(6)]
    wrong = ["answer 9", "answer 9", "answer 2", "something", "answer 4"]
    made = {
        "none": condition_run(store, "none", [*right[:5], "no"], "none"),
        "true": condition_run(store, "true", right, "true"),
        "negative": condition_run(store, "negative", wrong, "negative", ["answer 9"] * 4 + [None]),
    }
    score(store, *made)
    return made


def score(store: Store, *names: str) -> None:
    score_runs(ScoreConfig(names, metrics=("accuracy", "following")), Context(store, job=1))


def row_of(table: AnalysisTable, condition: str) -> tuple[int, dict[str, Any]]:
    return next((i, dict(row)) for i, row in enumerate(table.rows) if row["condition"] == condition)


def test_an_example_counted_by_hand(store: Store, ids: dict[str, list[str]]) -> None:
    table = adversarial(store, AdversarialConfig())
    assert [row["condition"] for row in table.rows] == ["none", "true", "negative"]
    _, none = row_of(table, "none")
    assert (none["n"], none["accuracy"].value, none["difference from none"]) == (6, 5 / 6, None)
    assert none["difference from true"].value == pytest.approx(-1 / 6)
    at, row = row_of(table, "negative")
    assert (row["n"], row["accuracy"].value, row["accuracy"].n) == (5, 2 / 5, 5)
    told = {name: (row[name].value, row[name].n) for name in ("follows the text", "stays right")}
    assert told == {"follows the text": (2 / 4, 4), "stays right": (1 / 4, 4)}
    assert row["another answer"].value == 1 / 4
    # Bonett and Price with b = 0 and c = 3 of 5: (0 + 1)/7 − (3 + 1)/7, and its standard error.
    found = row["difference from true"]
    assert (found.value, found.n) == (pytest.approx(-3 / 5), 5)
    middle, error = -3 / 7, ((5 / 7 - 9 / 49) / 7) ** 0.5
    assert found.low == pytest.approx(middle - 1.959964 * error)
    assert found.high == pytest.approx(middle + 1.959964 * error)
    assert row["difference from none"].value == pytest.approx(-3 / 5)
    assert table.left_out == {"negative: the answer that the text implies is not known": 1}
    assert "Following by rules" in table.note
    negative = ids["negative"]
    assert list(table.samples_of(at, "accuracy")) == negative
    assert list(table.samples_of(at, "follows the text")) == negative[:2]
    assert list(table.samples_of(at, "stays right")) == [negative[2]]
    assert list(table.samples_of(at, "another answer")) == [negative[3]]
    both = {*negative, *ids["true"][:5]}
    assert set(table.samples_of(at, "difference from true")) == both


def test_further_tables_say_strength_flips_and_all_answers(
    store: Store, ids: dict[str, list[str]]
) -> None:
    strength, flips, items = adversarial(store, AdversarialConfig()).further
    assert [(row["by"], row["the text"], row["accuracy"].value) for row in strength.rows] == [
        ("distance from the expected text", "2/3 to 1", 1 / 4),
        ("answers that it mentions", "neither answer", 1 / 4),
    ]
    assert list(strength.samples_of(0, "follows the text")) == ids["negative"][:2]
    assert [(row["became"], row["answer before"], row["answer"]) for row in flips.rows] == [
        ("the implied answer", "answer 0", "answer 9"),
        ("the implied answer", "answer 1", "answer 9"),
        ("wrong", "answer 3", "something"),
    ]
    assert list(flips.samples_of(0, "")) == [ids["negative"][0], ids["true"][0]]
    assert len(items.rows) == 6
    first = items.rows[0]
    assert first["question"] == "Question 0?"
    assert first["text, negative"] == GIVEN
    answers = [first[f"answer, {name}"] for name in ("none", "true", "negative")]
    assert answers == ["answer 0", "answer 0", "answer 9"]
    assert list(items.samples_of(0, "")) == [of[0] for of in ids.values()]
    last = next(row for row in items.rows if row["question"] == "Question 5?")
    assert last["answer, negative"] is None  # there is no output for it
    short = adversarial(store, AdversarialConfig(items=1)).further
    assert [len(one.rows) for one in short] == [2, 1, 1]
    assert "2 more differ" in short[1].note
    assert "5 more questions" in short[2].note


def test_the_paper_s_numbers_stand_where_it_has_any(store: Store, ids: dict[str, Any]) -> None:
    table = adversarial(store, AdversarialConfig())
    told = {row["condition"]: row["paper, VQAv2"] for row in table.rows}
    assert told == {"none": 61.3, "true": NOT_GIVEN, "negative": 57.1}


def test_each_bar_opens_its_row(store: Store, ids: dict[str, list[str]]) -> None:
    table = adversarial(store, AdversarialConfig())
    figure = adversarial_figure(table)
    bars, *paper = figure.data
    assert [tuple(place) for place in bars.customdata] == [(i, "accuracy") for i in range(3)]
    assert list(bars.y) == pytest.approx([500 / 6, 100, 40])
    assert [trace.name for trace in paper] == ["paper, VQAv2 (Table 4)", "paper, GQA (Table 4)"]
    assert list(table.samples_of(*bars.customdata[2])) == ids["negative"]


def test_the_baseline_is_none_of_every_system(store: Store, ids: dict[str, Any]) -> None:
    condition_run(store, "it", ["answer 0", "no", "no", "no", "no", "no"], "none", model="it")
    score(store, "it")
    table = adversarial(store, AdversarialConfig(baseline="it"))
    _, row = row_of(table, "true")
    assert row["difference from none"].value == pytest.approx(5 / 6)
    assert sorted(row["system"] for row in table.rows) == ["it", "m", "m", "m"]
    with pytest.raises(SitError, match="no run 'nobody'"):
        adversarial(store, AdversarialConfig(baseline="nobody"))


def test_places_are_told_apart_and_compared_with_their_own(
    store: Store, ids: dict[str, Any]
) -> None:
    right = [f"answer {n}" for n in range(6)]
    condition_run(store, "true in it", ["no", *right[1:]], "true", place="instruction")
    condition_run(store, "negative in it", right, "negative", place="instruction")
    score(store, "true in it", "negative in it")
    table = adversarial(store, AdversarialConfig())
    _, row = row_of(table, "negative (instruction)")
    assert row["difference from true"].value == pytest.approx(1 / 6)
    assert row_of(table, "negative")[1]["difference from true"].value == pytest.approx(-3 / 5)


def test_runs_without_any_given_text_are_counted_not_shown(store: Store, ids: Any) -> None:
    condition_run(store, "plain", ["x"], "own", model="other")
    made, others = condition_runs(store, ["none", "true", "negative", "plain"])
    assert ([run.name for run in made], others) == (["none", "true", "negative"], 1)
    assert "1 runs of systems" in adversarial(store, AdversarialConfig()).note


def test_what_was_not_scored_is_left_out_with_the_reason(store: Store) -> None:
    condition_run(store, "negative", ["a", "b"], "negative")
    table = adversarial(store, AdversarialConfig())
    assert table.left_out == {"negative: not scored yet (sit score --metrics accuracy)": 2}
    assert table.rows[0]["accuracy"].value is None


def test_an_empty_store_has_no_rows(store: Store) -> None:
    table = adversarial(store, AdversarialConfig())
    assert (list(table.rows), list(table.further)) == ([], [])


def test_it_is_an_analysis_of_the_terminal_and_the_app(store: Store, ids: Any) -> None:
    found = ANALYSES.get("adversarial").table(store, AdversarialConfig(runs=("none", "true")))
    said = json.loads(found.to_json("adversarial", AdversarialConfig()))
    assert [row["condition"] for row in said["rows"]] == ["none", "true"]
    assert "condition" in found.to_csv()
