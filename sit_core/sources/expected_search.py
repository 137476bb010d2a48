"""Looking up expected texts by question or id, with a count of what was found and how.

The texts come from a parallel file (`sit_core.sources.expected_file`). Questions are the same by
`sit_core.matching.match_text`; if not, then without looking at blanks.

The text that each step should yield: from the task, or from an ``expected`` column.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sit_core.matching import match_text
from sit_core.records import Example, Step, Unparsed
from sit_core.sources.parallel import ID_COLUMNS, id_text
from sit_core.tasks import TASKS

SHOWN = 3
"""So many examples without an expected text are named."""
REFERENCE = "reference"
_BEGINNING = 60


@dataclass
class ExpectedCounts:
    """What came of one file of outputs."""

    matched: int = 0
    by_blanks: int = 0
    """Of the matched: only without looking at blanks."""
    unmatched: int = 0
    by_order: int = 0
    """Of the matched: the question is there with several texts, which were given out in order."""
    no_step: int = 0
    """Matched, but the chain has no step that the text could be expected of."""
    replaced: int = 0
    """Of the matched: another text stood in the outputs' own file."""
    shown: list[str] = field(default_factory=list)
    """Line and beginning of the first unmatched questions."""

    def to_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "matched": self.matched,
            "matched_but_for_blanks": self.by_blanks,
            "matched_by_order": self.by_order,
            "unmatched": self.unmatched,
            "without_step": self.no_step,
            "replaced": self.replaced,
            "unmatched_shown": list(self.shown),
        }

    def sentence(self, name: str) -> str:
        """For people.

        >>> ExpectedCounts(matched=3, unmatched=1, shown=["line 2: Which one?"]).sentence("en.json")
        'Expected texts from en.json: 3 matched, 1 unmatched (line 2: Which one?).'
        """
        parts = [f"{self.matched:,} matched"]
        parts += [f"{self.by_blanks:,} of them but for blanks"] if self.by_blanks else []
        parts += [f"{self.by_order:,} of them in the file's order"] if self.by_order else []
        parts += [f"{self.replaced:,} in place of the file's own"] if self.replaced else []
        parts += [f"{self.no_step:,} without a step to expect it of"] if self.no_step else []
        if self.unmatched:
            more = "; …" if self.unmatched > len(self.shown) else ""
            parts.append(f"{self.unmatched:,} unmatched ({'; '.join(self.shown)}{more})")
        return f"Expected texts from {name}: {', '.join(parts)}."


@dataclass
class ExpectedTexts:
    """The texts of a file, by question and by id."""

    name: str
    step: str | None = None
    """The step's key, or ``reference``; None: the first step that is not the answer."""
    by_question: dict[str, list[str]] = field(default_factory=dict)
    by_letters: dict[str, list[str]] = field(default_factory=dict)
    """The same without blanks."""
    by_id: dict[tuple[str, str], str] = field(default_factory=dict)
    through: str = ""
    """The file that joined questions and ids, if another did."""
    language: str | None = None
    """Of the file, where its name tells."""
    golds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of a file in SQuAD's format: text → the answers to its question."""

    def add(self, questions: Iterable[str], text: str) -> None:
        """A text and the ways in which its question may be written down."""
        for question in dict.fromkeys(match_text(q) for q in questions if q.strip()):
            self.by_question.setdefault(question, []).append(text)
            self.by_letters.setdefault(_letters(question), []).append(text)

    def search(self) -> "ExpectedSearch":
        """A search through one file of outputs, with its own counts."""
        return ExpectedSearch(self)


