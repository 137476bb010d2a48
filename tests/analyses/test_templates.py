"""Several wordings of one chain, counted by hand."""

from pathlib import Path

import pytest

from sit_core.analyses.templates import TemplatesConfig, templates, templates_figure
from sit_core.errors import UsageError
from sit_core.metrics.registry import Score
from sit_core.results.analyses import AnalysisTable
from sit_core.results.verdict_settings import VerdictSettings
from sit_core.statistics import crossed_mean
from sit_core.store import Store
from sit_core.store.scores import save_scores
from tests.analyses.runs import run_of
from tests.results_check.test_real import put

RULES = VerdictSettings(by="rule")
WORDINGS = {
    "one": ("First repeat, then answer.", ["yy", "yy", "yy", "yn"]),
    "two": ("Copy it; next, answer.", ["yy", "ny", "ny", "yn"]),
    "three": ("<b>Write</b> it; $x$ answer.", ["yy", "yy", "yu", "yn"]),
}


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """One model asked four questions in three wordings; another in one."""
    for name, (text, states) in WORDINGS.items():
        factors = {"model": "m", "wording": name}
        ids = run_of(sqlite_store, name, "RA", states, factors, instruction=text)
        right = [Score(one, "accuracy", float(i == 0)) for i, one in enumerate(ids)]
        save_scores(sqlite_store, right, {"accuracy": ""}, "rules-3")
    run_of(sqlite_store, "other", "RA", ["yy"] * 2, {"model": "n"}, instruction="Repeat, answer.")
    return sqlite_store


def part(table: AnalysisTable, title: str) -> AnalysisTable:
    return next(one for one in table.tables() if one.title.startswith(title))


def test_a_row_per_wording_with_each_step_and_the_whole(store: Store) -> None:
    table = templates(store, TemplatesConfig(verdicts=RULES))
    assert [(row["system"], row["wording"]) for row in table.rows] == [
        ("m", "one"), ("m", "two"), ("m", "three"), ("n", "Repeat, answer."),
    ]  # fmt: skip
    two = table.rows[1]
    assert two["instruction"] == WORDINGS["two"][0]
    assert (two["R"].value, two["A"].value, two["following"].value) == (0.5, 0.75, 0.25)
    assert (two["accuracy"].value, two["accuracy"].n) == (0.25, 4)
    assert (table.rows[2]["following"].n, table.rows[2]["A"].n) == (3, 3)
    assert table.left_out["following: unsure"] == 1
    assert table.left_out["accuracy: not scored yet (sit score --metrics accuracy)"] == 2
    assert "1 of 2 systems and chains have one wording" in table.note
    assert len(table.samples_of(2, "following")) == 3
    assert len(table.samples_of(2, "")) == 4


def test_the_spread_is_over_questions_that_all_wordings_have(store: Store) -> None:
    spread = part(templates(store, TemplatesConfig(verdicts=RULES)), "Spread")
    following, accuracy = spread.rows
    # The third question is not decided in the third wording: of 1, 2 and 4 the wholes are
    # 1 1 0, 1 0 0 and 1 1 0.
    assert (following["wordings"], following["questions"]) == (3, 3)
    expected = crossed_mean([[1, 1, 0], [1, 0, 0], [1, 1, 0]])
    assert expected is not None
    assert following["mean"].value == pytest.approx(5 / 9)
    assert (following["mean"].low, following["mean"].high) == expected.interval.ends
    assert (following["lowest"].value, following["lowest wording"]) == (pytest.approx(1 / 3), "two")
    assert following["SD between wordings"].value == pytest.approx(expected.sd)
    assert (accuracy["questions"], accuracy["SD between wordings"].value) == (4, 0)


def test_differences_are_paired_by_the_question_whatever_the_wording(store: Store) -> None:
    table = part(templates(store, TemplatesConfig(verdicts=RULES, baseline="two")), "Differences")
    assert [(row["wording"], row["less"]) for row in table.rows] == [
        ("one", "two"), ("three", "two"),
    ]  # fmt: skip
    first = table.rows[0]["following"]
    assert (first.value, first.n) == (0.5, 4)
    assert table.rows[1]["following"].n == 3
    with pytest.raises(UsageError, match="wording"):
        templates(store, TemplatesConfig(verdicts=RULES, baseline="tow"))


def test_every_point_of_the_figure_opens_its_samples_and_texts_stay_texts(store: Store) -> None:
    table = templates(store, TemplatesConfig(verdicts=RULES))
    figure = templates_figure(table)
    places = [tuple(place) for trace in figure.data for place in trace.customdata]
    assert {(0, "following"), (3, "following"), (1, "accuracy")} <= set(places)
    for row, column in places:
        assert table.samples_of(row, column)
    assert len({trace.marker.symbol for trace in figure.data if trace.showlegend}) == 4
    assert "<b>Write" not in str(figure.to_dict())


def test_real_outputs_asked_in_one_wording_have_no_spread(
    sqlite_store: Store, real_data: Path
) -> None:
    names = put(sqlite_store, sorted((real_data / "csqa_repeat").glob("*.jsonl"))[:3])
    table = templates(sqlite_store, TemplatesConfig(metric=("accuracy",)))
    assert [row["system"] for row in table.rows] == names
    assert not table.further
    assert "3 of 3 systems and chains have one wording" in table.note
