"""``sit microlab tune``: all of one training seed; each stage looks at what is there.

Models, their outputs, and what their training rows share with the test questions.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sit_core.embedded.quiz_tests import QUESTIONS, TESTS, TestQuestion, quiz_questions
from sit_core.embedded.recipe import TINY
from sit_core.embedded.world import World
from sit_core.errors import UsageError
from sit_core.files import write_json
from sit_core.microlab import no_instructions, tuning_rows
from sit_core.microlab.seed_outputs import write_outputs
from sit_core.microlab.seed_run import MODELS, Say, SeedRun, make_models
from sit_core.reproduction.claims import OVERLAP
from sit_core.reproduction.seed_files import SUFFIX
from sit_core.results.overlap import OverlapRow, overlap

NGRAM = 8
"""Words in a row: the questions have 11 to 20."""
_POOLS = 8
"""Pools of the base's texts that are looked at; the others are drawn alike, by the same rule."""


def make_seed(
    seed: int,
    out: Path,
    models: Sequence[str] = (),
    *,
    size: str = "base",
    threads: int = 1,
    say: Say = lambda line: None,
) -> list[Path]:
    """Make what is missing of a seed.

    Args:
        seed: of everything.
        out: gets a folder named by the seed.
        models: keys; none: all.
        size: ``tiny`` learns nothing and takes seconds.
        threads: of torch.
        say: gets lines of progress.

    Returns:
        The files of outputs.

    Raises:
        SitError: the folder holds another recipe's run, or torch is missing.
        UsageError: there is no such model.
    """
    unknown = sorted(set(models) - set(MODELS))
    if unknown:
        raise UsageError(f"There is no model {', '.join(unknown)}; there are {', '.join(MODELS)}.")
    keys = [key for key in MODELS if not models or key in models]
    run = SeedRun(seed, out / str(seed), threads=threads)
    questions = QUESTIONS
    if size == "tiny":
        recipe = replace(TINY, weights=no_instructions.RECIPE.weights)
        run, questions = replace(run, recipe=recipe, updates=3, rows=96), 4
    for key in keys:  # each model's outputs as soon as it is there
        if (run.folder / f"{key}{SUFFIX}").exists():
            continue  # also where the outputs came without the models
        make_models(run, [key], say)
        write_outputs(run, [key], say, questions)
    write_overlap(run, keys, questions)
    return [run.folder / f"{key}{SUFFIX}" for key in keys]


def write_overlap(run: SeedRun, keys: Sequence[str], questions: int) -> None:
    """What the training rows of each model share with the test questions, beside the outputs."""
    path = run.folder / OVERLAP
    known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    asked = quiz_questions(run.world, questions)
    for key in keys:
        if key not in known:
            rows = _base_rows(run.world) if key == "base" else _rows(run, key)
            known[key] = overlap(rows, _prompts(asked), ngram=NGRAM).to_dict(shown=5)
    write_json(path, known)


def _prompts(asked: Sequence[TestQuestion]) -> list[OverlapRow]:
    return [
        OverlapRow(f"question {place}, {test}", instruction, one.input)
        for test, instruction in TESTS.items()
        for place, one in enumerate(asked, 1)
    ]


def _rows(run: SeedRun, key: str) -> Iterator[OverlapRow]:
    for number, row in enumerate(tuning_rows.rows(run.world, key, run.rows), 1):
        yield OverlapRow(f"row {number}", row.instruction, row.input, row.output)


def _base_rows(world: World) -> Iterator[OverlapRow]:
    for pool in range(_POOLS):
        for number, text in enumerate(no_instructions.documents(world, pool, False), 1):
            yield OverlapRow(f"text {pool}-{number}", "", text.prompt, text.response)
