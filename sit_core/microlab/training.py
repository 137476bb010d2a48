"""The training loop: from a recipe to weights, killable at any moment.

Each step depends on the recipe and the checkpoint alone, so a run that was killed and started again
ends with the same weights as one that was not (same machine, same number of threads).

The base model: a small Llama, loaded and saved as any other.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sit_core.embedded.prompt import END, PAD
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.world import World
from sit_core.microlab.batches import TokenBatch, batches
from sit_core.microlab.checkpoint import TrainingProgress, load_checkpoint, save_checkpoint

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import LlamaForCausalLM


@dataclass(frozen=True)
class TrainingIntervals:
    """How often a training stops for other things."""

    evaluate_every: int = 500
    """Steps; 0 is never."""
    checkpoint_seconds: float = 60.0
    """The most work that a kill can cost."""
    report_seconds: float = 10.0


def train(
    world: World,
    tokenizer: "Tokenizer",
    recipe: Recipe,
    folder: Path,
    *,
    device: str,
    say: Callable[[str], None],
    evaluate: Callable[["LlamaForCausalLM", int], None] | None = None,
    pace: TrainingIntervals,
    stream: Callable[[int, bool], Iterator[TokenBatch]] | None = None,
    model: "LlamaForCausalLM | None" = None,
) -> "LlamaForCausalLM":
    """Train to the recipe's last step, from the newest checkpoint in ``folder`` if there is one.

    Args:
        world: where the texts come from.
        tokenizer: of this build.
        recipe: all numbers.
        folder: where checkpoints are kept.
        device: a torch device, ``cpu`` or ``cuda``.
        say: gets the lines of progress.
        evaluate: called with the model and the step now and then.
        pace: how often all that happens.
        stream: number of a pool, whether it is an early one → its batches; None: the base's.
        model: what is trained on; None: a new one.
    """
    import torch

    model = (model or new_model(recipe, tokenizer)).to(torch.device(device))
    # On short texts the plain attention is faster than the fused one, backwards twice as fast.
    model.set_attn_implementation("eager")
    optimizers = new_optimizers(model, recipe)
    progress = load_checkpoint(folder, model, optimizers) or TrainingProgress()
    if progress.step:
        say(f"going on from step {progress.step}")
    saved = said = time.monotonic()
    tokens_then, losses = progress.tokens, []
    while progress.step < recipe.steps:
        early = progress.pool_began < recipe.early_until
        made = (
            stream(progress.pool, early)
            if stream
            else batches(world, tokenizer, recipe, progress.pool, early=early)
        )
        for place, batch in enumerate(made):
            if place < progress.place:
                continue
            losses.append(one_step(model, optimizers, recipe, progress.step, batch, device))
            progress.step += 1
            progress.place = place + 1
            progress.tokens += batch.tokens
            now = time.monotonic()
            if now - said >= pace.report_seconds or progress.step == recipe.steps:
                rate = (progress.tokens - tokens_then) / (now - said)
                mean = sum(float(x) for x in losses) / len(losses)
                say(_line(progress, recipe, mean, rate, len(losses) / (now - said)))
                said, tokens_then, losses = now, progress.tokens, []
            if now - saved >= pace.checkpoint_seconds or progress.step == recipe.steps:
                save_checkpoint(folder, model, optimizers, progress)
                saved = time.monotonic()
            if (
                evaluate
                and progress.step % pace.evaluate_every == 0
                and progress.step < recipe.steps
            ):
                evaluate(model, progress.step)
                said, tokens_then = time.monotonic(), progress.tokens
            if progress.step >= recipe.steps:
                break
        else:
            progress.pool, progress.place, progress.pool_began = progress.pool + 1, 0, progress.step
    return model


def new_optimizers(
    model: "LlamaForCausalLM", recipe: Recipe
) -> "tuple[torch.optim.Optimizer, ...]":
    """Muon for the matrices inside the layers, AdamW for embeddings and norms."""
    import torch

    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n]
    betas = (0.9, 0.98)
    if recipe.optimizer == "adamw":
        both = [*others, *matrices]
        return (torch.optim.AdamW(both, lr=1.0, betas=betas, weight_decay=0.02),)
    return (
        torch.optim.Muon(
            matrices, lr=1.0, weight_decay=0.02, momentum=0.95, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(others, lr=1.0, betas=betas, weight_decay=0.0),
    )


def learning_rate(recipe: Recipe, step: int) -> float:
    """Warm-up, constant, then down to nothing over the last ``recipe.decay`` steps.

    >>> r = Recipe(steps=100, warmup=10, decay=50, learning_rate=1.0)
    >>> [learning_rate(r, s) for s in (0, 9, 49, 75)]
    [0.1, 1.0, 1.0, 0.5]
    """
    up = min(1.0, (step + 1) / recipe.warmup)
    down = min(1.0, (recipe.steps - step) / recipe.decay)
    return recipe.learning_rate * up * down


def one_step(
    model: "LlamaForCausalLM",
    optimizers: "tuple[torch.optim.Optimizer, ...]",
    recipe: Recipe,
    step: int,
    batch: TokenBatch,
    device: str,
) -> "torch.Tensor":
    """One update; returns the weighted mean loss per predicted token."""
    import torch

    ids = batch.ids.to(device)
    weights = batch.weights[:, :-1].reshape(-1)
    at = weights.nonzero().squeeze(1).to(device)
    with torch.autocast(device.split(":")[0], dtype=torch.bfloat16, enabled=recipe.half):
        hidden = model.model(
            input_ids=ids,
            position_ids=batch.positions.to(device),
            # Ones, not None: without a mask a jump in the positions would pass for a new document.
            # Padding is on the right, where nothing that counts can see it.
            attention_mask=torch.ones_like(ids),
            use_cache=False,
        ).last_hidden_state
        rows = hidden[:, :-1].reshape(-1, hidden.shape[-1])
        logits = model.lm_head(rows.index_select(0, at))  # the vocabulary only where it counts
    each = torch.nn.functional.cross_entropy(
        logits.float(), ids[:, 1:].reshape(-1).index_select(0, at), reduction="none"
    )
    weight = weights.to(device).index_select(0, at)
    loss = (each * weight).sum() / (weight.sum() if batch.total is None else batch.total)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(recipe, step)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return loss.detach()


def _line(progress: TrainingProgress, recipe: Recipe, loss: float, rate: float, pace: float) -> str:
    left = (recipe.steps - progress.step) / max(pace, 1e-9)
    done: dict[str, Any] = {
        "step": f"{progress.step}/{recipe.steps}",
        "loss": f"{loss:.3f}",
        "tokens": f"{progress.tokens / 1e6:.2f} M",
        "tokens/s": f"{rate:.0f}",
        "left": f"{left / 60:.0f} min",
    }
    return "  ".join(f"{name} {value}" for name, value in done.items())


def new_model(recipe: Recipe, tokenizer: "Tokenizer") -> "LlamaForCausalLM":
    """A model with random weights that depend on the seed alone."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=recipe.width,
        intermediate_size=recipe.inner,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        max_position_embeddings=recipe.context,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.token_to_id(END),
        pad_token_id=tokenizer.token_to_id(PAD),
    )
    torch.manual_seed(recipe.seed)
    model = LlamaForCausalLM(config)
    model.generation_config.do_sample = False
    return model
