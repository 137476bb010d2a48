"""Imported outputs hold no thoughts, a failed call is none, and what is exported comes back."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from sit_core.metrics.registry import METRICS, Options
from sit_core.models.interface import KEEP
from sit_core.records import Outcome, Prediction
from sit_core.sources import ImportFile, SourceFile, look_at
from sit_core.sources.predictions import read_predictions
from sit_core.sources.rows import BadRow
from sit_core.sources.summary import FileSummary

CASE = Path(__file__).parents[1] / "fixtures" / "cases" / "11_think.jsonl"


def read(content: bytes | list[dict[str, Any]], **more: Any) -> tuple[list[Any], FileSummary]:
    if not isinstance(content, bytes):
        rows = [{"instruction": "Answer.", "input": str(i), **r} for i, r in enumerate(content)]
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    source, summary = SourceFile("a.jsonl", lambda: io.BytesIO(content)), FileSummary()
    file = ImportFile(source, "a", look_at(source).mapping, **more)
    found = read_predictions(file, summary=summary)
    return [one if isinstance(one, BadRow) else one.prediction for one in found], summary


def test_thoughts_are_no_output_and_nothing_is_scored_on_them() -> None:
    found, summary = read(CASE.read_bytes())
    assert [one.output for one in found] == ["The blue whale."] * 3
    assert all(one.thoughts.startswith("The user asks:") for one in found)
    (change,) = summary.changes.values()
    assert (change.what, change.count) == ("thoughts taken apart from it", 3)
    (score, *_) = METRICS.get("following")(found, Options())
    assert score.rulings["repeat"].verdict == "no"


def test_thoughts_may_be_kept_in_the_output() -> None:
    found, summary = read(CASE.read_bytes(), thoughts=KEEP)
    assert all(one.output.startswith("<think>") and one.thoughts is None for one in found)
    assert not summary.changes
    ((one,), _) = read([{"output": "hello", "reasoning_content": "Hm."}], thoughts=KEEP)
    assert one.output == "<think>\nHm.\n</think>\n\nhello"


@pytest.mark.parametrize(
    ("row", "output", "thoughts", "outcome"),
    [
        ({"output": "hello", "reasoning_content": "Hm."}, "hello", "Hm.", None),
        ({"output": "hello", "thoughts": "Hm."}, "hello", "Hm.", None),
        ({"output": "hello", "reasoning_content": None}, "hello", None, None),
        ({"output": "<think>b</think>hi", "reasoning_content": "a"}, "hi", "a\n\nb", None),
        ({"output": "hello", "finish_reason": "stop"}, "hello", None, Outcome.COMPLETE),
        ({"output": "hel", "finish_reason": "length"}, "hel", None, Outcome.CUT),
        ({"output": "", "stop_reason": "refusal"}, "", None, Outcome.REFUSED),
        ({"output": "hello", "outcome": "cut"}, "hello", None, Outcome.CUT),
        ({"output": "hello", "outcome": "a win"}, "hello", None, None),
        ({"output": "hello", "finish_reason": "whatever"}, "hello", None, None),
        ({"output": "hello", "finish_reason": None}, "hello", None, None),
    ],
)
def test_columns_of_thoughts_and_outcomes(
    row: dict[str, Any], output: str, thoughts: str | None, outcome: Outcome | None
) -> None:
    ((one,), _) = read([row])
    assert isinstance(one, Prediction)
    assert (one.output, one.thoughts, one.outcome) == (output, thoughts, outcome)


@pytest.mark.parametrize("word", ["error", "abort", "FAILED"])
def test_a_failed_call_is_no_output(word: str) -> None:
    (found, _) = read([{"output": "hel", "finish_reason": word}, {"output": "hello"}])
    assert isinstance(found[0], BadRow)
    assert found[0].reason == (
        f"its call failed ('finish_reason' is '{word}'), so there is no output"
    )
    assert found[1].output == "hello"


def test_what_is_not_known_is_kept_and_counted() -> None:
    ((one,), summary) = read([{"output": "hello", "outcome": "a win", "reasoning_content": ["x"]}])
    assert one.meta == {"outcome": "a win", "reasoning_content": ["x"]}
    assert summary.notes == {"rows whose outcome is not known to mean how the call ended": 1}
