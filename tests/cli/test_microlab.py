"""``sit microlab``: the claims are in the report, and kept where that is asked for."""

import json
from pathlib import Path

import pytest

from sit_core.reproduction.claims import KEPT, read_plan
from sit_core.reproduction.outputs import FOLDER, INDEX
from tests.cli.conftest import sit
from tests.reproduction.test_claims import write_seed

if not (FOLDER / INDEX).is_file():
    pytest.skip("no outputs ship yet; `sit microlab build` makes them", allow_module_level=True)


@pytest.mark.slow
def test_the_report_judges_the_seeds_of_a_folder(tmp_path: Path, capsys) -> None:
    for seed in (1, 2):
        write_seed(tmp_path, seed)
    words = ("microlab", "report", "--seeds", str(tmp_path))
    code, out, _ = sit(capsys, *words, "--json")
    assert code == 0
    found = json.loads(out)["claims"]
    assert found["seeds"] == [1, 2]
    assert [c["id"] for c in found["claims"]] == [c.id for c in read_plan().claims]
    assert not (tmp_path / KEPT).exists()
    text = sit(capsys, *words, "--keep")[1]
    assert "2 of 5 training seeds are there" in text
    for claim in found["claims"]:
        assert f"{claim['verdict'].upper()}: {claim['text']}" in text
    kept = json.loads((tmp_path / KEPT).read_text(encoding="utf-8"))
    assert kept["claims"] == found["claims"]


def test_an_unknown_model_is_one_sentence(tmp_path: Path, capsys) -> None:
    words = ("microlab", "tune", "--seed", "1", "--out", str(tmp_path), "--models", "nobody")
    code, _, err = sit(capsys, *words)
    assert code == 2
    assert "no model nobody" in err
