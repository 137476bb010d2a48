"""Texts of models, files and people on the screen as they are: never as HTML, Markdown or LaTeX.

Every piece goes through `html.escape`; white space, any script and the direction of writing of
each paragraph are kept; long texts scroll, very long ones are cut *on the screen* with a way to the
rest.
"""

import html
import re
from collections.abc import Sequence

import streamlit as st

from sit_core.figures.outputs import NOTHING, SHOWN
from sit_core.figures.outputs import text_notes as notes

BOX = (
    "white-space: pre-wrap; overflow-wrap: anywhere; overflow-y: auto; line-height: 1.5;"
    "padding: .5rem .75rem; border-radius: .3rem;"
    "border: 1px solid color-mix(in srgb, currentColor 22%, transparent);"
    "background: color-mix(in srgb, currentColor 4%, transparent);"
)
"""The look of a box with such a text (CSS)."""
_LABEL = "font-size: .875rem; opacity: .75; margin-bottom: .2rem; unicode-bidi: isolate"
_MARK = "background: rgba(255, 190, 0, .38); color: inherit; border-radius: .15rem"
_EMPTY = "border-style: dashed; font-style: italic; opacity: .75"


def verbatim(
    text: str,
    *,
    key: str,
    segments: Sequence[tuple[str, bool]] | None = None,
    label: str = "",
    empty: str = NOTHING,
    height: str = "26rem",
    size: str = "1rem",
) -> None:
    """Draw a text in a box that scrolls.

    Args:
        text: anything at all.
        key: unique on the page, for the download button of a very long text.
        segments: the same text in pieces, True for those to highlight.
        label: what the text is, above the box; shown as it is, too.
        empty: what stands there, visibly no text, when there is none.
        height: of the box at most (CSS).
        size: of the letters (CSS).
    """
    head = f'<div style="{_LABEL}">{escaped(label)}</div>' if label else ""
    if not text:
        st.html(f'{head}<div data-verbatim="empty" style="{BOX}{_EMPTY}">{escaped(empty)}</div>')
        return
    st.html(
        f'{head}<div data-verbatim="text" style="{BOX}max-height: {height}; font-size: {size};'
        'unicode-bidi: isolate">'
        f'<div dir="auto" style="unicode-bidi: plaintext; text-align: start">'
        f"{_pieces(segments if segments is not None else [(text, False)])}</div></div>"
    )
    for note in notes(text):
        st.text(note)
    if len(text) > SHOWN:
        st.download_button(
            "Download the whole text",
            text.encode("utf-8", "replace"),
            file_name="text.txt",
            mime="text/plain; charset=utf-8",
            key=f"whole text {key}",
            on_click="ignore",
        )


def _pieces(segments: Sequence[tuple[str, bool]]) -> str:
    left = SHOWN
    parts = []
    for text, marked in segments:
        shown = escaped(text[:left])
        left -= len(text)
        parts.append(f'<mark style="{_MARK}">{shown}</mark>' if marked else shown)
        if left <= 0:
            break
    return "".join(parts)


def in_label(text: str) -> str:
    r"""The text for a widget's label, which Streamlit renders as Markdown: it stays only a text.

    >>> in_label("a *b* [c](d)")
    'a \\*b\\* \\[c\\]\\(d\\)'
    """
    line = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
    # A word joiner after each colon: ":smile:", ":red[…]" and addresses are no such things then.
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", line).replace("\\:", "\\:\u2060")


def escaped(text: str) -> str:
    """The text for ``st.html``: nothing in it is markup, all white space is kept."""
    # Line breaks as references: st.html strips the white space of blank lines.
    safe = html.escape(text.encode("utf-8", "replace").decode("utf-8"))
    return safe.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")
