"""The Leaderboard page: figures as counted, each a way to its samples; choices are the address."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.leaderboard.systems import changes
from sit_core.benchmark.action import ACTION as BENCHMARK
from sit_core.benchmark.config import BenchmarkConfig
from sit_core.benchmark.save import keep
from sit_core.jobs import JobState, current_jobs
from sit_core.models.config import ModelConfig
from sit_core.results.leaderboard.build import LeaderboardQuestion, leaderboard
from sit_core.seqeval.action import ACTION as SEQEVAL
from sit_core.seqeval.config import SeqevalConfig
from sit_core.store import Store
from sit_core.store.benchmarks import BenchmarkResult, read_benchmarks
from sit_core.store.systems import System, put_reported, set_system
from tests.benchmark.pretend import pretend
from tests.factories import make_run
from tests.jobs.conftest import ended
from tests.judge.conftest import JudgeServer, server
from tests.pages.test_runs import labels, page, press, said
from tests.pages.test_runs import shown as texts
from tests.pages.test_scores import found_by
from tests.results.test_leaderboard import FOLLOW, fight, grow, say
from tests.results.test_leaderboard_sets import system

__all__ = ["server"]
EVIL = "<img src=x onerror=alert(1)> ![x](http://x/y.png) $x$"


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The one database that matters here, without the made-up study."""
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


@pytest.fixture
def judged(store: Store) -> Store:
    """Three systems: two judged and compared, one of a hostile name; and others' results."""
    runs = {name: make_run(store, name, 6, steps=FOLLOW) for name in ("good", "bad", EVIL)}
    say(store, runs["good"], ["yes"] * 5 + ["?"], [5, 4, 5, 4, 5, None])
    say(store, runs["bad"], ["no", "no", "yes", "no", "no", ""], [1, 2, 3, 2, 1, None])
    say(store, runs[EVIL], ["yes", "no"] * 3, [3.0] * 6)
    pairs = list(zip(runs["good"], runs["bad"], strict=True))
    outcomes = [(1, 1), (1, 1), (0, 0), (1, 0), (None, 1)]
    fight(store, [(a, b, *of) for (a, b), of in zip(pairs, outcomes, strict=False)])
    grow(store, [1, 1, 2, 2, 3, None])
    figure = {"following_llm": {"value": 0.99, "n": 805}}
    put_reported(store, [System("theirs", None, "GPT", None, figure, {"source": "a paper"})])
    return store


def board_of(app: AppTest) -> list[dict[str, Any]]:
    """The rows of the table: name, then column by column what it is sorted by."""
    data = board_data(app)
    keys = [column["key"] for column in data["columns"]]
    return [
        {
            "system": row["system"] + (f"  ({row['mark']})" if row["mark"] else ""),
            **{key: cell and cell["value"] for key, cell in zip(keys, row["cells"], strict=True)},
        }
        for row in data["rows"]
    ]


def board_data(app: AppTest) -> dict[str, Any]:
    """What the component is given."""
    (data,) = (json.loads(one.proto.json) for one in app.get("bidi_component"))
    return data


def test_an_empty_store_says_what_to_do(store: Store) -> None:
    app = page("leaderboard/page.py")
    assert "There is no system yet" in said(app)
    assert {"Import outputs", "Runs", "Judge"} <= {link.label for link in app.page_link}
    assert not app.exception


def test_the_table_shows_the_figures_of_the_board(judged: Store) -> None:
    app = page("leaderboard/page.py")
    board = leaderboard(judged)
    rows = board_of(app)
    assert [row["system"] for row in rows] == [
        "good", "theirs  (reported by others)", EVIL, "bad",
    ]  # fmt: skip
    by_name = {row["system"]: row for row in rows}
    for row in board.rows:
        for column in ("following_llm", "quality", "win_rate"):
            figure = row.figures.get(column)
            cell = by_name.get(row.system, by_name["theirs  (reported by others)"])[column]
            if figure is None or figure.value is None:
                assert cell is None or cell != cell
            else:
                assert float(cell) == pytest.approx(figure.value)
    assert by_name["good"]["following_llm"] == 1.0
    assert by_name["bad"]["following_llm"] == pytest.approx(1 / 5)
    assert not app.exception


