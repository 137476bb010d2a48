"""XQuAD's English answers, found beside another language's file, are golds of their own."""

import json
from pathlib import Path

from sit_core.metrics.registry import METRICS, Options
from sit_core.records import Example, Prediction
from sit_core.sources.named import ExampleReading
from sit_core.sources.xquad import read_xquad


def write(path: Path, context: str, answers: dict[str, list[str]]) -> None:
    asked = [
        {"id": number, "question": "?", "answers": [{"text": text} for text in texts]}
        for number, texts in answers.items()
    ]
    data = {"data": [{"paragraphs": [{"context": context, "qas": asked}]}]}
    path.write_text(json.dumps(data), "utf-8")


def read(path: Path) -> list[Example]:
    found = list(read_xquad(str(path), ExampleReading()))
    assert all(isinstance(one, Example) for one in found)
    return found


def test_both_languages_golds_are_kept_and_scored_apart(tmp_path: Path) -> None:
    write(tmp_path / "x.es.json", "El sol …", {"1": ["el sol"], "2": ["agua"]})
    write(tmp_path / "x.en.json", "The sun …", {"1": ["the sun", "sun"], "3": ["water"]})
    one, two = read(tmp_path / "x.es.json")
    assert one.meta["golds"] == {"es": ["el sol"], "en": ["the sun", "sun"]}
    assert (one.reference, one.language) == ("el sol", "es")
    assert "golds" not in two.meta, "the English file does not have this question"
    (score,) = METRICS.get("exact-match")([Prediction("r", one, "The sun.")], Options())
    assert (score.value, score.steps) == (0.0, {"gold-es": 0.0, "gold-en": 1.0})


def test_without_an_english_file_or_with_a_broken_one_nothing_changes(tmp_path: Path) -> None:
    write(tmp_path / "x.es.json", "El sol …", {"1": ["el sol"]})
    (alone,) = read(tmp_path / "x.es.json")
    (tmp_path / "x.en.json").write_text("{", "utf-8")
    (broken,) = read(tmp_path / "x.es.json")
    assert alone == broken
    assert "golds" not in alone.meta
    write(tmp_path / "x.en.json", "The sun …", {"1": ["the sun"]})
    (english,) = read(tmp_path / "x.en.json")
    assert "golds" not in english.meta
