"""Sets of Seq-Instruct written by hand, for tests of what is read and drawn of them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sit_core.records import Example
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.folder import SetFolder
from sit_core.seq_instruct.index import index_line
from sit_core.seq_instruct.instruction_set import InstructionSet, open_set
from sit_core.seq_instruct.record import Record, StageReply, seed_record
from sit_core.seq_instruct.stages import State

HOSTILE = (
    "<img src=x onerror='window.owned=1'> **bold** $x^2$ :red[r] [l](javascript:owned=1)\n\n# h"
)


def seeds(*instructions: str) -> list[Record]:
    """Iteration 0."""
    return [
        seed_record(place, Example(text, f"input {place}", reference=f"output {place}"))
        for place, text in enumerate(instructions)
    ]


def went_on(before: Record, state: str, **more: Any) -> Record:
    """The same instruction one iteration later."""
    fresh = {"option": None, "reason": None, "detail": None, "proposed": None, "replies": ()}
    return replace(
        before,
        **{**fresh, **more},
        iteration=before.iteration + 1,
        state=State(state),
        parent=before.id,
    )


def reply(stage: str, text: str, **more: Any) -> StageReply:
    """A reply of a writer called m."""
    known: dict[str, Any] = {"attempt": 1, "writer": "m", "seed": 1, "prompt_sha256": "ab" * 32}
    return StageReply(stage, text=text, **{**known, "prompt_tokens": 10, "tokens": 5, **more})


def write_set(
    name: str, iterations: Sequence[Sequence[Record]], home: Path | None = None
) -> InstructionSet:
    """Put a set with these records into its place; the first of them are the seeds."""
    folder = SetFolder.of(name, home)
    folder.lay_down(SeqInstructConfig(sources=("x.json",), iterations=max(1, len(iterations) - 1)))
    for iteration, records in enumerate(iterations):
        lines, index, offset = [], [], 0
        for record in records:
            line = json.dumps(record.to_json()).encode() + b"\n"
            index.append(json.dumps(index_line(offset, record)).encode() + b"\n")
            lines.append(line)
            offset += len(line)
        folder.records(iteration).write_bytes(b"".join(lines))
        folder.index(iteration).write_bytes(b"".join(index))
    return open_set(name, home)


def small_set(name: str = "small", home: Path | None = None) -> InstructionSet:
    """Five seeds in two iterations, with every outcome and hostile texts in one of them."""
    first = seeds(
        "Name a plum.", f"Describe this: {HOSTILE}", "Write a poem.", "Sum up 12 and 7.", "Count."
    )
    one = [
        went_on(
            first[0],
            "made",
            option="C",
            instruction="Name a plum, then describe its taste.",
            response="A plum. It is sweet.",
            response_by="m",
            replies=(reply("classify", "Option: C"), reply("generate", "New: …")),
        ),
        went_on(
            first[1],
            "made",
            option="B",
            instruction=f"First repeat this, then describe it: {HOSTILE}",
            response=HOSTILE,
            response_by="m",
            replies=(
                reply("classify", HOSTILE, why="not understood", detail=HOSTILE),
                reply("classify", "B", attempt=2),
            ),
        ),
        went_on(first[2], "held", option="D", held_since=1, replies=(reply("classify", "D"),)),
        went_on(
            first[3],
            "gated",
            option="A",
            reason="lost numbers",
            detail="12 is not in it",
            proposed="Add them up, then say it.",
            replies=(reply("classify", "A"), reply("generate", "Add them up")),
        ),
        went_on(
            first[4],
            "failed",
            reason="classify: empty",
            replies=(reply("classify", "", why="empty"),),
        ),
    ]
    two = [
        went_on(
            one[0],
            "made",
            option="A",
            instruction="Name a plum, then describe its taste, and finally write a poem of it.",
            response="A plum. It is sweet. O plum.",
            replies=(reply("classify", "A"),),
        ),
        went_on(one[1], "held", option="D", held_since=2, replies=(reply("classify", "D"),)),
        went_on(one[2], "held"),
        went_on(one[3], "gated", option="B", reason="unchanged", replies=(reply("classify", "B"),)),
        went_on(one[4], "failed", reason="classify: refused", replies=()),
    ]
    return write_set(name, [first, one, two], home)
