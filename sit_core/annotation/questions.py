"""What the desk asks of every sample of a study: one row per step, and the order if wanted."""

from typing import Any

from sit_core.records import IN_ORDER, Verdict, stable_id
from sit_core.store.studies import Study
from sit_core.tasks import question_for, rule_for


def study_json(study: Study, annotator: str) -> dict[str, Any]:
    """The study as the desk needs it.

    ``token`` names the study across stores, so that what one browser keeps for it is never sent to
    another study that happens to have the same number.
    """
    rows = [
        {
            "key": step.key,
            "letter": step.letter,
            "question": question_for(step),
            "rule": rule_for(step),
            "verdicts": [v.value for v in Verdict],
        }
        for step in study.steps
    ]
    if study.ask_order:
        rows.append(
            {
                "key": IN_ORDER,
                "letter": "⇣",
                "question": "Were the steps done in the order asked?",
                "rule": "Yes if what was done was done in the order of the instruction.",
                "verdicts": [Verdict.YES.value, Verdict.NO.value, Verdict.UNSURE.value],
            }
        )
    return {
        "token": stable_id("study", study.name, repr(study.created_at)),
        "annotator": annotator,
        "rows": rows,
    }