def test_every_count_finds_as_many_samples(judged: Store) -> None:
    app = page("leaderboard/page.py")
    links = [
        (cell, row)
        for frame in app.dataframe
        for row in frame.value.to_dict("records")
        for cell in row.values()
        if isinstance(cell, str) and cell.startswith("inspect?") and "sample=" not in cell
    ]
    assert len(links) > 15
    for link, row in links:
        assert found_by(judged, link) == int(link.rsplit("#", 1)[1]), row


def test_every_figure_of_the_table_leads_to_as_many_samples_as_it_says(judged: Store) -> None:
    data = board_data(page("leaderboard/page.py"))
    counted = 0
    for row in data["rows"]:
        if row["mark"]:
            assert row["href"] is None
            assert not any(cell.get("href") for cell in row["cells"] if cell)
            continue
        assert found_by(judged, f"{row['href']}#x") == int(row["outputs"])
        for cell in row["cells"]:
            if cell and cell.get("href"):
                n = int(cell["n"].split(",")[0].removeprefix("n="))
                assert found_by(judged, f"{cell['href']}#x") == n, (row["system"], cell)
                counted += 1
    assert counted >= 9


def test_a_sort_in_the_browser_and_another_choice_are_both_kept(judged: Store) -> None:
    app = page("leaderboard/page.py", find="o")
    app.query_params["sort"] = "-quality"
    app.text_input(key="board find").set_value("").run()
    assert [row["system"] for row in board_of(app)][:3] == ["bad", EVIL, "good"]
    assert dict(app.query_params) == {"sort": "-quality"}
    assert board_data(app)["sort"] == "-quality"


def test_runs_have_the_colour_of_their_arrival_whatever_is_shown(judged: Store) -> None:
    whole = {row["system"]: row["place"] for row in board_data(page("leaderboard/page.py"))["rows"]}
    assert whole == {"good": 0, "bad": 1, EVIL: 2, "theirs": 3}
    (row,) = board_data(page("leaderboard/page.py", find="bad"))["rows"]
    assert row["place"] == 1
    assert row["rank"] == 4  # of the whole board


def test_find_sort_and_columns_are_the_address(judged: Store) -> None:
    set_system(judged, "bad", base_model="Llama", training_data="Alpaca")
    app = page("leaderboard/page.py", find="ALPA")
    assert [row["system"] for row in board_of(app)] == ["bad"]
    assert "1 of 4 systems are shown" in texts(app)
    app.text_input(key="board find").set_value("").run()
    app.query_params["sort"] = "quality"  # as the browser does where a head is pressed
    app.run()
    assert [row["system"] for row in board_of(app)][:3] == ["good", EVIL, "bad"]
    app.multiselect(key="board columns").set_value(["quality", "base_model"]).run()
    assert list(board_of(app)[0]) == ["system", "quality", "base_model"]
    assert dict(app.query_params) == {"sort": "quality", "column": ["quality", "base_model"]}
    again = page("leaderboard/page.py")
    again.query_params["column"] = ["quality", "nonsense"]
    again.run()
    assert list(board_of(again)[0]) == ["system", "quality"]


def test_judge_and_reference_are_chosen_and_unknown_ones_are_said(judged: Store) -> None:
    say(judged, make_run(judged, "more", 2, steps=FOLLOW), ["no", "no"], by="other judge")
    app = page("leaderboard/page.py", judge="other judge", reference="good")
    rows = {row["system"]: row for row in board_of(app)}
    assert rows["more"]["following_llm"] == 0.0
    board = leaderboard(judged, LeaderboardQuestion(judge="other judge", reference="good"))
    assert rows["bad"]["win_rate"] == pytest.approx(board.row("bad").figures["win_rate"].value)
    for name in ("judge", "reference"):
        app = page("leaderboard/page.py", **{name: "nobody"})
        assert "nobody" in said(app)
        assert len(board_of(app)) == 5
        assert not app.exception


def test_others_results_are_marked_and_can_be_left_out(judged: Store) -> None:
    app = page("leaderboard/page.py")
    assert "reported by others" in board_of(app)[1]["system"]
    app.checkbox(key="board reported").uncheck().run()
    assert all("reported" not in row["system"] for row in board_of(app))
    assert app.query_params["reported"] == "no"


