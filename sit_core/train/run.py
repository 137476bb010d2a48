"""The training itself: rows → tokens → trainer → adapter with its card; resumes where it was.

    done = train(config, report=print)

Nothing heavy is imported before it is needed: a mistake in the configuration is said at once.
"""

import shutil
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from sit_core.embedded.shipped import MICROLAB, shipped_base
from sit_core.errors import SitError
from sit_core.files import PART, write_json
from sit_core.models.interface import ModelSpec
from sit_core.models.local.load import does_not_fit, fits, open_base
from sit_core.models.local.weights import Weights, fingerprint, weights_in
from sit_core.models.require import need, versions
from sit_core.models.resolve import ModelLocation, find_place
from sit_core.names import note_name
from sit_core.train.card import write_card
from sit_core.train.config import TrainingConfig, as_plain
from sit_core.train.curves import Curves
from sit_core.train.data import Prepared, prepare
from sit_core.train.folder import TrainingFolder, read_json
from sit_core.train.hardware import (
    HardwarePlan,
    local_rank,
    on_local_gpu,
    plan_for,
    processes,
    quantization,
    rank,
)
from sit_core.train.targets import target_modules

INSTALL = "-r requirements-models.txt"
_PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "tokenizers", "datasets")


class Report(Protocol):
    """Told how far it is; may raise to stop, except while `patient`."""

    def __call__(self, done: int | None, total: int | None = None, message: str = "") -> None:
        """See `sit_core.jobs.worker.JobProcess.report`."""


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What came of it."""

    name: str
    result: str
    """The folder of the adapter (or model)."""
    steps: int
    best_step: int
    held_out: float
    """Cross-entropy per output token, in nats, of the weights that were kept."""
    train_loss: float
    """Of the last update."""
    ended_early: bool
    """Because the held-out loss did not get better any more."""
    stopped: bool
    """Because somebody asked; there is a checkpoint, and no result yet."""


def train(
    config: TrainingConfig,
    *,
    report: Report,
    stopped: Callable[[], bool] = lambda: False,
    patient: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> TrainReport:
    """Train, from the newest checkpoint if there is one.

    Args:
        config: all that matters.
        report: told how far it is.
        stopped: asked after each update; true ends it with a checkpoint.
        patient: around the updates, which must not be interrupted otherwise.

    Raises:
        SitError: the data, the model or the machine can't do it, a row would be cut, or the name is
            taken by another training.
    """
    folder = TrainingFolder.of(config.name)
    result = folder.result(config)
    done = finished(folder, config)
    if done is not None:
        return done
    if result.exists() and (read_json(result / "training.json") or {}).get("name") != config.name:
        raise SitError(f"There is something else in {result}; choose another name.")
    torch = need("torch", INSTALL)
    need("trl", INSTALL)
    report(None, None, "loading the model")
    place, weights = find_base(config)
    plan = plan_for(
        config.hardware, weights, longest=config.data.max_length, full=config.method.kind == "full"
    )
    plan = on_local_gpu(plan, local_rank())
    if plan.threads:
        torch.set_num_threads(plan.threads)
    prepared = prepare(config, place, report)
    if rank() == 0:
        folder.claim(config, prepared.known)
    trainer = _trainer(config, folder, plan, place, weights, prepared, report, stopped)
    trainer.accelerator.wait_for_everyone()
    checkpoint = folder.checkpoint() if rank() == 0 else None
    trainer.accelerator.wait_for_everyone()
    checkpoint = checkpoint or (folder.checkpoint() if rank() else None)
    began = time.monotonic()
    try:
        with patient():
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    finally:
        trainer.watch.close()
    seconds = time.monotonic() - began
    made = _figures(trainer, folder, config, result)
    if trainer.watch.was_stopped:
        return made
    if rank() == 0:
        report(made.steps, made.steps, "writing the result")
        known = _provenance(config, place, weights, plan, prepared, trainer, made, seconds)
        _publish(folder, config, result, known)
        write_json(folder.report, asdict(made))
        shutil.rmtree(folder.checkpoints, ignore_errors=True)
    trainer.accelerator.wait_for_everyone()
    return made


def finished(folder: TrainingFolder, config: TrainingConfig) -> TrainReport | None:
    """What came of it, where it has ended already and its result is still there."""
    from sit_core.train.folder import differences

    said, known = read_json(folder.report), folder.known_config()
    if said is None or known is None or differences(known, config):
        return None
    made = TrainReport(**said)
    return made if (Path(made.result) / "training.json").exists() else None


def find_base(config: TrainingConfig) -> tuple[ModelLocation, Weights]:
    """Where the base lies, and what its files say.

    Raises:
        SitError: it is not there.
    """
    name = config.model.base
    if name == MICROLAB:
        name = str(shipped_base())
    place = find_place(name, config.model.revision, "model")
    return place, weights_in(place.folder)


def _trainer(
    config: TrainingConfig,
    folder: TrainingFolder,
    plan: HardwarePlan,
    place: ModelLocation,
    weights: Weights,
    prepared: Prepared,
    report: Report,
    stopped: Callable[[], bool],
) -> Any:
    from sit_core.train.trainer import SequenceTrainer

    # Before the model: ZeRO-3 shards it as it is loaded.
    args = one_gpu(_arguments(config, folder, plan))
    fit = plan.fit(weights)
    if processes() == 1 and not plan.four_bit and not fits(fit):
        raise does_not_fit(config.model.base, fit)
    spec = ModelSpec(config.model.base, revision=config.model.revision)
    more = quantization(plan)
    if more:
        more["device_map"] = {"": plan.device}
    model, tokenizer = open_base(
        spec,
        place,
        fit,
        move=processes() == 1 and not more,
        attn_implementation=plan.attention,
        **more,
    )
    model.config.use_cache = False
    return _quietly(
        SequenceTrainer,
        folder=folder,
        micro_batch_tokens=plan.micro_batch_tokens,
        stopped=stopped,
        report=report,
        patience=config.schedule.patience,
        model=model,
        args=args,
        train_dataset=_dataset(prepared.train, config.data.max_length),
        eval_dataset=_dataset(prepared.held_out, config.data.max_length),
        processing_class=tokenizer,
        peft_config=_lora(config, model) if config.method.kind == "lora" else None,
    )


def _quietly(make: Callable[..., Any], **more: Any) -> Any:
    """What it makes, without the libraries' words on how things will be called some day."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return make(**more)


