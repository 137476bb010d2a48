"""Two texts laid side by side word by word; what `overlap` and `word_diff` share.

Words are found in any script: letters with their marks stay together (Hindi vowel signs, Arabic
and Hebrew points), scripts written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese,
Tibetan) are taken character by character.

Two outputs side by side: what they have in common and what stands in one of them only.

Which parts of an output stand in the expected text too, to highlight them for a reader.

A help for the eye, no score: upper and lower case, line breaks and spacing make no difference.
"""

import functools
import re
import unicodedata
from collections.abc import Callable

Segments = list[tuple[str, bool]]
"""A text in pieces, each with whether it stands in the other text too; joined they are the text."""

NO_SPACES = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_ASCII_WORD = re.compile(r"\w+")
MAX_CELLS = 500_000_000
"""The alignment keeps one bit per pair of words; this many are 62 MB. Longer texts (two of over
22,000 words) are aligned as far as that goes, the rest counts as standing in one text only."""


def words(text: str) -> list[tuple[int, int]]:
    """Where the words of ``text`` begin and end.

    >>> [text[a:b] for text in ["It's 東京, नमस्ते!"] for a, b in words(text)]
    ['It', 's', '東', '京', 'नमस्ते']
    """
    if text.isascii():
        return [match.span() for match in _ASCII_WORD.finditer(text)]  # the same, much faster
    return [match.span() for match in _pattern().finditer(text)]


@functools.cache
def _pattern() -> re.Pattern[str]:
    # \w leaves marks out, which would cut Hindi words at every vowel sign. There are none beyond
    # the emoji but for the variation selectors.
    codes = (*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0))
    marks = "".join(chr(c) for c in codes if unicodedata.category(chr(c))[0] == "M")
    return re.compile(f"[{NO_SPACES}][{marks}]*|(?:(?![{NO_SPACES}])[\\w{marks}])+")


def align(
    left: str, right: str, same_gap: Callable[[str, str, bool], bool], fold: bool
) -> tuple[Segments, Segments]:
    """Both texts in segments, by the longest common subsequence of their words.

    Args:
        left: one text.
        right: the other.
        same_gap: whether what follows a shared word (spaces, punctuation) counts as the same; the
            third argument says whether the next words are shared too.
        fold: whether words that differ only in upper and lower case count as the same.
    """
    from rapidfuzz.distance import LCSseq

    a, b = words(left), words(right)
    n, m = _as_far_as_it_goes(len(a), len(b))
    key = str.casefold if fold else str
    matched: dict[int, int] = {-1: -1, len(a): len(b)}  # the texts' beginnings and ends
    in_a, in_b = [key(left[i:j]) for i, j in a[:n]], [key(right[i:j]) for i, j in b[:m]]
    found = LCSseq.editops(in_a, in_b).as_matching_blocks()
    blocks = [[block.a, block.b, block.size] for block in found if block.size]
    for first, second, size in _held_together(blocks, in_a, in_b):
        for k in range(size):
            matched[first + k] = second + k
    gaps_a, gaps_b = _gaps(left, a), _gaps(right, b)
    same_a = [False] * len(gaps_a)
    same_b = [False] * len(gaps_b)
    for i, j in matched.items():
        if i == len(a) or j == len(b):
            continue
        inside = matched.get(i + 1) == j + 1
        if same_gap(gaps_a[i + 1], gaps_b[j + 1], inside):
            same_a[i + 1] = same_b[j + 1] = True
    partners = set(matched.values())
    return (
        _segments(left, a, gaps_a, same_a, matched.__contains__),
        _segments(right, b, gaps_b, same_b, partners.__contains__),
    )


def _held_together(blocks: list[list[int]], a: list[str], b: list[str]) -> list[list[int]]:
    """Of the subsequences of that length one whose blocks (place in a, in b, size) are long.

    The words of an answer occur in the input that was repeated before it: a subsequence may take
    them from either. What stands beside what is shared anyway belongs to it.
    """
    held: list[list[int]] = []
    for block in blocks:
        before = held[-1] if held else None
        if before is not None and before[0] + before[2] == block[0]:
            _move_border(before, block, b)
        if block[2]:
            held.append(block)
        if before is not None and not before[2]:
            held.remove(before)
    for i, block in enumerate(held):
        if block[2] <= _SHORT:
            earlier, later = held[i - 1] if i else None, held[i + 1] if i + 1 < len(held) else None
            _move_nearer(block, earlier, later, a, b)
    return held


