"""Scores of several runs are compared on the prompts that all have; else each on its own, named."""

import io
import json

import pytest

from sit_core.metrics.registry import Options, score_predictions
from sit_core.results.scores import scores
from sit_core.sources import ImportFile, SourceFile, look_at
from sit_core.store import Store
from sit_core.store.browse import Filter, count_hits
from sit_core.store.runs import import_predictions
from sit_core.store.scores import read_outputs, save_scores


def scored(store: Store, run: str, asked: range, right: range, prompt_set: str = "set") -> None:
    """A run over these questions, right at those; its accuracy is in the store."""
    rows = [
        {
            "instruction": "Answer the question.",
            "input": f"Question: {prompt_set} {i}?\nChoices: A:yes, B:no",
            "output": "A" if i in right else "B",
            "target": "A",
            "steps": ["answer"],
        }
        for i in asked
    ]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    source = SourceFile(f"{run}.jsonl", lambda: io.BytesIO(data))
    file = ImportFile(source, run, look_at(source).mapping, prompt_set=prompt_set)
    assert import_predictions(store, [file]).stored
    options = Options()
    made = list(score_predictions(list(read_outputs(store, [run])), ("accuracy",), options))
    save_scores(store, made, {"accuracy": options.how("accuracy")}, "rules")


@pytest.fixture
def store_of_three(sqlite_store: Store) -> Store:
    """Run a has 20 questions, b ten of them; c has others."""
    scored(sqlite_store, "a", range(20), range(10))
    scored(sqlite_store, "b", range(5, 15), range(5, 14))
    scored(sqlite_store, "c", range(4), range(1), "another")
    return sqlite_store


def figures(store: Store, *runs: str, own: bool = False) -> dict[str, tuple[float | None, int]]:
    table = scores(store, runs, own_prompts=own)
    return {row.run: (row.mean, row.n) for row in table.rows if not row.step}


def test_runs_of_one_set_are_compared_on_what_all_have(store_of_three: Store) -> None:
    assert figures(store_of_three, "a", "b") == {"a": (0.5, 10), "b": (0.9, 10)}
    table = scores(store_of_three, ["a", "b"])
    assert table.shared == table.to_dict()["shared_prompts"] == 10
    assert "10 prompts that all 2 runs have" in table.about_prompts
    assert all(row.unscored == 0 for row in table.rows)


def test_runs_with_the_same_prompts_are_said_to_have_them(store_of_three: Store) -> None:
    scored(store_of_three, "d", range(5, 15), range(5, 8))
    table = scores(store_of_three, ["b", "d"])
    assert (table.shared, table.about_prompts) == (None, "All 2 runs have the same prompts.")


def test_each_on_its_own_where_that_is_asked_for(store_of_three: Store) -> None:
    assert figures(store_of_three, "a", "b", own=True) == {"a": (0.5, 20), "b": (0.9, 10)}
    assert "its own prompts" in scores(store_of_three, ["a", "b"], own_prompts=True).about_prompts


def test_a_run_alone_or_of_another_set_stays_as_it_is(store_of_three: Store) -> None:
    assert figures(store_of_three, "a") == {"a": (0.5, 20)}
    assert figures(store_of_three, "a", "b", "c") == {
        "a": (0.5, 20),
        "b": (0.9, 10),
        "c": (0.25, 4),
    }
    assert scores(store_of_three, ["a", "b", "c"]).shared is None


def test_a_figure_leads_to_the_outputs_that_it_is_over(store_of_three: Store) -> None:
    for row in scores(store_of_three, ["a", "b"]).rows:
        of = Filter(runs=(row.run,), shared_by=row.shared_by)
        assert count_hits(store_of_three, of) == row.n
