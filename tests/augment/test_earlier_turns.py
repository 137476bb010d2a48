"""A system message and earlier turns of the source's rows go along into the training rows."""

from pathlib import Path
from typing import Any

import pytest

from sit_core.augment.example import EARLIER_TURNS, NAMES_TOOLS
from sit_core.errors import SitError
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.seeds import SeedsRead, read_seeds
from sit_core.train.rows import read_training_rows
from tests.augment.conftest import made, rows_of, written

ROW: dict[str, Any] = {"instruction": "Name its colour.", "input": "a plum", "output": "purple"}
BEFORE = {"system": "Be brief.", "history": [["earlier?", "before."]]}


@pytest.mark.parametrize("form", ["alpaca", "messages"])
@pytest.mark.parametrize(
    "before",
    [BEFORE, {"system_prompt": "Be brief.", "history": '[["earlier?", "before."]]'}],
)
def test_they_come_through_into_what_is_trained_on(
    tmp_path: Path, form: str, before: dict[str, Any]
) -> None:
    source = written(tmp_path / "d.jsonl", [{**ROW, **before}, {**ROW, "input": "a fig"}])
    done = made(tmp_path, sources=[str(source)], chains=["R+A"], format=form)
    assert len(rows_of(done.train)) == 2
    found = read_training_rows(str(done.train)).rows
    contexts = {row.output: (row.context.system, row.context.history) for row in found}
    assert contexts == {
        "a plum\npurple": ("Be brief.", (("earlier?", "before."),)),
        "a fig\npurple": ("", ()),
    }


def test_rows_that_name_tools_are_left_out_and_counted(tmp_path: Path) -> None:
    source = written(tmp_path / "d.jsonl", [{**ROW, "tools": [{"name": "x"}]}, ROW])
    done = made(tmp_path, sources=[str(source)], chains=["R+A"])
    assert len(rows_of(done.train)) == 1
    assert done.made["left_out"] == {NAMES_TOOLS: 1}


def test_a_history_of_another_shape_is_a_problem(tmp_path: Path) -> None:
    source = written(tmp_path / "d.jsonl", [{**ROW, "history": ["alone"]}])
    with pytest.raises(SitError, match="pairs of question and answer"):
        made(tmp_path, sources=[str(source)], chains=["R+A"])


def test_seq_instruct_s_seeds_keep_the_system_message_and_count_what_has_no_place(
    tmp_path: Path,
) -> None:
    rows = [{**ROW, "system": "Be brief."}, {**ROW, **BEFORE}, {**ROW, "tools": [{"name": "x"}]}]
    source = written(tmp_path / "d.jsonl", rows)
    found = SeedsRead()
    seeds = list(read_seeds(SeqInstructConfig((str(source),)), found))
    assert [seed.system for seed in seeds] == ["Be brief."]
    assert found.left_out == {EARLIER_TURNS: 1, NAMES_TOOLS: 1}