def test_two_systems_side_by_side(judged: Store) -> None:
    app = page("leaderboard/page.py", first="good", second="bad", by="duels", outcome="lost")
    pairs = next(f.value for f in app.dataframe if "in Inspect" in f.value).to_dict("records")
    assert [(row["A"], row["B"]) for row in pairs] == [(0.0, 1.0)]
    shown_there = texts(app) + "".join(h.body for h in app.get("html"))
    assert "output 2 of good" in shown_there
    assert "output 2 of bad" in shown_there
    (rate,) = [text.value for text in app.text if "A wins" in text.value]
    assert re.search(r"A wins [\d.]+ % .*\[[\d.]+ to [\d.]+, 95 % by \w+", rate)
    assert "4 prompts with a verdict on both, 2 left out" in texts(app)
    app.selectbox(key="board by").set_value("quality").run()
    assert app.query_params["by"] == "quality"
    same = page("leaderboard/page.py", first="bad", second="bad")
    assert "two different systems" in said(same)
    assert "nobody" in said(page("leaderboard/page.py", first="nobody"))


def test_what_was_edited_is_what_is_set_and_nothing_else() -> None:
    before = [
        {"system": "a", "base model": None, "training data": "x"},
        {"system": "b", "base model": "B", "training data": None},
    ]
    after = [
        {"system": "a", "base model": " Llama ", "training data": "  "},
        {"system": "b", "base model": "B", "training data": float("nan")},
    ]
    assert changes(before, after) == [("a", {"base_model": "Llama", "training_data": None})]
    after[1]["system"] = "c"
    assert changes(before, after)[1] == ("b", {"rename": "c"})


def test_a_benchmark_stands_in_its_systems_line(judged: Store) -> None:
    keep(judged, "good", [BenchmarkResult("gsm8k", "exact_match", "5-shot", 0.5, 0.01, 100)])
    keep(judged, "only", [BenchmarkResult("gsm8k", "exact_match", "5-shot", 0.25)])
    app = page("leaderboard/page.py")
    rows = {row["system"]: row for row in board_of(app)}
    column = next(name for name in rows["good"] if name.startswith("benchmark/gsm8k"))
    assert rows["good"][column] == 0.5
    assert rows["only  (benchmarks only)"][column] == 0.25


