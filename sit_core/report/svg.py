"""Charts of a report as static SVG: dots with intervals, and curves with bands. Pure.

Nothing is loaded and nothing runs; colours are the page's own (``currentColor``, variables), so
that light, dark and print are right. Rows have their name beside them and curves differ by dashes,
so that nothing is said by colour alone.
"""

import math
from collections.abc import Sequence
from html import escape

from sit_core.results.estimate import Estimate

MOST_ROWS = 60
"""Longer tables are not drawn."""
_WIDTH, _LEFT, _RIGHT, _ROW = 760, 300, 70, 24
_LONGEST = 44
_DASHES = ("", "7 4", "2 3", "9 3 2 3")
Curve = tuple[str, Sequence[tuple[float, Estimate]]]
"""Name, (x, figure) of each point."""


def dots(rows: Sequence[tuple[str, Estimate]], title: str) -> str:
    """A line per figure: its name, a dot at the value, its interval.

    Args:
        rows: name and figure; those without a value are left out.
        title: what it is, for who can't see it.

    Returns:
        SVG; empty where there is nothing to draw, or too much.
    """
    drawn = [(name, one) for name, one in rows if one.value is not None]
    if not drawn or len(drawn) > MOST_ROWS:
        return ""
    scale = 100 if drawn[0][1].percent else 1
    ends = [
        scale * end for _, one in drawn for end in (one.low, one.high, one.value) if end is not None
    ]
    signed = any(one.signed for _, one in drawn)
    low, high, ticks = axis(
        min([*ends, 0]), max([*ends, 100 if scale == 100 and not signed else 0])
    )
    height = _ROW * len(drawn) + 34

    def x(value: float) -> float:
        return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    bottom = _ROW * len(drawn) + 6
    parts = [
        f'<line class="grid" x1="{x(t):.1f}" x2="{x(t):.1f}" y1="4" y2="{bottom}"/>'
        + _tick(x(t), bottom + 16, _number(t))
        for t in ticks
    ]
    if low <= 0 <= high:
        parts.append(f'<line class="zero" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="4" y2="{bottom}"/>')
    for number, (name, one) in enumerate(drawn):
        y = _ROW * number + _ROW / 2 + 4
        value = scale * (one.value or 0)
        parts.append(
            f'<text x="{_LEFT - 12}" y="{y + 4:.1f}" text-anchor="end">'
            f"<title>{escape(name)}</title>{escape(_short(name))}</text>"
        )
        if one.low is not None and one.high is not None:
            parts.append(
                f'<line class="span" x1="{x(scale * one.low):.1f}" x2="{x(scale * one.high):.1f}" '
                f'y1="{y:.1f}" y2="{y:.1f}"/>'
            )
        parts.append(
            f'<circle class="dot" cx="{x(value):.1f}" cy="{y:.1f}" r="4.5">'
            f"<title>{escape(f'{name}: {one.shown}')}</title></circle>"
            f'<text class="tick" x="{_WIDTH - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{escape(one.shown.split(' ')[0])}</text>"
        )
    return _svg(parts, height, title)


def curves(lines: Sequence[Curve], title: str, x_name: str) -> str:
    """Curves with the band of their intervals.

    Args:
        lines: each with its points in the order of x.
        title: what it is, for who can't see it.
        x_name: what the axis is.
    """
    points = [(at, one) for _, line in lines for at, one in line if one.value is not None]
    if not points:
        return ""
    scale = 100 if points[0][1].percent else 1
    ends = [
        scale * end
        for _, one in points
        for end in (one.low, one.high, one.value)
        if end is not None
    ]
    low, high, ticks = axis(min([*ends, 0]), max(ends))
    left, right, x_ticks = axis(min(at for at, _ in points), max(at for at, _ in points))
    top, bottom = 10 + 18 * len(lines), 310 + 18 * len(lines)

    def x(value: float) -> float:
        return 60 + (value - left) / (right - left) * (_WIDTH - 80)

    def y(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    parts = [
        f'<line class="grid" x1="60" x2="{_WIDTH - 20}" y1="{y(t):.1f}" y2="{y(t):.1f}"/>'
        f'<text class="tick" x="52" y="{y(t) + 4:.1f}" text-anchor="end">{_number(t)}</text>'
        for t in ticks
    ]
    parts += [_tick(x(t), bottom + 18, _number(t)) for t in x_ticks]
    parts.append(_tick(_WIDTH / 2, bottom + 38, x_name))
    for number, (name, line) in enumerate(lines):
        there = [(at, one) for at, one in line if one.value is not None]
        dash = f' stroke-dasharray="{_DASHES[number % 4]}"' if number % 4 else ""
        hue = f"c{number % 4}"
        band = [
            (at, one.low, one.high)
            for at, one in there
            if one.low is not None and one.high is not None
        ]
        if len(band) > 1:
            upper = [f"{x(at):.1f},{y(scale * (h or 0)):.1f}" for at, _, h in band]
            lower = [f"{x(at):.1f},{y(scale * (low_ or 0)):.1f}" for at, low_, _ in reversed(band)]
            parts.append(f'<polygon class="band {hue}" points="{" ".join([*upper, *lower])}"/>')
        path = " ".join(f"{x(at):.1f},{y(scale * (one.value or 0)):.1f}" for at, one in there)
        parts.append(f'<polyline class="curve {hue}"{dash} points="{path}"/>')
        at = 14 + 18 * number
        parts.append(
            f'<line class="curve {hue}"{dash} x1="60" x2="100" y1="{at}" y2="{at}"/>'
            f'<text x="110" y="{at + 4}">{escape(_short(name, 90))}</text>'
        )
    return _svg(parts, bottom + 48, title)


def axis(low: float, high: float) -> tuple[float, float, list[float]]:
    """Round ends around two numbers, and the marks between them.

    >>> axis(3, 97)
    (0.0, 100.0, [0.0, 20.0, 40.0, 60.0, 80.0, 100.0])
    """
    low, high = min(low, high), max(low, high)
    if high - low <= 1e-6 * max(1.0, abs(low), abs(high)):
        low, high = low - max(1.0, abs(low)), high + max(1.0, abs(high))
    rough = (high - low) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [round(i * step, 10) + 0.0 for i in range(first, last + 1)]
    return ticks[0], ticks[-1], ticks


def _tick(x: float, y: float, text: str) -> str:
    return f'<text class="tick" x="{x:.1f}" y="{y}" text-anchor="middle">{escape(text)}</text>'


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


def _short(name: str, longest: int = _LONGEST) -> str:
    """A name that fits; its end tells runs apart as often as its beginning.

    >>> _short("a" * 50 + "b" * 50, 11)
    'aaaaa…bbbbb'
    """
    half = (longest - 1) // 2
    return name if len(name) <= longest else f"{name[:half]}…{name[-half:]}"


def _svg(parts: Sequence[str], height: float, title: str) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )
