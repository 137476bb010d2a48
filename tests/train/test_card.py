"""The card says what was trained on, and what was read or left out."""

from dataclasses import asdict
from typing import Any

from sit_core.train.card import card
from sit_core.train.config import config_from


def known(**data: Any) -> dict[str, Any]:
    config = config_from({"name": "mine", "model": {"base": "b"}, "data": {"train": "x.jsonl"}})
    return {
        "name": "mine",
        "config": asdict(config),
        "base": {"name": "b", "revision": None, "weights": None, "prompt_format": "chat"},
        "figures": {"best_step": 1, "steps": 2, "held_out": 1.0},
        "held_out_before": None,
        "data": {
            "train": "x.jsonl",
            "same": {"train_sha256": "0"},
            "lengths": {"cut": 0},
            "used": 5,
            "held_out_used": 1,
            "left_out": {},
            **data,
        },
    }


def test_system_messages_and_earlier_turns_are_told_whether_read_or_left_out() -> None:
    read = card(known(context={"system": 3, "history": 2}))
    assert "3 with a system message, read and not learned" in read
    assert "2 with earlier turns, read and not learned" in read
    out = card(known(left_out={"there is a system message, for which the prompt has no place": 4}))
    assert "4 left out because there is a system message" in out
    assert "earlier turns" not in card(known())  # also of a training of before
