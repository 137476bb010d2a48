"""Cells counted again by hand from the same outputs; the paper's layout; what is expected of it."""

import doctest
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sit_core.records import Example, Prediction, Step, chain
from sit_core.reproduction.report import paper
from sit_core.results import reproduction
from sit_core.results.reproduction import CellKey, PaperCell, cells_of
from sit_core.results.reproduction_tables import directions, tables, with_seeds
from sit_core.statistics import wilson_open

REPEAT_ANSWER = chain([Step("repeat", "R"), Step("answer", "A")])
QUESTION = "Question: Where do bees number {} live?\nChoices: A:hive, B:sea, C:bank"
TITLES = {"base": "base", "it": "IT", "sit-repeat": "SIT(+R)", "sit-2": "SIT-2"}


def asked(i: int) -> Example:
    text = QUESTION.format(i)
    steps = tuple(replace(s, expected=text) if s.task == "repeat" else s for s in REPEAT_ANSWER)
    return Example("First repeat the input, then Answer.", text, steps=steps, reference="hive")


def outputs(kinds: Sequence[str]) -> list[Prediction]:
    """``both`` right, ``wrong``, only ``repeat``, only ``answer``, ``nothing``."""
    made = []
    for i, kind in enumerate(kinds):
        text = QUESTION.format(i)
        said = {
            "both": f"{text}\nhive",
            "wrong": f"{text}\nsea",
            "repeat": text,
            "answer": "hive",
            "nothing": "",
        }[kind]
        made.append(Prediction("m", asked(i), said))
    return made


def test_the_examples_in_the_docs_are_true() -> None:
    assert doctest.testmod(reproduction).failed == 0


def test_every_cell_is_what_counting_by_hand_gives() -> None:
    kinds = ["both"] * 7 + ["wrong"] * 2 + ["repeat"] * 4 + ["answer"] * 3 + ["nothing"]
    random.Random(0).shuffle(kinds)
    cells, _ = cells_of({"it": {"R+A": outputs(kinds)}})

    def of(metric: str, step: str = "") -> PaperCell:
        return cells[CellKey("it", "R+A", metric, step)]

    n = len(kinds)
    for step, done in (("repeat", 13), ("answer", 12), ("", 9)):
        cell = of("following", step)
        assert (cell.value, cell.n, cell.without) == (done / n, n, 0), step
        assert (cell.low, cell.high) == wilson_open(done, n).ends
    right = of("accuracy")
    assert (right.value, right.n) == (10 / n, n), "an output without an answer is not right"
    assert right.without == 5
    assert sum(right.reasons.values()) == 5
    assert right.reasons["the output is empty"] == 1
    rouge = of("rouge-l", "repeat")
    assert (rouge.n, rouge.without) == (n, 4)
    assert rouge.value == pytest.approx(13 / n), "a part that is not there counts as 0"
    assert (rouge.scored, rouge.mean_scored) == (13, 1.0)
    assert (right.scored, right.mean_scored) == (12, pytest.approx(10 / 12))


def test_intervals_of_means_hold_the_mean() -> None:
    half = [
        replace(p, output=p.output[: 20 + 3 * i]) for i, p in enumerate(outputs(["repeat"] * 9))
    ]
    place = CellKey("it", "R+A", "rouge-l", "repeat")
    cell = cells_of({"it": {"R+A": half}})[0][place]
    assert cell.value is not None
    assert cell.low is not None
    assert cell.high is not None
    assert cell.low < cell.value < cell.high
    assert cells_of({"it": {"R+A": half}})[0][place] == cell


def test_no_model_has_a_column_of_zeros_where_there_is_no_encoder() -> None:
    found = {"it": {"R+A": outputs(["both"] * 3)}}
    cells, reason = cells_of(found)
    assert "encoder" in reason
    assert not [place for place in cells if place.metric == "bertscore"]
    first = tables(cells, {"it": "IT"}, paper(), reason)[0]
    assert first.rows[0][1][first.columns.index("BERTScore")] is None
    assert first.notes == (reason,)


def cell(
    model: str, test: str, metric: str, value: float, step: str = ""
) -> dict[CellKey, PaperCell]:
    place = CellKey(model, test, metric, step)
    return {place: PaperCell(place, value, None, None, 100)}


@pytest.mark.parametrize(
    ("it", "sit", "unseen", "single", "two", "holds"),
    [
        (0.20, 0.85, 0.70, 0.95, 0.5, [True] * 5),
        (0.21, 0.84, 0.69, 0.94, 0.4, [False] * 5),
    ],
)
def test_each_expectation_holds_up_to_its_bound(it, sit, unseen, single, two, holds) -> None:
    cells = (
        cell("it", "R+A", "following", it)
        | cell("sit-repeat", "R+A", "following", sit)
        | cell("sit-repeat", "P+A", "following", unseen)
        | cell("it", "A", "accuracy", 1.0)
        | cell("sit-repeat", "A", "accuracy", single)
        | cell("sit-repeat", "R+P+A", "following", 0.5)
        | cell("sit-2", "R+P+A", "following", two)
    )
    found = directions(cells, TITLES)
    assert [one.holds for one in found] == holds
    assert all(place in cells for one in found for place in one.places if place.model != "sit-2")


def test_what_is_not_there_neither_holds_nor_fails() -> None:
    assert [one.holds for one in directions({}, TITLES)] == [None] * 5


def test_the_papers_rows_are_as_wide_as_ours() -> None:
    cells, reason = cells_of({model: {"R+A": outputs(["both"])} for model in TITLES})
    made = tables(cells, {**TITLES, "sit-paraphrase": "SIT(+P)"}, paper(), reason)
    assert [table.key for table in made] == [f"table-{n}" for n in range(1, 7)]
    for table in made:
        assert table.paper
        for _, row in table.rows:
            assert len(row) == len(table.columns), table.key
        for theirs in table.paper:
            assert len(theirs.values) == len(table.columns), table.key


def test_all_rows_of_the_papers_tables_are_there() -> None:
    made = {t.key: {row.model: row.values for row in t.paper} for t in tables({}, TITLES, paper())}
    assert [len(rows) for rows in made.values()] == [15, 3, 4, 4, 3, 3]
    assert made["table-1"]["LLaMA-7B, prompt"] == (37, 86, 96, 26, 2)
    assert made["table-1"]["LLaMA-7B-Alpaca, SIT (ours)"] == (54, 92, 89, 91, 85)
    assert made["table-3"]["Mistral-7B-Alpaca, SIT"][-1] == 29.4
    assert made["table-4"]["SIT (neg.)"] == (57.1, 43.6)
    assert made["table-5"] == {
        "Mistral-7B, IT": (61, None, 20, 30, 21, 35),
        "Mistral-7B, SIT+Repeat": (56, None, 64, 99, 64, 96),
        "Mistral-7B, SIT+Paraphrase": (58, None, 45, 96, 63, 100),
    }
    assert made["table-6"]["SIT-2"] == (53.9, 91.2, None, 40.9, 87.6, None, 39.3, 87.0, None)


def test_table_2_has_the_papers_number_under_the_models_own_column() -> None:
    titles = {"it": "IT", "sit-paraphrase": "SIT(+P)"}
    second = tables({}, titles, paper())[1]
    assert second.columns == ("IT", "SIT(+P)")
    assert [row.values for row in second.paper] == [(35, 41), (47, 49), (61, 63)]


def test_the_papers_numbers_are_those_of_the_reading(real_data: Path) -> None:
    read = json.loads((real_data / "paper_tables.json").read_text())
    ours = paper()
    for name in [name for name in read if name.startswith("table")]:
        assert ours[name]["rows"] == read[name]["rows"], name


def test_other_trainings_stand_beside_the_number() -> None:
    cells = cell("it", "R+A", "following", 0.1)
    (place,) = cells
    (told,) = with_seeds(cells, [{place: 0.3}, {place: 0.0}, {}]).values()
    assert told.seeds == (0.3, 0.0)
    assert told.shown.endswith("· seeds 0–30")
