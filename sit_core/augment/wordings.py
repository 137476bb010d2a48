"""How sequences are worded: joins and clauses, drawn by seed; those for evaluation kept apart.

The texts lie in ``data/prompts/sequences``. What stands below ``# unseen`` in a file is for
evaluation on wordings that were never trained on; `Wordings.draw` takes from one part only.
"""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from sit_core.augment.config import OwnWordings, Part
from sit_core.errors import UsageError
from sit_core.records import Step
from sit_core.settings import DATA
from sit_core.sources.rows import Limits
from sit_core.sources.texts import fault_of
from sit_core.tasks import TASKS, clause_for

FOLDER = DATA / "prompts" / "sequences"
JOINS = "joins"
UNSEEN = "# unseen"
PLACES = ("{first}", "{next}", "{last}")


@dataclass(frozen=True)
class Wordings:
    """All wordings that may be drawn from."""

    joins: OwnWordings
    clauses: Mapping[str, OwnWordings] = field(default_factory=dict)
    """Task → its clauses; a task without any is asked for by its own wording."""
    part: Part = "seen"
    """Which of them are drawn: ``seen`` for training, ``unseen`` for evaluation only."""

    def draw(
        self, steps: Sequence[Step], instruction: str, rng: random.Random, language: str = "English"
    ) -> str:
        """One instruction for the whole chain; the example's own stands in it letter by letter.

        Args:
            steps: the chain; the last step is the instruction itself.
            instruction: the example's own.
            rng: where the choice comes from.
            language: the name of the language to translate into.

        >>> draw = shipped().fixed().draw
        >>> from sit_core.augment.chains import parse_chain
        >>> draw(parse_chain("R+P+A"), "Name ITS colour.", random.Random(0))
        'First repeat the input, then paraphrase the input, then Name ITS colour.'
        """
        opening, between, before_last = _pieces(rng.choice(self._of_joins))
        asked = [
            rng.choice(self.clauses_of(s.task)).replace("{language}", language) for s in steps[:-1]
        ]
        return opening + between.join(asked) + before_last + instruction

    @property
    def _of_joins(self) -> tuple[str, ...]:
        found: tuple[str, ...] = getattr(self.joins, self.part)
        return found

    def clauses_of(self, task: str) -> tuple[str, ...]:
        """The clauses that may be drawn for a task.

        Raises:
            UsageError: it is to be worded for evaluation and has no wording that is kept for that.
        """
        own = self.clauses.get(task)
        found: tuple[str, ...] = getattr(own, self.part) if own else ()
        if not found and self.part == "unseen":
            raise UsageError(f"The task {task!r} has no wording that is kept for evaluation.")
        return found or (clause_for(TASKS.get(task), "{language}"),)

    def fixed(self) -> "Wordings":
        """Only the first wording of each, as in the paper."""
        first = {t: OwnWordings(own.seen[:1], own.unseen[:1]) for t, own in self.clauses.items()}
        joins = OwnWordings(self.joins.seen[:1], self.joins.unseen[:1])
        return replace(self, joins=joins, clauses=first)

    def for_evaluation(self) -> "Wordings":
        """The same with the wordings that are kept out of training."""
        return replace(self, part="unseen")

    def with_own(self, own: Mapping[str, OwnWordings]) -> "Wordings":
        """The same, with these tasks (or the joins) worded by the researcher.

        Raises:
            UsageError: all that is wrong with the wordings.
        """
        faults = [fault for name, of in own.items() for fault in _faults(name, of)]
        if faults:
            raise UsageError(" ".join(dict.fromkeys(faults)))
        filled = {
            name: OwnWordings(of.seen or before.seen, of.unseen or before.unseen)
            for name, of in own.items()
            for before in (self._before(name),)
        }
        made = Wordings(filled.pop(JOINS, self.joins), {**self.clauses, **filled}, self.part)
        mixed = made._mixed()
        if mixed:
            raise UsageError(
                f"A wording that is kept for evaluation must not be trained on: {mixed[0]!r} is in "
                "both parts."
            )
        return made

    def _before(self, name: str) -> OwnWordings:
        return self.joins if name == JOINS else self.clauses.get(name, OwnWordings())

    def _mixed(self) -> list[str]:
        """Wordings that are in both parts, in whatever case and spacing."""
        found = []
        for own in (self.joins, *self.clauses.values()):
            seen = {plain(text) for text in own.seen}
            found += [text for text in own.unseen if plain(text) in seen]
        return found

    @property
    def sha256(self) -> str:
        """Of all that may be drawn."""
        clauses = {task: self.clauses_of(task) for task in sorted(self.clauses)}
        packed = json.dumps([self.part, self._of_joins, clauses], ensure_ascii=False)
        return hashlib.sha256(packed.encode()).hexdigest()


def plain(text: str) -> str:
    """A wording for comparison."""
    return " ".join(text.split()).casefold()


@lru_cache(maxsize=64)
def _pieces(join: str) -> tuple[str, str, str]:
    """Before the first clause, between two, before the last."""
    opening, rest = join.split(PLACES[0])
    between, rest = rest.split(PLACES[1])
    before_last, _ = rest.split(PLACES[2])
    return opening, between, before_last


@lru_cache(maxsize=1)
def shipped() -> Wordings:
    """The wordings that come with the program."""
    found = {path.stem: read_wordings(path) for path in sorted(FOLDER.glob("*.txt"))}
    return Wordings(found.pop(JOINS), found)


def read_wordings(path: Path) -> OwnWordings:
    """A file with one wording per line; those below ``# unseen`` are for evaluation.

    Raises:
        UsageError: it can't be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(f"The wordings in {str(path)!r} can't be read: {reason}.") from None
    seen, _, unseen = f"\n{text}\n".partition(f"\n{UNSEEN}\n")
    return OwnWordings(_lines(seen), _lines(unseen))


def _lines(text: str) -> tuple[str, ...]:
    found = (line.strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in found if line and not line.startswith("#")))


def _faults(name: str, own: OwnWordings) -> list[str]:
    if name != JOINS and name not in TASKS:
        from sit_core.registry import unknown

        return [unknown("task", name, [*TASKS, JOINS])]
    faults = []
    for text in (*own.seen, *own.unseen):
        shown = f"The wording {text[:60]!r} of {name}"
        if not text.strip() or "\n" in text:
            faults.append(f"{shown} should be one line that is not empty.")
        elif fault := fault_of(text, Limits()):
            faults.append(f"{shown} {fault}.")
        elif name == JOINS:
            at = [text.find(place) for place in PLACES]
            once = all(text.count(place) == 1 for place in PLACES)
            if not once or at != sorted(at) or any(a == b for a, b in pairwise(at)):
                faults.append(f"{shown} should hold {', '.join(PLACES)} once each, in this order.")
            elif not text.endswith(PLACES[-1]):
                faults.append(f"{shown} should end with {PLACES[-1]}: the instruction comes last.")
        elif text.strip().endswith((".", "!", "?")):
            faults.append(f"{shown} is a part of a sentence; leave out the mark at its end.")
    return faults
