"""Texts of steps from columns, parallel files and models: matched, checked, kept, gone on with."""

import doctest
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sit_core.augment import checks
from sit_core.augment import step_generation as making
from sit_core.augment.checks import fault_of_text
from sit_core.augment.config import ModelTexts, read_mixture
from sit_core.augment.mixture import write_mixture
from sit_core.augment.step_generation import ModelStepTexts
from sit_core.errors import SitError, UsageError
from sit_core.models import Generated
from sit_core.records import Example
from tests.augment.conftest import made, many, rows_of, written


class FakeModel:
    """Writes the text backwards, word by word; what it is told to fail at it fails at."""

    def __init__(self, calls: list[str], stop_after: int | None = None) -> None:
        self.calls, self.stop_after = calls, stop_after

    def generate(self, prompts: list[Example], *_: Any) -> Iterator[tuple[int, Generated]]:
        for place, prompt in enumerate(prompts):
            if self.stop_after is not None and place >= self.stop_after:
                return
            self.calls.append(prompt.input)
            if "fails" in prompt.input:
                yield place, Generated("", error="no room")
            elif "thinks" in prompt.input:
                yield place, Generated("A thinking text.", thoughts="Hm.")
            elif "copied" in prompt.input:
                yield place, Generated(prompt.input)
            elif "cut" in prompt.input:
                yield place, Generated("and so on and on and", cut=True)
            else:
                yield place, Generated(" ".join(["Here", *reversed(prompt.input.split())]) + " \n")

    def close(self) -> None:
        pass


