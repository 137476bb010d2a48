"""A filled store is checked without a difference; whatever is falsified is found and named."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from sit_core.errors import SitError
from sit_core.export.check_files import check, write_files
from sit_core.metrics.following import RULE_JUDGE
from sit_core.metrics.registry import Options, score_predictions
from sit_core.records import JudgeKind, Prediction
from sit_core.results.following import following
from sit_core.results.leaderboard.build import LeaderboardQuestion, leaderboard
from sit_core.results.table_query import TableQuery
from sit_core.results_check import CheckReport, check_folder
from sit_core.settings import settings
from sit_core.store import Store, open_store
from sit_core.store.schema import predictions, scores
from sit_core.store.scores import save_scores
from sit_core.store.seed import SeedContent, add_runs
from tests.factories import judge, make_run
from tests.results.test_leaderboard import say
from tests.results_check.filled import (
    OF_THE_OTHER_SET,
    OTHER_SET,
    SYSTEMS,
    asked,
    fill,
    other_asked,
    reply,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def exported(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled store (sit.db) and the exported files of its board, made once."""
    place = tmp_path_factory.mktemp("check")
    shutil.copy(migrated_file, place / "sit.db")
    store = open_store(settings({"SIT_HOME": str(place)}))
    fill(store)
    write_files(store, leaderboard(store), place / "files")
    store.close()
    return place


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    """The exported files, to be changed."""
    shutil.copytree(exported / "files", tmp_path / "files")
    return tmp_path / "files"


@pytest.fixture
def filled(exported: Path, tmp_path: Path) -> Iterator[Store]:
    """The filled store, to be changed."""
    home = tmp_path / "filled"
    home.mkdir()
    shutil.copy(exported / "sit.db", home / "sit.db")
    store = open_store(settings({"SIT_HOME": str(home)}))
    yield store
    store.close()


def shown(report: CheckReport) -> str:
    found = report.differ[:30]
    return "\n".join(f"{d.table}: {d.figure}: {d.ours} / {d.theirs}" for d in found)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def test_nothing_differs(store: Store) -> None:
    fill(store)
    report = check(store, LeaderboardQuestion(systems=SYSTEMS))
    assert not report.differ, shown(report)
    for table in ("board", "iterations", "pairs", "following", "comparison", "agreement"):
        assert report.checked[table] > 50, table
    assert report.checked["scores"] > 50
    assert report.checked["scores of outputs"] > 200
    assert report.checked["letters"] >= 5


@pytest.mark.slow
def test_nothing_differs_where_partly_is_not_done_in_one_study(filled: Store) -> None:
    report = check(filled, LeaderboardQuestion(partly_done=False, study="people"))
    assert not report.differ, shown(report)


def test_a_study_of_other_runs_can_be_asked_for(filled: Store) -> None:
    question = LeaderboardQuestion(systems=("a", "d"), reference="a", study="again")
    report = check(filled, question)
    assert not report.differ, shown(report)
    assert report.checked["board"] > 50


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_differs_in_other_stores(sqlite_store: Store, seed: int) -> None:
    fill(sqlite_store, seed, prompts=10 + 7 * seed)
    report = check(sqlite_store)
    assert not report.differ, shown(report)
    other = check(sqlite_store, LeaderboardQuestion(systems=OF_THE_OTHER_SET, prompt_set=OTHER_SET))
    assert not other.differ, shown(other)
    assert other.checked["board"] > 20


def test_the_files_alone_say_the_same(folder: Path) -> None:
    report = check_folder(folder)
    assert not report.differ, shown(report)
    assert report.figures > 1000


def test_a_stored_score_that_was_changed_is_found(filled: Store) -> None:
    with filled.write() as connection:
        for metric, step in (("accuracy", ""), ("rouge-l", "repeat"), ("following", "answer")):
            mine = scores.c.metric == metric, scores.c.step == step
            output = connection.execute(
                scores.select().where(*mine, scores.c.value.is_not(None)).limit(1)
            ).one()
            changed = update(scores).where(scores.c.id == output.id)
            connection.execute(changed.values(value=1 - output.value if output.value else 0.5))
    found = {d.figure for d in check(filled).differ if "scores of outputs" in d.table}
    for name in ("accuracy of the output", "rouge-l, repeat of the", "following, answer of the"):
        assert any(figure.startswith(name) for figure in found), name


