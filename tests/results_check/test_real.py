"""Real outputs, verdicts and scores: nothing differs."""

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import select

from sit_core.export.check_files import check
from sit_core.metrics.following import RULE_JUDGE
from sit_core.metrics.registry import Options, score_predictions
from sit_core.results.leaderboard.build import LeaderboardQuestion
from sit_core.sources import SourceFile, plan_for
from sit_core.store import Store
from sit_core.store.importing import import_predictions
from sit_core.store.schema import predictions, runs
from sit_core.store.scores import read_outputs, save_scores
from tests.results.test_leaderboard import say
from tests.results_check.test_whole_way import shown

pytestmark = pytest.mark.slow

METRICS = ("accuracy", "exact-match", "f1", "rouge-l", "following")


def put(store: Store, paths: list[Path]) -> list[str]:
    for path in paths:
        report = import_predictions(store, [plan_for(SourceFile.at(path))])
        assert report.stored
    with store.read() as connection:
        return list(connection.scalars(select(runs.c.name).order_by(runs.c.id)))


def test_the_board_of_the_sequential_prompts(sqlite_store: Store, real_data: Path) -> None:
    """Five systems judged by a rule of thumb, and one with the verdicts that it came with."""
    paths = sorted((real_data / "seqeval").glob("*.jsonl"))
    names = put(sqlite_store, [*paths, *(real_data / "seqeval_judged").glob("*.json")])
    with sqlite_store.read() as connection:
        query = select(predictions.c.id, predictions.c.output).join(runs)
        made = connection.execute(query.where(runs.c.name.in_(names[:5]))).all()
    numbers = [int(hashlib.sha256(text.encode()).hexdigest(), 16) for _, text in made]
    said = [("yes", "yes", "yes", "no", "partly", "unsure", "?")[n % 7] for n in numbers]
    for judge in ("gpt-4-turbo (imported)", "another"):
        say(sqlite_store, [p for p, _ in made], said, [1 + n % 9 / 2 for n in numbers], by=judge)
    report = check(sqlite_store, LeaderboardQuestion(judge="gpt-4-turbo (imported)"))
    assert not report.differ, shown(report)
    assert report.checked["pairs"] > 100
    assert report.checked["letters"] == 12
    assert report.checked["iterations"] > 200


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("csqa_repeat", ("Llama-2-13b-hf", "Meta-Llama-3-8B-Instruct")),
        pytest.param("xquad_outputs", ("llama-7b-seq-it.zh",), marks=pytest.mark.long),
    ],
)
def test_scores_and_what_rules_say(
    sqlite_store: Store, real_data: Path, folder: str, names: tuple[str, ...]
) -> None:
    put(sqlite_store, [real_data / folder / f"{name}.jsonl" for name in names])
    options = Options()
    for name in names:
        made = list(score_predictions(read_outputs(sqlite_store, [name]), METRICS, options))
        how = {metric: options.how(metric) for metric in METRICS}
        save_scores(sqlite_store, made, how, RULE_JUDGE)
    report = check(sqlite_store, LeaderboardQuestion(systems=names))
    assert not report.differ, shown(report)
    assert report.checked["scores of outputs"] > 100
    assert report.checked["scores of outputs (as read)"] > 100
