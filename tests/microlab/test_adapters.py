"""The adapters as they ship: small, swapped on the shipped base, and as good as their card says."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from sit_core.embedded import shipped
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.world import World
from sit_core.microlab.adapters import AdapterBuild, mixture_of, training_of
from sit_core.records import Prediction
from sit_core.reproduction.outputs import MAX_NEW_TOKENS, read_index, read_outputs
from sit_core.reproduction.plan import ADAPTERS, MODELS, TESTS, asked_as, held_out_questions
from sit_core.reproduction.report import runs_of
from sit_core.results.reproduction import CellKey, PaperCell, cells_of

FOLDER = shipped.FOLDER / "adapters"
if not FOLDER.is_dir():
    pytest.skip("no adapters ship yet; `sit microlab build` makes them", allow_module_level=True)

MEGABYTE = 1_000_000
FRESH = 4242
"""A seed of held-out questions that nothing was tuned or shipped with."""
ASKED = 40
SLACK = 0.08
"""One standard error of a share near the bounds, of so many questions."""


def known(key: str) -> dict:
    return json.loads((FOLDER / key / "training.json").read_text(encoding="utf-8"))


def test_all_that_ships_is_small_and_holds_no_pickles_and_no_places_of_a_machine() -> None:
    files = [p for p in shipped.FOLDER.rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) <= 15 * MEGABYTE
    kinds = {".json", ".jsonl", ".safetensors", ".jinja", ".md", ".yaml"}
    assert {p.suffix for p in files} <= kinds
    for path in files:
        content = path.read_bytes()
        for word in (b"/home/", b"/root", b"/tmp", b"/work", b"/Users", str(Path.home()).encode()):
            if path.suffix != ".safetensors" and len(word) > 1:
                assert word not in content, (path, word)


def test_each_adapter_is_a_lora_adapter_of_the_shipped_base() -> None:
    assert sorted(p.name for p in FOLDER.iterdir()) == sorted(ADAPTERS)
    bases = {known(key)["base"]["weights"] for key in ADAPTERS}
    assert bases == {read_index()["models"]["base"]["base"]}
    for key in ADAPTERS:
        about = json.loads((FOLDER / key / "adapter_config.json").read_text(encoding="utf-8"))
        assert about["peft_type"] == "LORA"
        assert about["base_model_name_or_path"] == "microlab"
        assert (FOLDER / key / "adapter_model.safetensors").stat().st_size < MEGABYTE


def test_they_were_trained_by_the_recipes_and_the_preset_that_ship() -> None:
    for key in ADAPTERS:
        making = AdapterBuild(key, shipped.BASE, Path("out"), Path("work"))
        said, asked = known(key)["config"], training_of(making, Path("rows.jsonl"))
        assert said["seed"] == asked.seed
        assert said["schedule"]["steps"] == asked.schedule.steps
        assert said["schedule"]["learning_rate"] == asked.schedule.learning_rate
        assert said["model"]["prompt_format"] == asked.model.prompt_format
        assert tuple(said["method"]["targets"]) == asked.method.targets
        chains = [c if isinstance(c, str) else c.chain for c in mixture_of(making).chains]
        assert tuple(chains) == MODELS[key].trained_on


@pytest.mark.slow
def test_their_training_rows_are_what_the_recipes_make(tmp_path: Path) -> None:
    from sit_core.augment.mixture import write_mixture

    for key in ADAPTERS:
        making = AdapterBuild(key, shipped.BASE, Path("out"), tmp_path)
        made = write_mixture(mixture_of(making), tmp_path / f"{key}.jsonl")
        assert made.made["train"]["sha256"] == known(key)["data"]["same"]["train_sha256"], key


def write(key: str, questions: list, tests: list[str], world: World) -> dict[str, list[Prediction]]:
    """What a model writes now, loaded as any model is."""
    from sit_core.models import GenerationSettings, ModelSpec, load_model

    adapter = str(FOLDER / key) if MODELS[key].adapter else None
    spec = ModelSpec(str(shipped.BASE), adapter=adapter, device="cpu", dtype="float32")
    found: dict[str, list[Prediction]] = {}
    with closing(load_model(spec)) as model:
        for test in tests:
            examples = list(asked_as(world, questions, test))
            said = dict(model.generate(examples, GenerationSettings(max_new_tokens=MAX_NEW_TOKENS)))
            found[test] = [
                Prediction(MODELS[key].run(test), example, said[i].text)
                for i, example in enumerate(examples)
            ]
    return found


@pytest.mark.slow
def test_swapped_on_one_base_they_write_what_ships() -> None:
    pytest.importorskip("torch")
    from sit_core.models import ModelSpec, load_model

    world = World(Recipe().seed)
    questions = held_out_questions(world, 2, read_index()["questions"]["seed"])
    # Held all the while: the adapters go in and out of this one.
    with closing(load_model(ModelSpec(str(shipped.BASE), device="cpu", dtype="float32"))):
        for key in ("it", "base", "sit-2", "it"):
            outputs = read_outputs(tests=["R+A", "R+P+A"])[key]
            for test, found in write(key, questions, ["R+A", "R+P+A"], world).items():
                assert [p.output for p in found] == [p.output for p in outputs[test][:2]], key


@pytest.mark.slow
def test_what_is_expected_holds_on_questions_that_nobody_has_seen() -> None:
    pytest.importorskip("torch")
    world = World(Recipe().seed)
    questions = held_out_questions(world, ASKED, FRESH)
    wanted = {
        "it": ["A", "R+A"],
        "sit-repeat": ["A", "R+A", "P+A", "R+P+A"],
        "sit-paraphrase": ["A"],
        "sit-2": ["A", "R+P+A"],
    }
    cells, _ = cells_of({key: write(key, questions, tests, world) for key, tests in wanted.items()})

    def of(model: str, test: str, metric: str = "following") -> float:
        cell: PaperCell = cells[CellKey(model, test, metric)]
        assert cell.value is not None
        return cell.value

    assert of("it", "R+A") <= 0.20 + SLACK
    assert of("sit-repeat", "R+A") >= 0.85 - SLACK
    assert of("sit-repeat", "P+A") >= 0.70 - SLACK
    for key in ("sit-repeat", "sit-paraphrase", "sit-2"):
        assert of("it", "A", "accuracy") - of(key, "A", "accuracy") <= 0.05 + SLACK, key
    assert of("sit-2", "R+P+A") >= of("sit-repeat", "R+P+A")


def test_every_run_behind_a_number_has_its_outputs() -> None:
    outputs = read_outputs()
    places = [CellKey(key, test, "following") for key in MODELS for test in TESTS]
    assert runs_of(places) == [outputs[key][test][0].run for key in MODELS for test in TESTS]
