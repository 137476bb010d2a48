"""The component that draws the board: `board.js` and `board.css`, with the shared base."""

from pathlib import Path
from typing import Any

from pages.shared.component import component

_BOARD = component("leaderboard", Path(__file__).parent, ["board.js"], ["board.css"])


def board_component(key: str, data: dict[str, Any]) -> Any:
    """Draw the board; the result has ``go`` (an address) when a link was clicked.

    Args:
        key: of the component.
        data: `pages.leaderboard.table.table_json`.
    """
    return _BOARD(key=key, data=data, on_go_change=_nothing)


def _nothing() -> None:
    """A trigger reruns the page; it is answered there."""
