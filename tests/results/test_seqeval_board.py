"""The five released systems and the judged gpt-3.5 on one board, every number counted again.

The judge is a server here whose verdict is made from the output's hash. What the board says is
recomputed from the raw files and the server's own log, in plain Python.
"""

import hashlib
import json
import re
import statistics
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest, norm, permutation_test, sem, t
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from sit_core.cli import sit as command
from sit_core.judge.config import JudgeConfig
from sit_core.judge.run import judge_runs
from sit_core.matching import match_key
from sit_core.models.config import ModelConfig
from sit_core.results.leaderboard.build import (
    CHARACTERS,
    FOLLOWING,
    QUALITY,
    WORDS,
    Leaderboard,
    LeaderboardQuestion,
    leaderboard,
)
from sit_core.store import Store
from tests.judge.conftest import JudgeServer, quiet

GPT = "gpt-3.5-turbo.judged-by-gpt-4-turbo"
SAID = re.compile(r"\[\[(Yes|No), ([0-9.]+)\]\]")
Log = dict[tuple[str, str], str]
"""(instruction, output) → what the server replied."""


def verdict_of(output: str) -> str:
    """A reply that depends on the output alone; now and then one of no use."""
    number = int(hashlib.sha256(output.encode()).hexdigest(), 16)
    if number % 97 == 0:
        return "I would rather not say."
    return f"[[{'No' if number % 5 == 0 else 'Yes'}, {1 + number % 9 / 2:g}]]"


class Hashing(JudgeServer):
    """A judge that keeps its own log."""

    def __init__(self) -> None:
        super().__init__()
        self.log: Log = {}
        self.own = threading.Lock()
        self.says = self.said

    def said(self, texts: dict[str, str]) -> str:
        reply = verdict_of(texts["output"])
        with self.own:
            self.log[texts["instruction"], texts["output"]] = reply
        return reply


@pytest.fixture
def hashing() -> Iterator[Hashing]:
    made = Hashing()
    yield made
    made.end()


def judged(store: Store, server: Hashing, runs: list[str]) -> str:
    """Have all of them judged; the judge's name."""
    model = ModelConfig("hash", backend="openai", base_url=server.url, in_flight=16)
    return judge_runs(store, JudgeConfig(tuple(runs), model=model), report=quiet).judge


def rows_of(folder: Path) -> dict[str, list[dict]]:
    """Run → the raw rows of its file."""
    found = {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in sorted((folder / "seqeval").glob("*.jsonl"))
    }
    (path,) = (folder / "seqeval_judged").glob("*.json")
    return {**found, path.stem: json.loads(path.read_text("utf-8"))}


def counted(log: Log, rows: list[dict]) -> list[tuple[bool, float] | None]:
    """Per row what the server said: yes or no and the rating; None where it was of no use."""
    found = []
    for row in rows:
        said = SAID.fullmatch(log[row["instruction"], row["output"]])
        found.append(None if said is None else (said[1] == "Yes", float(said[2])))
    return found


def check(
    board: Leaderboard, files: dict[str, list[dict]], log: Log, iteration: dict[str, int]
) -> None:
    """Every value, n and count of the board."""
    assert {row.system for row in board.rows} == set(files)
    for run, rows in files.items():
        row, said = board.row(run), counted(log, rows)
        usable = [one for one in said if one is not None]
        assert (row.outputs, row.empty) == (
            len(rows),
            sum(not r["output"].strip() for r in rows),
        )
        following, quality = row.figures[FOLLOWING], row.figures[QUALITY]
        assert following.value == pytest.approx(sum(y for y, _ in usable) / len(usable))
        assert quality.value == pytest.approx(sum(q for _, q in usable) / len(usable))
        for figure in (following, quality):
            assert (figure.n, figure.without) == (len(usable), len(rows) - len(usable))
        for key, lengths in (
            (CHARACTERS, [len(r["output"]) for r in rows]),
            (WORDS, [len(r["output"].split()) for r in rows]),
        ):
            figure = row.figures[key]
            assert figure.value == pytest.approx(sum(lengths) / len(lengths))
            assert figure.detail["median"] == statistics.median(lengths)
            assert figure.n == len(rows)
        shown = {(o.column, o.iteration): o for o in board.iterations if o.system == run}
        for number in sorted(set(iteration.values())):
            mine = [
                one
                for r, one in zip(rows, said, strict=True)
                if iteration[r["instruction"]] == number
            ]
            kept = [one for one in mine if one is not None]
            at = shown[FOLLOWING, number]
            assert at.prompts == len(mine)
            assert (at.figure.n, at.figure.without) == (len(kept), len(mine) - len(kept))
            assert at.figure.value == pytest.approx(sum(y for y, _ in kept) / len(kept))
            rating = shown[QUALITY, number].figure.value
            assert rating == pytest.approx(sum(q for _, q in kept) / len(kept))


def check_interval(board: Leaderboard, run: str, rows: list[dict], log: Log) -> None:
    """Wilson's by statsmodels where neither end is near; Student's t by scipy, with two prompts."""
    by_key = {match_key(r["instruction"], r.get("input", "")): r for r in rows}
    order = [counted(log, [by_key[key]])[0] for key in sorted(by_key)]
    usable = [one for one in order if one is not None]
    yes, ratings = sum(y for y, _ in usable), [q for _, q in usable]
    assert 3 < yes < len(usable) - 3
    expected = {
        FOLLOWING: ("wilson-open", proportion_confint(yes, len(usable), method="wilson")),
        QUALITY: (
            "t over prompts, 2 pseudo prompts",
            t.interval(
                0.95,
                len(ratings) + 1,
                np.mean([*ratings, 1, 5]),
                sem([*ratings, 1, 5]),
            ),
        ),
    }
    for key, (method, ends) in expected.items():
        figure = board.row(run).figures[key]
        assert figure.method == method
        assert (figure.low, figure.high) == pytest.approx(ends)


