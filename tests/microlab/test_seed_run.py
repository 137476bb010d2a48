"""One training seed by a tiny recipe: resumed where it was killed, the same answers for all."""

from dataclasses import replace
from pathlib import Path

import pytest

from sit_core.embedded.prompt import END
from sit_core.embedded.recipe import TINY
from sit_core.errors import SitError, UsageError
from sit_core.microlab import no_instructions, seed_run, tuning_rows
from sit_core.microlab.seed_all import make_seed
from sit_core.microlab.seed_run import SeedRun, make_models
from sit_core.reproduction.seed_files import read_lines

RECIPE = replace(TINY, weights=no_instructions.RECIPE.weights)


def run_of(folder: Path) -> SeedRun:
    return SeedRun(5, folder, recipe=RECIPE, updates=3, rows=96)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds")
    make_seed(5, folder, ["base", "it", "sit-repeat"], size="tiny")
    return folder / "5"


@pytest.mark.slow
def test_a_seed_has_models_outputs_times_and_overlap(made: Path) -> None:
    for key in ("base", "it", "sit-repeat"):
        assert (made / "models" / key / "model.safetensors").is_file()
        rows = list(read_lines(made / f"{key}.jsonl.gz"))
        assert {row["test"] for row in rows} >= {"A", "R+A", "P+R+P+A"}
        assert any(row.get("condition") for row in rows) == (key == "sit-repeat")
    assert not (made / "models" / "sit-paraphrase").exists()


@pytest.mark.slow
def test_again_makes_nothing_again_and_another_recipe_is_refused(made: Path) -> None:
    stamps = {p: p.stat().st_mtime_ns for p in made.rglob("*.safetensors")}
    make_seed(5, made.parent, ["base", "it", "sit-repeat"], size="tiny")
    assert {p: p.stat().st_mtime_ns for p in made.rglob("*.safetensors")} == stamps
    with pytest.raises(SitError, match="another"):
        make_models(SeedRun(5, made, recipe=RECIPE, updates=4, rows=96), ["it"], print)
    with pytest.raises(UsageError, match="no model x"):
        make_seed(5, made.parent, ["x"], size="tiny")


@pytest.mark.slow
def test_killed_in_a_tuning_it_ends_with_the_same_weights(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seed_run, "_PACE", replace(seed_run._PACE, checkpoint_seconds=0.0))

    class Killed(Exception):
        pass

    lines = []

    def killing(line: str) -> None:
        lines.append(line)
        if "step 3/3" in line:  # before the model is saved
            raise Killed

    monkeypatch.setattr(seed_run, "_PACE", replace(seed_run._PACE, report_seconds=0.0))
    run = run_of(tmp_path / "5")
    make_models(run, ["base"], lambda line: None)
    with pytest.raises(Killed):
        make_models(run, ["it"], killing)
    assert not run.place("it").exists()
    make_models(run, ["it"], lambda line: None)
    name = "model.safetensors"
    again, first = (folder / "it" / name for folder in (tmp_path / "5/models", made / "models"))
    assert again.read_bytes() == first.read_bytes()


@pytest.mark.slow
def test_an_answer_weighs_the_same_in_it_and_in_a_chain(made: Path) -> None:
    tokenizer = seed_run._tokenizer(made / "work" / "base")
    world = run_of(made).world
    plain, chained = (
        list(tuning_rows.batches_of(world, tokenizer, key, 0, 96)) for key in ("it", "sit-repeat")
    )
    assert [b.total for b in plain] == [b.total for b in chained]
    heavy = tuning_rows.WEIGHTS["A"]
    end = tokenizer.token_to_id(END)
    for one, other in zip(plain, chained, strict=True):
        # Tokens of answers (and the end after them), by what they are and their weight.
        answers = [sorted(b.ids[:, 1:][b.weights[:, :-1] == heavy].tolist()) for b in (one, other)]
        assert answers[0] == answers[1]
        assert end in answers[0]