def test_a_score_of_a_text_that_is_there_no_more_is_found(filled: Store) -> None:
    with filled.write() as connection:
        right = connection.execute(
            scores.select().where(scores.c.metric == "accuracy", scores.c.value == 1.0).limit(1)
        ).one()
        text = update(predictions).where(predictions.c.id == right.prediction_id)
        connection.execute(text.values(output="I can't say.", length=12))
    report = check(filled)
    assert any(right.prediction_id in d.figure for d in report.differ), shown(report)


def _a_verdict(folder: Path) -> None:
    rows = lines_of(folder / "judgments.jsonl")
    row = next(r for r in rows if r["judge_kind"] == "human" and r["is_current"])
    row["verdict"] = "no" if row["verdict"] != "no" else "yes"
    write_lines(folder / "judgments.jsonl", rows)


def _an_llm_verdict(folder: Path) -> None:
    rows = lines_of(folder / "judgments.jsonl")
    row = next(r for r in rows if r["judge_kind"] == "llm" and r["verdict"] == "yes")
    row["verdict"] = "no"
    write_lines(folder / "judgments.jsonl", rows)


def _a_rating(folder: Path) -> None:
    rows = lines_of(folder / "judgments.jsonl")
    row = next(r for r in rows if r["score"] is not None)
    row["score"] = 6 - row["score"] if row["score"] != 3 else 5
    write_lines(folder / "judgments.jsonl", rows)


def _an_output(folder: Path) -> None:
    write_lines(folder / "predictions.jsonl", lines_of(folder / "predictions.jsonl")[1:])


def _a_comparison(folder: Path) -> None:
    rows = lines_of(folder / "comparisons.jsonl")
    decided = [r for r in rows if r["preferred"] in (0, 1)]
    decided[0]["preferred"] = 0.5
    for row in decided[1:]:
        row["preferred"] = 1 - row["preferred"]
    write_lines(folder / "comparisons.jsonl", rows)


def _an_unusable_reply(folder: Path) -> None:
    rows = lines_of(folder / "unusable.jsonl")
    write_lines(folder / "unusable.jsonl", [{**r, "reason": "another"} for r in rows])


def _board(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    board = json.loads((folder / "board.json").read_text("utf-8"))
    change(board)
    (folder / "board.json").write_text(json.dumps(board), "utf-8")


def _an_interval(folder: Path) -> None:
    def change(board: dict[str, Any]) -> None:
        figure = board["rows"][0]["figures"]["following_llm"]
        figure["low"] = figure["low"] + 0.001

    _board(folder, change)


def _a_corrected_p(folder: Path) -> None:
    def change(board: dict[str, Any]) -> None:
        pair = min(board["pairs"], key=lambda one: one["corrected"])
        pair["corrected"] *= 0.99

    _board(folder, change)


def _letters(folder: Path) -> None:
    def change(board: dict[str, Any]) -> None:
        for row in board["rows"]:
            figure = row["figures"].get("quality")
            if figure:
                figure["letters"] = row["system"]

    _board(folder, change)


def _a_reason(folder: Path) -> None:
    def change(board: dict[str, Any]) -> None:
        figure = board["rows"][0]["figures"]["following_llm"]
        figure["reasons"] = {"something else": figure["without"]}

    _board(folder, change)


def _a_column(folder: Path) -> None:
    def change(board: dict[str, Any]) -> None:
        del board["rows"][0]["figures"]["following_rule"]

    _board(folder, change)


def _kappa(folder: Path) -> None:
    tables = json.loads((folder / "tables.json").read_text("utf-8"))
    table = next(t for t in tables if t["table"] == "agreement")
    row = next(r for r in table["rows"] if r["kappa"] is not None)
    row["kappa_high"] -= 0.01
    (folder / "tables.json").write_text(json.dumps(tables), "utf-8")


@pytest.mark.parametrize(
    ("falsify", "table", "figure"),
    [
        (_a_verdict, "following", "by people"),
        (_a_verdict, "board", "following_human"),
        (_an_llm_verdict, "board", "following_llm"),
        (_an_llm_verdict, "following", "by LLM"),
        (_a_rating, "board", "quality"),
        (_an_output, "board", "outputs"),
        (_a_comparison, "board", "win_rate"),
        (_an_unusable_reply, "board", "reasons"),
        (_an_interval, "board", "following_llm"),
        (_a_corrected_p, "pairs", "corrected"),
        (_letters, "letters", "quality"),
        (_a_reason, "board", "reasons"),
        (_a_column, "board", "following_rule"),
        (_kappa, "agreement", "kappa_high"),
        (_a_rating, "judge", "quality"),
        (_a_comparison, "judge", "won"),
    ],
)
def test_what_is_falsified_is_found_and_named(
    folder: Path, falsify: Callable[[Path], None], table: str, figure: str
) -> None:
    falsify(folder)
    report = check_folder(folder)
    assert any(d.table == table and figure in d.figure for d in report.differ), shown(report)
    if falsify in (_an_interval, _kappa, _a_corrected_p):
        assert len(report.differ) == 1, shown(report)


def test_what_can_t_be_checked_is_said_and_not_counted(folder: Path) -> None:
    before = check_folder(folder)
    _board(folder, lambda b: b["rows"][0]["figures"].update({"score/new//": {"value": 1, "n": 2}}))
    after = check_folder(folder)
    assert after.figures == before.figures
    assert after.not_checked["there is no second way to count score/new//"] == 2
    assert "2: there is no second way to count score/new//" in after.sentence


def test_a_number_of_a_kind_that_is_not_known_is_not_counted_as_checked(folder: Path) -> None:
    before = check_folder(folder)
    _board(folder, lambda board: board["rows"][0]["figures"]["quality"].update(new=0.5))
    after = check_folder(folder)
    assert after.figures == before.figures
    assert after.not_checked["nothing counts 'new' of the table 'board' a second time"] == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("about.json", "{}"),
        ("board.json", '{"rows": [{"run": "a"}]}'),
        ("tables.json", '[{"table": "following"}]'),
        ("judgments.jsonl", "{}\n"),
        ("scores.jsonl", "no JSON\n"),
        ("predictions.jsonl", None),
    ],
)
def test_files_that_are_no_exports_are_one_sentence(
    folder: Path, name: str, text: str | None
) -> None:
    (folder / name).unlink()
    if text is not None:
        (folder / name).write_text(text, "utf-8")
    with pytest.raises(SitError, match=r"as it was exported|is not of a|no JSON|can't be read"):
        check_folder(folder)


