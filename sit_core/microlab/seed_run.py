"""``sit microlab tune --seed N``: the models of a training seed, killable at any moment.

The seed determines the held-out pairs, the base's texts and first weights, the rows of the tuning
and the test questions. A folder per seed: ``models/KEY/``, ``KEY.jsonl.gz`` (its outputs),
``work/``; what is there is not made again.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sit_core.embedded.recipe import Recipe
from sit_core.embedded.world import World
from sit_core.errors import SitError
from sit_core.files import write_json
from sit_core.microlab import no_instructions, tuning_rows
from sit_core.microlab.batches import TokenBatch
from sit_core.microlab.build import load_base
from sit_core.microlab.tokenizer import save_tokenizer, train_tokenizer
from sit_core.microlab.training import TrainingIntervals, train
from sit_core.reproduction.claims import TIMES

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import LlamaForCausalLM

Say = Callable[[str], None]
UPDATES = 300
"""Of each tuning."""
TUNING_RATE = 1.5e-3
TUNING_WARMUP = 15
TUNING_DECAY = 150
MODELS = ("base", *tuning_rows.CHAINS)
"""In the order in which they are made."""


@dataclass(frozen=True, slots=True)
class SeedRun:
    """What one training seed makes, and where."""

    seed: int
    folder: Path
    recipe: Recipe = no_instructions.RECIPE
    updates: int = UPDATES
    rows: int = tuning_rows.ROWS
    threads: int = 1

    @property
    def world(self) -> World:
        """Its held-out pairs."""
        return World(self.seed)

    def place(self, key: str) -> Path:
        """The folder of a model."""
        return self.folder / "models" / key


def make_models(run: SeedRun, models: Sequence[str], say: Say) -> None:
    """The base and the tuned models that are missing.

    Raises:
        SitError: the folder holds a run with another recipe, or torch is missing.
    """
    try:
        import torch
    except ImportError:
        raise SitError("Training needs torch; install it: pip install torch.") from None
    torch.set_num_threads(run.threads)
    _claim(run)
    if not run.place("base").exists():
        _timed(run, "base", say, lambda report: _make_base(run, report))
    for key in models:
        if key != "base" and not run.place(key).exists():
            _timed(run, key, say, partial(_tune, run, key))


def _make_base(run: SeedRun, say: Say) -> None:
    work = run.folder / "work" / "base"
    recipe = replace(run.recipe, seed=run.seed)
    if not (work / "tokenizer.json").exists():
        save_tokenizer(
            train_tokenizer(run.world, recipe.vocabulary, _texts(run.world)), work, recipe.context
        )
    tokenizer = _tokenizer(work)
    model = train(
        run.world,
        tokenizer,
        recipe,
        work,
        device="cpu",
        say=say,
        pace=_PACE,
        stream=no_instructions.stream(run.world, tokenizer, recipe),
    )
    _save(run, "base", model)


def _tune(run: SeedRun, key: str, say: Say) -> None:
    work = run.folder / "work" / key
    recipe = replace(
        run.recipe,
        seed=run.seed,
        steps=run.updates,
        learning_rate=TUNING_RATE,
        warmup=TUNING_WARMUP,
        decay=TUNING_DECAY,
    )
    tokenizer = _tokenizer(run.folder / "work" / "base")

    def stream(number: int, early: bool) -> Iterator[TokenBatch]:
        return tuning_rows.batches_of(run.world, tokenizer, key, number, run.rows)

    model, _ = load_base(run.place("base"))
    tuned = train(
        run.world,
        tokenizer,
        recipe,
        work,
        device="cpu",
        say=say,
        pace=_PACE,
        stream=stream,
        model=model,
    )
    _save(run, key, tuned)


_PACE = TrainingIntervals(evaluate_every=0, checkpoint_seconds=30.0, report_seconds=20.0)


def _texts(world: World) -> Iterator[str]:
    """What the tokenizer is made from: the base's texts and, so that prompts are short, rows."""
    for number in range(4):
        for document in no_instructions.documents(world, -1 - number, False):
            yield document.response if document.skill != "copy" else ""
    for one in tuning_rows.rows(world, "sit-2", 2000):
        yield one.instruction


def _tokenizer(folder: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def _save(run: SeedRun, key: str, model: "LlamaForCausalLM") -> None:
    """Model and tokenizer as one folder, put in its place as a whole."""
    import torch
    from transformers import AutoTokenizer

    place = run.place(key)
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f"{place.name}.part")
    if beside.exists():
        shutil.rmtree(beside)
    AutoTokenizer.from_pretrained(run.folder / "work" / "base").save_pretrained(beside)
    model.to(device="cpu", dtype=torch.float16).save_pretrained(beside)
    beside.rename(place)
    if key != "base":
        shutil.rmtree(run.folder / "work" / key, ignore_errors=True)


def _timed(run: SeedRun, key: str, say: Say, make: Callable[[Say], None]) -> None:
    """Note the processor time of what is made, added to that of earlier tries, at each report."""
    path = run.folder / TIMES
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    before, began = known.get(key, 0.0), time.process_time()

    def report(line: str) -> None:
        known[key] = round(before + time.process_time() - began, 1)
        write_json(path, known)
        say(f"seed {run.seed}, {key}: {line}")

    make(report)
    report("made")


def _claim(run: SeedRun) -> None:
    """Note the recipe in the folder, or see that it is the same."""
    run.folder.mkdir(parents=True, exist_ok=True)
    path = run.folder / "recipe.json"
    said = {
        **replace(run.recipe, seed=run.seed).as_json(),
        "updates": run.updates,
        "rows": run.rows,
    }
    if path.exists():
        there = json.loads(path.read_text(encoding="utf-8"))
        differs = sorted(name for name, value in said.items() if there.get(name) != value)
        if differs:
            raise SitError(
                f"{run.folder} holds a run with another {', '.join(differs)}; name another folder "
                "with --out or delete that one."
            )
    else:
        write_json(path, said)
