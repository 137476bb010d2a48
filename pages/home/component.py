"""The component that draws Home: `home.js` and `home.css`, with the shared base before them."""

from pathlib import Path
from typing import Any

from pages.shared.component import component

_HOME = component("home", Path(__file__).parent, ["home.js"], ["home.css"])


def home_component(key: str, data: dict[str, Any]) -> Any:
    """Draw Home; the result has ``go`` (an address), ``example`` and ``count`` when clicked."""
    return _HOME(
        key=key,
        data=data,
        on_go_change=_nothing,
        on_example_change=_nothing,
        on_count_change=_nothing,
    )


def _nothing() -> None:
    """A trigger reruns the page; it is answered there."""
