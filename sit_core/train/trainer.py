"""TRL's `SFTTrainer`, with what sequential tuning needs. Imported only when something is trained.

- An update is exactly ``batch`` examples in a seeded random order. Within it rows of like length
  are computed together, as many as fit into a number of tokens: little is padded, no example is
  favoured.
- The loss is the mean over all output tokens of the update, however it was divided up.
- The held-out loss is the mean over all held-out output tokens; the best weights are kept at once.
- A checkpoint counts only when it was written to its end.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import DistributedType
from transformers import PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer

from sit_core.errors import SitError
from sit_core.files import write_json
from sit_core.models.local.memory import is_out_of_memory
from sit_core.train.curves import CurveWriter
from sit_core.train.encoding import NOT_LEARNED
from sit_core.train.folder import COMPLETE, TrainingFolder
from sit_core.train.loss import add_summed_loss, can_sum

Batch = dict[str, Any]
LIKE = 0.8
"""Rows with at least this share of the longest one's tokens are of like length."""
SECONDS_BETWEEN = 5.0
"""Between two words on the loss in the job's progress; the curves have every update."""


class SequenceTrainer(SFTTrainer):  # type: ignore[misc]
    """See the module."""

    control: Any
    """The callbacks' wishes; transformers' own, which it does not declare."""

    def __init__(
        self,
        *,
        folder: TrainingFolder,
        micro_batch_tokens: int,
        stopped: Callable[[], bool],
        report: Callable[[int, int, str], None],
        patience: int | None,
        **more: Any,
    ) -> None:
        """As `SFTTrainer`, with rows that are tokens and labels already.

        Args:
            folder: where the curves and the best weights go.
            micro_batch_tokens: computed at once, padding included.
            stopped: asked after each update; true ends the training with a checkpoint.
            report: told step, steps and the loss.
            patience: looks at the held-out rows without a better one that end the training.
            more: for `SFTTrainer`.
        """
        self.folder, self.micro_batch_tokens = folder, micro_batch_tokens
        super().__init__(**more)
        base = self.model.get_base_model() if hasattr(self.model, "peft_config") else self.model
        self.summing = self.args.device.type == "cpu" and can_sum(base)
        if self.summing:
            add_summed_loss(base)
        self.watch = _Watch(self, stopped, report, patience)
        self.add_callback(self.watch)
        self.remove_callback(PrinterCallback)  # the curves and the progress say it all

    def training_step(self, model: Any, inputs: Batch, num_items_in_batch: Any = None) -> Any:
        """One update's gradients, a part of its rows at a time."""
        inputs = self._prepare_inputs(inputs)
        learned = (inputs["labels"][:, 1:] != NOT_LEARNED).sum()
        learned = self.accelerator.reduce(learned.float(), "sum")
        parts = self._in_step(self._parts(inputs))
        total = torch.zeros((), device=self.args.device)
        for number, part in enumerate(parts, 1):
            last = number == len(parts)
            self.accelerator.gradient_state._set_sync_gradients(last)
            with self._gathering(model, last):
                try:
                    total += super().training_step(model, part, learned)
                except (RuntimeError, MemoryError) as error:
                    if not is_out_of_memory(error):
                        raise
                    raise SitError(
                        f"Memory ran out with {part['input_ids'].numel():,} tokens at once; lower "
                        "hardware.micro_batch_tokens, or set hardware.gradient_checkpointing."
                    ) from None
        self.watch.tokens += int(inputs["attention_mask"].sum())
        return self._a_number(total, self.state.global_step + 1)

    def compute_loss(
        self,
        model: Any,
        inputs: Batch,
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Sum of the cross-entropies of a part over all learned tokens of the update."""
        if not self.summing or return_outputs or num_items_in_batch is None:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        # Averaged over processes afterwards, so each counts for as many as there are.
        scale = self.accelerator.num_processes / num_items_in_batch.clamp(min=1)
        return self._summed(model, inputs) * scale

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Cross-entropy per held-out output token, in nats; keeps the weights if it is the best."""
        began = time.monotonic()
        found = {"eval_loss": self._a_number(self.held_out_loss(), self.state.global_step)}
        self.log(dict(found))
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics=found
        )
        self._keep_if_best(found["eval_loss"])
        self.watch.aside += time.monotonic() - began
        return found

    def held_out_loss(self) -> float:
        """Mean over all output tokens of the held-out rows, whatever the batches."""
        self.model.eval()
        world, rank = self.accelerator.num_processes, self.accelerator.process_index
        batches = list(self._held_out_batches())
        sums = torch.zeros(2, dtype=torch.float64, device=self.args.device)
        for first in range(0, len(batches), world):  # each process the same number of times
            place = first + rank
            batch = self._prepare_inputs(batches[min(place, len(batches) - 1)])
            with torch.no_grad(), self.compute_loss_context_manager():
                total = self._summed(self.model, batch)
            if place < len(batches):
                learned = (batch["labels"][:, 1:] != NOT_LEARNED).sum()
                sums += torch.stack([total.double(), learned.double()])
        total, learned = self.accelerator.reduce(sums, "sum").tolist()
        return float(total / max(learned, 1))

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """None of TRL's: ours is written with the result."""

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        self.accelerator.wait_for_everyone()
        if self.is_world_process_zero():
            step = self.state.global_step
            (Path(self.args.output_dir) / f"checkpoint-{step}" / COMPLETE).touch()

    @staticmethod
    def _a_number(loss: Any, step: int) -> Any:
        """The loss; weights that have run away are no use, and can't be trained back."""
        if not math.isfinite(float(loss)):
            raise SitError(
                f"The loss is no number any more at update {step}; lower schedule.learning_rate, "
                "or choose another hardware.precision."
            )
        return loss

    def _keep_if_best(self, loss: float) -> None:
        best = self.folder.best_so_far() if self.is_world_process_zero() else None
        better = best is None or loss < best["loss"]
        if self.accelerator.num_processes > 1:
            flag = torch.tensor(float(better), device=self.args.device)
            if not self.is_world_process_zero():
                flag.zero_()
            better = bool(self.accelerator.reduce(flag, "sum") > 0)
        if not better:
            return
        made = self.folder.best.with_name("best.part")
        self.save_model(str(made), _internal_call=True)
        if self.is_world_process_zero():
            (made / "training_args.bin").unlink(missing_ok=True)  # a pickle; the YAML says it all
            write_json(made / "best.json", {"step": self.state.global_step, "loss": loss})
            self.folder.keep_best(made)
        self.accelerator.wait_for_everyone()

    def _summed(self, model: Any, inputs: Batch) -> Any:
        rest = {k: v for k, v in inputs.items() if k != "labels"}
        if self.summing:
            return model(**rest, summed=inputs["labels"])
        made = model(**rest, labels=inputs["labels"], fused_lm_head=True, use_cache=False)
        return -made.log_probs.sum()

    def _parts(self, inputs: Batch) -> list[Batch]:
        """The rows, those of like length together, each part padded to its own longest."""
        lengths = inputs["attention_mask"].sum(-1).tolist()
        return [
            _rows(inputs, places, max(lengths[place] for place in places))
            for places in by_length(lengths, self.micro_batch_tokens)
        ]

    def _in_step(self, parts: list[Batch]) -> list[Batch]:
        """As many parts as every other process has: they work in step. Empty ones learn nothing."""
        if self.accelerator.num_processes == 1:
            return parts
        count = torch.tensor([len(parts)], device=self.args.device)
        most = int(self.accelerator.gather(count).max())
        idle = {k: v[:1, :2].clone() for k, v in parts[0].items()}
        idle["labels"].fill_(NOT_LEARNED)
        return [*([idle] * (most - len(parts))), *parts]

    def _gathering(self, model: Any, last: bool) -> AbstractContextManager[Any]:
        """Gradients are shared among processes once per update, where the engine lets us."""
        if last or self.accelerator.distributed_type == DistributedType.DEEPSPEED:
            return nullcontext()
        shared: AbstractContextManager[Any] = self.accelerator.no_sync(model=model)
        return shared

    def _held_out_batches(self) -> Iterator[Batch]:
        rows = self.eval_dataset
        lengths = [len(ids) for ids in rows["input_ids"]]
        for places in by_length(lengths, self.micro_batch_tokens):
            yield self.data_collator([rows[place] for place in places])


