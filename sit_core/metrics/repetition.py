"""Where an output writes the input out again, told apart from where it only mentions it.

"Question: Where do bees live?" is a repetition; "the question where bees live is not clear" and
the answer "Bees live in a hive." are none, though they hold the same words.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass

from sit_core.metrics.fuzzy_span import FuzzySpan, echoes
from sit_core.metrics.input_choices import InputQuestion, asked, plain
from sit_core.metrics.option_lists import OptionList, listings
from sit_core.metrics.spans import Spans

LEAST = 0.4
"""Less than this share of the question is no repetition of it."""
LEAST_ALONE = 0.6
"""What it takes where neither the choices follow nor the output breaks off there."""
_LABEL = re.compile(
    r"\b(?:input|question|context|repeat(?:ed)?(?: the)? (?:input|question)|text)\W*"
    r"(?::|\b(?:is|was|reads|says|asks)\b[\s:,]*)[\W_]*$",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"[\"“”'‘«`][\s*]*$")
_ANSWERS = re.compile(
    r"\b(?:answer|choice|option)\b(?!.*\b(?:no|not|cannot|can't|provided)\b).*$", re.I | re.S
)
_VERB = re.compile(
    r"[^.!?\n\"”]{0,25}[\s\"“”'’»`*?.,]*(?:is|would be|might be|could be|should be)\b(?! not)", re.I
)
_CLOSING = tuple("\"”'’»`")
_LOOK_BACK = 600
_SURELY = 0.75
"""So much of the question is a repetition, whatever stands beside it."""
_OTHER_WORDS = 0.35
_END_OF_QUESTION = re.compile(r"[.!?…\n]")
_ITS_LABEL = re.compile(r"^[\s\W]*(?:input|question)\s*:", re.IGNORECASE)
_CHOICES_LABEL = re.compile(r"(?<!\w)(?:answer )?(?:choices|options)\W*$", re.IGNORECASE)
_CLOSED = re.compile(r"[.!?…\n]")


@dataclass(frozen=True, slots=True)
class Repetition:
    """One place where the input is written out again."""

    start: int
    end: int
    question: float
    """Share of the question that stands there."""
    choices: float
    """Share of the choices listed there; 1 where the input has none."""


def repetitions(output: str, input_text: str) -> list[Repetition]:
    r"""All places, in order, that repeat the input or a good part of it; total.

    >>> q = "Question: Where do bees live?\nChoices: A:hive, B:sea, C:bank"
    >>> [(r.question, r.choices) for r in repetitions(q + "\nAnswer: A", q)]
    [(1.0, 1.0)]
    >>> [(r.question, r.choices) for r in repetitions("Input: where do bees live?\nA: hive", q)]
    [(1.0, 0.0)]
    >>> repetitions("Bees live in a hive.", q), repetitions("", q), repetitions("A", "")
    ([], [], [])
    >>> repetitions("I see that the question where do bees live? is unclear to me.", q)
    []
    """
    question = asked(input_text)
    lists = [x for x in listings(output, question) if not x.foreign]
    begins, taken = [x.start for x in lists], set[int]()
    places: list[tuple[int, int, float, OptionList | None]] = []
    for echo in echoes(question.question, output, LEAST):
        at = bisect_left(begins, echo.end)
        while at in taken:
            at += 1
        near = at < len(lists) and begins[at] - echo.end <= 200
        following = lists[at] if near else None
        repeated = is_repeated(output, echo, question)
        repeated = repeated and not _reworded(output, echo, question)
        if following and (repeated or output[following.end :].lstrip(" .")[:1] in _CLOSING):
            taken.add(at)  # told by the question's place; quoted with it, neither counts
        if repeated:
            breaks_off = echo.end >= len(output.rstrip()) - 1 and echo.tail < 0.95
            if not (following or breaks_off) and echo.share < LEAST_ALONE:
                continue
            end = following.end if following else _closed(output, echo.end)
            start = echo.start - _label_before(output, echo.start, input_text, question)
            places.append((start, end, echo.share, following))
    need = max(3, 0.6 * len(question.choices))
    places += [
        (x.start, x.end, 0.0, x)
        for n, x in enumerate(lists)
        if n not in taken and len(x.letters) >= need and _asks_before(output, x.start) is None
    ]
    n = len(question.choices)
    return [
        Repetition(start, end, share, (len(of.letters) if of else 0) / n if n else 1.0)
        for start, end, share, of in sorted(places, key=lambda place: place[0])
    ]


def rewordings(output: str, input_text: str) -> list[tuple[int, int]]:
    r"""Where the choices stand with another wording of their question, in order; total.

    >>> q = "Question: Where do bees live?\nChoices: A:hive, B:sea, C:bank"
    >>> new = "In which place can a bee be found?\nA:hive, B:sea, C:bank"
    >>> [new[a:b] == new for a, b in rewordings(new, q)], rewordings(q, q)
    ([True], [])
    """
    question = asked(input_text)
    repeated = Spans((x.start, x.end) for x in repetitions(output, input_text))
    found: list[tuple[int, int]] = []
    for listing in listings(output, question):
        start = _asks_before(output, listing.start)
        if not listing.foreign and start is not None and not repeated.touch(start, listing.end):
            found.append((start, listing.end))
    return found


def _asks_before(output: str, start: int) -> int | None:
    """Where the question begins that stands right before a list of choices, if there is one."""
    near = max(0, start - _LOOK_BACK)
    above = output[near:start]
    lead = _CHOICES_LABEL.sub("", above).rstrip(" \t\n*>#\"”“'`(")
    if not lead.endswith("?"):
        return None
    begins = max((m.end() for m in _CLOSED.finditer(lead, 0, len(lead) - 1)), default=0)
    begins += len(lead[begins:]) - len(lead[begins:].lstrip())
    return near + begins if len(re.findall(r"\w+", lead[begins:])) >= 3 else None


def _reworded(output: str, echo: FuzzySpan, question: InputQuestion) -> bool:
    """Whether the words stand in a question of other words: what is alike is there by chance."""
    if echo.share >= _SURELY or not question.question.rstrip().endswith("?"):
        return False
    near = max(0, echo.start - _LOOK_BACK)
    begins = max((m.end() for m in _CLOSED.finditer(output, near, echo.start)), default=near)
    ends = _END_OF_QUESTION.search(output, echo.end, echo.end + _LOOK_BACK)
    if ends is None or ends.group() != "?":
        return False
    sentence = _ITS_LABEL.sub("", output[begins : ends.start()])
    letters = sum(map(str.isalnum, sentence))
    alike = echo.share * sum(map(str.isalnum, question.question))
    return letters - alike >= _OTHER_WORDS * letters


def _label_before(output: str, start: int, input_text: str, question: InputQuestion) -> int:
    """How many characters before ``start`` are the input's own label ("Question: ")."""
    label = input_text[: max(0, input_text.find(question.question))].strip()
    near = output[max(0, start - len(label) - 100) : start]
    before = near.rstrip()
    if label and before.casefold().endswith(label.casefold()):
        return len(near) - len(before) + len(label)
    return 0