_SHORT = 8
"""Words; longer blocks are no chance finds, and looking for these stays linear."""


def _move_border(before: list[int], block: list[int], b: list[str]) -> None:
    """Let the longer of two blocks that meet in a have the words that either could have."""
    first, end = block[1], before[1] + before[2]
    if first == end:
        return
    ahead = 0
    while ahead < block[2] and end + ahead < first and b[end + ahead] == b[first + ahead]:
        ahead += 1
    back = 0
    while back < before[2] and first - back > end and b[first - 1 - back] == b[end - 1 - back]:
        back += 1
    # By so much (halved) the sum of the squares of both sizes grows.
    onto_before = ahead * (before[2] + ahead - block[2])
    onto_block = back * (block[2] + back - before[2])
    if onto_before > 0 and onto_before >= onto_block:
        before[2] += ahead
        block[:] = [block[0] + ahead, first + ahead, block[2] - ahead]
    elif onto_block > 0:
        before[2] -= back
        block[:] = [block[0] - back, first - back, block[2] + back]


def _move_nearer(
    block: list[int],
    earlier: list[int] | None,
    later: list[int] | None,
    a: list[str],
    b: list[str],
) -> None:
    """Of a few words' occurrences between two blocks take the one nearest to the longer block."""
    size = block[2]
    start = earlier[1] + earlier[2] if earlier else 0
    end = later[1] if later else len(b)
    wanted = a[block[0] : block[0] + size]
    places = range(start, end - size + 1)
    if earlier and (not later or earlier[2] >= later[2]):
        nearest = places
    elif later:
        nearest = places[::-1]
    else:
        return
    block[1] = next(place for place in nearest if b[place : place + size] == wanted)


def _as_far_as_it_goes(n: int, m: int) -> tuple[int, int]:
    if n * m <= MAX_CELLS:
        return n, m
    side = int(MAX_CELLS**0.5)
    shorter = max(min(n, m, side), 1)
    return min(n, MAX_CELLS // shorter), min(m, MAX_CELLS // min(n, MAX_CELLS // shorter))


def _gaps(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """What stands before each word, and after the last."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return [text[i:j] for i, j in zip(ends, starts, strict=True)]


def _segments(
    text: str,
    spans: list[tuple[int, int]],
    gaps: list[str],
    same: list[bool],
    word_is_same: Callable[[int], bool],
) -> Segments:
    pieces: Segments = [(gaps[0], same[0])]
    for i, (start, end) in enumerate(spans):
        pieces.append((text[start:end], word_is_same(i)))
        pieces.append((gaps[i + 1], same[i + 1]))
    merged: list[tuple[list[str], bool]] = []
    for piece, is_same in pieces:
        if not piece:
            continue
        if merged and merged[-1][1] == is_same:
            merged[-1][0].append(piece)
        else:
            merged.append(([piece], is_same))
    return [("".join(parts), is_same) for parts, is_same in merged]


def word_diff(left: str, right: str) -> tuple[Segments, Segments]:
    """Both texts in segments ``(text, is the same in the other)``, exact to the last space.

    The segments of a text joined are the text; the same ones joined are equal on both sides.

    >>> word_diff("A: bank", "A: mall")
    ([('A: ', True), ('bank', False)], [('A: ', True), ('mall', False)])
    """
    return align(left, right, _same, fold=False)


def _same(left: str, right: str, _inside: bool) -> bool:
    return left == right


def overlap(expected: str, output: str) -> Segments:
    """The output in segments ``(text, stands in the expected text)``; joined they are the output.

    >>> overlap("Where do cats sleep?", "where do dogs sleep")
    [('where do', True), (' dogs ', False), ('sleep', True)]
    """
    return overlaps(expected, output)[1]


def overlaps(expected: str, output: str) -> tuple[Segments, Segments]:
    """The same for both texts: the expected one's segments, then the output's."""
    return align(expected, output, _same_but_for_spaces, fold=True)


def _same_but_for_spaces(left: str, right: str, inside: bool) -> bool:
    return inside and left.split() == right.split()