def _arguments(config: TrainingConfig, folder: TrainingFolder, plan: HardwarePlan) -> Any:
    from sit_core.train.trainer import SFTConfig

    schedule, world = config.schedule, processes()
    if schedule.batch % world:
        raise SitError(
            f"Expected schedule.batch to be a multiple of the {world} processes, but found "
            f"{schedule.batch}."
        )
    return _quietly(
        SFTConfig,
        output_dir=str(folder.checkpoints),
        per_device_train_batch_size=schedule.batch // world,
        gradient_accumulation_steps=1,  # the trainer divides an update up by tokens
        learning_rate=schedule.learning_rate,
        lr_scheduler_type=schedule.decay
        if schedule.decay != "constant"
        else "constant_with_warmup",
        warmup_steps=schedule.warmup_share,
        weight_decay=schedule.weight_decay,
        max_grad_norm=schedule.max_grad_norm,
        num_train_epochs=schedule.epochs,
        max_steps=schedule.steps or -1,
        eval_strategy="steps",
        eval_steps=schedule.evaluate_every,
        eval_on_start=True,
        save_strategy="steps",
        save_steps=schedule.checkpoint_every,
        save_total_limit=2,
        logging_steps=1,
        logging_nan_inf_filter=False,
        seed=config.seed,
        bf16=plan.precision == "bfloat16",
        fp16=plan.precision == "float16",
        gradient_checkpointing=plan.gradient_checkpointing,
        use_cpu=plan.cpu,
        dataloader_pin_memory=not plan.cpu,
        max_length=None,  # rows were measured before; nothing is cut here
        dataset_kwargs={"skip_prepare_dataset": True},
        report_to=[],
        disable_tqdm=True,
        ddp_find_unused_parameters=False,
    )


