"""Whatever is made wrong in the code that counts, the check says so."""

import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from sit_core.export.check_files import check
from sit_core.results import agreement
from sit_core.results.leaderboard import matrix as leaderboard_grid
from sit_core.results.leaderboard import rows as leaderboard_making
from sit_core.results.leaderboard import tests_of_pairs as leaderboard_tests
from sit_core.results.leaderboard.build import LeaderboardQuestion
from sit_core.settings import settings
from sit_core.store import Store, open_store
from sit_core.store import leaderboard as stored
from sit_core.store import verdict_patterns as patterns
from tests.results_check.filled import fill

pytestmark = pytest.mark.slow

Change = Callable[[pytest.MonkeyPatch], None]
SOME = LeaderboardQuestion(systems=("a", "b", "c"))


class Narrow(NormalDist):
    """A normal distribution whose 95 % interval is that of 90 %."""

    def inv_cdf(self, p: float) -> float:
        return super().inv_cdf(p) * 0.84


def estimator(name: str) -> Any:
    """The file of an estimator; in its package the name is the function's."""
    return import_module(f"sit_core.statistics.{name}")


def narrow(name: str) -> Change:
    """Its z is wrong."""
    return lambda patch: patch.setattr(estimator(name), "NormalDist", Narrow)


def replaced(module: Any, name: str, change: Callable[[Any], Any]) -> Change:
    """A function of a module is wrapped into a wrong one."""
    return lambda patch: patch.setattr(module, name, change(getattr(module, name)))


def a_row_less(make: Any) -> Any:
    def wrong(self: Any, values: Any) -> Any:
        return make(self, np.where(np.arange(len(values)) == 0, np.nan, values))

    return wrong


def ties_are_wins(make: Any) -> Any:
    def wrong(duels: Any) -> Any:
        found, none = make(duels)
        return {pair: 1.0 if value == 0.5 else value for pair, value in found.items()}, none

    return wrong


def ties_are_done(make: Any) -> Any:
    def wrong(done: Any, unsure: Any, said: Any) -> Any:
        return make(done + 1, unsure, said + 1)

    return wrong


def unsure_is_not_done(_: Any) -> Any:
    return lambda verdict, done: int(verdict in done)


def unchanged(_: Any) -> Any:
    return lambda p: p


def not_scored_left_out(make: Any) -> Any:
    """The mean of those that have a value, instead of all."""

    def wrong(*arguments: Any) -> Any:
        cells, reasons = make(*arguments)
        for cell in cells:
            object.__setattr__(cell, "n", cell.n_scored)
        return [cell for cell in cells if cell.n], reasons

    return wrong


def same_letters(make: Any) -> Any:
    return lambda ranked, differ: dict.fromkeys(make(ranked, differ), "a")


def no_design_effect(_: Any) -> Any:
    return lambda residuals, outputs, variance, informative: np.ones(len(outputs))


def no_lumps(make: Any) -> Any:
    return lambda *arguments: make(*arguments) & False


def turned(make: Any) -> Any:
    return lambda *arguments: make(*arguments)[::-1]


WRONG: dict[str, tuple[Change, str]] = {
    "z of shares": (narrow("wilson_open"), "board"),
    "z of differences": (narrow("paired"), "comparison"),
    "z of kappa": (narrow("kappa"), "agreement"),
    "z of alpha": (narrow("alpha"), "agreement"),
    "pseudo prompts of means": (replaced(estimator("mean"), "_lumps", no_lumps), "board"),
    "prompts that repeat": (
        replaced(estimator("share_clusters"), "design_effect", no_design_effect),
        "board",
    ),
    "a row is lost": (replaced(leaderboard_grid.OutputMatrix, "measure", a_row_less), "board"),
    "a tie is a win": (replaced(leaderboard_making, "outcomes", ties_are_wins), "board"),
    "a tie of people is done": (replaced(patterns, "state_of_votes", ties_are_done), "following"),
    "unsure is not done": (replaced(stored, "_state", unsure_is_not_done), "board"),
    "no Holm": (replaced(leaderboard_tests, "holm", unchanged), "pairs"),
    "letters": (replaced(leaderboard_tests, "letters", same_letters), "letters"),
    "mean of those answered": (replaced(stored, "score_cells", not_scored_left_out), "board"),
    "kappa's point": (replaced(agreement, "kappa", lambda _: lambda table: 0.5), "agreement"),
    "percent": (replaced(agreement, "percent", lambda _: lambda patterns: 0.5), "agreement"),
}


@pytest.fixture(scope="module")
def home(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled store; as systems differ much in it, some letters differ."""
    place = tmp_path_factory.mktemp("mutations")
    shutil.copy(migrated_file, place / "sit.db")
    store = open_store(settings({"SIT_HOME": str(place)}))
    fill(store, apart=True)
    store.close()
    return place


@pytest.fixture
def filled(home: Path, tmp_path: Path) -> Store:
    """At an address of its own, so that no board is remembered."""
    shutil.copytree(home, tmp_path / "of this test")
    return open_store(settings({"SIT_HOME": str(tmp_path / "of this test")}))


def test_nothing_is_wrong_at_first(filled: Store) -> None:
    report = check(filled, SOME)
    assert not report.differ
    assert len(report.checked) > 8


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told(name: str, filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    change, table = WRONG[name]
    change(monkeypatch)
    report = check(filled, SOME)
    assert table in {d.table for d in report.differ}