def test_benchmarks_run_as_exactly_the_command_that_is_shown(
    judged: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pretend(tmp_path / "packages")
    monkeypatch.delenv("SIT_LM_EVAL", raising=False)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PRETEND", "work")
    monkeypatch.setenv("PRETEND_SAW", str(tmp_path / "saw"))
    app = page("leaderboard/page.py")
    app.selectbox(key="board benchmark kind").set_value("OpenAI-compatible endpoint").run()
    app.text_input(key="board benchmark url").set_value("http://127.0.0.1:9/v1").run()
    app.text_input(key="board benchmark served").set_value("m").run()
    app.text_input(key="board benchmark tasks").set_value("gsm8k, ../x").run()
    press(app, "Run the benchmarks")
    assert "A system needs a name" in said(app)
    assert "../x" in said(app)
    assert not current_jobs(judged)
    app.text_input(key="board benchmark tasks").set_value("gsm8k").run()
    app.selectbox(key="board benchmark system").set_value("good").run()
    press(app, "Run the benchmarks")
    (job,) = current_jobs(judged)
    wanted = BenchmarkConfig(
        "m", "good", ("gsm8k",), backend="openai", base_url="http://127.0.0.1:9/v1", in_flight=16
    )
    assert list(job.command) == BENCHMARK.words(wanted)
    assert ended(judged, job).state == JobState.DONE
    assert [row.system for row in read_benchmarks(judged)] == ["good"]


def test_without_lm_eval_it_says_how_to_get_it(judged: Store, monkeypatch) -> None:
    monkeypatch.delenv("SIT_LM_EVAL", raising=False)
    monkeypatch.setattr("pages.leaderboard.add_results.lacking", lambda: "Install lm-eval.")
    app = page("leaderboard/page.py")
    assert "Install lm-eval." in said(app)
    assert next(b for b in app.button if b.label == "Run the benchmarks").disabled


def test_seqeval_says_what_is_missing_and_starts_nothing(judged: Store) -> None:
    app = page("leaderboard/page.py")
    press(app, "Evaluate")
    assert "name" in said(app)
    assert not current_jobs(judged)


def test_seqeval_runs_as_exactly_the_command_that_is_shown(
    store: Store, server: JudgeServer
) -> None:
    server.says = lambda texts: "[[Yes, 5]]" if texts else "an output"
    app = page("leaderboard/page.py")
    app.text_input(key="board seqeval name").set_value("new one")
    app.selectbox(key="board seqeval kind").set_value("OpenAI-compatible endpoint").run()
    for part in ("", "judge "):
        app.text_input(key=f"board seqeval {part}url").set_value(server.url)
        app.text_input(key=f"board seqeval {part}served").set_value("m")
    app.number_input(key="board seqeval limit").set_value(3).run()
    press(app, "Evaluate")
    (job,) = current_jobs(store)
    model = ModelConfig("m", backend="openai", base_url=server.url)
    wanted = SeqevalConfig("new one", model, limit=3, judge_model=model)
    assert list(job.command) == SEQEVAL.words(wanted)
    assert ended(store, job).state == JobState.DONE
    again = page("leaderboard/page.py")
    assert [row["system"] for row in board_of(again)] == ["new one"]
    assert board_of(again)[0]["following_llm"] == 1.0


def test_results_of_lm_eval_and_of_others_are_read_from_files(judged: Store) -> None:
    app = page("leaderboard/page.py")
    assert "Read them" in labels(app)
    results = {"results": {"mmlu": {"acc,none": 0.5}}, "n-shot": {"mmlu": 5}}
    app.file_uploader(key="board benchmark files").upload(
        "results_1.json", json.dumps(results).encode()
    ).run()
    app.selectbox(key="board benchmark system").set_value("good").run()
    press(app, "Read them")
    assert "1 figure of good." in said(app)
    assert [row.result.task for row in read_benchmarks(judged)] == ["mmlu"]


def test_hostile_names_are_never_markup(judged: Store) -> None:
    set_system(judged, "bad", rename=f"{EVIL} 2", base_model=EVIL, training_data=EVIL)
    app = page("leaderboard/page.py", first=EVIL, second="good")
    assert not app.exception
    drawn = [*app.markdown, *app.caption, *app.title, *app.subheader]
    assert not any("onerror" in part.value for part in drawn)
    assert not any(EVIL in part.body for part in app.get("html"))


def test_the_figures_are_counted_again_on_the_page(
    judged: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = press(page("leaderboard/page.py"), "Check these figures")
    assert "figures checked, 0 differ" in said(app)
    assert "results and benchmarks come without outputs" in said(app)
    monkeypatch.setattr("sit_core.results.leaderboard.tests_of_pairs.holm", lambda p: p * 0.9)
    set_system(judged, "good", base_model="another")  # another board
    app.run()
    assert "Something changed since the last check." in texts(app)
    app = press(app, "Check these figures")
    assert "0 differ" not in said(app)
    frames = [frame.value for frame in app.dataframe]
    (found,) = [frame for frame in frames if "counted again" in frame]
    assert any("corrected" in figure for figure in found["figure"])


def test_the_prompt_set_is_chosen_and_in_the_address(store: Store) -> None:
    system(store, "a", "SeqEval", range(4), good=2)
    system(store, "b", "SeqEval", range(4), good=1)
    system(store, "c", "CSQA", range(9), good=9)
    app = page("leaderboard/page.py")
    assert [row["system"] for row in board_of(app)] == ["a", "b"]
    assert "prompt_set" not in app.query_params
    app.selectbox(key="board prompt_set").select("CSQA").run()
    assert not app.exception
    assert [row["system"] for row in board_of(app)] == ["c"]
    linked = page("leaderboard/page.py", prompt_set="CSQA")
    assert [row["system"] for row in board_of(linked)] == ["c"]
    wrong = page("leaderboard/page.py", prompt_set="CSQ")
    assert "did you mean" in said(wrong)
    assert [row["system"] for row in board_of(wrong)] == ["a", "b"]


def test_what_is_not_on_the_board_stands_under_it_and_once(store: Store) -> None:
    system(store, "a", "SeqEval", range(8), good=4)
    system(store, "c", "CSQA", range(6), good=3)
    make_run(store, "unjudged", 3)
    app = page("leaderboard/page.py", prompt_set="SeqEval")
    in_tabs = [text.value for tab in app.tabs for text in tab.text]
    for beginning in (
        "Left out: 1 system of the prompt set 'CSQA' (c).",
        "Not on the board: 1 run ",
    ):
        assert sum(text.value.startswith(beginning) for text in app.text) == 1
        assert not any(text.startswith(beginning) for text in in_tabs)
    assert any("95 % by wilson" in caption.value for caption in app.caption)
