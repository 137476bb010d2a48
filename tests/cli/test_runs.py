"""``sit runs``: what is in the store, and one run less where nobody judged it."""

import json

import pytest

from sit_core.cli import main
from sit_core.store import Store, open_store
from sit_core.store.runs import list_runs
from tests.factories import make_run


@pytest.fixture(autouse=True)
def store(home_of_its_own) -> Store:
    """Two runs."""
    opened = open_store()
    make_run(opened, "a", 6)
    make_run(opened, "b", 8)
    yield opened
    opened.close()


def run(capsys, *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["runs", *args])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def test_runs_are_listed(capsys) -> None:
    code, out, _ = run(capsys, "--json")
    assert code == 0
    assert {(row["name"], row["outputs"]) for row in json.loads(out)} == {("a", 6), ("b", 8)}
    assert "a  " in run(capsys)[1]


def test_a_run_is_deleted_with_its_outputs_and_that_is_said(capsys, store: Store) -> None:
    code, out, _ = run(capsys, "delete", "a")
    assert code == 0
    assert out == "The run 'a' is deleted, with its 6 outputs.\n"
    assert [found.name for found in list_runs(store)] == ["b"]


def test_an_unknown_run_is_one_sentence(capsys) -> None:
    code, out, err = run(capsys, "delete", "bb")
    assert (code, out) == (1, "")
    assert "did you mean" in err.lower()
    assert err.count("\n") == 1
