"""The embedded model as it ships: small, loaded as any other, and as good as its card says."""

import json
from pathlib import Path

import pytest

from sit_core.embedded import shipped
from sit_core.embedded.heldout import figures, greedy, held_out_items
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.skills import SKILLS
from sit_core.embedded.world import World
from sit_core.errors import SitError

if not (shipped.FOLDER / "base").is_dir():
    pytest.skip("no base model ships yet; `sit microlab build` makes it", allow_module_level=True)

MEGABYTE = 1_000_000
EACH = 60


@pytest.fixture(scope="module")
def base():
    """Model and tokenizer, loaded as any other model is, offline."""
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder = shipped.shipped_base()
    options = {"trust_remote_code": False, "local_files_only": True}
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, use_safetensors=True, **options
    )
    return model.float(), transformers.AutoTokenizer.from_pretrained(folder, **options)


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return Recipe(**json.loads((shipped.FOLDER / "recipe.json").read_text()))


def test_it_is_small_and_holds_no_pickles() -> None:
    files = [p for p in shipped.BASE.rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) < 10 * MEGABYTE
    assert {p.suffix for p in files} <= {".json", ".jsonl", ".safetensors", ".jinja", ".md"}


def test_it_has_one_to_five_million_parameters_and_needs_no_code_of_its_own(base) -> None:
    model, tokenizer = base
    assert 1e6 <= sum(p.numel() for p in model.parameters()) <= 5e6
    assert type(model).__name__ == "LlamaForCausalLM"
    assert len(tokenizer) == model.config.vocab_size
    assert model.generation_config.do_sample is False


def test_it_was_built_by_the_recipe_that_the_code_holds(recipe: Recipe) -> None:
    assert recipe == Recipe()


def test_the_held_out_files_are_what_the_seed_makes(recipe: Recipe) -> None:
    world = World(recipe.seed)
    for skill in SKILLS:
        path = shipped.HELD_OUT / f"{skill.replace(' ', '-')}.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        items = held_out_items(world, skill, len(rows))
        assert [(r["instruction"], r["input"], r["reference"]) for r in rows] == [
            (i.instruction, i.input, i.response) for i in items
        ]
        assert len(rows) >= 20


def test_the_card_shows_the_measured_figures() -> None:
    card = (shipped.FOLDER / "README.md").read_text(encoding="utf-8")
    for row in json.loads((shipped.FOLDER / "figures.json").read_text()):
        assert (
            f"| {row['skill']} | {row['sort']} | {row['items']} | {row['followed']:.1%} | "
            f"{row['right']:.1%} |" in card
        )


@pytest.mark.slow
def test_it_holds_the_bar_on_held_out_items(base, recipe: Recipe) -> None:
    """Copies exactly in 95 of 100, answers rightly in 90, follows each single skill in 95."""
    world = World(recipe.seed)
    items = [item for skill in SKILLS for item in held_out_items(world, skill, EACH, seed=1)]
    found = {f.skill: f for f in figures(items, greedy(*base, items), by_sort=False)}
    slack = 0.04  # one standard error of a sample of this size near the bar
    assert found["repeat"].right >= 0.95 - slack
    assert found["answer"].right >= 0.90 - slack
    for skill in SKILLS:
        assert found[skill].followed >= 0.95 - slack, skill


def test_a_missing_data_folder_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shipped, "BASE", tmp_path / "none")
    with pytest.raises(SitError, match="sit microlab build"):
        shipped.shipped_base()
