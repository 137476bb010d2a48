"""How far the rules' estimate agrees with people on the samples that both judged.

Rules only estimate what people would say, so their rates are shown beside this. The figures are
those of `sit_core.results.judge_agreement`, over all runs together.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from sit_core.records import JudgeKind
from sit_core.results.judge_agreement import BothRow, both_rows
from sit_core.results.table_query import Question
from sit_core.statistics import LEVEL
from sit_core.store import Store
from sit_core.store.verdict_state import Reading


@dataclass(frozen=True, slots=True)
class RuleAgreement:
    """The agreement at every step; no rows where no sample was judged by both."""

    question: Question
    """Whose verdicts stand against the rules: people, all or one of them."""
    rows: tuple[BothRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results agreement --rule --json``."""
        return {
            **self.question.to_dict(),
            "annotator": self.question.annotator,
            "against": "rule",
            "level": LEVEL,
            "rows": [
                {name: value for name, value in asdict(row).items() if name != "run"}
                for row in self.rows
            ],
        }


def rule_agreement(store: Store, question: Question) -> RuleAgreement:
    """People against rules on the samples of a question.

    Args:
        store: where the verdicts are.
        question: which samples, and how *partly* counts; of people's verdicts, whose. Where it
            asks for the rules' verdicts, all people stand against those it names.

    Raises:
        SitError: a name is unknown.
    """
    done = question.partly == "done"
    rules = Reading(JudgeKind.RULE, partly_done=done)
    if question.by == JudgeKind.RULE:
        rules = Reading(JudgeKind.RULE, question.annotator, done)
    whose = question.annotator if question.by == JudgeKind.HUMAN else None
    people = replace(question, by=JudgeKind.HUMAN, annotator=whose, combine="majority")
    rows = both_rows(store, people, people.reading, rules)
    return RuleAgreement(people, tuple(row for row in rows if row.run is None))
