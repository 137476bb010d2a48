"""The look of the Live page's columns, chips and notices: one style sheet, once on the page.

Its colours are the theme's (`pages.shared.theme`), so it follows light and dark by itself.
"""

import streamlit as st

from pages.shared.theme import colour

OUTPUTS_BEGIN = 22.3
"""Rem from the top of the page to the outputs; they fill the window but for `BELOW`."""
BELOW = 5.4
"""Rem below them: how they are to be read, and keeping them."""
_NAMED = {"R": "blue", "A": "orange", "T": "violet", "all": "green"}
_LISTED = {"P": 4, "C": 5}
"""Place in ``chartDivergingColors`` of the kinds of step that have no named colour."""
_LINES = {"R": "solid", "A": "dashed", "T": "double", "P": "dotted", "C": "wavy", "all": "solid"}
SIGNS = {
    "done": "M2 6.5 5 9.5 10 3",
    "partly": "M2.5 6h7",
    "not": "M3 3l6 6M9 3l-6 6",
    "unsure": "M4 4.2a2 2 0 1 1 2.9 1.8c-.7.4-.9.8-.9 1.4M6 9.9v.1",
}
"""Word of an estimate → its sign, drawn, for the font has no such letters."""


def styles() -> str:
    """The look of columns and chips: once on the page, in `st.html`."""
    kinds = "".join(_kind(kind) for kind in _LINES)
    tones = "".join(
        f'.live-chip[data-tone="{tone}"] {{ color: {colour(f"{tone}TextColor")};'
        f" --ground: {colour(f'{tone}BackgroundColor')}; }}"
        for tone in ("green", "yellow", "red", "gray", "blue")
    )
    signs = "".join(f'.live-sign[data-sign="{name}"] {{ --d: {_drawn(name)}; }}' for name in SIGNS)
    line, panel = colour("borderColor"), colour("secondaryBackgroundColor")
    quiet, page = colour("dataframeHeaderTextColor"), colour("backgroundColor")
    return f"""<style>
.live-column {{ display: flex; flex-direction: column; border: 1px solid {line};
  border-radius: 12px; overflow: hidden; background: {page};
  height: max(21rem, calc(100vh - {OUTPUTS_BEGIN + BELOW}rem)); }}
.live-column > * {{ flex: none; }}
.live-head {{ display: flex; flex-wrap: wrap; align-items: center; gap: .15rem .6rem;
  min-height: 2.5rem; padding: .35rem .9rem; background: {panel};
  border-bottom: 1px solid {line}; font-size: .82rem; }}
.live-phase {{ font-weight: 640; }}
[data-phase=done] .live-phase {{ color: {colour("greenTextColor")}; }}
[data-phase=failed] .live-phase {{ color: {colour("redTextColor")}; }}
.live-head b {{ font-weight: 640; overflow-wrap: anywhere; }}
.live-head .live-chip:last-child {{ margin-left: auto; }}
.live-name.quiet {{ position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }}
.live-quiet, .live-state {{ color: {quiet}; font-variant-numeric: tabular-nums; }}
.live-error {{ border-left: 3px solid {colour("redColor")}; padding: .45rem .9rem;
  background: {colour("redBackgroundColor")}; white-space: pre-wrap; overflow-wrap: anywhere; }}
.live-thoughts {{ padding: .4rem .9rem; border-bottom: 1px solid {line}; font-size: .85rem; }}
.live-thoughts > div {{ max-height: 9rem; overflow-y: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; color: {quiet}; }}
.live-column > .live-box {{ flex: 1 1 0; min-height: 6rem; overflow-y: auto; display: flex;
  flex-direction: column; padding: .8rem .95rem; }}
/* While it grows the end is in sight; the auto margin keeps a short text at the top. */
.live-column[data-phase=writing] > .live-box {{ flex-direction: column-reverse; }}
.live-text {{ margin-bottom: auto; white-space: pre-wrap; overflow-wrap: anywhere;
  line-height: 1.65; unicode-bidi: plaintext; text-align: start; }}
.live-box > i {{ color: {quiet}; }}
.live-part {{ color: inherit; background: var(--ground); border-radius: 3px;
  text-decoration: underline var(--line) 2px var(--step); text-underline-offset: 4px;
  text-decoration-skip-ink: none; }}
.live-part::before {{ content: attr(data-step); margin-right: .3em; user-select: none;
  text-decoration: none; display: inline-block; }}
.live-part::before, .live-badge {{ padding: .12em .38em; border-radius: 5px; color: {page};
  background: var(--step); font: 700 .72em/1.25 "JetBrains Mono", monospace; }}
.live-badge {{ font-size: .8em; display: inline-block; min-width: 1.7em; text-align: center; }}
.live-estimates {{ max-height: 45%; overflow-y: auto; border-top: 1px solid {line};
  padding: .55rem .9rem .6rem; display: grid; gap: .4rem; font-size: .85rem; }}
.live-estimates > div {{ display: grid; gap: .5rem; align-items: baseline;
  grid-template-columns: auto auto minmax(0, 1fr); overflow-wrap: anywhere; }}
.live-estimates [data-row="in order"] > .live-badge {{ background: none; color: {quiet};
  padding-left: 0; font-family: inherit; }}
.live-chip {{ display: inline-flex; align-items: center; gap: .35em; padding: .12em .6em;
  border-radius: 6px; font-weight: 600; white-space: nowrap; }}
/* People's verdicts are filled, estimates by rule are outlined. */
.live-chip[data-by=rule] {{ box-shadow: inset 0 0 0 1px currentColor; }}
.live-chip[data-by=app] {{ background: var(--ground); }}
.live-steps {{ display: flex; flex-wrap: wrap; align-items: center; gap: .35rem .45rem; }}
.live-step {{ display: inline-flex; align-items: center; gap: .4em; max-width: 22rem;
  padding: .18em .6em .18em .25em; border-radius: 7px; background: var(--ground);
  color: var(--words); font-size: .9rem; font-weight: 600; }}
.live-step > span:last-child {{ overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
.live-sign {{ width: .8em; height: .8em; background: currentColor; mask: var(--d) center / contain
  no-repeat; -webkit-mask: var(--d) center / contain no-repeat; }}
.live-outside {{ padding: .5rem .9rem; border: 1px solid {colour("yellowColor")};
  border-radius: 10px; background: {colour("yellowBackgroundColor")};
  color: {colour("yellowTextColor")}; font-size: .92rem; line-height: 1.6; }}
.live-outside code {{ padding: .1em .4em; border-radius: 5px; font-weight: 600; color: inherit;
  font-family: "JetBrains Mono", monospace; font-size: .88em; overflow-wrap: anywhere;
  background: color-mix(in srgb, {colour("yellowColor")} 18%, transparent);
  unicode-bidi: isolate; }}
.st-key-live-large .live-column {{ height: max(30rem, calc(100vh - 13.4rem)); }}
.st-key-live-large .live-state {{ order: 3; width: 100%; }}
.st-key-live-large .live-text {{ font-size: 1.6rem; line-height: 1.5; }}
.st-key-live-large :is(.live-head, .live-estimates, .live-outside) {{ font-size: 1.1rem; }}
.st-key-replay-asked [data-verbatim] {{ height: 74px; font-size: .92rem !important;
  border-radius: 8px !important; }}
div:has(> .st-key-live-keys) {{ position: absolute; }}
.st-key-live-large .live-step {{ font-size: 1.25rem; max-width: none; }}
{kinds}{tones}{signs}
</style>"""


