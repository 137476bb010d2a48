"""How a test calls the program, and the fake model of tests/predict, for what starts runs."""

import pytest

from sit_core.cli import main
from sit_core.store import Store
from tests.factories import make_run
from tests.predict.conftest import fake_in_jobs, folder
from tests.results.test_leaderboard import FOLLOW, fight, grow, say

__all__ = ["fake_in_jobs", "folder", "sit"]


def sit(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as caught:
        main(list(words))
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


@pytest.fixture
def two_judged_runs(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Runs a and b over the same four prompts of one iteration each, judged and compared once."""
    monkeypatch.setenv("SIT_STARTER", "0")
    runs = {name: make_run(sqlite_store, name, 4, steps=FOLLOW) for name in ("a", "b")}
    say(sqlite_store, runs["a"], ["yes", "yes", "no", "?"], [5, 4, 1, None])
    say(sqlite_store, runs["b"], ["no", "no", "no", "yes"], [1, 1, 1, 4])
    fight(sqlite_store, [(runs["a"][0], runs["b"][0], 1, 1)])
    grow(sqlite_store, [1, 2, 3, 4])
    return sqlite_store
