"""How charts look: colours that follow the theme, marks of steps, and the quiet frame around them.

A figure holds placeholders for colours; with ``theme="streamlit"`` the browser puts the theme's in
their place (`.streamlit/config.toml` has them), so that one figure is right in light and dark.
Steps have a mark as well as a colour, runs a name beside it: nothing is said by colour alone.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sit_core.records import Verdict

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TEXT, GRID = "#000037", "#000039"
"""Placeholders: the theme's text, and faint lines."""
RUNS = 10
"""So many runs have a colour of their own; the eleventh has the first one's."""
WHOLE = "all"
"""The kind of a whole chain, e.g. ``R+A``."""
STEP_KINDS = ("R", "A", WHOLE, "T", "P", "C")
_BY_POSITION = ("R", "A", "T", "P", "C")
_VERDICTS = (Verdict.YES, Verdict.PARTLY, Verdict.NO, Verdict.UNSURE)
_RUN_MARKS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")
_RUN_DASHES = ("solid", "dash", "dot", "dashdot")
_MARKS = {"R": "circle", "A": "square", WHOLE: "diamond", "T": "triangle-up", "P": "cross"}


def run_colour(place: int) -> str:
    """A run's colour, by its order of arrival in the store (`sit_core.store.run_places`).

    >>> run_colour(0), run_colour(9), run_colour(10)
    ('#000001', '#000010', '#000001')
    """
    return f"#{place % RUNS + 1:06d}"


def run_mark(place: int) -> str:
    """A run's plotly symbol on a line; the same place as of `run_colour`.

    >>> run_mark(0), run_mark(1), run_mark(7)
    ('circle', 'square', 'circle')
    """
    return _RUN_MARKS[place % len(_RUN_MARKS)]


def run_dash(place: int) -> str:
    """How a run's line is drawn; the same place as of `run_colour`.

    >>> run_dash(0), run_dash(1), run_dash(4)
    ('solid', 'dash', 'solid')
    """
    return _RUN_DASHES[place % len(_RUN_DASHES)]


def see_through(colour: str) -> str:
    """A placeholder's colour as that of a band: what stands behind it is seen.

    The browser puts the theme's colour in the placeholder's place and leaves the last two digits.

    >>> see_through("#000001")
    '#00000126'
    """
    return f"{colour}26"


def step_kind(letter: str, position: int = 0) -> str:
    """Which of the `STEP_KINDS` a step is drawn as: by its letter, else by its position.

    Args:
        letter: of a step (``R``, also ``R2`` for a second one), or of a chain (``R+A``).
        position: its place in the chain from 0, for letters of other people's tasks.

    >>> step_kind("T"), step_kind("R+A"), step_kind("A2"), step_kind("X", 1)
    ('T', 'all', 'A', 'A')
    """
    if "+" in letter or letter == "F":
        return WHOLE
    plain = letter.rstrip("0123456789")
    return plain if plain in STEP_KINDS else _BY_POSITION[position % len(_BY_POSITION)]


def step_colour(letter: str, position: int = 0) -> str:
    """A step's colour; arguments as of `step_kind`.

    >>> step_colour("R"), step_colour("A"), step_colour("R+A")
    ('#000021', '#000022', '#000023')
    """
    return f"#{21 + STEP_KINDS.index(step_kind(letter, position)):06d}"


def step_mark(letter: str, position: int = 0) -> str:
    """A step's plotly symbol; arguments as of `step_kind`.

    >>> step_mark("R"), step_mark("A"), step_mark("R+A"), step_mark("C")
    ('circle', 'square', 'diamond', 'x')
    """
    return _MARKS.get(step_kind(letter, position), "x")


def verdict_colour(verdict: str) -> str:
    """The colour of yes, partly, no or unsure.

    >>> verdict_colour("yes"), verdict_colour("unsure")
    ('#000027', '#000030')
    """
    return f"#{27 + _VERDICTS.index(Verdict(verdict)):06d}"


def calm(figure: "Figure", height: int, *, lines: str = "x", **layout: Any) -> "Figure":
    """Give a figure the look of all: no frame, hair lines in one direction, transparent ground.

    Args:
        figure: changed and returned.
        height: in pixels.
        lines: the axis whose values the hair lines mark, ``x`` or ``y``; ``""`` for none.
        layout: more for ``update_layout``; wins over what is set here.
    """
    settings = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 12.5, "color": TEXT},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        "hoverlabel": {"align": "left"},
    }
    figure.update_layout(**{**settings, **layout})
    quiet = {
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "automargin": True,
        "tickfont": {"size": 12.5, "color": TEXT},
        "title_font": {"size": 12.5, "color": TEXT},
    }
    # The theme hides the grid of x by itself, so each is said.
    figure.update_xaxes(showgrid=lines == "x", gridcolor=GRID, gridwidth=1, **quiet)
    figure.update_yaxes(showgrid=lines == "y", gridcolor=GRID, gridwidth=1, **quiet)
    return figure


def panel_titles(titles: Sequence[Any], above: int = 4) -> None:
    """Put the titles of panels that stand one below the other at the left, in the size of texts.

    Args:
        titles: the annotations that `plotly.subplots.make_subplots` made.
        above: pixels between title and panel.
    """
    for title in titles:
        title.update(x=0, xanchor="left", xref="paper", yshift=above, font={"size": 12.5})


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Move places apart until no two are nearer than the gap, each as little as can be.

    For labels at the ends of lines. The order stays; the result is in the order of the argument.

    >>> spread([0, 1, 10], 4)
    [-1.5, 2.5, 10.0]
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    # Groups that touch move as one, around the mean of what they want to be at.
    groups: list[list[int]] = []
    middles: list[float] = []
    for i in order:
        groups.append([i])
        middles.append(float(places[i]))
        while len(groups) > 1 and (
            middles[-1] - middles[-2] < gap * (len(groups[-1]) + len(groups[-2])) / 2
        ):
            groups[-2:] = [groups[-2] + groups[-1]]
            middles[-2:] = [sum(places[j] for j in groups[-1]) / len(groups[-1])]
    moved = [0.0] * len(places)
    for group, middle in zip(groups, middles, strict=True):
        for k, i in enumerate(group):
            moved[i] = middle + gap * (k - (len(group) - 1) / 2)
    return moved
