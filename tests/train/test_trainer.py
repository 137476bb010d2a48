"""The trainer on the tiny model: its loss, its order, its best weights, and how it goes on."""

import doctest
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sit_core.errors import SitError
from sit_core.models.interface import GenerationSettings
from sit_core.models.local.weights import weights_in
from sit_core.models.resolve import find_place
from sit_core.records import Example
from sit_core.train.config import TrainingConfig
from sit_core.train.curves import Curves
from sit_core.train.data import prepare
from sit_core.train.encoding import NOT_LEARNED
from sit_core.train.folder import TrainingFolder, read_json
from sit_core.train.hardware import plan_for
from sit_core.train.run import TrainReport, _trainer, train
from tests.models.conftest import Loader
from tests.train.conftest import Config, copies, rows_file

pytestmark = pytest.mark.slow


def silent(*_: Any) -> None:
    """No word on how far it is."""


def trainer_of(config: TrainingConfig, stopped: Callable[[], bool] = lambda: False) -> Any:
    """The trainer as `train` makes it, before its first update."""
    place = find_place(config.model.base, None, "model")
    weights = weights_in(place.folder)
    plan = plan_for(config.hardware, weights, longest=512, full=config.method.kind == "full")
    prepared = prepare(config, place, silent)
    folder = TrainingFolder.of(config.name)
    folder.path.mkdir(parents=True)
    return _trainer(config, folder, plan, place, weights, prepared, silent, stopped)


def curves_of(name: str) -> Curves:
    curves = Curves(TrainingFolder.of(name).curves)
    curves.read()
    return curves


def contradicting(folder: Path) -> dict[str, Any]:
    """A training whose held-out loss falls, then rises while the other goes on falling."""
    held = [{**row, "output": "#~" * 9} for row in copies(4)]
    path = rows_file(folder / "held.jsonl", held)
    return {
        "data__held_out": str(path),
        "schedule__learning_rate": 0.1,
        "schedule__decay": "constant",
    }


def batch_of(trainer: Any) -> dict[str, Any]:
    return dict(trainer.data_collator([trainer.train_dataset[i] for i in range(8)]))


def test_the_loss_is_that_of_the_outputs_alone(config: Config) -> None:
    """Compared with transformers' own loss on labels that leave the prompts out."""
    import torch

    trainer = trainer_of(config(method__dropout=0.0))
    batch = batch_of(trainer)
    assert trainer.summing
    learned = int((batch["labels"][:, 1:] != NOT_LEARNED).sum())
    with torch.no_grad():
        mine = trainer.model(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            summed=batch["labels"],
        )
        theirs = trainer.model(**batch).loss
    assert float(mine) / learned == pytest.approx(float(theirs), rel=1e-5)
    starts = (batch["labels"] != NOT_LEARNED).int().argmax(-1).tolist()
    assert all(start > 0 for start in starts)


def test_trls_own_head_gives_the_same_loss(config: Config) -> None:
    trainer = trainer_of(config(method__dropout=0.0))
    before = trainer.held_out_loss()
    trainer.summing = False
    assert trainer.held_out_loss() == pytest.approx(before, rel=1e-5)


def test_dividing_an_update_up_changes_nothing(config: Config) -> None:
    """The same gradients, whether 8 rows are computed at once or one at a time."""
    import torch

    trainer = trainer_of(config(method__dropout=0.0))
    trainer.create_optimizer()
    model = trainer.accelerator.prepare(trainer.model)
    found = []
    for tokens in (10**6, 60, 1):
        trainer.micro_batch_tokens = tokens
        model.zero_grad()
        loss = trainer.training_step(model, batch_of(trainer))
        gradients = [p.grad.clone() for p in model.parameters() if p.requires_grad]
        found.append((float(loss), torch.cat([g.flatten() for g in gradients])))
    assert len(trainer._parts(batch_of(trainer))) == 8
    for loss, gradient in found[1:]:
        assert loss == pytest.approx(found[0][0], rel=1e-5)
        assert torch.allclose(gradient, found[0][1], atol=1e-5)


def test_the_held_out_loss_is_the_mean_over_tokens(config: Config, tmp_path: Path) -> None:
    """A mean over batches would count the tokens of short rows more."""
    import torch

    held = [{"instruction": "x", "input": "", "output": "a" * n} for n in (1, 2, 90)]
    path = rows_file(tmp_path / "held.jsonl", held)
    trainer = trainer_of(config(data__held_out=str(path)))
    trainer.micro_batch_tokens = 10
    alone = []
    for place in range(3):
        row = trainer.eval_dataset[place]
        with torch.no_grad():
            logits = trainer.model(input_ids=torch.tensor([row["input_ids"]])).logits[0, :-1]
        targets = torch.tensor(row["labels"][1:])
        alone += torch.nn.functional.cross_entropy(
            logits, targets, ignore_index=NOT_LEARNED, reduction="none"
        )[targets != NOT_LEARNED].tolist()
    assert len(alone) == 93 + 3  # each output with its end
    assert trainer.held_out_loss() == pytest.approx(sum(alone) / len(alone), rel=1e-5)


