"""What Home shows, as the component takes it: texts as they are, links as addresses of pages."""

import time
from collections.abc import Sequence
from typing import Any

from pages.shared.page_list import address, page_info
from sit_core.jobs import Job, JobState
from sit_core.jobs.describe import duration
from sit_core.results.leaderboard.build import FOLLOWING_HUMAN, value_shown
from sit_core.results.overview import Leading, Overview, StudyState

TONES = {
    JobState.DONE: "green",
    JobState.FAILED: "red",
    JobState.DEAD: "red",
    JobState.CANCELLED: "yellow",
    JobState.RUNNING: "blue",
}
_PAGES_OF_VERBS = {
    "predict": "runs",
    "score": "scores",
    "judge": "judge",
    "import": "import",
    "augment": "augment",
    "seq-instruct": "seq_instruct",
    "train": "train",
    "seqeval": "leaderboard",
    "benchmark": "leaderboard",
}
"""The first word of a job's command → the page whose icon it has."""


def way(found: Overview, leading: Leading | None, *, counting: bool) -> list[dict[str, Any]]:
    """The steps of the work, with how much there is of each; in an empty store, what each is.

    Args:
        found: the counts.
        leading: the systems with a rate.
        counting: whether the leaderboard is still to be counted.
    """
    rated = leading.of if leading else 0
    studies = f"{'study' if found.with_rates == 1 else 'studies'} with rates"
    systems = many(rated, "system", number_too=False)
    steps = [
        ("runs", "Outputs", found.outputs, f"in {many(found.runs, 'run')}", "import or generate"),
        ("studies", "Studies", found.studies, many(found.samples, "sample"), "draw a sample"),
        ("annotate", "Judged", found.done, f"of {found.places:,} judgments", "one key per step"),
        ("results", "Results", found.with_rates, studies, "rates with intervals"),
        ("leaderboard", "Leaderboard", rated, systems, "systems compared"),
    ]
    shown: list[dict[str, Any]] = [
        {
            "href": address(page),
            "label": label,
            "value": "" if found.empty else f"{value:,}",
            "words": about if found.empty else words,
        }
        for page, label, value, words, about in steps
    ]
    if found.places:
        shown[2] |= {"share": found.done / found.places}
    if counting:
        shown[4] |= {"value": "…", "words": ""}
    return shown


def many(number: int, word: str, *, number_too: bool = True) -> str:
    """A number of things.

    >>> many(1, "run"), many(2000, "run"), many(2, "system", number_too=False)
    ('1 run', '2,000 runs', 'systems')
    """
    words = f"{word}{'s' * (number != 1)}"
    return f"{number:,} {words}" if number_too else words


def study_line(state: StudyState) -> dict[str, Any]:
    """A study to go on with; a complete one leads to its results."""
    if state.left:
        words = f"{state.left:,} of {state.places:,} judgments left"
        if state.own:
            words += f", {state.own:,} by you"
    else:
        words = "all judged: see the results"
    return {
        "href": address("annotate" if state.left else "results", {"study": state.name}),
        "icon": page_info("annotate").icon,
        "name": state.name,
        "words": words,
        "state": f"{state.share:.0%}".replace("%", " %"),
        "tone": "blue" if state.left else "green",
    }


def job_line(job: Job, now: float | None = None) -> dict[str, Any]:
    """A job, and how long ago it ended or was begun."""
    at = job.ended_at or job.started_at or job.queued_at
    page = _PAGES_OF_VERBS.get(job.command[0] if job.command else "", "jobs")
    return {
        "href": address("jobs", {"job": str(job.id)}),
        "icon": page_info(page).icon,
        "name": job.title,
        "words": f"{duration((time.time() if now is None else now) - at)} ago",
        "state": str(job.state),
        "tone": TONES.get(job.state, ""),
    }


def best(leading: Leading | None, places: dict[str, int]) -> dict[str, Any] | None:
    """The systems that lead, with their intervals; None where none has a rate."""
    if leading is None:
        return None
    by = "by people" if leading.column.key == FOLLOWING_HUMAN else "by rules, an estimate"
    if leading.judge is not None:
        by = f"by {leading.judge}"
    return {
        "href": address("leaderboard"),
        "by": by,
        "systems": [
            {
                "rank": one.rank,
                "place": places.get(one.run or one.system, 0),
                "system": one.system,
                "share": one.value,
                "low": one.low,
                "high": one.high,
                "value": value_shown(one.value, "share"),
                "span": _span(one.low, one.high, one.n),
            }
            for one in leading.systems
        ],
    }


def _span(low: float | None, high: float | None, n: int) -> str:
    said = f"n = {n:,}" if n else ""
    if low is None or high is None:
        return said
    span = f"95 %: {value_shown(low, 'share')} – {value_shown(high, 'share')}"
    return f"{span} · {said}" if said else span


def lines(found: Overview, jobs: Sequence[Job]) -> dict[str, list[dict[str, Any]]]:
    """Studies to go on with, and the newest jobs."""
    return {
        "resume": [study_line(state) for state in found.resume],
        "jobs": [job_line(job) for job in jobs],
    }