def test_rules_say_the_same_of_prompts_with_several_chains_though_an_llm_judged_them(
    sqlite_store: Store,
) -> None:
    """Where an LLM judged all tasks together, the rules still judged each prompt's own steps."""
    rng = random.Random(3)
    prompts = [make(rng, i) for make in (asked, other_asked) for i in range(8)]
    made = [Prediction("x", example, reply(rng, example, 0.7)) for example in prompts]
    add_runs(sqlite_store, SeedContent(made, "for tests"))
    found = list(score_predictions(made, ["following"], Options()))
    save_scores(sqlite_store, found, {"following": RULE_JUDGE}, RULE_JUDGE)
    say(sqlite_store, [p.id for p in made], ["yes", "no"] * 8)
    row = leaderboard(sqlite_store).row("x")
    assert row.figures["following_rule"].n + row.figures["following_rule"].without == 16
    report = check(sqlite_store)
    assert not report.differ, shown(report)


def test_rules_that_were_made_better_have_one_voice(store: Store) -> None:
    """What older rules said of an output that newer ones judged counts no more."""
    ids = make_run(store, "x", 6)
    for output in ids:
        judge(store, None, output, "rules-1", {"repeat": "yes", "answer": "yes"}, kind="rule")
    for output in ids[:4]:
        judge(store, None, output, "rules-2", {"repeat": "no"}, kind="rule")
    table = following(store, TableQuery(runs=("x",), by=JudgeKind.RULE))
    rows = {row.step: (row.followed, row.n, row.unsure, row.missing) for row in table.rows}
    assert rows["repeat"] == (2, 6, 0, 0)
    assert rows["answer"] == (2, 2, 0, 4)
    named = TableQuery(runs=("x",), by=JudgeKind.RULE, annotator="rules-1")
    assert following(store, named).rows[0].followed == 6
    report = check(store, LeaderboardQuestion(systems=("x",)))
    assert not report.differ, shown(report)


def test_choices_may_stand_in_the_instruction(sqlite_store: Store) -> None:
    rng = random.Random(5)
    made = []
    for i in range(8):
        question = asked(rng, i)
        whole = replace(question, instruction=f"Answer.\n{question.input}", input="", steps=())
        made.append(Prediction("x", whole, f"The answer is {rng.choice('ABCD')}."))
    add_runs(sqlite_store, SeedContent(made, "for tests"))
    save_scores(
        sqlite_store, list(score_predictions(made, ["accuracy"])), {"accuracy": ""}, RULE_JUDGE
    )
    report = check(sqlite_store, LeaderboardQuestion(systems=("x",)))
    assert not report.differ, shown(report)
    assert report.checked["scores of outputs"] == 16