def test_an_adapter_comes_out_that_the_app_can_use(config: Config, local: Loader) -> None:
    made = train(config(schedule__steps=30), report=silent)
    folder = Path(made.result)
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "training.json",
    }
    curves = curves_of("mine")
    assert [step for step, _ in curves.loss] == list(range(1, 31))
    assert curves.held_out[0][0] == 0
    assert made.held_out < curves.held_out[0][1] * 0.9
    example, settings = Example("Repeat the input.", "5 cow"), GenerationSettings(max_new_tokens=8)
    outputs = [
        next(iter(local(**fields).generate([example], settings)))[1].text
        for fields in ({}, {"adapter": str(folder)})
    ]
    assert outputs[0] != outputs[1]


def test_a_result_says_where_it_comes_from(config: Config, rows: Path, tiny: Path) -> None:
    made = train(config(schedule__steps=2, seed=5), report=silent)
    known = read_json(Path(made.result) / "training.json")
    assert known is not None
    assert known["config"]["seed"] == 5
    assert known["config"]["data"]["train"] == "rows.jsonl"  # no folder of this machine
    assert known["data"]["lengths"]["cut"] == 0
    assert (known["data"]["used"], known["data"]["held_out_used"]) == (36, 4)
    assert len(known["data"]["same"]["train_sha256"]) == 64
    assert known["base"]["weights"].startswith("sha256:")
    assert known["base"]["prompt_format"] == "plain"
    assert known["trained_parameters"] > 0
    assert {"trl", "peft", "torch", "sit_core"} <= set(known["versions"])
    assert known["figures"]["held_out"] == made.held_out
    about = read_json(Path(made.result) / "adapter_config.json")
    assert about is not None
    assert about["base_model_name_or_path"] == str(tiny)
    card = (Path(made.result) / "README.md").read_text(encoding="utf-8")
    assert known["data"]["same"]["train_sha256"] in card
    assert f"{made.held_out:.4f}" in card


def test_the_best_weights_are_kept_not_the_last(config: Config, tmp_path: Path) -> None:
    """Held-out rows that contradict the others get worse while these get better."""
    changes = contradicting(tmp_path)
    made = train(config(**changes, schedule__steps=12), report=silent)
    curves = curves_of("mine")
    assert curves.best is not None
    assert made.held_out == pytest.approx(curves.best[1])
    assert made.best_step == curves.best[0] < 12
    assert curves.held_out[-1][1] > made.held_out
    # The adapter that came out has that loss, when it is measured again.
    again = trainer_of(config(**{**changes, "name": "again", "seed": 1}))
    import peft
    from safetensors.torch import load_file

    weights = load_file(Path(made.result) / "adapter_model.safetensors")
    peft.set_peft_model_state_dict(again.model, weights)
    assert again.held_out_loss() == pytest.approx(made.held_out, rel=1e-5)


def test_patience_ends_it_early(config: Config, tmp_path: Path) -> None:
    changes = contradicting(tmp_path)
    made = train(config(**changes, schedule__steps=60, schedule__patience=2), report=silent)
    curves = curves_of("mine")
    assert made.ended_early
    assert made.steps == curves.step < 60
    assert curves.held_out[-1][0] - made.best_step == 2 * 2  # a look every two updates
    assert (Path(made.result) / "adapter_model.safetensors").exists()


