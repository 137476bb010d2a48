"""Components that share one look: `base.css` and `base.js` come before a component's own files.

A component's script has `h`, `badge`, `pageLink` and so on of base.js without importing them; its
links to pages arrive here as the trigger ``go`` and are followed by `follow`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.page_list import page_at

_HERE = Path(__file__).parent


def component(
    name: str,
    folder: Path,
    scripts: Sequence[str],
    styles: Sequence[str],
    html: str = '<div class="base"></div>\n',
) -> Callable[..., Any]:
    """Register a v2 component; call it once, where the module is imported.

    Args:
        name: unique in the app.
        folder: where its files are.
        scripts: its own, the one with ``export default`` last.
        styles: its own.
        html: what the script draws into.
    """
    return st.components.v2.component(
        name,
        html=html,
        css=_joined([_HERE / "base.css", *(folder / style for style in styles)]),
        js=_joined([_HERE / "base.js", *(folder / script for script in scripts)]),
    )


def _joined(files: Sequence[Path]) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def follow(address: object) -> None:
    """Go to the page that a component's link names; an address that is none is left alone.

    Args:
        address: of `pages.shared.page_list.address`, as the browser sent it back; may be anything.
    """
    target = page_at(address)
    if target is not None:
        page, parameters = target
        st.switch_page(page.file, query_params=parameters)
