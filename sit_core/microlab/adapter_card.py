"""The part of the model card that is about the adapters, below what the build of the base wrote."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.files import write_text
from sit_core.reproduction.plan import ADAPTERS, MODELS, TESTS, asked
from sit_core.results.reproduction import ACCURACY, FOLLOWING, CellKey, PaperCell, Reproduction
from sit_core.statistics.interval import figure_text
from sit_core.train.folder import read_json

HEADING = "\n# Adapters\n"
"""Where the part begins."""


def write_card(folder: Path, found: Reproduction) -> None:
    """Put the part at the end of the card, in place of an earlier one.

    Args:
        folder: of the build; holds ``README.md`` and ``adapters/``.
        found: the report.

    Raises:
        SitError: the base has no card, or an adapter is missing.
    """
    path = folder / "README.md"
    try:
        base = path.read_text(encoding="utf-8").partition(HEADING)[0]
    except OSError:
        raise SitError(f"There is no card in {folder}; build the base first.") from None
    made = {key: read_json(folder / "adapters" / key / "training.json") for key in ADAPTERS}
    known = {key: said for key, said in made.items() if said is not None}
    write_text(path, base.rstrip("\n") + "\n" + part(known, found))


def part(known: Mapping[str, Mapping[str, Any]], found: Reproduction) -> str:
    """The part as Markdown."""
    cells = found.cells
    rows = "\n".join(
        f"| {MODELS[key].title} | `adapters/{key}` | {_chains(key)} | {said['data']['used']:,} | "
        f"{said['figures']['steps']} | {said['figures']['held_out']:.4f} |"
        for key, said in known.items()
    )
    titles = {key: MODELS[key].title for key in MODELS if CellKey(key, "A", FOLLOWING) in cells}
    head = "| | " + " | ".join(TESTS) + " |\n|---|" + "---|" * len(TESTS)
    following = "\n".join(_row(key, title, FOLLOWING, cells) for key, title in titles.items())
    right = "\n".join(_row(key, title, ACCURACY, cells) for key, title in titles.items())
    expected = "\n".join(
        f"- {'holds' if one.holds else 'does not hold' if one.holds is False else 'not known'}: "
        f"{one.text} ({one.bound}): {one.found}"
        for one in found.directions
    )
    first = next(iter(known.values()), None)
    questions = found.about["questions"]
    return _PART.format(
        heading=HEADING.strip("\n"),
        rows=rows,
        rank=first["config"]["method"]["rank"] if first else "–",
        alpha=f"{first['config']['method']['alpha']:g}" if first else "–",
        rate=f"{first['config']['schedule']['learning_rate']:g}" if first else "–",
        batch=first["config"]["schedule"]["batch"] if first else "–",
        count=questions["count"],
        seed=questions["seed"],
        wordings="\n".join(f"- {test}: {asked(test)[0]}" for test in TESTS),
        head=head,
        following=following,
        right=right,
        expected=expected,
        seeds=_seeds(found),
        rules=found.about["rules"],
    )


def _chains(key: str) -> str:
    return ", ".join(MODELS[key].trained_on) or "none"


def _row(key: str, title: str, metric: str, cells: Mapping[CellKey, PaperCell]) -> str:
    shown = []
    for test in TESTS:
        cell = cells.get(CellKey(key, test, metric))
        if cell is None or cell.value is None or cell.low is None or cell.high is None:
            shown.append("–")
            continue
        text = figure_text(cell.value, cell.low, cell.high, digits=0)
        if cell.seeds:
            text += f" ({', '.join(f'{100 * value:.0f}' for value in cell.seeds)})"
        shown.append(text)
    return f"| {title} | " + " | ".join(shown) + " |"


def _seeds(found: Reproduction) -> str:
    others = found.about["training_seeds"][1:]
    if not others:
        return ""
    named = " and ".join(map(str, others))
    told = f"\nIn parentheses: adapters of the training seeds {named}, asked the same questions"
    if any(cell.seeds for place, cell in found.cells.items() if place.metric == FOLLOWING):
        return f"{told}."
    return f"{told}; what they\nfollow was counted by earlier rules and is left out."


_PART = """\

{heading}

LoRA adapters of the base (rank {rank}, alpha {alpha}, on query, key and value; learning rate
{rate}, batches of {batch}), trained by `sit train` on mixtures that `sit augment` makes of one seed
set: `recipes/`. `sit microlab build` makes them all again, `sit microlab report` prints the paper's
tables.

| adapter | folder | chains in its data | rows | updates | held-out loss |
|---|---|---|---|---|---|
{rows}

The seed set holds single tasks: questions with choices (answered by the choice's text) and without.
IT is trained on it as it is; of the others' rows half were rewritten into sequences.

## What they follow
{count} held-out questions (seed {seed}; the recipes were tuned on others), greedy. Share of outputs
that follow the whole chain, by rule, in percent with its 95 % interval.{seeds}

{head}
{following}

Right final answers, of all outputs:

{head}
{right}

Asked as:

{wordings}

Expected of the paper's effect:

{expected}

## Their limits
- They can show that a chain is followed that was not trained. They can't show what IT teaches (the
  base knows each instruction, so IT changes nothing) nor a gain in accuracy (100 % before): for
  these claims there is a base that knows no instructions (`no-instructions/`, `sit microlab tune`).
- All limits of the base. Each adapter was trained on questions of the micro world alone.
- Repeating, paraphrasing and translating *alone* are not in the seed set, so an adapter trained on
  sequences may go on to answer although nobody asked for that. In trials with these tasks in the
  seed set, a model of this size learned to stop after a paraphrase, whatever else was asked.
- How often the unseen chain P+A is followed depends much on the wordings in the recipe. In trials
  it was about half with few wordings of "repeat the input", and a third to nine tenths (by training
  seed) with many that the base does not understand. The recipes have many that it does.
- Following is by rule ({rules}): the question in other words is a paraphrase and no repetition,
  though its choices are all there; parts belong to the steps in the order asked. Beside it stands
  the ROUGE-L of the repetition (Table 1).
"""
