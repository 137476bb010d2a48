"""Of which runs and samples an analysis is: those named, a study's, else all but archived ones."""

import pytest

from sit_core.errors import SitError
from sit_core.metrics.registry import Score
from sit_core.results.analyses import ANALYSES, AnalysisConfig, AnalysisTable, runs_of
from sit_core.results.output_values import measure, output_values
from sit_core.results.verdict_settings import VerdictSettings, verdicts_in
from sit_core.store import Store
from sit_core.store.renaming import archive_runs, rename_study
from sit_core.store.scores import save_scores
from sit_core.store.studies import StudyPlan, create_study
from tests.factories import make_run

WITH_VERDICTS = [name for name in ANALYSES.shipped() if verdicts_in(ANALYSES.get(name).config())]


def scored(store: Store, name: str, n: int = 4) -> list[str]:
    ids = make_run(store, name, n)
    made = [Score(one, "accuracy", float(i % 2)) for i, one in enumerate(ids)]
    save_scores(store, made, {"accuracy": ""}, "rules-1")
    return ids


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """Runs a and b in a study of two of their four questions, c in none."""
    for name in ("a", "b", "c"):
        scored(sqlite_store, name)
    create_study(sqlite_store, StudyPlan(name="s", runs=("a", "b"), sample=2))
    return sqlite_store


def config_of(name: str, **more):
    kind = ANALYSES.get(name).config
    return kind(**more)


@pytest.mark.parametrize("name", WITH_VERDICTS)
def test_a_studys_runs_are_meant_where_it_alone_is_named(store: Store, name: str) -> None:
    config = config_of(name, verdicts=VerdictSettings(study="s"))
    assert runs_of(store, config) == ("a", "b")
    ANALYSES.get(name).table(store, config)  # no sentence about runs that nobody asked for


@pytest.mark.parametrize("name", WITH_VERDICTS)
def test_a_run_that_the_study_has_not_is_one_sentence(store: Store, name: str) -> None:
    config = config_of(name, runs=("a", "c"), verdicts=VerdictSettings(study="s"))
    with pytest.raises(SitError, match=r"has no samples of 'c'; its runs: a, b\.$"):
        ANALYSES.get(name).table(store, config)


def test_a_studys_former_name_is_as_good(store: Store) -> None:
    rename_study(store, "s", "t")
    config = config_of("length", verdicts=VerdictSettings(study="s"))
    assert runs_of(store, config) == ("a", "b")


def test_scores_are_of_the_studys_samples_as_verdicts_are(store: Store) -> None:
    for of in ("accuracy", "following"):
        settings = VerdictSettings(study="s")
        values = output_values(store, ["a", "b"], measure(of), settings)
        outside = [one for one in values.values() if "not among the samples" in one.reason]
        inside = [one for one in values.values() if "not among the samples" not in one.reason]
        if of == "accuracy":
            assert (len(inside), len(outside)) == (4, 4)
            assert all(one.value is None for one in outside)
        else:
            assert len(inside) == 4


def test_archived_runs_are_left_out_of_all_runs_and_named(store: Store) -> None:
    archive_runs(store, ["b"])
    assert set(runs_of(store, AnalysisConfig())) == {"a", "c"}
    table = ANALYSES.get("length").table(store, config_of("length", metric=("accuracy",)))
    assert {row["run"] for row in table.rows} == {"a", "c"}
    assert table.note.endswith("Archived runs are left out (1: b).")
    assert runs_of(store, AnalysisConfig(runs=("b",))) == ("b",)  # asked for by name


def test_a_cell_about_no_output_opens_none_and_not_its_row() -> None:
    table = AnalysisTable([{"x": 0, "y": 1}], samples={(0, ""): ["a", "b"], (0, "x"): []})
    assert table.samples_of(0, "x") == []
    assert table.samples_of(0, "y") == ["a", "b"]
    assert table.samples_of(1, "y") == ()
