"""``sit results NAME`` of an analysis: options from its settings, table, JSON, CSV, samples."""

import csv
import io
import json

import pytest

from sit_core.metrics.registry import Score
from sit_core.results.analyses import ANALYSES, AnalysisTable
from sit_core.results.estimate import Estimate
from sit_core.store import Store
from sit_core.store.scores import save_scores
from tests.cli.conftest import sit
from tests.factories import judge, make_run


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """One run of four outputs, scored."""
    monkeypatch.setattr("sit_core.store.open_store", lambda *_: sqlite_store)
    ids = make_run(sqlite_store, "model", 4)
    made = [Score(one, "accuracy", float(i < 3)) for i, one in enumerate(ids)]
    save_scores(sqlite_store, made, {"accuracy": ""}, "rules-1")
    return sqlite_store


def test_every_analysis_is_a_command_with_its_settings(capsys, store: Store) -> None:
    _, out, _ = sit(capsys, "results", "--help")
    for name in ANALYSES:
        assert f"  {name} " in out
        _, own, _ = sit(capsys, "results", name, "--help")
        assert ANALYSES.get(name).purpose[:30] in own
        assert "--runs" in own


def test_table_json_and_csv_have_the_same_figures(capsys, store: Store) -> None:
    words = ("results", "length", "--metric", "accuracy", "--smooth", "2")
    code, out, _ = sit(capsys, *words)
    assert code == 0
    assert "75.0 [" in out
    assert "n=4" in out
    assert "wilson-open" in out
    _, out, _ = sit(capsys, *words, "--json", "--samples")
    found = json.loads(out)
    assert found["config"]["smooth"] == 2
    assert found["rows"][0]["mean"]["value"] == 0.75
    assert len(found["point_samples"]) == len(found["points"]) == 3
    assert all(len(ids) == 2 for ids in found["point_samples"])
    _, out, _ = sit(capsys, *words, "--csv")
    (row,) = csv.DictReader(io.StringIO(out.split("\r\n\r\n")[0]))
    assert row["run"] == "model"
    assert float(row["mean"]) == 0.75
    assert row["mean_n"] == "4"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--smooth", "0"), "at least 1"),
        (("--smooth", "0", "--x", "width"), "width"),
        (("--runs", "nobody"), "nobody"),
        (("--metric", "acuracy"), "did you mean 'accuracy'"),
        (("--json", "--csv"), "either"),
        (("--bom",), "--csv"),
        (("--by", "human", "--study", "none"), "none"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(capsys, store: Store, words, said: str) -> None:
    code, _, err = sit(capsys, "results", "length", *words)
    assert code in (1, 2)
    assert said in err
    assert "Traceback" not in err


def test_csv_runs_no_formula_and_has_further_tables_below() -> None:
    more = AnalysisTable([{"x": 1}], title="More")
    table = AnalysisTable([{"run": "=1+1", "rate": Estimate(0.5, 0.1, 0.9, 4)}], further=(more,))
    first, second = table.to_csv().split("\r\n\r\n")
    assert first.splitlines() == ["run,rate,rate_low,rate_high,rate_n", "'=1+1,0.5,0.1,0.9,4"]
    assert second.splitlines() == ["More", "x", "1"]
    assert table.to_csv(bom=True)[0] == "\ufeff"


def test_verdicts_of_others_are_named_and_not_taken(capsys, store: Store) -> None:
    (one, *_) = make_run(store, "judged", 1)
    judge(store, None, one, "rules-3", {"repeat": "yes", "answer": "yes"}, kind="rule")
    _, out, err = sit(capsys, "results", "length", "--runs", "judged")
    assert "1 left out: following: not judged." in out
    assert "No person has judged outputs of these runs." in err
    assert "Ask for them with --by rule." in err
    _, out, err = sit(capsys, "results", "length", "--runs", "judged", "--by", "rule")
    assert "100.0 [" in out
    assert "judged outputs" not in err
    _, _, err = sit(capsys, "results", "length", "--runs", "judged", "--by", "llm")
    assert "No LLM judge has judged" in err


def test_tokens_without_a_tokenizer_say_what_to_do(capsys, store: Store) -> None:
    code, _, err = sit(capsys, "results", "length", "--unit", "tokens", "--metric", "accuracy")
    assert code != 0
    assert "--tokenizer" in err


def test_the_points_of_the_figure_are_the_last_table_of_the_csv(capsys, store: Store) -> None:
    words = ("results", "length", "--metric", "accuracy", "--smooth", "2", "--csv")
    _, out, _ = sit(capsys, *words)
    title, _, points = out.rpartition("points of the figure\r\n")
    assert title.endswith("\r\n\r\n")
    rows = list(csv.DictReader(io.StringIO(points)))
    assert len(rows) == 3
    assert all(float(row["mean_low"]) <= float(row["mean"]) for row in rows)
