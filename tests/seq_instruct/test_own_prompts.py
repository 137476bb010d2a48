"""Prompts changed in a copy: the shipped ones stay, a set keeps the texts it was asked with."""

import json
from pathlib import Path

import pytest

from sit_core.errors import UsageError
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.folder import SetFolder
from sit_core.seq_instruct.prompts import read_prompts
from sit_core.seq_instruct.run import run_set
from sit_core.seq_instruct.user_prompts import (
    changed,
    copy_for,
    keep_texts,
    own_folder,
    own_texts,
    reset_texts,
    shipped_texts,
)

SUFFIX = shipped_texts()["suffix"]


def test_what_is_as_shipped_is_not_kept(tmp_path: Path) -> None:
    keep_texts({"suffix": SUFFIX + "\n", "refine": shipped_texts()["refine"]}, tmp_path)
    assert changed(tmp_path) == []
    keep_texts({"suffix": SUFFIX + " More."}, tmp_path)
    assert changed(tmp_path) == ["suffix"]
    assert own_texts(tmp_path)["suffix"].endswith(" More.")
    assert shipped_texts()["suffix"] == SUFFIX
    keep_texts({"suffix": SUFFIX}, tmp_path)
    assert changed(tmp_path) == []


def test_all_faults_are_said_and_nothing_is_kept(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"suffix.*refine|refine.*suffix"):
        keep_texts({"suffix": "no place", "refine": "none here", "classify": "x"}, tmp_path)
    with pytest.raises(UsageError, match=r"no prompt .\.\./evil."):
        keep_texts({"../evil": "x"}, tmp_path)
    with pytest.raises(UsageError, match="at most"):
        keep_texts({"suffix": SUFFIX + "x" * 300_000}, tmp_path)
    assert not own_folder(tmp_path).exists()


def test_reset_goes_back_to_the_shipped_text(tmp_path: Path) -> None:
    keep_texts({"suffix": SUFFIX + " More.", "examples/suffix": "One.\n---\nTwo."}, tmp_path)
    assert changed(tmp_path) == ["suffix", "examples/suffix"]
    reset_texts(["suffix"], tmp_path)
    assert changed(tmp_path) == ["examples/suffix"]
    reset_texts(["suffix", "examples/suffix", "../../x"], tmp_path)
    assert own_texts(tmp_path) == shipped_texts()


def test_a_set_is_made_with_the_texts_that_it_was_asked_with(tmp_path: Path) -> None:
    assert copy_for("plain", tmp_path) is None
    keep_texts({"suffix": SUFFIX + " More."}, tmp_path)
    wanted = read_prompts(str(own_folder(tmp_path))).sha256()
    config = SeqInstructConfig(("microlab:answer:3",), prompts=copy_for("mine", tmp_path))
    reset_texts(["suffix"], tmp_path)  # somebody changes his mind while the job waits
    run_set("mine", config, home=tmp_path)
    folder = SetFolder.of("mine", tmp_path)
    known = json.loads(folder.known.read_text(encoding="utf-8"))
    assert known["prompts_sha256"] == wanted != read_prompts().sha256()
    assert (folder.path / "prompts" / "suffix.txt").read_text().endswith(" More.")
    assert run_set("mine", config, home=tmp_path).stopped is None
    with pytest.raises(UsageError, match="already"):
        copy_for("mine", tmp_path)
    with pytest.raises(UsageError, match="needs a name"):
        copy_for(" ", tmp_path)
    keep_texts({"suffix": SUFFIX + " More."}, tmp_path)
    copy = copy_for("../x", tmp_path)
    assert copy is not None
    assert Path(copy).parent.parent == tmp_path / "seq_instruct"
