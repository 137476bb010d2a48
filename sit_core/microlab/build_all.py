"""``sit microlab build``: base, adapters, their outputs, the same for other training seeds, card.

Each stage looks at what is there and makes what is missing; killed at any moment and started
again, it goes on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sit_core.embedded.heldout import SkillRate
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.world import World
from sit_core.errors import SitError
from sit_core.files import write_json
from sit_core.microlab.adapter_card import write_card
from sit_core.microlab.adapters import AdapterBuild, make_adapter
from sit_core.microlab.build import build
from sit_core.models import ModelSpec
from sit_core.models.local.weights import fingerprint, weights_in
from sit_core.models.resolve import ModelLocation as ModelPlace
from sit_core.reproduction.outputs import (
    INDEX,
    MAX_NEW_TOKENS,
    PROMPT_FORMAT,
    read_index,
    read_outputs,
    write_index,
    write_outputs,
)
from sit_core.reproduction.plan import ADAPTERS, MODELS, TESTS, asked, asked_as, held_out_questions
from sit_core.reproduction.report import SEEDS, figures_of, keep_figures, reproduction

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made."""

    rows: int | None = None
    """Of seed data; None: as the recipes say."""
    steps: int | None = None
    """Of training; None: as the preset says."""
    questions: int = 100
    """Held-out questions that every model is asked."""
    seeds: tuple[int, ...] = (1, 2)
    """Further training seeds, of which only the figures are kept."""
    models: tuple[str, ...] = tuple(MODELS)
    threads: int = 1
    """Of torch."""


SIZES = {"base": Size(), "tiny": Size(rows=150, steps=3, questions=3, seeds=(1,))}
QUESTIONS_SEED = 2
"""Which held-out questions ship; the recipes were tuned on others, and these looked at once."""


def build_all(
    recipe: Recipe,
    folder: Path,
    size: Size,
    *,
    stages: Sequence[str],
    say: Say = lambda line: None,
    **options: Any,
) -> list[SkillRate]:
    """Build what is missing.

    Args:
        recipe: of the base.
        folder: gets ``base/``, ``adapters/`` and ``predictions/``; ``work/`` is for what is needed
            on the way.
        size: how much is made after the base.
        stages: ``base`` and names of `STAGES`; made in their own order.
        say: gets lines of progress.
        options: of `sit_core.microlab.build.build`.

    Returns:
        The base's figures on held-out items; empty without its stage.

    Raises:
        SitError: there is no base, or a stage can't go on.
    """
    found: list[SkillRate] = []
    if "base" in stages:
        found = build(recipe, folder, say=say, threads=size.threads, **options)
    elif not (folder / "base" / "model.safetensors").is_file():
        raise SitError(f"There is no base in {folder}; build it first (--only base).")
    world = World(recipe.seed)
    for name, stage in STAGES.items():
        if name in stages:
            stage(folder, world, size, say)
    return found


def build_adapters(folder: Path, world: World, size: Size, say: Say) -> None:
    """The adapters that ship."""
    for key in ADAPTERS:
        if key in size.models:
            made = make_adapter(_making(folder, folder, key, 0, size), say)
            say(f"{key}: {'made' if made else 'was there already'}")


def build_predictions(folder: Path, world: World, size: Size, say: Say) -> None:
    """What base and adapters write for the held-out questions."""
    _ask_all(folder, folder, world, size, say)


def build_seeds(folder: Path, world: World, size: Size, say: Say) -> None:
    """The same for other training seeds; only their figures are kept beside the outputs."""
    figures = {}
    for seed in size.seeds:
        work = folder / "work" / "seeds" / str(seed)
        for key in ADAPTERS:
            if key in size.models:
                make_adapter(_making(folder, work, key, seed, size), lambda line: None)
        say(f"training seed {seed}: adapters are there")
        _ask_all(folder, work, world, size, lambda line: None)
        outputs = read_outputs(work / "predictions")
        figures[str(seed)] = figures_of({k: of for k, of in outputs.items() if k != "base"})
        say(f"training seed {seed}: measured")
    write_json(folder / "predictions" / SEEDS, figures)


def build_card(folder: Path, world: World, size: Size, say: Say) -> None:
    """The part of the card that is about the adapters."""
    found = reproduction(folder / "predictions")
    keep_figures(folder / "predictions", found)
    write_card(folder, found)
    say("card written")


STAGES: dict[str, Callable[[Path, World, Size, Say], None]] = {
    "adapters": build_adapters,
    "predictions": build_predictions,
    "seeds": build_seeds,
    "card": build_card,
}
"""Name → what makes it, in their order."""


def _making(folder: Path, into: Path, key: str, seed: int, size: Size) -> AdapterBuild:
    return AdapterBuild(
        key=key,
        base=folder / "base",
        out=into / "adapters" / key,
        work=folder / "work" if into == folder else into,
        seed=seed,
        rows=size.rows,
        steps=size.steps,
        threads=size.threads,
    )


def _ask_all(folder: Path, of: Path, world: World, size: Size, say: Say) -> None:
    """Ask every model whose outputs are missing or of other weights."""
    into = of / "predictions"
    into.mkdir(parents=True, exist_ok=True)
    questions = held_out_questions(world, size.questions, QUESTIONS_SEED)
    examples = {test: list(asked_as(world, questions, test)) for test in TESTS}
    about = {"world": world.seed, "seed": QUESTIONS_SEED, "count": size.questions}
    tests = {test: asked(test)[0] for test in TESTS}
    index: dict[str, Any] = {"questions": about, "tests": tests, "models": {}}
    if (into / INDEX).exists():
        before = read_index(into)
        if before["questions"] == about and before["tests"] == tests:
            index = before
    for key in size.models:
        adapter = of / "adapters" / key if MODELS[key].adapter else None
        now = {
            "base": _weights(folder / "base", "model.safetensors"),
            "adapter": adapter and _weights(adapter, "adapter_model.safetensors"),
            "max_new_tokens": MAX_NEW_TOKENS,
        }
        known = index["models"].get(key)
        if known and all(known[name] == value for name, value in now.items()):
            continue
        spec = ModelSpec(
            str(folder / "base"),
            adapter=str(adapter) if adapter else None,
            prompt_format=PROMPT_FORMAT,
            device="cpu",
            dtype="float32",
        )
        index["models"][key] = write_outputs(into / f"{key}.jsonl", spec, examples)
        write_index(into, index)
        say(f"{key}: {index['models'][key]['outputs']} outputs")


def _weights(folder: Path, pattern: str) -> str:
    return fingerprint(weights_in(ModelPlace(folder).folder, pattern).files)
