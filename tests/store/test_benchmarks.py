"""Benchmark results are kept per system, task, metric and setting, and replaced when they come."""

from dataclasses import replace

from sqlalchemy import insert

from sit_core.store import Store
from sit_core.store.benchmarks import BenchmarkResult, read_benchmarks, save_benchmarks
from sit_core.store.schema import systems


def make_system(store: Store, name: str) -> int:
    values = {"name": name, "figures": {}, "provenance": {}, "created_at": 0.0}
    with store.write() as connection:
        return connection.execute(insert(systems).values(**values)).inserted_primary_key[0]


GSM8K = BenchmarkResult("gsm8k", "exact_match", "5-shot", 0.25, 0.01, 1319, {"file": "a.json"})
MMLU = BenchmarkResult("mmlu", "acc", "", 0.5)


def test_what_comes_again_replaces_and_what_differs_in_its_setting_stands_beside(store) -> None:
    mine, other = make_system(store, "mine"), make_system(store, "a rival")
    save_benchmarks(store, mine, [MMLU, GSM8K])
    save_benchmarks(store, other, [GSM8K])
    again = replace(GSM8K, value=0.75, stderr=None, n=10, provenance={"file": "b.json"})
    save_benchmarks(store, mine, [replace(again, value=0.1), again, replace(GSM8K, setting="8")])
    found = [(row.system, row.result) for row in read_benchmarks(store)]
    assert found == [
        ("a rival", GSM8K),
        ("mine", again),
        ("mine", replace(GSM8K, setting="8")),
        ("mine", MMLU),
    ]
    assert [row.result for row in read_benchmarks(store, ["a rival"])] == [GSM8K]
    assert read_benchmarks(store, ["nobody"]) == []
