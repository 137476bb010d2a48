"""What a writer's reply says, stage by stage: total, strict, in our form and the released one.

Each reader gives a value or `Unparsed` with the reason; nothing is taken from a word that merely
occurs somewhere. A writer that answers the few-shot examples too is read by its last answer.
"""

import re
from dataclasses import dataclass

from sit_core.records import Unparsed
from sit_core.seq_instruct.stages import WORDS, Option
from sit_core.seq_instruct.text_comparison import plain

_MARK = re.compile(r"[*_`]+")
_LETTER = r"[(\[“\"']*([A-D])[)\]”\"']*"
_END = r"(?=\s*[.,;:!)\]”\"']*\s*(?:#+|$|\n))"
_CALLED = r"(?:\s*[–—:(,-]+\s*(?i:(decompose|prefix|suffix|hold))(?i:\s+task)?)?"
_FINAL = re.compile(
    rf"(?im:\boption(?:\s+is)?\s*:|\boption\s+is)\s*(?:option\s+)?{_LETTER}{_CALLED}{_END}",
    re.MULTILINE,
)
"""``So the option is: B.`` or ``Option: B (prefix)``, with nothing else after it on its line."""
_ALONE = re.compile(rf"\A\s*(?:[Oo]ption\s+)?{_LETTER}(?:[.:)]|\s*\Z|\s+[–-]\s|\s*#)")
"""A reply that begins with the letter itself: ``A.``, ``A. Decompose …``."""
_NAMED = re.compile(rf"\(\s*[Oo]ption\s+{_LETTER}\s*\)")
"""``This addition (Option B) …``."""
_ADAPTED = re.compile(
    r"(?i)\bsuitable adaptation is to (decompose|add a prefix|add a suffix|keep)\b"
)
_ADAPTATION = {
    "decompose": Option.DECOMPOSE,
    "add a prefix": Option.PREFIX,
    "add a suffix": Option.SUFFIX,
    "keep": Option.HOLD,
}

_TAGGED = re.compile(r"<instruction>(.*?)</instruction>", re.DOTALL | re.IGNORECASE)
_HEADING = re.compile(r"#\s*New Instruction\s*#\s*:?", re.IGNORECASE)
_FENCE = re.compile(r"\s*#{3,}")
_ITEM = re.compile(
    r"(?m)^[ \t]*(?:\d{1,2}[.)][ \t]*)?#\s*Original Instruction\s*#|"
    r"^[ \t]*\d{1,2}[.)][ \t]*(?=#\s*New Instruction|Answer\b)"
)
"""Where a writer begins to answer the next of several."""
_VERDICT = re.compile(
    r"(?im)(?:\bAnswer[*_ \t]*:|#\s*New Instruction\s*#\s*:|^[*_ \t]*Complete[*_ \t]*:|"
    r"[”\"#][ \t]*(?=\()|\A)"
    r"[*_ \t]*[“\"'(]*(yes|no)\b[*_]*"
    r"(?=[ \t]*[”\").,;:!]*[ \t]*(?:$|#|\Z)|[ \t]*[,.;:–])"
)
_WORD = re.compile(r"[^\W_]+")
_LONG = 80
"""Characters of a line that says more than a verdict."""
_NOTHING = re.compile(r"(?i)\A\W*(?:yes|no|none|n/?a|\(?no change.*|no answer.*|\.{3}|…)?\W*\Z")


def read_option(reply: str) -> Option | Unparsed:
    r"""Which option the first stage's reply chooses.

    >>> read_option("It adds options. So the option is: B.###")
    <Option.PREFIX: 'B'>
    >>> read_option("A useful option adds depth. Countdown."), read_option("Option: A\nOption: C")
    (Unparsed(reason='it names no option'), Unparsed(reason='it names several options: A, C'))
    """
    text = _MARK.sub("", reply)
    called = _FINAL.findall(text)
    if any(word and WORDS[Option(letter)] != word.lower() for letter, word in called):
        return Unparsed("the option's letter and its name differ")
    final = [letter for letter, _ in called]
    if not final and (alone := _ALONE.match(text)):
        final = [alone.group(1)]
    if not final:
        final = _NAMED.findall(text)
        adapted = {_ADAPTATION[found.lower()] for found in _ADAPTED.findall(text)}
        if final and adapted and adapted != {Option(letter) for letter in final}:
            return Unparsed("what it says and the option that it names differ")
    if not final:
        return Unparsed("it names no option")
    if len(set(final)) > 1:
        return Unparsed(f"it names several options: {', '.join(sorted(set(final)))}")
    return Option(final[0])