MODEL = {
    "paraphrase": {"model": {"model": "org/model", "backend": "openai", "base_url": "http://h/v1"}}
}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the model was asked."""
    asked: list[str] = []
    monkeypatch.setattr(making, "load_model", lambda _spec: FakeModel(asked))
    return asked


def test_the_examples_in_the_docs_are_true() -> None:
    assert doctest.testmod(checks).failed == 0


def test_a_models_texts_are_made_once_and_kept(tmp_path: Path, calls: list[str]) -> None:
    source = str(written(tmp_path / "d.jsonl", many(12)))
    first = made(tmp_path, sources=[source], chains=["P+A"], texts=MODEL)
    assert len(calls) == 12
    rows = rows_of(first.train)
    assert all(r["output"].startswith("Here them of ") for r in rows)
    again = made(tmp_path, "b.jsonl", sources=[source], chains=["P+A"], texts=MODEL)
    assert len(calls) == 12
    assert again.train.read_bytes() == first.train.read_bytes()
    warmer = {"paraphrase": {"model": {**MODEL["paraphrase"]["model"], "temperature": 1.0}}}
    made(tmp_path, "c.jsonl", sources=[source], chains=["P+A"], texts=warmer)
    assert len(calls) == 24
    assert first.made["texts"]["paraphrase"]["model"] == "org/model"


def test_only_texts_that_are_used_are_made_and_refused_ones_are_replaced(
    tmp_path: Path, calls: list[str]
) -> None:
    rows = many(40)
    for i in range(0, 40, 2):
        rows[i]["input"] += (" copied", " fails", " cut")[i % 3]
    source = str(written(tmp_path / "d.jsonl", rows))
    chains = [{"chain": "P+A", "cap": 8}]
    done = made(tmp_path, sources=[source], chains=chains, texts=MODEL)
    assert done.made["chains"] == {"A": 32, "P+A": 8}
    assert 8 < len(calls) < 40
    assert len(set(calls)) == len(calls)
    refused = done.made["texts_refused"]
    assert set(refused) <= {
        "the paraphrase is the input again",
        "the model could not write it",
        "the model's text was cut off by its limit of tokens",
    }
    assert sum(refused.values()) == len(calls) - 8


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = str(written(tmp_path / "d.jsonl", many(10)))
    asked: list[str] = []
    monkeypatch.setattr(making, "load_model", lambda _spec: FakeModel(asked, stop_after=4))
    with pytest.raises(SitError, match="what was written is kept"):
        made(tmp_path, sources=[source], chains=["P+A"], texts=MODEL)
    assert not (tmp_path / "train.jsonl").exists()
    (kept,) = (tmp_path / "home" / "texts").iterdir()
    with kept.open("a") as file:
        file.write('{"of": "half a li')  # killed while it wrote
    monkeypatch.setattr(making, "load_model", lambda _spec: FakeModel(asked))
    made(tmp_path, sources=[source], chains=["P+A"], texts=MODEL)
    assert len(asked) == len(set(asked)) == 10
    assert len([json.loads(x) for x in kept.read_text().splitlines() if '"text"' in x]) == 10


def test_a_model_that_writes_nothing_any_more_ends_the_work(
    tmp_path: Path, calls: list[str]
) -> None:
    rows = many(60)
    for row in rows:
        row["input"] += " fails"
    source = str(written(tmp_path / "d.jsonl", rows))
    with pytest.raises(SitError, match="20 texts in a row"):
        made(tmp_path, sources=[source], chains=["P+A"], texts=MODEL)


def test_texts_between_failures_keep_the_work_going(tmp_path: Path, calls: list[str]) -> None:
    rows = many(60)
    for n, row in enumerate(rows):
        row["input"] += " fails" if n % 2 else ""
    source = str(written(tmp_path / "d.jsonl", rows))
    made(tmp_path, sources=[source], chains=["P+A"], texts=MODEL)
    assert len(calls) == 60


@pytest.mark.slow
def test_the_embedded_model_paraphrases_its_world(tmp_path: Path) -> None:
    from sit_core.embedded.shipped import BASE

    if not (BASE / "model.safetensors").is_file():
        pytest.skip("the embedded model is not here")
    prompt = tmp_path / "p.txt"
    prompt.write_text("Paraphrase the input.")
    model = {"model": "microlab", "prompt": str(prompt), "max_new_tokens": 80}
    rows = [
        {"instruction": e.instruction, "input": e.input, "output": e.reference}
        for e in making_questions(12)
    ]
    source = str(written(tmp_path / "d.jsonl", rows))
    done = made(tmp_path, sources=[source], chains=["P+A"], texts={"paraphrase": {"model": model}})
    assert done.made["chains"].get("P+A", 0) >= 6
    assert sum(done.made["texts_refused"].values()) + done.made["chains"]["P+A"] == 12
    again = write_mixture(
        read_mixture(done.manifest_path), tmp_path / "again.jsonl", home=tmp_path / "home"
    )
    assert again.differs == ()


def making_questions(count: int) -> list[Example]:
    from sit_core.sources.microlab_items import made_questions

    return list(made_questions("answer", count))


def test_a_column_of_the_data_itself(tmp_path: Path) -> None:
    rows = many(3, caption=lambda i: f"There are {i} plums here", image=lambda i: f"{i}.png")
    rows[2]["caption"] = "done 2"  # the answer in place of a caption
    source = str(written(tmp_path / "d.jsonl", rows))
    done = made(
        tmp_path, sources=[source], chains=["C+A"], texts={"caption": {"column": "caption"}}
    )
    assert done.made["chains"] == {"A": 1, "C+A": 2}
    assert done.made["texts_refused"] == {"the caption is the answer": 1}
    sequences = [row for row in rows_of(done.train) if len(row["steps"]) == 2]
    assert {row["output"] for row in sequences} == {
        "There are 0 plums here\ndone 0",
        "There are 1 plums here\ndone 1",
    }
    assert {row["image"] for row in sequences} == {"0.png", "1.png"}


@pytest.mark.parametrize("match", ["index", "id", "input"])
def test_a_parallel_file(tmp_path: Path, match: str) -> None:
    rows = many(6, id=lambda i: f"q{i}")
    source = str(written(tmp_path / "d.json", rows))
    other = [
        {"id": r["id"], "input": r["input"], "said": f"Of them text number {i}"}
        for i, r in enumerate(rows)
    ]
    if match != "index":
        other.reverse()
        other.pop()
    file = str(written(tmp_path / "p.jsonl", other))
    texts = {"paraphrase": {"file": file, "field": "said", "match": match}}
    done = made(tmp_path, sources=[source], chains=["P+A"], texts=texts)
    for row in rows_of(done.train):
        if len(row["steps"]) == 2:
            number = row["output"].split()[-1]
            assert row["output"] == f"Of them text number {number}\ndone {number}"
    assert done.made["chains"]["P+A"] == (6 if match == "index" else 5)


def test_rows_of_parallel_files_stay_together_past_a_bad_one(tmp_path: Path) -> None:
    lines = [json.dumps(row) for row in many(4)]
    (tmp_path / "d.jsonl").write_text("\n".join([*lines[:2], "{oops", *lines[2:]]) + "\n")
    other = [{"input": f"Of them text number {i}"} for i in (0, 1, 99, 2, 3)]
    texts = {"paraphrase": {"file": str(written(tmp_path / "p.jsonl", other))}}
    source = str(tmp_path / "d.jsonl")
    done = made(tmp_path, sources=[source], chains=["P+A"], texts=texts, bad_rows="skip")
    assert all(row["output"].split("\n")[0][-1] == row["output"][-1] for row in rows_of(done.train))
    assert done.made["chains"] == {"P+A": 4}


def test_parallel_languages_translate_only_what_is_not_english(tmp_path: Path) -> None:
    texts = {
        "en": "Where is the house of the bees?",
        "de": "Wo ist das Haus der Bienen?",
        "es": "¿Dónde está la casa de las abejas?",
    }
    for code, text in texts.items():
        written(
            tmp_path / f"a.{code}.jsonl",
            [{"instruction": "Answer.", "input": text, "output": "here"}],
        )
    sources = [str(tmp_path / f"a.{code}.jsonl") for code in texts]
    done = made(
        tmp_path, sources=sources, chains=["T+A"], texts={"translate": {"file": sources[0]}}
    )
    rows = rows_of(done.train)
    assert done.made["chains"] == {"A": 1, "T+A": 2}
    assert done.made["unchanged"] == {"its input is in that language already": 1}
    assert {row["output"] for row in rows if row["language"] != "en"} == {f"{texts['en']}\nhere"}


@pytest.mark.slow
def test_real_xquad_in_parallel(real_data: Path, tmp_path: Path) -> None:
    files = {
        code: f"xquad:{real_data / 'xquad' / f'xquad.{code}.json'}" for code in ("es", "zh", "en")
    }
    done = made(
        tmp_path,
        sources=[{"source": files["es"], "limit": 200}, {"source": files["zh"], "limit": 200}],
        chains=["T+A"],
        texts={"translate": {"file": files["en"], "match": "id"}},
        split_by="id",
        held_out=0.1,
    )
    assert done.made["chains"]["T+A"] >= 390
    for row in rows_of(done.train)[:50]:
        if len(row["steps"]) == 2:
            assert row["output"].startswith("Context: ")


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"file": "nowhere.json"}, "no such file"),
        ({"file": "{d}", "field": "inptu"}, "did you mean 'input'"),
        ({"file": "{d}", "match": "id"}, "no column 'id'"),
    ],
)
def test_a_parallel_file_that_will_not_do_says_why(
    tmp_path: Path, texts: dict[str, str], reason: str
) -> None:
    source = str(written(tmp_path / "d.jsonl", many(3)))
    texts = {name: value.replace("{d}", source) for name, value in texts.items()}
    with pytest.raises(SitError, match=reason):
        made(tmp_path, sources=[source], chains=["P+A"], texts={"paraphrase": texts})


def test_a_prompt_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    source = str(written(tmp_path / "d.jsonl", many(3)))
    model = {**MODEL["paraphrase"]["model"], "prompt": str(tmp_path / "none.txt")}
    with pytest.raises(UsageError, match="There is no file"):
        made(tmp_path, sources=[source], chains=["P+A"], texts={"paraphrase": {"model": model}})


CHOICES = "Question: Which 2 are sweet in the end?\nChoices: A:plum, B:salt"


@pytest.mark.parametrize(
    ("task", "before", "text", "reason"),
    [
        ("paraphrase", "Bees live in the hive.", "bees live in the hive", "the input again"),
        ("paraphrase", "Bees live in the hive.", " \n", "empty"),
        ("paraphrase", "Bees live in the hive.", "I'm sorry, I can't help with that.", "refusal"),
        (
            "paraphrase",
            "Bees live in the hive.",
            "Bienen sind in dem Korb und das ist gut",
            "language",
        ),
        ("paraphrase", "Bees live in the hive. " * 9, "In the hive live bees.", "too short"),
        ("paraphrase", "Bees live in the hive.", "In the hive live bees. " * 9, "too long"),
        ("paraphrase", "There are 1,000 bees.", "A thousand bees are there.", "lacks a number"),
        ("paraphrase", "There are 1,000 bees.", "Bees there are: 1.000.", None),
        ("paraphrase", CHOICES, "Which 2 of these are sweet in the end?", "keep the choices"),
        (
            "paraphrase",
            CHOICES,
            CHOICES.replace("salt", "sugar").replace("Which", "What"),
            "choices",
        ),
        ("paraphrase", CHOICES, CHOICES.replace("Which 2", "What 2 of these"), None),
        ("translate", "Wo ist das Haus der Bienen?", "Where is the house of the bees?", None),
        (
            "translate",
            "Wo ist das Haus der Bienen?",
            "¿Dónde está la casa de las abejas?",
            "language",
        ),
        ("translate", "Wo ist das Haus der Bienen?", "wo ist das haus der bienen", "again"),
        ("translate", "蜜蜂住在哪里呢？", "Where do the bees live?", None),
        ("caption", "What colour?", "A red bus on a street.", None),
        ("caption", "What colour?", "bus", "too short"),
        ("repeat", "x", "anything", None),
    ],
)
def test_a_text_is_refused_for_a_reason(
    task: str, before: str, text: str, reason: str | None
) -> None:
    found = fault_of_text(task, Example("Do.", before, reference="a red"), text)
    assert (found is None) if reason is None else (found is not None and reason in found)


def test_thoughts_before_a_text_are_kept_beside_it(tmp_path: Path, calls: list[str]) -> None:
    how = ModelTexts("org/model", backend="openai", base_url="http://h/v1")
    texts = ModelStepTexts("paraphrase", how, "en", tmp_path)
    asked = [Example("i", "it thinks"), Example("i", "it does not")]
    texts.make(asked, report=lambda *_: None, stopped=lambda: False)
    rows = [json.loads(line) for line in texts.path.read_text().splitlines()]
    assert [(row["text"], row.get("thoughts")) for row in rows] == [
        ("A thinking text.", "Hm."),
        ("Here not does it", None),
    ]
    again = ModelStepTexts("paraphrase", how, "en", tmp_path)
    assert again.look(asked[0], 0) == "A thinking text."
