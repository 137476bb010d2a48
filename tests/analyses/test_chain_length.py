"""Number of tasks and order, counted by hand."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from sit_core.analyses.chain_length import ChainLengthConfig, chain_length, chain_length_figure
from sit_core.metrics.registry import Score
from sit_core.records import Unparsed
from sit_core.results.analyses import AnalysisTable
from sit_core.results.verdict_settings import VerdictSettings
from sit_core.store import Store
from sit_core.store.leaderboard import iterations
from sit_core.store.scores import save_scores
from tests.analyses.runs import run_of, steps_of
from tests.factories import judge, make_run
from tests.results_check.test_real import put

RULES = VerdictSettings(by="rule")


def tables(table: AnalysisTable) -> Mapping[str, AnalysisTable]:
    return {one.title: one for one in table.tables()}


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """One system (a factor says so): chains A, RA, RPA of four questions each."""
    run_of(sqlite_store, "m, A", "A", ["y", "y", "y", "n"], {"order": "linear", "model": "m"})
    run_of(
        sqlite_store, "m, RA", "RA", ["yyy", "yny", "nyu", "yyn"], {"order": "linear", "model": "m"}
    )
    run_of(
        sqlite_store,
        "m, RPA",
        "RPA",
        ["yyyy", "ynyy", "nnyu", "yuyy"],
        {"order": "linear", "model": "m"},
    )
    return sqlite_store


def test_rates_by_number_of_steps_and_by_step(store: Store) -> None:
    found = tables(chain_length(store, ChainLengthConfig(verdicts=RULES)))
    first = found["By number of steps"]
    assert [(r["system"], r["steps"], r["chains"]) for r in first.rows] == [
        ("m", 1, "A"), ("m", 2, "R+A"), ("m", 3, "R+P+A"),
    ]  # fmt: skip
    rates = [(r["following"].value, r["following"].n) for r in first.rows]
    # RPA: yyy done, yny and nny not, yuy undecided: 1 of 3.
    assert rates == [(0.75, 4), (0.5, 4), (pytest.approx(1 / 3), 3)]
    assert first.left_out == {"following: unsure": 1}
    assert first.rows[0]["in order"] is None
    assert [(r["in order"].value, r["in order"].n) for r in first.rows[1:]] == [
        (pytest.approx(2 / 3), 3),
        (1, 3),
    ]
    steps = found["By step"]
    of_p = next(r for r in steps.rows if r["step"] == "P")
    assert (of_p["place"], of_p["following"].value, of_p["following"].n) == (
        2,
        pytest.approx(1 / 3),
        3,
    )
    assert steps.left_out == {"step P: unsure": 1}


def test_the_first_dropped_step_with_none_dropped_adds_up_to_all(store: Store) -> None:
    dropped = tables(chain_length(store, ChainLengthConfig(verdicts=RULES)))["First step dropped"]
    shares = [
        [None if cell is None else cell.value for name, cell in row.items() if "dropped" in name]
        for row in dropped.rows
    ]
    assert shares[0] == [0.75, 0.25, None, None]
    assert shares[1] == [0.5, 0.25, 0.25, None]
    assert shares[2] == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])
    assert dropped.left_out == {"first dropped: a step before it is not decided": 1}
    # A click opens just those whose first dropped step it is; the row: all that are known.
    (one,) = dropped.samples_of(2, "2. dropped")
    assert len(dropped.samples_of(2, "")) == 3
    assert one in dropped.samples_of(2, "")


def test_means_are_of_all_that_are_asked_never_of_survivors(store: Store) -> None:
    ids = run_of(
        store, "s, RA", "RA", ["yyy", "yyy", "nyu", "nyu"], {"order": "linear", "model": "m"}
    )
    gone = Unparsed("the input is not repeated", 0.0)
    said = [0.9, 0.5, gone, Unparsed("no expected text", None)]
    made = [
        Score(one, "rouge-l", value, {"repeat": value})
        for one, value in zip(ids, said, strict=True)
    ]
    save_scores(store, made, {"rouge-l": "unicode"}, "rules-3")
    found = tables(chain_length(store, ChainLengthConfig(runs=("s, RA",), verdicts=RULES)))
    row = found["By number of steps"].rows[0]
    assert (row["ROUGE-L"].value, row["ROUGE-L"].n) == (pytest.approx(1.4 / 3), 3)
    assert (row["ROUGE-L of present"].value, row["ROUGE-L of present"].n) == (pytest.approx(0.7), 2)
    assert "BERTScore" not in row
    of_r, of_a = found["By step"].rows
    assert (of_r["ROUGE-L"].value, of_r["ROUGE-L"].n) == (pytest.approx(1.4 / 3), 3)
    assert of_a["ROUGE-L"] is None


def test_order_errors_are_counted_apart_and_compared_on_the_same_questions(
    sqlite_store: Store,
) -> None:
    run_of(sqlite_store, "l", "RA", ["yyy", "yyy", "nyu", "yyn"], {"order": "listed", "model": "m"})
    run_of(
        sqlite_store, "j", "RA", ["yyn", "yyn", "nyu", "yyy"], {"order": "jumping", "model": "m"}
    )
    found = tables(chain_length(sqlite_store, ChainLengthConfig(verdicts=RULES)))
    order = found["Order of the tasks"]
    jumping, listed = sorted(order.rows, key=lambda row: row["order"])
    assert (listed["whole and in order"].value, jumping["whole and in order"].value) == (0.5, 0.25)
    assert (listed["following"].value, jumping["following"].value) == (0.75, 0.75)
    assert jumping["errors that are of order"].value == pytest.approx(2 / 3)
    assert listed["errors that are of order"].value == 0.5
    assert jumping["compared with"] == "listed"
    assert (jumping["difference"].value, jumping["difference"].n) == (-0.25, 4)
    at = order.rows.index(jumping)
    assert len(order.samples_of(at, "errors that are of order")) == 2


def test_which_order_was_done_is_found_in_the_text(sqlite_store: Store) -> None:
    text = "Question: Where do bees live?\nChoices: A:hive, B:sea, C:bank"
    (one,) = make_run(
        sqlite_store, "m", [f"Answer: A\n\n{text}"], steps=steps_of("RA"), inputs=[text]
    )
    judge(
        sqlite_store,
        None,
        one,
        "rules-3",
        {"repeat": "yes", "answer": "yes", "in_order": "no"},
        kind="rule",
    )
    found = tables(chain_length(sqlite_store, ChainLengthConfig(verdicts=RULES)))
    (title,) = [name for name in found if "instead" in name]
    (row,) = found[title].rows
    assert (row["done"], row["outputs"]) == ("A R", 1)


def test_a_curve_of_short_chains_is_held_against_longer_ones(sqlite_store: Store) -> None:
    for letters, good in (("A", 19), ("RA", 16), ("RPA", 10), ("RPRA", 5), ("RPRPA", 20)):
        words = ["y" * len(letters)] * good + ["n" * len(letters)] * (20 - good)
        run_of(sqlite_store, letters, letters, words, {"order": "linear", "model": "m"})
    table = chain_length(sqlite_store, ChainLengthConfig(verdicts=RULES))
    (title,) = [one.title for one in table.tables() if one.title.startswith("Success")]
    curve = tables(table)[title]
    four, five = curve.rows
    assert (four["steps"], four["fitted on"], four["observed"].value) == (4, "1, 2, 3", 0.25)
    assert four["observed within"] == "yes"
    assert (five["observed"].value, five["observed within"]) == (1, "no")
    assert five["predicted"].value < 0.2
    assert "of 2 longer chain lengths 1 lies where predicted" in curve.note
    seen = [
        (row["steps"], ids)
        for row, ids in zip(table.points, table.point_samples, strict=True)
        if row.get("observed")
    ]
    assert [(number, len(ids)) for number, ids in seen] == [(n, 20) for n in range(1, 6)]
    figure = chain_length_figure(table)
    assert list(figure.data[0].x) == [1, 2, 3, 4, 5]
    assert [table.points[i]["steps"] for _, i in figure.data[0].customdata] == [1, 2, 3, 4, 5]


def test_chains_of_one_length_that_differ_make_predictions_wide(sqlite_store: Store) -> None:
    def width(second: int) -> float:
        words = {"A": 20, "RA": 20 - second, "PA": second, "RPA": 10}
        for letters, good in words.items():
            name = f"{letters} {second}"
            run_of(
                sqlite_store,
                name,
                letters,
                ["y" * len(letters)] * good + ["n" * len(letters)] * (20 - good),
                {"order": "linear", "model": "m"},
            )
        config = ChainLengthConfig(
            runs=tuple(f"{letters} {second}" for letters in words), fit_up_to=2, verdicts=RULES
        )
        (row,) = next(
            t for t in chain_length(sqlite_store, config).tables() if t.title.startswith("Success")
        ).rows
        return row["predicted"].high - row["predicted"].low

    assert width(10) < 0.5 < width(1)


def test_runs_without_a_chain_are_counted_and_the_others_shown(store: Store) -> None:
    make_run(store, "no chain", 3, steps=())
    table = chain_length(store, ChainLengthConfig(verdicts=RULES))
    assert table.left_out["its chain is not known"] == 3
    assert len(table.rows) == 3


def test_seqevals_iterations_count_as_the_number_of_tasks(
    sqlite_store: Store, real_data: Path
) -> None:
    (path,) = (real_data / "seqeval_judged").glob("*.json")
    # The judged file does not say the iteration of its prompts; other runs of the same ones do.
    (_, run) = put(sqlite_store, [next((real_data / "seqeval").glob("*-sit-*.jsonl")), path])
    config = ChainLengthConfig(runs=(run,), count="iteration", verdicts=VerdictSettings(by="llm"))
    first = chain_length(sqlite_store, config)
    assert [row["steps"] for row in first.rows] == [1, 2, 3, 4]
    assert (len(iterations(sqlite_store, None)), iterations(sqlite_store, [])) == (805, {})
    decided = sum(row["following"].n for row in first.rows)
    assert decided + sum(first.left_out.values()) == 805
    assert any(one.title.startswith("Success") for one in first.tables())