def one_gpu(arguments: Any) -> Any:
    """Of several visible GPUs a single process takes the first; more by ``accelerate launch``.

    Trainer would spread a batch over them by ``DataParallel``, which TRL refuses.
    """
    if arguments.n_gpu > 1:
        arguments._n_gpu = 1
    return arguments


def _dataset(rows: Any, longest: int) -> Any:
    import datasets

    return datasets.Dataset.from_dict(
        {
            "input_ids": [row.ids(longest) for row in rows],
            "labels": [row.labels(longest) for row in rows],
        }
    )


def _lora(config: TrainingConfig, model: Any) -> Any:
    torch, peft = need("torch", INSTALL), need("peft", INSTALL)
    pytorch_utils = need("transformers.pytorch_utils", INSTALL)
    head = model.get_output_embeddings()
    kinds = (torch.nn.Linear, pytorch_utils.Conv1D)
    linear = [n for n, m in model.named_modules() if isinstance(m, kinds) and m is not head]
    method = config.method
    return peft.LoraConfig(
        r=method.rank,
        lora_alpha=method.alpha,
        lora_dropout=method.dropout,
        target_modules=target_modules(method.targets, linear),
        task_type="CAUSAL_LM",
    )


def _figures(
    trainer: Any, folder: TrainingFolder, config: TrainingConfig, result: Path
) -> TrainReport:
    best = folder.best_so_far()
    losses = [said["loss"] for said in trainer.state.log_history if "loss" in said]
    assert best is not None, "the held-out rows are looked at before the first update"
    return TrainReport(
        name=config.name,
        result=str(result),
        steps=trainer.state.global_step,
        best_step=best["step"],
        held_out=best["loss"],
        train_loss=losses[-1] if losses else float("nan"),
        ended_early=trainer.watch.ended_early,
        stopped=trainer.watch.was_stopped,
    )


def _provenance(
    config: TrainingConfig,
    place: ModelLocation,
    weights: Weights,
    plan: HardwarePlan,
    prepared: Prepared,
    trainer: Any,
    made: TrainReport,
    seconds: float,
) -> dict[str, Any]:
    """Where the result comes from; names of files without their folders."""
    plain = as_plain(config)
    plain["out"] = None
    for name in ("train", "held_out"):
        if plain["data"][name]:
            plain["data"][name] = Path(plain["data"][name]).name
    curves = Curves(TrainingFolder.of(config.name).curves)
    curves.read()
    figures = {k: v for k, v in asdict(made).items() if k not in ("name", "result", "stopped")}
    return {
        "name": config.name,
        "config": plain,
        "data": prepared.known,
        "base": {
            "name": config.model.base,
            "revision": place.commit or config.model.revision,
            "weights": None if place.commit else fingerprint(weights.files),
            "parameters": weights.parameters,
            **prepared.prompt,
        },
        "used": asdict(plan),
        "processes": processes(),
        "trained_parameters": sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
        "figures": {**figures, "tokens_per_second": curves.tokens_per_second},
        "held_out_before": curves.held_out[0][1] if curves.held_out else None,
        "seconds_of_last_attempt": round(seconds, 1),
        "attempts": curves.attempts,
        "versions": versions(*_PACKAGES),
        "at": time.time(),
    }


def _publish(
    folder: TrainingFolder, config: TrainingConfig, result: Path, known: Mapping[str, Any]
) -> None:
    """Best weights, provenance and card, in place as a whole."""
    made = result.with_name(f".{result.name}.part")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    keep = ("adapter_config.json", "adapter_model.safetensors")
    for path in folder.best.iterdir():
        if (
            path.name != "best.json"
            and path.suffix != PART
            and (config.method.kind == "full" or path.name in keep)
        ):
            shutil.copy(path, made / path.name)
    about = read_json(made / "adapter_config.json")
    if about is not None:
        about["base_model_name_or_path"] = config.model.base
        about["revision"] = config.model.revision
        write_json(made / "adapter_config.json", about)
    note_name(made, folder.name, result.name)
    write_json(made / "training.json", known)
    write_card(made / "README.md", known)
    if result.exists():
        shutil.rmtree(result)
    for path in made.iterdir():
        path.chmod(0o644)  # safetensors writes files that only their owner may read
    made.rename(result)
