"""AlpacaEval's leaderboard: percents against its own reference are a benchmark's figures."""

from pathlib import Path

import pytest

from sit_core.results.leaderboard.import_file import read_reported

CASE = Path(__file__).parents[1] / "fixtures" / "cases" / "formats" / "alpaca_lb.csv"


def test_each_model_is_a_system_with_its_rates_and_their_intervals() -> None:
    found = read_reported(CASE)
    assert [system.name for system in found.systems] == ["my-model", "other"]
    assert not found.problems.count
    mine = found.systems[0].figures
    rate = mine["benchmark/AlpacaEval/win rate, %/"]
    assert (rate["value"], rate["n"]) == (55.3, 805)
    assert (rate["low"], rate["high"]) == pytest.approx(
        (55.3 - 1.96 * 1.7, 55.3 + 1.96 * 1.7), abs=1e-3
    )
    assert mine["benchmark/AlpacaEval/length-controlled win rate, %/"]["value"] == 50.1
    assert mine["characters"]["value"] == 1800
    assert "win_rate" not in mine  # that one is of the comparisons on the board


def test_what_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "lb.csv"
    path.write_text(",win_rate,avg_length\na,1.5,10\n,2,3\n\nb,x,1\nc,1\nd,,\n")
    found = read_reported(path)
    assert [system.name for system in found.systems] == ["a"]
    assert [problem.line for problem in found.problems.shown] == [3, 5, 6, 7]
