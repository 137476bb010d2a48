"""The tiny build goes through every stage; nothing is done twice; nothing names a machine."""

import json
import shutil
from pathlib import Path

import pytest

from sit_core.cli import main
from sit_core.errors import SitError

pytest.importorskip("torch")
pytest.importorskip("trl")

from sit_core.embedded.recipe import RECIPES
from sit_core.microlab.build_all import SIZES, STAGES, Size, build_all
from sit_core.records import Prediction
from sit_core.reproduction.outputs import read_index, read_outputs
from sit_core.reproduction.plan import TESTS
from sit_core.reproduction.report import other_seeds, reproduction

pytestmark = pytest.mark.slow
SMALL = Size(rows=120, steps=2, questions=2, seeds=(1,), models=("base", "it", "sit-repeat"))
STEPS = ("base", *STAGES)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole build, of a size that learns nothing."""
    folder = tmp_path_factory.mktemp("build")
    build_all(RECIPES["tiny"], folder, SMALL, stages=STEPS, items=2, device="cpu")
    return folder


def shipped_part(folder: Path) -> dict[Path, bytes]:
    files = (p for p in folder.rglob("*") if p.is_file() and "work" not in p.parts)
    return {p.relative_to(folder): p.read_bytes() for p in files}


def test_every_model_answered_every_test_instruction(built: Path) -> None:
    outputs = read_outputs(built / "predictions")
    assert list(outputs) == list(SMALL.models)
    for key, tests in outputs.items():
        assert list(tests) == list(TESTS)
        for test, found in tests.items():
            assert len(found) == SMALL.questions, (key, test)
            assert all(isinstance(p, Prediction) and p.run.endswith(test) for p in found)
    questions = {
        (key, test): [p.example.input for p in found]
        for key, tests in outputs.items()
        for test, found in tests.items()
    }
    assert len({tuple(inputs) for inputs in questions.values()}) == 1


def test_the_adapters_are_small_whole_and_name_no_folder(built: Path) -> None:
    for key in ("it", "sit-repeat"):
        folder = built / "adapters" / key
        assert {p.name for p in folder.iterdir()} == {
            "adapter_config.json",
            "adapter_model.safetensors",
            "training.json",
            "README.md",
        }
        about = json.loads((folder / "adapter_config.json").read_text())
        assert about["base_model_name_or_path"] == "microlab"
        assert sorted(about["target_modules"]) == ["k_proj", "q_proj", "v_proj"]
    for path, content in shipped_part(built).items():
        assert str(built).encode() not in content, path


def test_started_again_it_does_nothing_twice(built: Path) -> None:
    before, said = shipped_part(built), list[str]()
    stages = [stage for stage in STEPS if stage != "base"]
    build_all(RECIPES["tiny"], built, SMALL, stages=stages, say=said.append)
    assert shipped_part(built) == before
    assert not [line for line in said if "step" in line or "outputs" in line]


def test_an_adapter_that_is_gone_is_made_again_with_the_same_outputs(built: Path) -> None:
    before = shipped_part(built)
    shutil.rmtree(built / "adapters" / "it")
    build_all(RECIPES["tiny"], built, SMALL, stages=["adapters", "predictions"])
    now = shipped_part(built)
    for name in ("adapters/it/adapter_model.safetensors", "predictions/it.jsonl"):
        assert now[Path(name)] == before[Path(name)]


def test_killed_before_the_bases_folder_was_forgotten_it_is_forgotten_later(built: Path) -> None:
    before = shipped_part(built)
    folder = built / "adapters" / "sit-repeat"
    known = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    known["config"]["model"]["base"] = known["base"]["name"] = str(built / "base")
    (folder / "training.json").write_text(json.dumps(known), encoding="utf-8")
    said: list[str] = []
    build_all(RECIPES["tiny"], built, SMALL, stages=["adapters"], say=said.append)
    assert shipped_part(built) == before
    assert "sit-repeat: made" in said


def test_other_seeds_leave_their_figures_and_no_adapters(built: Path) -> None:
    others = other_seeds(built / "predictions")
    assert list(others) == ["1"]
    assert {place.model for place in others["1"]} == {"it", "sit-repeat"}
    found = reproduction(built / "predictions")
    assert found.about["training_seeds"] == [0, 1]
    cell = found.tables[0].rows[1][1][-1]
    assert cell is not None
    assert len(cell.seeds) == 1
    assert {p.name for p in (built / "adapters").iterdir()} == {"it", "sit-repeat"}


def test_the_index_tells_what_wrote_each_file(built: Path) -> None:
    models = read_index(built / "predictions")["models"]
    assert models["base"]["adapter"] is None
    assert len({models[key]["base"] for key in SMALL.models}) == 1
    assert models["it"]["adapter"] != models["sit-repeat"]["adapter"]


def test_the_command_reports_on_a_build(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["microlab", "report", "--folder", str(built), "--json"])
    assert ended.value.code == 0
    said = json.loads(capsys.readouterr().out)
    assert [table["key"] for table in said["tables"]] == [f"table-{i}" for i in range(1, 7)]
    assert len(said["directions"]) == 5
    with pytest.raises(SystemExit):
        main(["microlab", "report", "--folder", str(built)])
    assert "paper, LLaMA-7B-Alpaca, SIT (ours): ROUGE-L 54" in capsys.readouterr().out


def test_without_a_base_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SitError, match=r"There is no base in .*--only base"):
        build_all(RECIPES["tiny"], tmp_path, SIZES["tiny"], stages=["adapters"])
    with pytest.raises(SitError, match="sit microlab build"):
        reproduction(tmp_path)
