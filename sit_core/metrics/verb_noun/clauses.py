"""An instruction in the clauses that may ask for something, without polite words around them."""

import re

from sit_core.metrics.verb_noun.words import (
    DETERMINERS,
    FILLERS,
    NOUNS_TOO,
    POLITE,
    PRONOUNS,
    QUESTIONS,
    VERBS,
)

LOOKED_AT = 4_000
"""Characters; what comes later is the material, not what is asked."""

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*|[^\w\s]|_+")
_SENTENCE = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“(]*[A-Z0-9])|\n+")
_STEP = re.compile(r"^(?:step\s*\d+\s*[:.)]|\(?\d{1,2}[.)]|[-*•]|\(?[a-z]\))\s*", re.IGNORECASE)
_MATERIAL = re.compile(r"^(?:input|text|question|choices|context|passage|output)\s*:", re.I)
_TASK = re.compile(
    r"^(?:your|the|my)\s+(?:task|job|goal|role|assignment)\s+(?:is|will be)\s+to\s+"
    r"|^you(?:\s+(?:will|then|also))*\s+(?:need|have|are asked)\s+to\s+"
    r"|^(?:i|we)\s+(?:want|need|would like)\s+you\s+to\s+"
    r"|^you\s+(?:should|must|will|shall|may)\s+"
    r"|^(?:do|perform|complete|carry\s+out)\s+(?:this|it|the\s+following)(?:\s+tasks?)?\s*:\s*"
    r"|^i(?:'d|’d)\s+like\s+you\s+to\s+|^(?:be sure|make sure)\s+to\s+",
    re.IGNORECASE,
)
_ORDER = r"(?:[,;:]?\s*\b(?:and\s+)?then|(?:[,;:]\s*(?:and\s+)?|\band\s+)(?:next|finally|lastly))"
_AFTER = r"(?:[,;:]\s*(?:and\s+)?|\band\s+)(?:after\s+that|afterwards?|subsequently)"
_CUT = re.compile(
    r"[,;]?\s+(?:and\s+)?(?=(you)\s+(?:need|have|are asked)\s+to\b)"
    rf"|(?:{_ORDER}|{_AFTER})\b\s*,?\s+(?=(\w[\w-]*))"
    r"|[,;]?\s+and\s+(?=(\w[\w-]*)\s+(\S+))",
    re.IGNORECASE,
)
"""Where a clause may begin; its first word is a group of its own."""


_RELATIVE = re.compile(r"\b(?:that|which|who)\b(?![^,]*,[^,]*$)", re.IGNORECASE)
"""A relative clause that no comma has ended."""


def clauses(instruction: str) -> list[str]:
    """The clauses that may ask for something, each as text; a first part without a verb stays one.

    >>> clauses("First list the rivers, then sort them and explain the order.")
    ['First list the rivers', 'sort them', 'explain the order.']
    >>> clauses("Compare and contrast cats and dogs.")
    ['Compare and contrast cats and dogs.']
    """
    found: list[str] = []
    for sentence in sentences(instruction):
        found += _cut(sentence)
    return found


def sentences(instruction: str) -> list[str]:
    """Its sentences up to where the material begins ("Input: …"), without numbers before them."""
    found: list[str] = []
    for part in _SENTENCE.split(instruction[:LOOKED_AT].strip()):
        sentence = _STEP.sub("", part.strip().lstrip("\"“”‘'«*# "))
        if _MATERIAL.match(sentence):
            if found:
                break
            sentence = sentence.partition(":")[2].strip()
        if sentence:
            found.append(sentence)
    return found


def _cut(sentence: str) -> list[str]:
    """A sentence in clauses: where a word of order or an "and" comes before something to do."""
    parts: list[str] = []
    start = 0
    for match in _CUT.finditer(sentence):
        told, ordered, joined, then = match.groups()
        verb = (ordered or joined or told).lower()
        if (verb not in VERBS and not told) or _quoted(sentence, match.start()):
            continue
        sure = verb not in NOUNS_TOO or takes_object(then or "")
        if joined and (not sure or _RELATIVE.search(sentence[start : match.start()])):
            continue  # "… and answer sheets", "a text that says why and names the …"
        before = sentence[start : match.start()].strip()
        if len(before.split()) < 2 and before.lower().strip(",") not in FILLERS:
            continue  # "Compare and contrast the …"
        if before.lower().strip(",") not in FILLERS:
            parts.append(before)
        start = match.end()
    parts.append(sentence[start:].strip())
    return [part for part in parts if part]


def takes_object(word: str) -> bool:
    """Whether a verb stands before this word rather than a noun: "and name the …"."""
    plain = word.lower().strip(",.;:!?\"“”'")
    return (
        plain in DETERMINERS
        or plain in PRONOUNS
        or plain in QUESTIONS
        or plain in {"if", "whether"}
        or plain.isdigit()
    )


def _quoted(text: str, place: int) -> bool:
    """Whether a place lies within double quotes."""
    before = text[:place]
    return before.count('"') % 2 == 1 or before.count("“") > before.count("”")


def request(clause: str) -> str:
    """The clause without what makes it polite or wordy: "Could you please name …" → "name …"."""
    text = clause.strip().lstrip("\"“”‘'«*# ")
    for _ in range(4):
        before = text
        text = _TASK.sub("", text, count=1)
        words = text.split(maxsplit=2)
        if words and words[0].lower().rstrip(",:") in FILLERS and len(words) > 1:
            text = text.split(maxsplit=1)[1]
        elif len(words) == 3 and words[0].lower() in POLITE and words[1].lower() == "you":
            asked = words[2].split(maxsplit=1)[0].lower().rstrip(",")
            if (asked in VERBS and asked not in {"be", "do", "recommend"}) or asked in FILLERS:
                text = words[2]
        elif re.match(r"(?:after|before)\s+that\b", text, re.IGNORECASE):
            text = re.sub(r"^\w+\s+that\s*,?\s*", "", text, count=1)
        if text == before:
            break
    return text


def words_of(clause: str) -> list[str]:
    """Its words and marks, one by one."""
    return _WORD.findall(clause)
