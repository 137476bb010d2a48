"""What the desk is told, as JSON.

What the desk asks of every sample of a study: one row per step, and the order if wanted.
"""

from dataclasses import asdict
from typing import Any

from sit_core.annotation.requests import practice_name
from sit_core.records import IN_ORDER, Verdict, stable_id
from sit_core.store.judgments import SampleVerdicts
from sit_core.store.practice import PracticeRound, PracticeSample
from sit_core.store.queue import AnnotationProgress
from sit_core.store.samples import Sample
from sit_core.store.studies import Study
from sit_core.tasks import question_for, rule_for

SNIPPET = 160
MAX_OVERLAP = 200_000


def standing_json(standing: SampleVerdicts) -> dict[str, Any]:
    """How a sample stands: per step the newest verdict with its revision, the note, the flag."""
    return {
        "said": {step: [s.verdict.value, s.revision] for step, s in standing.said.items()},
        "note": standing.remark.note,
        "flagged": standing.remark.flagged,
        "note_revision": standing.remark.revision,
    }


def sample_json(sample: Sample) -> dict[str, Any]:
    """A sample to judge."""
    return {
        "id": sample.id,
        "instruction": sample.instruction,
        "input": sample.input,
        "output": sample.output,
        "expected": [list(pair) for pair in sample.expected],
        "run": sample.run,
        "given": sample.given,
        **standing_json(sample.standing),
    }


def brief_json(sample: Sample) -> dict[str, Any]:
    """A line in the list of what was judged."""
    return {
        "id": sample.id,
        "text": " ".join((sample.input or sample.instruction)[: SNIPPET * 2].split())[:SNIPPET],
        **standing_json(sample.standing),
    }


def practice_json(round_: PracticeRound, sample: PracticeSample) -> dict[str, Any]:
    """A sample to practise on, with what its study's maker says of it, shown after the verdicts."""
    return {
        "id": practice_name(round_.number, sample.id),
        "instruction": sample.instruction,
        "input": sample.input,
        "output": sample.output,
        "expected": [],
        "run": None,
        "said": {},
        "note": "",
        "flagged": False,
        "note_revision": 0,
        "practice": {
            "gold": {step: verdict.value for step, verdict in sample.verdicts.items()},
            "reason": sample.reason,
        },
    }


def practice_state_json(round_: PracticeRound | None) -> dict[str, Any] | None:
    """How far somebody's practice is; None while nobody practises."""
    if round_ is None:
        return None
    return {"left": len(round_.left), "size": round_.size, "required": round_.required}


def overlap_json(sample: Sample) -> dict[str, Any]:
    """The output cut into pieces that stand in the expected text and pieces that do not.

    The expected text is that of the first step for which it is known, else the input. A sample of
    more than `MAX_OVERLAP` characters gets a reason instead.
    """
    from sit_core.metrics.alignment import overlap

    expected = sample.expected[0][1] if sample.expected else sample.input
    if len(expected) + len(sample.output) > MAX_OVERLAP:
        return {"id": sample.id, "reason": "The texts are too long to compare here."}
    return {
        "id": sample.id,
        "output": [list(piece) for piece in overlap(expected, sample.output)],
        "expected": [list(piece) for piece in overlap(sample.output, expected)],
    }


def progress_json(progress: AnnotationProgress) -> dict[str, Any]:
    """How far the study is."""
    return asdict(progress)


def step_rows(study: Study) -> list[dict[str, Any]]:
    """What is asked of every sample, in the order of the keyboard's rows."""
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
    return rows


def study_json(study: Study, annotator: str, practice: int = 0) -> dict[str, Any]:
    """The study as the desk needs it.

    ``token`` names the study across stores, so that what one browser keeps for it is never sent to
    another study that happens to have the same number; it stays when the study is renamed.
    ``guidelines``: the version that stands on
    the page, which every verdict is sent with. ``practice``: how many practice samples there are.
    """
    return {
        "token": study_token(study),
        "name": study.name,
        "annotator": annotator,
        "rows": step_rows(study),
        "guidelines": study.guidelines_version or None,
        "practice": practice,
    }


def study_token(study: Study) -> str:
    """What names the study in a browser's local storage."""
    return stable_id("study", study.original_name or study.name, repr(study.created_at))
