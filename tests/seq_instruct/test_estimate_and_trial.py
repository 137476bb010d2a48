"""What a run would ask for, and one instruction on trial."""

import json
from pathlib import Path

import pytest

from sit_core.models.interface import Generated
from sit_core.models.usage import Prices, estimated_tokens
from sit_core.records import Example
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.estimate import estimate
from sit_core.seq_instruct.instruction_set import instruction_sets
from sit_core.seq_instruct.prompts import prompt_files, prompts_from
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.run import run_set
from sit_core.seq_instruct.stages import State
from sit_core.seq_instruct.trial import TrialCall, try_one
from tests.seq_instruct.fakes import WRITER, FakeModel, use


def rows(path: Path, count: int) -> str:
    given = [{"instruction": f"Name {i} things.", "output": "x"} for i in range(count)]
    path.write_text(json.dumps(given))
    return str(path)


def test_the_estimate_is_what_is_asked_if_nothing_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = SeqInstructConfig(
        (rows(tmp_path / "a.json", 40),), writer=WRITER, iterations=1, prices=Prices(2, 4), gates=()
    )
    found = estimate(config)
    assert found.instructions == 40
    assert found.calls == 160
    assert found.cost > 0
    assert not instruction_sets()
    model = use(
        monkeypatch,
        FakeModel(lambda s, t, n: Generated("Option: B") if s == "classify" else None),
    )
    run_set("a", config)
    assert len(model.prompts) == 160
    sent = sum(map(estimated_tokens, model.prompts))
    total = sum(stage.prompt_tokens for stage in found.stages.values())
    assert total == pytest.approx(sent, rel=0.1)


def test_rules_cost_nothing_and_answers_only_where_they_are_asked_for(tmp_path: Path) -> None:
    source = rows(tmp_path / "a.json", 40)
    assert estimate(SeqInstructConfig((source,), prices=Prices(2, 4))).cost == 0
    last = SeqInstructConfig((source,), writer=WRITER, iterations=3, answers="last")
    calls = {name: stage.calls for name, stage in estimate(last).stages.items()}
    assert calls == {"classify": 120, "generate": 120, "refine": 120, "respond": 40}


def test_one_on_trial_shows_each_call_and_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {name: path.read_text() for name, path in prompt_files().items()}
    texts["classify"] = texts["classify"].replace("one or two sentences", "three words")
    model = use(
        monkeypatch,
        FakeModel(
            lambda s, t, n: (
                Generated("What?" if n == 1 else "Option: B") if s == "classify" else None
            )
        ),
    )
    config = SeqInstructConfig(("unused",), writer=WRITER)
    *calls, record = try_one(config, Example("Name 3 things.", "a box"), prompts_from(texts))
    assert isinstance(record, Record)
    assert record.state is State.MADE
    tried = [one for one in calls if isinstance(one, TrialCall)]
    assert [(t.reply.stage, t.reply.why) for t in tried] == [
        ("classify", "not understood"),
        ("classify", None),
        ("generate", None),
        ("refine", None),
        ("respond", None),
    ]
    assert "three words" in tried[0].prompt
    assert [t.prompt for t in tried] == model.prompts
    assert not instruction_sets()


def test_one_on_trial_may_be_gated_held_or_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def states(classify: str, generate: str) -> tuple[State, str | None]:
        replies = {"classify": classify, "generate": generate, "refine": "Complete: yes"}
        use(monkeypatch, FakeModel(lambda s, t, n: Generated(replies.get(s, "An answer."))))
        *_, record = try_one(SeqInstructConfig(("x",), writer=WRITER), Example("Name 3 things."))
        assert isinstance(record, Record)
        return record.state, record.reason

    lost = "<instruction>Name things, then sort them.</instruction>"
    assert states("Option: D", "") == (State.HELD, None)
    assert states("Option: A", lost) == (State.GATED, "lost numbers")
    assert states("Option: A", "Hm.") == (State.FAILED, "generate: not understood")
