"""What the seed set of the shipped adapters shares with the questions that their tables ask.

All adapters are trained on this set, IT as it is and the others with instructions made longer, so
its inputs and answers are those of every one of them.
"""

from collections.abc import Iterator
from pathlib import Path

from sit_core.embedded.instructions import seed_rows
from sit_core.embedded.world import World
from sit_core.reproduction.outputs import FOLDER, read_index, read_outputs
from sit_core.results.overlap import Overlap, OverlapRow, overlap

ROWS = 10_000
"""Of the seed set, as ``data/microlab/recipes`` say."""
SEED = 0
"""Of the adapters that ship."""
NGRAM = 8


def adapters_overlap(folder: Path = FOLDER) -> Overlap:
    """Looked for now; a second of work.

    Raises:
        SitError: there are no outputs.
    """
    world = World(read_index(folder)["questions"]["world"])
    of_one = next(iter(read_outputs(folder).values()))
    prompts = [
        OverlapRow(f"question {place}, {test}", one.example.instruction, one.example.input)
        for test, predictions in of_one.items()
        for place, one in enumerate(predictions, 1)
    ]
    return overlap(_rows(world), prompts, ngram=NGRAM)


def _rows(world: World) -> Iterator[OverlapRow]:
    for number, row in enumerate(seed_rows(world, ROWS, SEED), 1):
        yield OverlapRow(f"row {number}", row.instruction, row.input, row.output)
