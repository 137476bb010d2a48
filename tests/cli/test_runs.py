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


def test_stored_outputs_are_looked_through_and_mended_on_request(capsys, store: Store) -> None:
    make_run(store, "thinks", ["<think>\nHm.\n</think>\n\nParis.", "Rome."])
    code, out, _ = run(capsys, "check", "--run", "thinks", "--json")
    assert code == 0
    ((found,), done) = json.loads(out).values()
    assert (found["run"], found["thoughts"], found["failed"], done) == ("thinks", 1, 0, None)
    assert "thinks: 2 outputs; 1 hold thoughts; 0 are none" in run(capsys, "check")[1]
    assert "Split: 1 outputs; freed: 0." in run(capsys, "check", "--split-thoughts")[1]
    (listed,) = [row for row in json.loads(run(capsys, "--json")[1]) if row["name"] == "thinks"]
    assert listed["thoughts"] == 1
    assert "(1 thought about first)" in run(capsys)[1]
    assert run(capsys, "check", "--run", "nobody")[0] == 2