def by_length(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Places of rows in groups of like length, the longest first.

    Args:
        lengths: of the rows, in tokens.
        most: tokens in a group, padding included; a longer row is a group by itself. A group with a
            quarter of that ends before a row that is much shorter than its longest.

    >>> by_length([3, 9, 4, 8], 18), by_length([10, 9, 5], 40)
    ([[1, 3], [2, 0]], [[0, 1], [2]])
    """
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    groups: list[list[int]] = []
    for place in order:
        if groups:
            longest, rows = lengths[groups[-1][0]], len(groups[-1])
            fits = longest * (rows + 1) <= most
            enough = longest * rows >= most / 4
            if fits and not (enough and lengths[place] < LIKE * longest):
                groups[-1].append(place)
                continue
        groups.append([place])
    return groups


def _rows(inputs: Batch, places: list[int], longest: int) -> Batch:
    index = torch.tensor(places, device=inputs["input_ids"].device)
    return {name: value.index_select(0, index)[:, :longest] for name, value in inputs.items()}


class _Watch(TrainerCallback):  # type: ignore[misc]
    """Writes the curves, tells how far it is, ends when asked to or when nothing gets better."""

    def __init__(
        self,
        trainer: SequenceTrainer,
        stopped: Callable[[], bool],
        report: Callable[[int, int, str], None],
        patience: int | None,
    ) -> None:
        self.trainer, self.stopped, self.report = trainer, stopped, report
        self.patience = patience
        self.tokens = 0
        """Without padding, of this process, in this attempt."""
        self.aside = 0.0
        """Seconds that went to other things than training."""
        self.ended_early = self.was_stopped = False
        self._began, self._said, self._message = time.monotonic(), 0.0, "training"
        self._writer: CurveWriter | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Say from where on it goes."""
        if state.is_world_process_zero:
            self._writer = CurveWriter(self.trainer.folder.curves)
            self._writer.add(begins_at=state.global_step, of=state.max_steps)
            self.report(state.global_step, state.max_steps, "training")
        self._began = time.monotonic()

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Another point on a curve."""
        if self._writer is None or not logs:
            return
        if "eval_loss" in logs:
            self._writer.add(step=state.global_step, held_out=logs["eval_loss"])
        elif "loss" in logs:
            seconds = max(1e-6, time.monotonic() - self._began - self.aside)
            tokens = self.tokens * self.trainer.accelerator.num_processes
            self._writer.add(
                step=state.global_step,
                loss=logs["loss"],
                learning_rate=logs["learning_rate"],
                tokens=tokens,
                tokens_per_second=round(tokens / seconds, 1),
            )
            if seconds - self._said > SECONDS_BETWEEN:
                self._said, self._message = seconds, f"loss {logs['loss']:.3f}"
            self.report(state.global_step, state.max_steps, self._message)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """End here if somebody asked for it; all processes together."""
        stop = torch.tensor(float(self.stopped()), device=args.device)
        if self.trainer.accelerator.num_processes > 1:
            stop = self.trainer.accelerator.reduce(stop, "sum")
        if bool(stop > 0) and state.global_step < state.max_steps:
            self.was_stopped = control.should_training_stop = control.should_save = True
        return control

    def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """End if the held-out loss has not been better for long."""
        losses = [said["eval_loss"] for said in state.log_history if "eval_loss" in said]
        since = len(losses) - 1 - losses.index(min(losses)) if losses else 0
        if self.patience is not None and since >= self.patience:
            self.ended_early = control.should_training_stop = control.should_save = True
        return control

    def close(self) -> None:
        """No more points."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


__all__ = ["SFTConfig", "SequenceTrainer", "by_length"]
