"""A training file with lineage: what is in it, what is not and why; readable by `sit train`."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sit_core.errors import SitError, UsageError
from sit_core.models.interface import Generated
from sit_core.seq_instruct.config import SeqInstructConfig, read_config
from sit_core.seq_instruct.export import export_set
from sit_core.seq_instruct.run import run_set
from sit_core.train.rows import read_training_rows
from tests.seq_instruct.fakes import WRITER, FakeModel, use

OPTIONS = "ABCDABCDAB"


def behave(stage: str, task: str, time: int) -> Generated | None:
    """Place 1 fails in the second iteration, 4 in both, 8 is gated, 9 has no answer."""
    place = next((i for i in range(10) if f"({i})" in task), -1)
    if stage == "classify":
        fails = place == 4 or (place == 1 and "First" in task)
        return Generated("" if fails else f"Option: {OPTIONS[place]}", tokens=1, prompt_tokens=1)
    if stage == "generate" and place == 8:
        return Generated("<instruction>Do the thing, and then another.</instruction>")
    if stage == "refine" and place == 8:
        return Generated("Complete: yes")
    return None


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    path = tmp_path / "rows.jsonl"
    given = [
        {
            "instruction": f"Do task ({i}).",
            "input": f"input {i}" if i % 2 else "",
            "output": f"o{i}",
        }
        for i in range(10)
    ]
    given[7] = {"instruction": "Do task (7).", "input": "", "output": ""}
    path.write_text("\n".join(map(json.dumps, given)))
    use(monkeypatch, FakeModel(behave))
    run_set("a", SeqInstructConfig((str(path),), writer=WRITER, attempts=1, wave=3))

    def read(**more: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        done = export_set("a", **more)
        return [json.loads(line) for line in done.path.read_text().splitlines()], done.made

    return read


def test_rows_carry_their_lineage(rows: Any) -> None:
    found, counts = rows(iteration=1)
    by_place = {row["seq_instruct"]["place"]: row for row in found}
    assert set(by_place) == {0, 1, 2, 3, 5, 6, 7, 9}
    assert by_place[7]["seq_instruct"]["answer_by"] == "fake"  # held, and the data had none
    assert by_place[3]["instruction"] == "Do task (3)."
    assert by_place[3]["output"] == "o3"
    assert by_place[3]["seq_instruct"]["answer_by"] == "seed"
    assert by_place[1]["instruction"].endswith("Do task (1).")
    assert by_place[1]["input"] == "input 1"
    assert by_place[1]["seq_instruct"] | {"id": "", "seed": ""} == {
        "id": "",
        "seed": "",
        "place": 1,
        "iteration": 1,
        "options": ["B"],
        "state": "made",
        "answer_by": "fake",
    }
    assert counts["left_out"] == {
        "failed: classify: empty": 1,
        "gated: lost numbers": 1,
    }
    assert counts["answers_by"] == {"fake": 7, "seed": 1}
    assert counts["rows"] == 8


def test_what_has_no_answer_is_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_text(json.dumps({"instruction": "Where do bees live?", "output": ""}))
    run_set("b", SeqInstructConfig((str(path),)))  # the rules know none
    made = export_set("b").made
    assert (made["rows"], made["left_out"]) == (0, {"it has no answer": 1})


def test_failed_ones_as_they_last_were_made(rows: Any) -> None:
    without, _ = rows()
    with_before, counts = rows(failed="before")
    assert {1} == {r["seq_instruct"]["place"] for r in with_before} - {
        r["seq_instruct"]["place"] for r in without
    }
    row = next(r for r in with_before if r["seq_instruct"]["place"] == 1)
    assert row["seq_instruct"]["options"] == ["B"]
    assert row["seq_instruct"]["state"] == "failed"
    assert counts["left_out"]["failed: classify: empty"] == 1


def test_it_can_be_trained_on_in_both_formats(rows: Any, tmp_path: Path) -> None:
    for form in ("alpaca", "messages"):
        out = tmp_path / f"{form}.jsonl"
        found, counts = rows(form=form, out=out)
        read = read_training_rows(str(out))
        assert len(read.rows) == len(found) == counts["rows"]
        assert all(row.output for row in read.rows)


def test_the_manifest_is_a_configuration_again(rows: Any) -> None:
    done = export_set("a")
    text = yaml.safe_load(done.manifest.read_text())
    assert text["made"]["sha256"] == done.made["sha256"]
    assert text["made"]["known"]["writers"]["generate"] == {"model": "fake"}
    config = read_config(done.manifest)
    assert config.writer == WRITER
    assert run_set("a", config).set.complete  # the same set: nothing is refused


def test_what_is_not_there_is_one_sentence(rows: Any, tmp_path: Path) -> None:
    with pytest.raises(SitError, match="no iteration 3"):
        export_set("a", iteration=3)
    with pytest.raises(SitError, match="no set of instructions"):
        export_set("b")
    with pytest.raises(UsageError, match="JSONL"):
        export_set("a", out=tmp_path / "x.csv")
