"""Trained on one task, asked for another: counted by hand."""

import pytest

from sit_core.analyses.tasks import TasksConfig, tasks, tasks_figure
from sit_core.errors import SitError
from sit_core.results.verdict_settings import VerdictSettings
from sit_core.store import Store
from tests.analyses.runs import run_of
from tests.factories import make_run

RULES = VerdictSettings(by="rule")


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """Two ways of training, two chains, four questions; and a run that says nothing of itself."""
    for method, letters, states in (
        ("IT", "A", ["y", "y", "y", "n"]),
        ("IT", "RA", ["ny", "ny", "yy", "ny"]),
        ("SIT", "A", ["y", "y", "y", "y"]),
        ("SIT", "RA", ["yy", "yy", "yy", "yu"]),
    ):
        run_of(sqlite_store, f"{method} {letters}", letters, states, {"method": method})
    make_run(sqlite_store, "of others", 2)
    return sqlite_store


def asked(**more: object) -> TasksConfig:
    return TasksConfig(metric=("following",), verdicts=RULES, **more)  # type: ignore[arg-type]


def test_rows_are_trainings_and_columns_are_what_is_asked(store: Store) -> None:
    table = tasks(store, asked())
    cells = {row["method"]: (row["A"], row["R+A"]) for row in table.rows}
    assert [cell.value for cell in cells["IT"]] == [0.75, 0.25]
    assert [(cell.value, cell.n) for cell in cells["SIT"]] == [(1, 4), (1, 3)]
    assert "1 runs are left out: they have no method" in table.note
    assert len(table.samples_of(1, "R+A")) == 3


def test_differences_to_the_baselines_row_and_column_are_paired(store: Store) -> None:
    table = tasks(store, asked(baseline="IT", baseline_test="A"))
    row, column = table.further
    (difference,) = [one for one in row.rows if one["method"] == "SIT"]
    assert (difference["A"].value, difference["A"].n) == (0.25, 4)
    assert (difference["R+A"].value, difference["R+A"].n) == (pytest.approx(2 / 3), 3)
    assert difference["R+A"].low < 2 / 3 < difference["R+A"].high
    # Against the single task: the same questions in another wording.
    it = next(one for one in column.rows if one["method"] == "IT")
    assert (it["A"], it["R+A"].value, it["R+A"].n) == (None, -0.5, 4)


def test_the_figure_says_every_cell_in_words_and_opens_its_samples(store: Store) -> None:
    table = tasks(store, asked())
    heat, cells = tasks_figure(table).data
    assert list(heat.z[0]) == [75, 25]
    assert cells.text[0].startswith("75<br>[")
    for text, (_, point) in zip(cells.text, cells.customdata, strict=True):
        value = table.points[point]["estimate"].value
        assert text.startswith(f"{100 * value:.0f}<br>")
        assert table.point_samples[point]


def test_other_factors_and_what_is_not_there(store: Store) -> None:
    turned = tasks(store, asked(train="chain", test="method"))
    assert list(turned.rows[0]) == ["chain", "IT", "SIT"]
    assert tasks(store, asked(train="shots")).rows == []
    with pytest.raises(SitError, match="TI"):
        tasks(store, asked(baseline="TI"))