def _kind(kind: str) -> str:
    if kind in _NAMED:
        name = _NAMED[kind]
        step, ground, words = (
            colour(f"{name}{part}") for part in ("Color", "BackgroundColor", "TextColor")
        )
    else:
        step = _listed(_LISTED[kind])
        ground = f"color-mix(in srgb, {step} 14%, {colour('backgroundColor')})"
        words = f"color-mix(in srgb, {step} 72%, {colour('textColor')})"
    return (
        f'[data-kind="{kind}"] {{ --step: {step}; --ground: {ground}; --words: {words};'
        f" --line: {_LINES[kind]}; }}"
    )


def _listed(place: int) -> str:
    lists = [st.get_option(f"theme.{mode}.chartDivergingColors") for mode in ("light", "dark")]
    if not all(lists):  # started elsewhere, without the theme's file
        return "currentColor"
    return f"light-dark({lists[0][place]}, {lists[1][place]})"


def _drawn(sign: str) -> str:
    path = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 12 12' fill='none' stroke='black'"
        " stroke-width='2.2' stroke-linecap='round' stroke-linejoin='round'>"
        f"<path d='{SIGNS[sign]}'/></svg>"
    )
    return 'url("data:image/svg+xml,' + path.replace("<", "%3C").replace(">", "%3E") + '")'