def read_instruction(reply: str) -> str | Unparsed:
    r"""The new instruction that the second stage's reply gives.

    >>> read_instruction("<instruction>First add, then halve.</instruction>")
    'First add, then halve.'
    >>> read_instruction("Well.\n#New Instruction#: “Add 2, then say “done”.”###\nThat is all.")
    'Add 2, then say “done”.'
    >>> read_instruction("I can't.")
    Unparsed(reason='it gives no new instruction')
    """
    tagged = _TAGGED.findall(reply)
    if tagged:
        if len(tagged) > 1 and len({plain(text) for text in tagged}) > 1:
            return Unparsed("it gives several new instructions")
        return _checked(tagged[-1])
    if "<instruction>" in reply.lower():
        return Unparsed("its new instruction does not end")
    headings = list(_HEADING.finditer(reply))
    if not headings:
        return Unparsed("it gives no new instruction")
    return _checked(_quoted(reply[headings[-1].end() :]), wrapped=True)


@dataclass(frozen=True, slots=True)
class RefinedInstruction:
    """What the third stage says of a new instruction."""

    complete: bool
    instruction: str | None = None
    """The better one, where it was not complete."""


def read_refined(reply: str, proposed: str = "") -> RefinedInstruction | Unparsed:
    r"""Whether a new instruction keeps what is needed, and a better one if not.

    Args:
        reply: as it came.
        proposed: the new instruction that was asked about, to tell its answer from others.

    >>> read_refined("Complete: yes")
    RefinedInstruction(complete=True, instruction=None)
    >>> read_refined("Countdown to nowhere. I know nothing.")
    Unparsed(reason='it says neither yes nor no')
    >>> read_refined("Answer: No\n#New Instruction#: “Add, then halve.”###").instruction
    'Add, then halve.'
    """
    starts = [match.start() for match in _ITEM.finditer(reply)]
    item = reply[starts[-1] :] if starts else reply
    verdicts = list(_VERDICT.finditer(item))
    if not verdicts:
        return Unparsed("it says neither yes nor no")
    said = {match.group(1).lower() for match in verdicts} | _said_alone(item)
    if len(said) > 1:
        return Unparsed("it says both yes and no")
    if len(starts) > 1 and proposed and not _alike(item, proposed):
        return Unparsed("its last answer is about another instruction")
    if verdicts[-1].group(1).lower() == "yes":
        return RefinedInstruction(True)
    better = read_instruction(item[verdicts[-1].end() :])
    if isinstance(better, Unparsed):
        return Unparsed(f"it says no, but {better.reason.replace('it gives', 'gives')}")
    return RefinedInstruction(False, better)


def _said_alone(text: str) -> set[str]:
    r"""The verdicts of all lines that hold nothing else, but for numbers and marks.

    >>> sorted(_said_alone("Yes\n2. No\nYes, nothing is lost.")), _said_alone("No doubt.\n")
    (['no', 'yes'], set())
    """
    found: set[str] = set()
    for line in text.splitlines():
        if line and len(line) < _LONG:
            words = {word for word in _WORD.findall(line.lower()) if not word.isdigit()}
            if words <= {"yes", "no"}:
                found |= words
    return found


def _quoted(text: str) -> str:
    """What stands in quotation marks at the beginning, else all up to the end mark or a gap."""
    text = text.strip()
    if text[:1] == "“":
        depth = 0
        for place, character in enumerate(text):
            depth += (character == "“") - (character == "”")
            if depth == 0:
                return text[: place + 1]
    fence = _FENCE.search(text)
    if fence:
        text = text[: fence.start()]
    if text[:1] in ("“", '"'):
        closing = re.search(r"[”\"](?=[ \t]*(?:\n[ \t]*\n|\Z))", text[1:])
        return text[: closing.end() + 1] if closing else text
    return re.split(r"\n[ \t]*\n(?=(?:Here|Please|This|By|Note|I )\b)", text, maxsplit=1)[0]


def _checked(text: str, *, wrapped: bool = False) -> str | Unparsed:
    """Without marks around it, if there is something left to do in it."""
    before = ""
    while text != before:
        before = text
        text = _HEADING.sub("", text, count=1) if _HEADING.match(text) else text
        text = re.sub(r"#{3,}\s*([”\"]?)\s*\Z", r"\1", text.strip()).strip()
        text = _unquoted(text, wrapped)
    if _NOTHING.match(text):
        return Unparsed("its new instruction is empty")
    return text


def _unquoted(text: str, wrapped: bool) -> str:
    """Without one pair of quotation marks that surrounds all of it, or one that never closes.

    Where the form asks for such marks (``wrapped``), the first and the last belong together.
    """
    inner = text[1:-1]
    even = range(0, len(text), 2) if wrapped else (0,)
    if text[:1] == "“" and text[-1:] in ("”", '"') and inner.count("“") <= inner.count("”") + 1:
        return inner.strip()
    if len(text) > 1 and text[:1] == '"' == text[-1:] and inner.count('"') in even:
        return inner.strip()
    if text[:1] == "“" and "”" not in text:
        return text[1:].strip()
    return text


def _alike(item: str, proposed: str) -> bool:
    """Whether an answer is about this instruction: it has a third of its words, or it has none."""
    there, wanted = set(plain(_VERDICT.sub(" ", item)).split()), set(plain(proposed).split())
    there -= {"new", "original", "instruction", "answer", "yes", "no"}
    return len(there) < 4 or len(there & wanted) * 3 >= min(len(there), len(wanted))
