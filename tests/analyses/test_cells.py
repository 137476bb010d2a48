"""Cells: counted by hand; pairs by the question; what has no value is named."""

from typing import Any

import pytest
from sqlalchemy import update

from sit_core.analyses.cells import CellsConfig, cells, cells_figure
from sit_core.errors import UsageError
from sit_core.metrics.registry import Options, Score
from sit_core.records import Step, Unparsed, chain
from sit_core.results.analyses import AnalysisTable
from sit_core.results.estimate import Estimate
from sit_core.results.verdict_settings import VerdictSettings
from sit_core.store import Store
from sit_core.store.experiment_runs import set_factors
from sit_core.store.schema import examples
from sit_core.store.scores import save_scores
from tests.factories import make_run

RULES = VerdictSettings(by="rule")


def score(
    store: Store, ids: list[str], values: list[float | None], metric: str = "accuracy"
) -> None:
    made = [
        Score(one, metric, Unparsed("no answer", counted=None) if value is None else value)
        for one, value in zip(ids, values, strict=True)
    ]
    save_scores(store, made, {metric: Options().how(metric)}, "rules")


def run(
    store: Store, name: str, values: list[float | None], factors: dict[str, str], **more: Any
) -> list[str]:
    ids = make_run(store, name, len(values), **more)
    score(store, ids, values)
    set_factors(store, {name: factors})
    return ids


@pytest.fixture
def filled(store: Store) -> dict[str, list[str]]:
    return {
        "it": run(store, "it", [1, 0, 0, 0, None], {"method": "IT", "instruction": "A"}),
        "sit": run(store, "sit", [1, 1, 1, 0, 1], {"method": "SIT", "instruction": "A"}),
        "sit 2": run(
            store,
            "sit 2",
            [0, 1, 1, 1, 1],
            {"method": "SIT", "instruction": "R+A"},
            instruction="First repeat the input, then answer.",
        ),
    }


def test_a_cell_is_the_mean_of_its_runs_outputs(store: Store, filled: dict[str, list[str]]) -> None:
    table = cells(
        store, CellsConfig(rows=("method",), columns=("instruction",), metric=("accuracy",))
    )
    by_method = {row["method"]: (at, row) for at, row in enumerate(table.rows)}
    assert set(by_method) == {"IT", "SIT"}
    at, it = by_method["IT"]
    assert (it["A"].value, it["A"].n) == (0.25, 4)
    assert it["R+A"] is None
    assert set(table.samples_of(at, "A")) == set(filled["it"][:4])
    at, sit = by_method["SIT"]
    assert (sit["A"].value, sit["R+A"].value) == (0.8, 0.8)
    assert set(table.samples_of(at, "R+A")) == set(filled["sit 2"])
    assert table.left_out == {"accuracy: no answer": 1}
    assert all(point["measure"] == "accuracy" for point in table.points)
    assert [len(ids) for ids in table.point_samples] == [p["estimate"].n for p in table.points]


@pytest.mark.usefixtures("filled")
def test_by_usual_settings_each_run_is_a_row_also_where_it_has_no_factors(store: Store) -> None:
    score(store, make_run(store, "imported", 2), [1, 0])
    table = cells(store, CellsConfig(metric=("accuracy",)))
    assert {row["run"] for row in table.rows} == {"it", "sit", "sit 2", "imported"}


@pytest.mark.usefixtures("filled")
def test_differences_are_paired_by_the_question(store: Store) -> None:
    table = cells(
        store,
        CellsConfig(
            rows=("method",), columns=("instruction",), metric=("accuracy",), baseline="method=IT"
        ),
    )
    (apart,) = table.further
    rows = {row["method"]: row for row in apart.rows}
    assert rows["IT"]["A"] is None
    # Of the four questions that both have: one right in both, two by SIT alone, one by neither.
    assert (rows["SIT"]["A"].value, rows["SIT"]["A"].n) == (0.5, 4)
    assert rows["SIT"]["A"].signed
    assert rows["SIT"]["R+A"].value is None  # IT was not asked so
    # Against the other wording the questions are the same, though the prompts are not.
    table = cells(
        store,
        CellsConfig(
            rows=("method",),
            columns=("instruction",),
            metric=("accuracy",),
            baseline="instruction=A",
        ),
    )
    rows = {row["method"]: row for row in table.further[0].rows}
    assert (rows["SIT"]["R+A"].value, rows["SIT"]["R+A"].n) == (0.0, 5)


