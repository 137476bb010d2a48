"""Where an output lists the choices again: such a list must never count as an answer."""

import re
from dataclasses import dataclass
from functools import lru_cache

from sit_core.metrics.input_choices import LABEL, InputQuestion, plain, words_pattern

_SEPARATOR = re.compile(
    r"[\s,;|/*\-•>\"'.]*(?:(?:and|or)\s+)?(?:[(\[*]{0,3}(?:[A-Z]|\d{1,2})\b[)\].:*]{0,4}\s*)?[*\"']*"
    r"(?:(?:the|an?)\s+)?",
    re.IGNORECASE,
)
_ITS_LETTER = re.compile(r"(?<!\w)[(\[*]{0,3}(?:[A-Z]|\d{1,2})\b[)\].:*]{0,4}\s*$")
_LEAD = re.compile(r"(?:choices|options)\W{0,6}$", re.IGNORECASE)
_BEFORE_AN_ITEM = re.compile(r"\W*(?:(?:the|an?)\s+)?", re.IGNORECASE)
_ALIKE = 75.0


@dataclass(frozen=True, slots=True)
class OptionList:
    """One list of choices in an output."""

    start: int
    end: int
    letters: frozenset[str]
    """Which of the choices are in it, in full or (the last one) cut off by the output's end."""
    foreign: bool = False
    """Whether it lists choices of another question (a model that runs on makes up new ones)."""


@lru_cache(maxsize=32)
def listings(output: str, asked: InputQuestion) -> tuple[OptionList, ...]:
    r"""All lists of choices, in the output's order; total. Nothing where there are no choices.

    >>> from sit_core.metrics.input_choices import InputChoice
    >>> texts = {"A": "you", "B": "me", "C": "a man"}
    >>> q = InputQuestion("Who?", tuple(InputChoice(*item) for item in texts.items()))
    >>> text = "Who?\nA: you\nB: me\nC: a man\n\nB: me"
    >>> [(text[x.start : x.end], sorted(x.letters)) for x in listings(text, q)]
    [('A: you\nB: me\nC: a man', ['A', 'B', 'C'])]
    >>> [x.letters == {"A", "B", "C"} for x in listings("Is it you, me or a man?", q)]
    [True]
    >>> [x.foreign for x in listings("A:tea, B:wine, C:milk", q)]
    [True]
    >>> listings("The answer is A: you", q)
    ()
    """
    if not asked.choices:
        return ()
    texts = {choice.letter: plain(choice.text) for choice in asked.choices}
    found = [_listing(output, run, texts) for run in _runs(output, texts)]
    lettered = [listing for listing in found if listing is not None]
    named = [
        listing
        for listing in _without_letters(output, asked)
        if not any(listing.start < x.end and x.start < listing.end for x in lettered)
    ]
    return tuple(sorted([*lettered, *named], key=lambda listing: listing.start))


def _runs(output: str, texts: dict[str, str]) -> list[list[re.Match[str]]]:
    """Labels in turn (A, B, C, …) with no more than an item's text between them."""
    runs: list[list[re.Match[str]]] = []
    for match in LABEL.finditer(output):
        last = runs[-1][-1] if runs else None
        if last is not None and ord(match.group(1)) == ord(last.group(1)) + 1:
            between = output[last.end() : match.start()]
            is_item = _separated(between) or plain(between) == texts.get(last.group(1))
            if len(between) <= 200 and "\n\n\n" not in between and is_item:
                runs[-1].append(match)
                continue
        runs.append([match])
    return runs


def _separated(between: str) -> bool:
    """Whether the text before a label ends an item; "C: tea and D: milk" are two answers."""
    return between.rstrip(" \t*").endswith((",", ";", "\n", "|")) or not between.strip()


def _listing(output: str, run: list[re.Match[str]], texts: dict[str, str]) -> OptionList | None:
    start, first = run[0].start(), run[0].group(1)
    led = bool(_LEAD.search(output[max(0, start - 20) : start]))
    if len(run) == 1 and not (led and first == "A"):
        return None
    letters: set[str] = set()
    strange = 0
    end = run[-1].end()
    for i, match in enumerate(run):
        letter = match.group(1)
        if i + 1 < len(run):
            item = output[match.end() : run[i + 1].start()]
            whole = True
        else:
            item, whole = _last_item(output, match.end(), texts.get(letter))
            end = match.end() + len(item.rstrip())
        if _is_choice(plain(item), texts.get(letter), whole, end >= len(output.rstrip())):
            letters.add(letter)
        else:
            strange += 1
    if len(letters) >= max(strange, 1) and (led or first == "A" or len(run) > 2):
        # most are these choices, so the others are these with slips; not the last, if cut off
        letters |= {match.group(1) for match in run[:-1]} & texts.keys()
        return OptionList(start, end, frozenset(letters))
    if first == "A" and len(run) > 2:
        return OptionList(start, end, frozenset(), foreign=True)
    return None


def _last_item(output: str, start: int, text: str | None) -> tuple[str, bool]:
    """What belongs to the last label: its choice if that stands there, else the line's rest."""
    line = (
        output[start : start + 300].split("\n", 1)[0] if output[start : start + 1] != "\n" else ""
    )
    if text:
        begins = _BEFORE_AN_ITEM.match(line)
        whole = words_pattern(text).match(line, begins.end() if begins else 0)
        if whole:
            return line[: whole.end()], True
    cut = re.split(r"[,;.](?=\s)", line, maxsplit=1)[0]
    return cut, False


def _is_choice(item: str, text: str | None, whole: bool, at_end: bool) -> bool:
    from rapidfuzz import fuzz

    if text is None:
        return False
    if item == text or (not whole and at_end and text.startswith(item)):
        return True
    return fuzz.ratio(item, text) >= _ALIKE


def _without_letters(output: str, asked: InputQuestion) -> list[OptionList]:
    """Three or more choices in any order, with nothing but commas, bullets and the like between."""
    of_text: dict[str, set[str]] = {}
    for choice in asked.choices:
        of_text.setdefault(plain(choice.text), set()).add(choice.letter)
    of_text.pop("", None)
    places = [
        (*match.span(), letters)
        for text, letters in of_text.items()
        for match in words_pattern(text).finditer(output)
    ]
    places.sort(key=lambda place: (place[0], -place[1]))
    found: list[OptionList] = []
    run: list[tuple[int, int, set[str]]] = []
    for place in places:
        if run and place[0] < run[-1][1]:
            continue  # within the words of a longer choice
        between = output[run[-1][1] : place[0]] if run else ""
        if run and not (len(between) <= 40 and _SEPARATOR.fullmatch(between)):
            found += _named(output, run)
            run = []
        run.append(place)
    return found + _named(output, run)


def _named(output: str, run: list[tuple[int, int, set[str]]]) -> list[OptionList]:
    if len({min(letters) for _, _, letters in run}) < 3:
        return []
    start = run[0][0]
    label = _ITS_LETTER.search(output, max(0, start - 8), start)
    letters = frozenset(letter for _, _, of in run for letter in of)
    return [OptionList(label.start() if label else start, run[-1][1], letters)]
