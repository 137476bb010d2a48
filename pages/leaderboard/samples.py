"""From a figure of the board to its samples on the Inspect page."""

from typing import Any

from pages.inspect_outputs.address import params_of
from pages.results.links import open_samples, samples_link
from sit_core.results.leaderboard.build import Leaderboard
from sit_core.results.leaderboard.drilldown import cell_filter


def cell_params(
    board: Leaderboard, system: str, column: str | None = None, **more: Any
) -> dict[str, Any] | None:
    """The address of a cell's samples; None where there are none (others' results, benchmarks)."""
    of = cell_filter(board, system, column, **more)
    return None if of is None else dict(params_of(of, None))


def open_cell(board: Leaderboard, system: str, column: str | None = None, **more: Any) -> None:
    """Go to a cell's samples, where it has any."""
    params = cell_params(board, system, column, **more)
    if params is not None:
        open_samples(**params)


def cell_link(
    text: str, board: Leaderboard, system: str, column: str | None = None, **more: Any
) -> str | None:
    """The same as a link for a ``LinkColumn``."""
    params = cell_params(board, system, column, **more)
    return None if params is None else samples_link(text, **params)
