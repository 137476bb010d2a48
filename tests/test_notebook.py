"""The frames of a notebook: the same figures as the tables, and what they leave out."""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sit_core.errors import SitError, UsageError
from sit_core.judge.config import JudgeConfig
from sit_core.judge.run import judge_runs
from sit_core.metrics.registry import Options, score_predictions
from sit_core.notebook import Results, open_results
from sit_core.records import JudgeKind
from sit_core.results.agreement import agreement
from sit_core.results.comparison import compare
from sit_core.results.following import following
from sit_core.results.leaderboard.build import leaderboard
from sit_core.results.leaderboard.records import LeaderboardQuestion
from sit_core.results.scores import scores
from sit_core.results.table_query import TableQuery
from sit_core.settings import settings
from sit_core.starter import ensure_starter
from sit_core.store import Store, open_store
from sit_core.store.renaming import archive_runs, rename_run, rename_study
from sit_core.store.scores import read_outputs, save_scores
from tests.factories import judge, make_run, make_study
from tests.judge.conftest import JudgeServer, by, quiet, server

__all__ = ["by", "server"]  # fixtures
TEXT = (Path(__file__).parents[1] / "docs" / "notebook.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, in one session, on the store that a new user has."""
    monkeypatch.setenv("SIT_HOME", str(tmp_path / ".sit"))
    monkeypatch.delenv("SIT_DATABASE_URL", raising=False)
    ensure_starter(open_store(settings()))
    session: dict[str, Any] = {}
    for block in BLOCKS:
        exec(compile(block, "docs/notebook.md", "exec"), session)
    assert len(BLOCKS) >= 6
    assert len(session["outputs"]) == 100
    assert session["table"].attrs["notes"]
    assert not session["missed"].empty
    assert session["accuracy"]["n"].tolist() == [100, 100]
    methods = set(re.findall(r"`(\w+)\(", TEXT.split("## What is there")[1].split("\n## ")[0]))
    assert methods == {name for name in vars(Results) if not name.startswith("_")}


@pytest.fixture
def filled(sqlite_store: Store, server: JudgeServer, by: Callable[..., JudgeConfig]) -> Store:
    """Two runs, a study that two people judged in part, an LLM judge, scores."""
    store = sqlite_store
    texts = ["Question 0? B", "Question 1?", "no", "", "Question 4? A", "C"]
    ids = {run: make_run(store, run, [f"{t}{run}" if t else "" for t in texts]) for run in "ab"}
    make_study(store, "mine", ["a", "b"], annotators=2)
    for place, (one, other) in enumerate(zip(ids["a"], ids["b"], strict=True)):
        for who in ("ann", "bob")[: 1 + place % 2]:
            judge(store, "mine", one, who, {"repeat": "yes", "answer": "no" if place else "yes"})
            if place != 4:
                judge(store, "mine", other, who, {"repeat": "no", "answer": "unsure"})
    judge(store, "mine", ids["a"][1], "ann", {"answer": "yes"})
    server.says = lambda texts: "[[Yes, 4]]" if texts["output"] else "I don't know."
    judge_runs(store, by("a", "b"), report=quiet)
    server.says = lambda texts: "[[1]]"
    judge_runs(store, by("a", judge="pairwise", against="b"), report=quiet)
    made = list(score_predictions(read_outputs(store, ["a", "b"]), ["accuracy", "rouge-l"]))
    how = {name: Options().how(name) for name in ("accuracy", "rouge-l")}
    save_scores(store, made, how, "rules")
    return store


def same(frame: pd.DataFrame, rows: list[dict[str, Any]]) -> None:
    """Row by row what a table says; None is a missing figure."""
    assert len(frame) == len(rows) > 0
    for (_, ours), row in zip(frame.iterrows(), rows, strict=True):
        for name, value in row.items():
            if name not in frame:
                continue
            if value is None:
                assert ours[name] is None or pd.isna(ours[name]), name
            else:
                assert ours[name] == value, name


def test_the_figures_are_those_of_the_tables(filled: Store) -> None:
    results = Results(filled)
    asked = TableQuery("mine", ())
    same(results.following(study="mine"), following(filled, asked).to_dict()["rows"])
    of_runs = TableQuery(None, ("a", "b"), JudgeKind.LLM)
    same(results.following("a", "b", by="llm"), following(filled, of_runs).to_dict()["rows"])
    pair = TableQuery("mine", ("a", "b"))
    same(results.compare("a", "b", study="mine"), compare(filled, pair).to_dict()["rows"])
    same(results.agreement(study="mine"), agreement(filled, asked).to_dict()["rows"])
    same(results.scores("a", "b"), scores(filled, ("a", "b")).to_dict()["rows"])
    board = leaderboard(filled, LeaderboardQuestion())
    frame = results.leaderboard()
    for row in board.rows:
        for key, figure in row.figures.items():
            (ours,) = frame[(frame["system"] == row.system) & (frame["column"] == key)].itertuples()
            assert (ours.n, ours.letters, ours.without) == (
                figure.n,
                figure.letters,
                figure.without,
            )
            assert ours.value == figure.value or math.isnan(ours.value)
    assert len(frame) == sum(len(row.figures) for row in board.rows)


def test_every_mean_and_rate_stands_with_n_and_its_interval(filled: Store) -> None:
    results = Results(filled)
    name = results.judges()["judge"].tolist()
    seqeval = next(one for one in name if one.startswith("seqeval"))
    pairwise = next(one for one in name if one.startswith("pairwise"))
    for frame, value, n in (
        (results.following(study="mine"), "rate", "n"),
        (results.judged(seqeval), "rate", "n"),
        (results.win_rates(pairwise), "win_rate", "n"),
        (results.scores("a", "b"), "mean", "n"),
        (results.leaderboard(), "value", "n"),
    ):
        known = frame[frame[value].notna()]
        assert not known.empty
        assert frame[frame[n] == 0][value].isna().all()
        assert (known["low"] <= known[value] + 1e-9).all()
        assert (known["high"] >= known[value] - 1e-9).all()


def test_a_reference_is_found_by_its_former_name_and_an_unknown_one_is_refused(
    filled: Store,
) -> None:
    results = Results(filled)
    pairwise = next(n for n in results.judges()["judge"] if n.startswith("pairwise"))
    before = results.win_rates(pairwise, "a", against="b")
    rename_run(filled, "b", "c")
    after = results.win_rates(pairwise, "a", against="b")
    assert list(after["against"]) == ["c"]
    assert list(after["win_rate"]) == list(before["win_rate"])
    with pytest.raises(UsageError, match="'d'"):
        results.win_rates(pairwise, "a", against="d")


def test_what_is_left_out_is_counted_with_its_reason(filled: Store) -> None:
    results = Results(filled)
    current = results.judgments("a")
    every = results.judgments("a", superseded=True)
    assert current.attrs["left_out"] == {"superseded by a later one of the same judge": 1}
    assert len(every) == len(current) + 1
    assert every["created_at"].dtype == "datetime64[ns, UTC]"
    left_out = results.following("a", by="llm").attrs["left_out"]
    assert left_out == {"no usable verdict on outputs of a": 1}
    of_pair = results.compare("a", "b", study="mine").attrs["left_out"]
    assert of_pair["undecided or not judged at A"] == 6
    judged = results.judged(results.judges()["judge"].iloc[-1], "a")
    assert judged.attrs["left_out"] == {"a at follow: no usable verdict": 1}
    archive_runs(filled, ["b"])
    runs = results.runs()
    assert runs["run"].tolist() == ["a"]
    assert runs.attrs["left_out"] == {"the run is archived": 1}
    assert results.runs(archived=True)["run"].tolist() == ["b", "a"]
    assert set(results.predictions()["run"]) == {"a"}


def test_what_partly_counts_as_is_the_readers_choice(sqlite_store: Store) -> None:
    ids = make_run(sqlite_store, "a", 2)
    make_study(sqlite_store, "mine", ["a"])
    for place, verdict in enumerate(("yes", "partly")):
        judge(sqlite_store, "mine", ids[place], "ann", dict.fromkeys(("repeat", "answer"), verdict))
        judge(sqlite_store, None, ids[place], "llm judge", {"answer": verdict}, kind="llm")
    results = Results(sqlite_store)
    for partly, done in (("done", 2), ("not-done", 1)):
        assert results.judged("llm judge", "a", partly=partly)["followed"].tolist() == [done]
        rates = results.following(study="mine", partly=partly)
        assert rates["followed"].tolist() == [done] * 3
        assert rates["n"].tolist() == [2, 2, 2]


def test_former_names_are_understood(filled: Store) -> None:
    results = Results(filled)
    before = results.following("a", study="mine")
    rename_run(filled, "a", "tuned")
    rename_study(filled, "mine", "table 1")
    after = results.following("a", study="mine")
    assert set(after["run"]) == {"tuned"}
    assert after["n"].tolist() == before["n"].tolist()
    assert after.attrs["question"]["study"] == "table 1"


def test_an_empty_store_gives_frames_with_their_columns(sqlite_store: Store) -> None:
    results = Results(sqlite_store)
    for frame in (results.runs(), results.studies(), results.prompt_sets(), results.judges()):
        assert frame.empty
        assert len(frame.columns) > 3
    assert results.scores().columns.tolist()[:3] == ["run", "metric", "how"]
    assert results.leaderboard().empty


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda r: r.following("c"), "no run 'c'"),
        (lambda r: r.predictions("a", "d"), "no run 'd'"),
        (lambda r: r.following(study="none"), "'none'"),
        (lambda r: r.following("a", by="people"), "no kind of judge 'people'"),
        (lambda r: r.following("a", partly="maybe"), "maybe"),
        (lambda r: r.agreement("a", between="nobody"), "nobody"),
        (lambda r: r.leaderboard(promptset="x"), "did you mean 'prompt_set'"),
        (lambda r: r.analysis("none"), "no analysis 'none'"),
        (lambda r: r.judged("none"), "none"),
    ],
)
def test_a_name_that_is_not_there_is_a_sentence(
    ask: Callable[[Results], object], says: str, filled: Store
) -> None:
    with pytest.raises(SitError) as raised:
        ask(Results(filled))
    assert says in str(raised.value)


def test_a_folder_without_a_store_is_not_made_into_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no store in"):
        open_results(tmp_path)
    assert list(tmp_path.iterdir()) == []