def check_tests(board: Leaderboard, files: dict[str, list[dict]], log: Log) -> None:
    """Each pair's test of following with Holm's correction; one pair's of quality by chance."""
    said = {
        run: {
            r["instruction"]: one
            for r, one in zip(rows, counted(log, rows), strict=True)
            if one is not None
        }
        for run, rows in files.items()
    }
    mine = [test for test in board.pairs if test.column == FOLLOWING]
    assert len(mine) == len(files) * (len(files) - 1) // 2
    expected = []
    for test in mine:
        one, other = said[test.first], said[test.second]
        both = one.keys() & other.keys()
        only = sum(one[p][0] and not other[p][0] for p in both)
        lost = sum(other[p][0] and not one[p][0] for p in both)
        b, c, m = only + 1, lost + 1, len(both) + 2
        error = ((b + c) / m - ((b - c) / m) ** 2) ** 0.5 / m**0.5
        expected.append(2 * norm.sf(abs(b - c) / m / error))
        if only + lost:
            assert test.p_mcnemar == pytest.approx(binomtest(only, only + lost).pvalue)
        assert test.n == len(both)
        assert test.difference == pytest.approx((only - lost) / len(both))
        assert test.p == pytest.approx(expected[-1])
    corrected = multipletests(expected, method="holm")[1]
    assert [test.corrected for test in mine] == pytest.approx(list(corrected))
    test = next(test for test in board.pairs if test.column == QUALITY)
    one, other = said[test.first], said[test.second]
    apart = np.array([one[p][1] - other[p][1] for p in sorted(one.keys() & other.keys())])
    assert test.difference == pytest.approx(apart.mean())
    chance = permutation_test(
        (apart,), np.mean, permutation_type="samples", n_resamples=4999, rng=1
    )
    assert test.p == pytest.approx(chance.pvalue, abs=0.03)


@pytest.mark.slow
def test_the_released_systems_on_one_board(
    sqlite_store: Store, hashing: Hashing, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIT_STARTER", "0")
    files = rows_of(real_data)
    # The judged file first: it knows no iterations, which the others fill in.
    for part in ("seqeval_judged", "seqeval"):
        paths = [str(path) for path in sorted((real_data / part).iterdir())]
        command(["import", "--json", *paths], standalone_mode=False)
    iteration = {r["instruction"]: r["iteration"] for r in next(iter(files.values()))}
    name = judged(sqlite_store, hashing, list(files))
    assert len(files) == 6
    board = leaderboard(sqlite_store, LeaderboardQuestion(judge=name))
    assert board.question.judge == name
    check(board, files, hashing.log, iteration)
    sizes = {o.iteration: o.prompts for o in board.iterations}
    assert sizes == {1: 81, 2: 161, 3: 242, 4: 321}
    assert sorted(row.empty for row in board.rows) == [0, 0, 0, 0, 0, 56]
    for run in list(files)[:2]:
        check_interval(board, run, files[run], hashing.log)
    check_tests(board, files, hashing.log)
    assert not any("same prompts" in note and "Not all" in note for note in board.notes)

    theirs = leaderboard(sqlite_store, LeaderboardQuestion(judge="gpt-4-turbo (imported)"))
    row, raw = theirs.row(GPT), files[GPT]
    usable = [r for r in raw if r["score"] != -1]
    assert row.figures[FOLLOWING].value == pytest.approx(708 / 803)
    assert (row.figures[FOLLOWING].n, row.figures[FOLLOWING].without) == (803, 2)
    assert row.figures[QUALITY].value == pytest.approx(sum(r["score"] for r in usable) / 803)
    assert {r.system: FOLLOWING in r.figures for r in theirs.rows} == {
        run: run == GPT for run in files
    }
    # Who wrote it is wrong in the source, so it names nothing.
    assert not any("command-r" in (r.system + str(r.base_model)) for r in theirs.rows)


@pytest.mark.slow
def test_rows_of_our_own_on_one_board(
    sqlite_store: Store, hashing: Hashing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIT_STARTER", "0")
    files: dict[str, list[dict]] = {}
    for run in ("one", "two", "three"):
        files[run] = [
            {
                "instruction": f"First name {i} plums, then say why.",
                "iteration": 1 + i % 4,
                "output": "" if (run, i % 20) == ("two", 7) else f"{run} says {i * 'plum '}",
                "generator": "somebody else",
            }
            for i in range(60)
        ]
        path = tmp_path / f"{run}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in files[run]))
        command(["import", "--json", str(path)], standalone_mode=False)
    name = judged(sqlite_store, hashing, list(files))
    board = leaderboard(sqlite_store, LeaderboardQuestion(judge=name))
    iteration = {r["instruction"]: r["iteration"] for r in files["one"]}
    check(board, files, hashing.log, iteration)
    assert board.row("two").empty == 3
    for run, rows in files.items():
        check_interval(board, run, rows, hashing.log)
    check_tests(board, files, hashing.log)