class ExpectedSearch:
    """Finds the text for one example after another; a question asked again gets the next text."""

    def __init__(self, texts: ExpectedTexts) -> None:
        self.texts = texts
        self.tally = ExpectedCounts()
        self._asked: dict[str, int] = {}

    def text_for(self, example: Example, fields: Mapping[str, Any], line: int) -> str | None:
        """The expected text of an example; None where the file has none, which is counted.

        Args:
            example: what was asked.
            fields: the row's columns, for its id.
            line: of the row, to name it.
        """
        found = self._found(example, fields)
        if found is None:
            self.tally.unmatched += 1
            if len(self.tally.shown) < SHOWN:
                begins = " ".join((example.input or example.instruction).split())[:_BEGINNING]
                self.tally.shown.append(f"line {line}: {begins}")
        else:
            self.tally.matched += 1
        return found

    def put(self, example: Example, fields: Mapping[str, Any], line: int) -> Example:
        """The example with the text where it belongs: a step's ``expected``, or the reference.

        A chain without such a step is counted.
        """
        text = self.text_for(example, fields, line)
        if text is None:
            return example
        step = self.texts.step
        if step != REFERENCE:
            example = self._with_golds(example, text)
        if step == REFERENCE:
            self.tally.replaced += example.reference not in (None, text)
            return replace(example, reference=text)
        keys = [s.key for s in example.steps if step is not None or s.task != FINAL]
        if not keys or (step is not None and step not in keys):
            self.tally.no_step += 1
            return example
        key = keys[0] if step is None else step
        before = next(s.expected for s in example.steps if s.key == key)
        self.tally.replaced += before not in (None, text)
        steps = tuple(replace(s, expected=text) if s.key == key else s for s in example.steps)
        return replace(example, steps=steps)

    def _with_golds(self, example: Example, text: str) -> Example:
        """The answers in the file's language, and the reference in the example's, by language."""
        golds, language = self.texts.golds.get(text, ()), self.texts.language
        if not golds or language is None:
            return example
        known = example.meta.get("golds")
        by_language = dict(known) if isinstance(known, Mapping) else {}
        if example.language and example.reference:
            by_language.setdefault(example.language, [example.reference])
        by_language[language] = list(golds)
        return replace(example, meta={**example.meta, "golds": by_language})

    def _found(self, example: Example, fields: Mapping[str, Any]) -> str | None:
        for column in ID_COLUMNS:
            if fields.get(column) is not None:
                text = self.texts.by_id.get((column, id_text(fields[column])))
                if text is not None:
                    return text
        keys = [match_text(q) for q in ways_of_asking(example.instruction, example.input)]
        for key in keys:
            if key in self.texts.by_question:
                return self._next(key, self.texts.by_question[key])
        for key in map(_letters, keys):
            if key in self.texts.by_letters:
                self.tally.by_blanks += 1
                return self._next(key, self.texts.by_letters[key])
        return None

    def _next(self, key: str, texts: list[str]) -> str:
        """Of several texts for the same question the next one, and the last one from then on."""
        if len(texts) == 1:
            return texts[0]
        number = self._asked.get(key, 0)
        self._asked[key] = number + 1
        self.tally.by_order += len(set(texts)) > 1
        return texts[min(number, len(texts) - 1)]


def ways_of_asking(instruction: str, input: str) -> tuple[str, ...]:
    """How a question may be written in a parallel file, the most particular first."""
    # Not the instruction alone where there is an input: many inputs share one.
    return (f"{instruction}\n\x1f\n{input}", input) if input else (instruction,)


def _letters(question: str) -> str:
    return "".join(question.split())


FINAL = "answer"
"""The final task; a plain ``expected`` text is about what comes before it."""


def with_expected(
    steps: Sequence[Step], example: Example, column: Any = None
) -> tuple[Step, ...] | Unparsed:
    """The steps with their expected texts; what the column says wins over what the task knows.

    Args:
        steps: the chain, with keys.
        example: what the tasks derive their texts from (repeat: the input).
        column: nothing, or a text (for the first step that is not the answer), or a list (step by
            step, null where not known), or an object (step key → text).
    """
    filled = [_by_task(step, example) for step in steps]
    if column is None or column == "":
        return tuple(filled)
    if isinstance(column, str):
        first = next((i for i, s in enumerate(filled) if s.task != FINAL), None)
        given = {} if first is None else {filled[first].key: column}
    elif isinstance(column, list):
        if len(column) != len(filled):
            return Unparsed(
                f"'expected' lists {len(column)} texts, but the chain has {len(filled)} steps"
            )
        given = {s.key: text for s, text in zip(filled, column, strict=True) if text is not None}
    elif isinstance(column, dict):
        given = {key: text for key, text in column.items() if text is not None}
        keys = {s.key for s in filled}
        strange = [k for k in given if k not in keys]
        if strange:
            return Unparsed(f"'expected' is about {strange[0]!r}, which is no step of the chain")
    else:
        return Unparsed("'expected' should be text, a list or an object")
    if not all(isinstance(text, str) for text in given.values()):
        return Unparsed("'expected' holds something that is not text")
    return tuple(replace(s, expected=given.get(s.key, s.expected)) for s in filled)


def _by_task(step: Step, example: Example) -> Step:
    if step.expected is not None or step.task not in TASKS:
        return step
    expected = TASKS.get(step.task).expected(example)
    if expected is None:  # what a made question knows of itself, such as its paraphrase
        texts = example.meta.get("texts")
        known = texts.get(step.task) if isinstance(texts, Mapping) else None
        expected = known if isinstance(known, str) else None
    return step if expected is None else replace(step, expected=expected)