def test_the_same_seed_gives_the_same_training(config: Config) -> None:
    """Order of the rows, first weights, dropout."""
    changes = {"schedule__steps": 6}
    one, again, other = (
        train(config(name=name, seed=seed, **changes), report=silent)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert curves_of("a").loss == curves_of("b").loss
    assert one.held_out == again.held_out
    assert curves_of("a").loss != curves_of("c").loss
    assert other.held_out != one.held_out


def test_stopped_it_goes_on_where_it_was(config: Config) -> None:
    """Asked to stop, it ends its update, keeps a checkpoint, and ends as one that was not asked."""
    whole = train(config(name="whole"), report=silent)
    asked = iter([False, False, True])
    first = train(config(), report=silent, stopped=lambda: next(asked))
    assert (first.stopped, first.steps) == (True, 3)
    folder = TrainingFolder.of("mine")
    assert folder.checkpoint() is not None
    assert not Path(first.result).exists()
    second = train(config(), report=silent)
    assert dict(curves_of("mine").loss) == pytest.approx(dict(curves_of("whole").loss), rel=1e-5)
    assert (second.held_out, second.best_step) == (pytest.approx(whole.held_out), whole.best_step)
    assert folder.checkpoint() is None  # of no use any more


def test_what_is_done_is_not_done_again(config: Config) -> None:
    made = train(config(schedule__steps=2), report=silent)
    before = TrainingFolder.of("mine").curves.read_bytes()
    assert train(config(schedule__steps=2), report=silent) == made
    assert TrainingFolder.of("mine").curves.read_bytes() == before


def test_another_training_does_not_take_its_place(config: Config, rows: Path) -> None:
    train(config(schedule__steps=2), report=silent)
    with pytest.raises(SitError, match=r"other settings \(method.rank\)"):
        train(config(schedule__steps=2, method__rank=2), report=silent)
    asked = iter([True])
    train(config(name="b", schedule__steps=3), report=silent, stopped=lambda: next(asked, True))
    rows_file(rows, copies(41))
    with pytest.raises(SitError, match="data of the training b has changed"):
        train(config(name="b", schedule__steps=3), report=silent)


def test_all_weights_make_a_model(config: Config, local: Loader) -> None:
    made = train(
        config(method__kind="full", schedule__steps=4, schedule__learning_rate=0.001),
        report=silent,
    )
    folder = Path(made.result)
    assert folder.parent.name == "models"
    assert not list(folder.glob("*.bin"))  # safetensors only
    settings = GenerationSettings(max_new_tokens=4)
    assert next(iter(local(model=folder).generate([Example("x")], settings)))[1].error is None


def test_bfloat16_on_a_cpu(config: Config) -> None:
    made = train(config(hardware__precision="bfloat16", schedule__steps=4), report=silent)
    assert made.held_out < curves_of("mine").held_out[0][1]


def test_a_loss_that_is_no_number_is_one_sentence(config: Config) -> None:
    with pytest.raises(SitError, match="no number any more at update"):
        train(
            config(schedule__learning_rate=1e30, schedule__max_grad_norm=1e30, method__rank=8),
            report=silent,
        )


def test_rows_that_do_not_fit_are_refused_before_the_model_is_loaded(config: Config) -> None:
    told: list[str] = []
    with pytest.raises(SitError, match="their final step and end-of-text would be cut"):
        train(config(data__max_length=50), report=lambda *said: told.append(said[-1]))
    assert not TrainingFolder.of("mine").curves.exists()
    made = train(config(data__max_length=50, data__too_long="drop"), report=silent)
    known = json.loads((Path(made.result) / "training.json").read_text(encoding="utf-8"))
    assert 0 < known["data"]["used"] < 36


def test_longer_than_the_model_can_read_is_refused(config: Config, tmp_path: Path) -> None:
    path = rows_file(
        tmp_path / "long.jsonl",
        [*copies(9), {"instruction": "x", "output": "y" * 600}],
    )
    with pytest.raises(SitError, match="at most 512, which is what the model can read"):
        train(config(data__train=str(path), data__max_length=2048), report=silent)


def test_a_folder_of_somebody_elses_is_left_alone(config: Config, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SitError, match="something else"):
        train(config(out=str(other)), report=silent)
    assert (other / "thesis.txt").exists()


def test_a_report_is_what_it_says(config: Config) -> None:
    told: list[tuple[Any, ...]] = []
    made = train(config(schedule__steps=3), report=lambda *said: told.append(said))
    assert isinstance(made, TrainReport)
    steps = [said[0] for said in told if said[0] is not None]
    assert steps == sorted(steps)
    assert told[-1][:2] == (3, 3)


def test_rows_of_like_length_are_computed_together() -> None:
    import random

    from sit_core.train import trainer

    assert doctest.testmod(trainer).failed == 0
    rng = random.Random(0)
    lengths = [int(2 ** rng.uniform(3, 10)) for _ in range(200)]
    for most in (64, 512, 4096):
        groups = trainer.by_length(lengths, most)
        assert sorted(place for group in groups for place in group) == list(range(200))
        for group in groups:
            longest = max(lengths[place] for place in group)
            assert len(group) == 1 or longest * len(group) <= most
        padded = sum(max(lengths[p] for p in g) * len(g) for g in groups)
        assert sum(lengths) / padded > 0.85
