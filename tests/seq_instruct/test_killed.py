"""Two iterations through a real server, the process killed on the way and gone on with."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from sit_core.seq_instruct.filters import GATES
from sit_core.seq_instruct.instruction_set import InstructionSet, open_set, records_of
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.stages import CLASSIFY, GENERATE, REFINE, STAGES, State
from sit_core.train.rows import read_training_rows
from tests.jobs.conftest import until
from tests.seq_instruct.scripted import Writer, option_of, trouble

pytestmark = pytest.mark.slow
IN_FLIGHT = 8


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    folder = tmp_path / "server"
    folder.mkdir()
    server = Writer(folder)
    yield server
    server.open()
    server.kill()


def own_rows(path: Path, count: int) -> Path:
    """Alpaca-like rows of our own."""
    things = ["kite", "ladder", "teapot", "violin", "compass", "lantern", "anchor", "saddle"]
    rows = []
    for i in range(count):
        thing = things[i % len(things)]
        row = {
            "instruction": f"Name {i + 2} uses of a {thing} number {i}.",
            "input": "",
            "output": "x",
        }
        if i % 3 == 0:
            row["instruction"] = f"Say in which year this {thing} number {i} was made."
            row["input"] = (
                f"The {thing} was sold in {1700 + i} by its maker, the {i}th of his house."
            )
        rows.append(row)
    path.write_text(json.dumps(rows))
    return path


def started(name: str, source: Path, url: str) -> "subprocess.Popen[str]":
    words = ["--name", name, "--source", str(source), "--limit", "200", "--writer", "scripted"]
    words += ["--base-url", url, "--in-flight", str(IN_FLIGHT), "--json"]
    words += ["--input-price", "1", "--output-price", "2"]
    return subprocess.Popen(
        [sys.executable, "-m", "sit_core.cli", "seq-instruct", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )


def replied(home: Path) -> int:
    """Replies that are on the disk."""
    folder = home / "seq_instruct" / "mine"
    done = sum(len(r.replies) for i in (1, 2) for r in records_of(folder / f"iteration-{i}.jsonl"))
    waiting = folder / "open.jsonl"
    return done + (waiting.read_bytes().count(b"\n") if waiting.exists() else 0)


def killed_and_resumed(writer: Writer, source: Path, hold: int) -> InstructionSet:
    home = Path(os.environ["SIT_HOME"])
    writer.start(hold)
    first = started("mine", source, writer.url)
    until(lambda: writer.holding and replied(home) == hold)
    second = started("mine", source, writer.url)
    _, said = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "is making the set mine" in said
    os.kill(first.pid, signal.SIGKILL)
    first.communicate(timeout=60)
    assert replied(home) == hold
    writer.open()
    again = started("mine", source, writer.url)
    out, said = again.communicate(timeout=300)
    assert again.returncode == 0, said
    counts = json.loads(out)
    one = open_set("mine")
    assert counts["stopped"] is None
    assert counts["complete"]
    assert one.complete
    check_nothing_lost_or_twice(writer, one)
    for iteration in (1, 2):
        check_states(one, iteration)
    check_export(one, Path(counts["out"]), counts["rows"])
    return one


def all_records(one: InstructionSet, iteration: int) -> list[Record]:
    return list(records_of(one.folder.records(iteration)))


def check_nothing_lost_or_twice(writer: Writer, one: InstructionSet) -> None:
    """What the server answered is what the records hold: the same prompts, as often."""
    answered = Counter(sha256(prompt.encode()).hexdigest() for prompt in writer.answered())
    kept = Counter(
        reply.prompt_sha256
        for i in (1, 2)
        for record in all_records(one, i)
        for reply in record.replies
    )
    assert kept == answered
    used = one.usage()
    assert sum(stage.calls for stage in used.values()) == len(writer.answered())
    tokens = sum(len(prompt) // 4 for prompt in writer.answered())
    assert sum(stage.prompt_tokens for stage in used.values()) == tokens
    assert one.cost() == pytest.approx((tokens + 20 * len(writer.answered())) / 1e6)


def check_states(one: InstructionSet, iteration: int) -> None:
    """Each record came out as the server's script says."""
    before, now = all_records(one, iteration - 1), all_records(one, iteration)
    assert [r.place for r in now] == list(range(one.seeds))
    states: Counter[str] = Counter()
    asked = Counter((old.instruction, old.input) for old in before)
    for old, new in zip(before, now, strict=True):
        states[str(new.state)] += 1
        assert new.seed == old.seed
        assert new.parent == old.id
        if old.held_since is not None:
            assert new.state is State.HELD
            assert new.replies == ()
            continue
        option = option_of(old.instruction)
        assert new.option == option
        if option == "D":
            assert new.state is State.HELD
        elif trouble(GENERATE, old.instruction) == "forever":
            assert new.state is State.FAILED
            assert new.reason == "generate: not understood"
            assert sum(r.stage == GENERATE for r in new.replies) == 3
        else:
            assert new.state in (State.MADE, State.GATED)
        if new.state is State.GATED:
            assert new.reason in GATES
        if new.state is not State.MADE:
            assert (new.instruction, new.input) == (old.instruction, old.input)
        for stage in (CLASSIFY, GENERATE, REFINE):
            own = [r.why for r in new.replies if r.stage == stage]
            wrong = trouble(stage, old.instruction)
            # The server counts by text: what was there twice, or asked before, had its trouble.
            fresh = asked[old.instruction, old.input] == 1
            fresh = fresh and old.state in (State.SEED, State.MADE)
            if own and wrong and wrong != "forever" and fresh:
                assert own == [wrong, None]
        assert [STAGES.index(r.stage) for r in new.replies] == sorted(
            STAGES.index(r.stage) for r in new.replies
        )
    assert states == one.index(iteration).by_state()
    assert states["made"] > one.seeds / 4


def check_export(one: InstructionSet, path: Path, count: int) -> None:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    records = all_records(one, 2)
    good = [r for r in records if r.state in (State.MADE, State.HELD) and r.response]
    assert [row["seq_instruct"]["id"] for row in rows] == [r.id for r in good]
    assert count == len(rows)
    assert len(read_training_rows(str(path)).rows) == len(rows)


def test_rows_of_our_own(writer: Writer, tmp_path: Path) -> None:
    one = killed_and_resumed(writer, own_rows(tmp_path / "own.json", 60), hold=101)
    assert one.seeds == 60


def test_two_hundred_alpaca_rows(writer: Writer, real_data: Path) -> None:
    source = real_data / "alpaca_en_demo_1000.json"
    one = killed_and_resumed(writer, source, hold=777)
    assert one.seeds == 200
