"""``sit microlab build``: texts, tokenizer, base model and figures, from a seed and nothing else.

What is done is kept in the folder; started again, the build goes on where it was.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sit_core.embedded.heldout import SkillRate, as_rows, held_out_items, measure
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.skills import SKILLS
from sit_core.embedded.world import World
from sit_core.errors import SitError
from sit_core.files import write_json
from sit_core.microlab.batches import pool
from sit_core.microlab.card import card
from sit_core.microlab.tokenizer import save_tokenizer, train_tokenizer
from sit_core.microlab.training import TrainingIntervals, train

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerBase

HELD_OUT_EACH = 200
"""Items of each skill in the held-out files."""


def build(
    recipe: Recipe,
    folder: Path,
    *,
    device: str = "auto",
    threads: int = 1,
    say: Callable[[str], None] = lambda line: None,
    items: int = 200,
    evaluate_every: int = 500,
    checkpoint_seconds: float = 60.0,
    report_seconds: float = 10.0,
) -> list[SkillRate]:
    """Build into ``folder``; returns the figures on held-out items.

    Args:
        recipe: all numbers; a folder holds one recipe's build.
        folder: gets ``base/`` (model and tokenizer), ``heldout/``, ``figures.json``, the card
            ``README.md``, and ``work/`` with checkpoints and a look at the texts.
        device: ``cpu``, ``cuda`` or ``auto`` (CUDA where there is one).
        threads: of torch; one is fastest where the cores are busy with other things.
        say: gets lines of progress.
        items: held-out items per skill in the final figures.
        evaluate_every: steps between small evaluations on the way.
        checkpoint_seconds: at most so much work is lost by a kill.
        report_seconds: between two lines of progress.

    Raises:
        SitError: torch is missing, or the folder holds a build of another recipe.
    """
    try:
        import torch
    except ImportError:
        raise SitError("Building the model needs torch; install it: pip install torch.") from None
    torch.set_num_threads(threads)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    world = World(recipe.seed)
    _claim(folder, recipe)
    write_held_out(world, folder / "heldout")
    pace = TrainingIntervals(evaluate_every, checkpoint_seconds, report_seconds)
    if not (folder / "base").exists():
        _make_base(world, recipe, folder, device, say, pace)
    model, tokenizer = load_base(folder / "base")
    found = measure(model, tokenizer, world, items, by_sort=True)
    write_json(folder / "figures.json", as_rows(found))
    (folder / "README.md").write_text(card(recipe, world, model, found), encoding="utf-8")
    for figure in found:
        say(_line(figure))
    return found


def load_base(folder: Path) -> "tuple[LlamaForCausalLM, PreTrainedTokenizerBase]":
    """The saved model and its tokenizer, from safetensors only, in single precision."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(
        folder, use_safetensors=True, trust_remote_code=False, dtype=torch.float32
    )
    return model, AutoTokenizer.from_pretrained(folder, trust_remote_code=False)


def write_held_out(world: World, folder: Path) -> None:
    """The held-out sample files: one JSONL per skill."""
    folder.mkdir(parents=True, exist_ok=True)
    for skill in SKILLS:
        rows = (
            json.dumps(
                {
                    "instruction": item.instruction,
                    "input": item.input,
                    "reference": item.response,
                    "sort": item.sort,
                },
                ensure_ascii=False,
            )
            for item in held_out_items(world, skill, HELD_OUT_EACH)
        )
        path = folder / f"{skill.replace(' ', '-')}.jsonl"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def sample_texts(world: World, count: int) -> str:
    """The first ``count`` training documents, to look at."""
    return "\n\n----\n\n".join(d.prompt + d.response for d in pool(world, 0, early=False)[:count])


def _make_base(
    world: World,
    recipe: Recipe,
    folder: Path,
    device: str,
    say: Callable[[str], None],
    pace: TrainingIntervals,
) -> None:
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoTokenizer

    work = folder / "work"
    if not (work / "tokenizer.json").exists():
        save_tokenizer(train_tokenizer(world, recipe.vocabulary), work, recipe.context)
        (work / "texts.txt").write_text(sample_texts(world, 200), encoding="utf-8")
        say("tokenizer made")
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    fast = AutoTokenizer.from_pretrained(work)
    began = time.monotonic()

    def look(model: "LlamaForCausalLM", step: int) -> None:
        found = measure(model, fast, world, 48, by_sort=False)
        for figure in found:
            say(f"step {step}  {_line(figure)}")

    model = train(
        world,
        tokenizer,
        recipe,
        work,
        device=device,
        say=say,
        evaluate=look if pace.evaluate_every else None,
        pace=pace,
    )
    say(f"trained in {(time.monotonic() - began) / 60:.1f} min (since it was last started)")
    base = folder / "base"
    beside = folder / "base.part"
    fast.save_pretrained(beside)
    model.to(device="cpu", dtype=torch.float16).save_pretrained(beside)
    beside.rename(base)


def _claim(folder: Path, recipe: Recipe) -> None:
    """Note the recipe in the folder, or see that it is the same."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "recipe.json"
    if path.exists():
        there = json.loads(path.read_text(encoding="utf-8"))
        differs = sorted(k for k, v in recipe.as_json().items() if there.get(k) != v)
        if differs:
            raise SitError(
                f"{folder} holds a build with another {', '.join(differs)}; name another folder "
                "with --out or delete that one."
            )
    else:
        write_json(path, recipe.as_json())


def _line(figure: SkillRate) -> str:
    return (
        f"{figure.skill} ({figure.sort}): followed {figure.followed:.1%}, "
        f"right {figure.right:.1%} of {figure.items}"
    )