def is_repeated(output: str, echo: FuzzySpan, question: InputQuestion) -> bool:
    """Whether the words stand there as the input's, not as part of a sentence about it."""
    near = max(0, echo.start - _LOOK_BACK)
    begins = max((m.end() for m in _CLOSED.finditer(output, near, echo.start)), default=near)
    before = output[begins : echo.start]
    bare, labels = _LABEL.subn("", before)
    if labels:  # 'The input is: "Question: ' has two
        bare, _ = _LABEL.subn("", bare)
    ends = _CLOSED.search(output, echo.end, echo.end + _LOOK_BACK)
    after = output[echo.end : ends.end() if ends else echo.end + _LOOK_BACK]
    if ends and output.startswith("..", ends.end()):
        after += ".."
    said = len(re.findall(r"\w+", bare))
    if _QUOTE.search(bare) and said > 1:
        return bool(_ANSWERS.search(bare) and _VERB.match(output, echo.end))
    if labels:
        return said <= 8
    letters = sum(map(str.isalnum, before))
    missing = echo.head * sum(map(str.isalnum, question.question))
    if letters > missing + 12 and not before.rstrip().endswith((":", ")")):
        return False
    more = sum(map(str.isalnum, after)) > 3
    return not _states(before + output[echo.start : echo.end] + after, more, echo, question)


def _states(sentence: str, goes_on: bool, echo: FuzzySpan, question: InputQuestion) -> bool:
    """Whether the sentence states an answer, instead of asking the question."""
    if not question.question.rstrip().endswith("?"):
        return False
    close = sentence.rstrip(" \n\"'”’*")[-4:]
    if "?" in close or "…" in close or ".." in close or (close[-1:].isalnum() and not goes_on):
        return False
    said = f" {plain(sentence)} "
    return (
        echo.tail < 0.97
        or echo.head > 0.05
        or any(f" {text} " in said for text in question.by_text)
    )


def _closed(output: str, end: int) -> int:
    """With the question mark or the dots that close the question."""
    match = re.compile(r"[?.…!]*[\"”’']?").match(output, end)
    return match.end() if match else end
