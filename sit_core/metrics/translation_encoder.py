"""Whether a text was translated where its translation is not known, by a multilingual encoder.

How alike two sentences are is read relative to how alike they are to sentences that are known not
to be each other's translation: the margin of Artetxe and Schwenk (2019, arXiv 1811.01136),
``cos(x, y) - (mean of x's 3 nearest + mean of y's 3 nearest) / 2``, the nearest among those of
`PARALLEL` and of the other text, but for y (x) itself. What margin a translation has is
seen, encoder by encoder and language by language, on `PARALLEL` too; an encoder
that doesn't tell the translations there from the other sentences decides nothing.

A sentence of the input is there where its margin is nearer to that of translations than to that of
other sentences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from sit_core.metrics.encoder_probe_texts import PARALLEL
from sit_core.metrics.translation import asks
from sit_core.models.require import need
from sit_core.records import Unparsed, Verdict

MOST = 0.6
"""As where the translation is known (`translated.py`), and so is the next."""
IN_ORDER = 0.5
_NEAREST = 3


class TextEncoder(Protocol):
    """See `sit_core.metrics.sentence_encoder`."""

    name: str

    def vectors(self, texts: Sequence[str]) -> Any:
        """A row of length 1 per text."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What margins mean from one language to another."""

    source: Any
    """Vectors of the parallel sentences in the input's language."""
    wanted: Any
    """In the language asked for."""
    threshold: float
    """Half-way from the most alike others to translations."""
    separates: bool
    """Whether every translation is more alike than any two others."""


def texts_of(source: Sequence[str], units: Sequence[str]) -> list[str]:
    """What is asked of an encoder for one output: sentences, and neighbours together."""
    return [*source, *_together(source), *units, *_together(units)]


def scale_of(encoder: TextEncoder, spoken: str, wanted: str) -> Scale | None:
    """None where there are no parallel sentences in one of the languages."""
    if spoken not in PARALLEL or wanted not in PARALLEL:
        return None
    a, b = (encoder.vectors(PARALLEL[code].split("\n")) for code in (spoken, wanted))
    alike = a @ b.T
    n = len(alike)
    others = alike.copy()
    others[range(n), range(n)] = -2.0
    margins = alike - (_nearest(others)[:, None] + _nearest(others.T)[None, :]) / 2
    own = margins.diagonal().copy()
    margins[range(n), range(n)] = -9.0
    most = float(margins.max())
    return Scale(a, b, (float(own.mean()) + most) / 2, bool(own.min() > most))


def read_encoded(
    source: Sequence[str],
    units: Sequence[str],
    sizes: Sequence[float],
    languages: tuple[str | Unparsed, str],
    encoder: TextEncoder,
) -> tuple[Verdict, str]:
    """The verdict and its reason; *unsure* where the encoder can't tell.

    Args:
        source: the input's sentences.
        units: the output's that are in the language asked for, in their order.
        sizes: words of each of the input's sentences.
        languages: the input's, and the one asked for.
        encoder: of sentences of both.
    """
    spoken, wanted = languages
    scale = None if isinstance(spoken, Unparsed) else scale_of(encoder, spoken, wanted)
    if scale is None:
        return Verdict.UNSURE, f"the encoder {encoder.name} was not tried on the input's language"
    if not scale.separates:
        return Verdict.UNSURE, (
            f"the encoder {encoder.name} doesn't tell a translation from {spoken!r} into "
            f"{wanted!r} from other sentences"
        )
    places, nearest_the_question = _places(source, units, scale, encoder)
    told = [n for n, text in enumerate(source) if not asks(text)] or list(range(len(source)))
    there = [n for n in told if places[n] is not None]
    share = sum(sizes[n] for n in there) / (sum(sizes[n] for n in told) or 1.0)
    beyond = [n for n in there if places[n] != nearest_the_question]
    asked = any(
        asks(source[n]) and at is not None and asks(units[at]) for n, at in enumerate(places)
    )
    if share >= MOST and (beyond or asked):
        said = f"{share:.0%} of the text stand there in translation, by the encoder {encoder.name}"
        if _in_order([at for n in there if (at := places[n]) is not None]) >= IN_ORDER:
            return Verdict.YES, said
        return Verdict.PARTLY, f"{said}, in another order"
    if beyond:
        what = f"{len(beyond)} of {len(told)} sentences stand there besides the answer"
        return Verdict.PARTLY, f"{what}, by the encoder {encoder.name}"
    if asked:
        return Verdict.PARTLY, f"only the question is translated, by the encoder {encoder.name}"
    return Verdict.NO, (
        f"none of its sentences stand there besides the answer, by the encoder {encoder.name}"
    )


def _places(
    source: Sequence[str], units: Sequence[str], scale: Scale, encoder: TextEncoder
) -> tuple[list[int | None], int | None]:
    """The unit at which each of the input's sentences is; and the statement like the question."""
    rows = encoder.vectors(texts_of(source, units))
    n, m = len(source), len(units)
    left, right = rows[: 2 * n - 1], rows[2 * n - 1 :]
    margins = (
        left @ right.T
        - _like_others(left, right[:m], scale.wanted, len(right)) / 2
        - _like_others(right, left[:n], scale.source, len(left)).T / 2
    )
    single = margins[:n]
    best = [scale.threshold] * n
    places: list[int | None] = [None] * n

    def take(i: int, at: int, margin: float) -> None:
        if margin >= best[i]:
            best[i], places[i] = margin, at

    for i in range(n):
        for j in range(len(right)):  # beyond m they are neighbours together
            take(i, j if j < m else j - m, float(single[i, j]))
    for i in range(n - 1):
        for j in range(m):
            both = float(margins[n + i, j])
            # Two that became one sentence: like both together, more than like either.
            if both > max(single[i, j], single[i + 1, j]):
                take(i, j, both)
                take(i + 1, j, both)
    questions = [i for i in range(n) if asks(source[i])]
    statements = [j for j in range(m) if not asks(units[j])]
    if not questions or not statements:
        return places, None
    return places, max(statements, key=lambda j: float(single[questions[-1], j]))


def _like_others(rows: Any, sentences: Any, parallel: Any, n_spans: int) -> Any:
    """Mean of each row's nearest, but for each span of the other text in turn (rows x spans).

    Args:
        rows: vectors of one text's spans.
        sentences: of the other text's sentences.
        parallel: of the parallel sentences in the other text's language.
        n_spans: of the other text: its sentences, then its neighbours together.
    """
    m = len(sentences)
    fixed, alike = rows @ parallel.T, rows @ sentences.T
    found = need("numpy").empty((len(rows), n_spans), dtype="float32")
    for span in range(n_spans):
        first, last = (span, span) if span < m else (span - m, span - m + 1)
        others = alike.copy()
        others[:, first : last + 1] = -2.0
        found[:, span] = _nearest(need("numpy").concatenate([others, fixed], axis=1))
    return found


def _nearest(alike: Any) -> Any:
    """The mean of each row's largest."""
    ordered = alike.copy()
    ordered.partition(-_NEAREST, axis=1)
    return ordered[:, -_NEAREST:].mean(axis=1)


def _together(texts: Sequence[str]) -> list[str]:
    return [f"{a} {b}" for a, b in pairwise(texts)]


def _in_order(places: Sequence[int]) -> float:
    pairs = list(pairwise(places))
    return sum(a <= b for a, b in pairs) / len(pairs) if pairs else 1.0