def test_several_runs_of_a_cell_count_together_and_pair_by_their_mean(store: Store) -> None:
    run(store, "seed 1", [1, 0], {"method": "SIT", "seed": "1"})
    run(store, "seed 2", [1, 1], {"method": "SIT", "seed": "2"})
    run(store, "it", [0, 0], {"method": "IT"})
    config = CellsConfig(rows=("method",), columns=(), metric=("accuracy",), baseline="method=IT")
    table = cells(store, config)
    rows = {row["method"]: row["accuracy"] for row in table.rows}
    assert (rows["SIT"].value, rows["SIT"].n, rows["IT"].n) == (0.75, 4, 2)
    apart = {row["method"]: row["accuracy"] for row in table.further[0].rows}
    assert (apart["SIT"].value, apart["SIT"].n) == (0.75, 2)


def test_questions_of_a_data_set_pair_across_languages_by_their_id(store: Store) -> None:
    for name, language in (("a", "de"), ("b", "es")):
        run(store, name, [1, 0], {"language": language}, inputs=[f"{language} 1", f"{language} 2"])
        with store.write() as connection:
            for number in (1, 2):
                connection.execute(
                    update(examples)
                    .where(examples.c.input == f"{language} {number}")
                    .values(meta={"id": f"q{number}"})
                )
    config = CellsConfig(
        rows=("instruction",),
        columns=("language",),
        metric=("accuracy",),
        baseline="language=de",
    )
    (row,) = cells(store, config).further[0].rows
    assert (row["es"].value, row["es"].n) == (0.0, 2)


def test_a_step_that_a_chain_lacks_is_named(store: Store) -> None:
    make_run(store, "a", 2, steps=chain([Step("answer", "A")]), instruction="Answer.")
    config = CellsConfig(
        rows=("chain",), columns=("instruction",), metric=("rouge-l:repeat",), verdicts=RULES
    )
    table = cells(store, config)
    assert table.left_out == {"rouge-l:repeat: its chain has no such step": 2}
    config = CellsConfig(
        rows=("chain",), columns=("instruction",), metric=("following:repeat",), verdicts=RULES
    )
    assert cells(store, config).left_out == {"following:repeat: its chain has no such step": 2}


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("config", "said"),
    [
        (CellsConfig(rows=("metod",)), "method"),
        (CellsConfig(metric=("acuracy",), rows=("method",)), "accuracy"),
        (CellsConfig(rows=("method",), columns=("instruction",), baseline="IT"), "FACTOR=VALUE"),
        (CellsConfig(rows=("method",), columns=("instruction",), baseline="method=IIT"), "IT"),
        (CellsConfig(rows=("method",), columns=("method",)), "both"),
    ],
)
def test_what_can_not_be_is_refused(store: Store, config: CellsConfig, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        cells(store, config)


@pytest.mark.usefixtures("filled")
def test_each_bar_opens_its_outputs(store: Store) -> None:
    table = cells(
        store, CellsConfig(rows=("method",), columns=("instruction",), metric=("accuracy",))
    )
    figure = cells_figure(table)
    places = [tuple(place) for bar in figure.data for place in bar.customdata]
    assert len(places) == len(set(places)) == 3
    assert all(table.samples_of(row, column) for row, column in places)


def test_published_numbers_are_marks_beside_the_bars_of_their_row() -> None:
    point = {"method": "IT", "measure": "f1", "estimate": Estimate(0.5, 0.4, 0.6, 9)}
    points = [
        {**point, "in row": 0, "in column": "A"},
        {**point, "in row": 0, "in column": "B"},
    ]
    row = {"method": "IT", "A": Estimate(0.5), "A, paper": 61, "B": Estimate(0.5)}
    figure = cells_figure(AnalysisTable([{**row, "B, paper": "not given"}], points=points))
    bars, marks = figure.data
    assert bars.name == "IT"
    assert (list(marks.x), list(marks.y)) == (["A"], [61])
    assert bars.offsetgroup == marks.offsetgroup
