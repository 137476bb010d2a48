"""Given intermediate texts: never empty, equal or of the same answer; stored with each output."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import select

from sit_core.actions import Context
from sit_core.errors import SitError, UsageError
from sit_core.matching import match_text
from sit_core.metrics.accuracy import accuracy
from sit_core.metrics.registry import score_predictions
from sit_core.models import Prefilled
from sit_core.predict import PredictConfig
from sit_core.predict.given import GivenPrompt, given_prompts, is_same_answer
from sit_core.predict.given_config import CONDITIONS, GivenConfig
from sit_core.predict.run import predict
from sit_core.records import Example, Prediction, Step, chain
from sit_core.results.run_factors import run_factors
from sit_core.score.config import ScoreConfig
from sit_core.score.run import score_runs
from sit_core.store import Store
from sit_core.store.run_contents import error_reasons
from sit_core.store.schema import examples, predictions, scores
from tests.predict.conftest import examples_file, options

WORDS = st.sampled_from(["cow", "owl", "hive", "the bank", "1990", "Ανθή", "北京", "a", " ", ""])


@st.composite
def questions(draw: Any) -> Example:
    """With choices and a letter or words as gold, or free, or without a gold."""
    words = draw(st.lists(WORDS, min_size=2, max_size=5))
    text = f"Question: {draw(WORDS)} {draw(WORDS)}?"
    gold: str | None = draw(st.sampled_from([*words, "A", "B", None]))
    if draw(st.booleans()):
        listed = ", ".join(f"{chr(65 + i)}:{word}" for i, word in enumerate(words))
        text += f"\nChoices: {listed}"
    text = draw(st.sampled_from([text, "", f"{text}\r\n"]))
    steps = chain([Step("repeat", "R", expected=text or None), Step("answer", "A")])
    return Example("First repeat the input, then answer.", text, steps=steps, reference=gold)


def prompts_of(config: GivenConfig, asked: list[Example], plain: list[Example] | None = None):
    return given_prompts(None, config, asked, plain or asked, [])  # type: ignore[arg-type]


def jsonl(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@settings(max_examples=150, deadline=None)
@drawn(st.lists(questions(), min_size=1, max_size=5), st.lists(questions(), min_size=1), st.data())
def test_a_negative_is_never_empty_equal_or_of_the_same_answer(
    tmp_path_factory: pytest.TempPathFactory, asked: list[Example], pool: list[Example], data: Any
) -> None:
    rows = [{"instruction": "Answer.", "input": p.input, "output": p.reference} for p in pool]
    path = jsonl(tmp_path_factory.mktemp("pool") / "pool.jsonl", rows)
    config = GivenConfig(condition="negative", pool=path, seed=data.draw(st.integers(0, 3)))
    if all(
        match_text(row["input"]) in {match_text(e.input) for e in asked if e.input.strip()}
        for row in rows
    ):
        with pytest.raises(SitError, match="no training items"):
            prompts_of(config, asked)
        return
    found = prompts_of(config, asked)
    for example, one in zip(asked, found, strict=True):
        if one.prompt is None:
            assert one.fault
            assert one.meta == {}
            continue
        said = one.meta["given"]
        assert said["text"].strip()
        assert match_text(said["text"]) != match_text(example.input)
        assert match_text(said["donor"]["reference"])
        assert accuracy(Prediction("r", example, said["implied"])) != 1.0
        donor = Example("", said["text"], reference=said["implied"])
        assert not is_same_answer(example, donor)
        assert donor.input in {row["input"] for row in rows}
    assert prompts_of(config, asked) == found  # the same for the same seed


def test_a_seed_decides_and_other_examples_do_not(tmp_path: Path) -> None:
    rows = [{"instruction": "…", "input": f"q {n}", "output": f"a {n}"} for n in range(50)]
    path = jsonl(tmp_path / "pool.jsonl", rows)

    def texts(asked: list[Example], seed: int) -> list[str]:
        found = prompts_of(GivenConfig(condition="negative", pool=path, seed=seed), asked)
        return [one.meta["given"]["text"] for one in found]

    steps = chain([Step("repeat", "R"), Step("answer", "A")])
    asked = [Example("…", f"test {n}", steps=steps, reference="gold") for n in range(9)]
    assert texts(asked, 1) == texts(asked[:4], 1) + texts(asked[4:], 1)
    assert texts(asked, 1) != texts(asked, 2)
    assert len(set(texts(asked, 1))) > 4


def test_the_same_text_of_another_question_is_not_given(tmp_path: Path) -> None:
    steps = chain([Step("paraphrase", "P", expected="Said again. "), Step("answer", "A")])
    asked = [Example("…", f"test {n}", steps=steps, reference="gold") for n in range(8)]
    rows = [
        {
            "instruction": "…",
            "input": f"q {n}",
            "output": f"a {n}",
            "steps": ["paraphrase", "answer"],
            "expected": ["Said again." if n else "Said otherwise.", f"a {n}"],
        }
        for n in range(12)
    ]
    path = jsonl(tmp_path / "pool.jsonl", rows)
    found = prompts_of(GivenConfig(condition="negative", pool=path), asked)
    assert {one.meta["given"]["text"] for one in found} == {"Said otherwise."}


def test_training_files_of_chains_say_what_their_steps_yield(tmp_path: Path) -> None:
    """As ``sit augment`` writes them: the whole target as output, the chain told by the wording."""
    where = "Question: Where do bees live?\nChoices: A:hive, B:sea"
    rows = [
        {
            "instruction": "First repeat the input, then answer the question.",
            "input": where,
            "output": f"{where}\nA",
        }
    ]
    path = jsonl(tmp_path / "pool.jsonl", rows)
    steps = chain([Step("repeat", "R"), Step("answer", "A")])
    asked = [Example("…", "Which?\nChoices: A:cow, B:owl", steps=steps, reference="B")]
    (one,) = prompts_of(GivenConfig(condition="negative", pool=path), asked)
    assert (one.meta["given"]["text"], one.meta["given"]["implied"]) == (where, "A")


def test_test_questions_are_never_given_and_this_is_said(tmp_path: Path) -> None:
    rows = [{"instruction": "…", "input": f"q {n}", "output": f"a {n}"} for n in range(3)]
    path = jsonl(tmp_path / "pool.jsonl", rows)
    steps = chain([Step("repeat", "R"), Step("answer", "A")])
    asked = [Example("…", text, steps=steps, reference="gold") for text in ("q 0 \r\n", "q 1")]
    remarks: list[str] = []
    config = GivenConfig(condition="negative", pool=path)
    found = given_prompts(None, config, asked, asked, remarks)  # type: ignore[arg-type]
    assert [one.meta["given"]["text"] for one in found] == ["q 2", "q 2"]
    assert remarks == ["training items that are questions of this run, never given: 2"]


def test_without_any_training_item_the_reason_is_said(tmp_path: Path) -> None:
    asked = [Example("…", "q", steps=chain([Step("repeat", "R"), Step("answer", "A")]))]
    same = jsonl(tmp_path / "same.jsonl", [{"instruction": "…", "input": "q", "output": "a"}])
    for pool, said in (
        (str(tmp_path / "nowhere.jsonl"), "can't be read: .*nowhere.jsonl"),
        (jsonl(tmp_path / "off.jsonl", [{"colour": "red"}]), "can't be read: .*off.jsonl:1"),
        (same, r"could be given\.$"),
    ):
        config = GivenConfig(condition="negative", pool=pool)
        with pytest.raises(SitError, match=said):
            given_prompts(None, config, asked, asked, [])  # type: ignore[arg-type]


def of(prompt: GivenPrompt) -> tuple[str, str]:
    """The instruction and the beginning of the output."""
    asked = prompt.prompt.prompt if isinstance(prompt.prompt, Prefilled) else prompt.prompt
    assert isinstance(asked, Example)
    return asked.instruction, prompt.given


def test_the_text_stands_where_it_is_said() -> None:
    steps = chain([Step("repeat", "R", expected="the text"), Step("answer", "A")])
    example = Example("Do it.", "the text", steps=steps, reference="x")

    def at(place: str) -> tuple[str, str]:
        (one,) = prompts_of(GivenConfig(condition="true", place=place), [example])
        assert one.meta["given_characters"] == len(one.given)
        return of(one)

    assert at("output") == ("Do it.", "the text\n")
    assert at("instruction") == ("Do it.\nthe text", "")
    assert at("both") == ("Do it.\nthe text", "the text\n")


def test_a_text_that_came_with_an_item_is_its_true_one() -> None:
    meta = {"texts": {"paraphrase": "the same, otherwise"}}
    steps = chain([Step("paraphrase", "P"), Step("answer", "A")])
    known = Example("Do it.", "t", steps=steps, reference="x", meta=meta)
    unknown = Example("Do it.", "t", steps=steps, reference="x")
    one, other = prompts_of(GivenConfig(condition="true", place="output"), [known, unknown])
    assert one.given == "the same, otherwise\n"
    assert other.fault == "there is no text for the step 'paraphrase'"


def test_a_chain_can_be_given_up_to_a_step() -> None:
    steps = chain(
        [
            Step("repeat", "R", expected="t"),
            Step("paraphrase", "P", expected="s"),
            Step("answer", "A"),
        ]
    )
    example = Example("Do it.", "t", steps=steps)
    (whole,) = prompts_of(GivenConfig(condition="true", place="output"), [example])
    assert (whole.given, whole.meta["given"]["steps"]) == ("t\ns\n", ["repeat", "paraphrase"])
    (first,) = prompts_of(GivenConfig(condition="true", place="output", step="repeat"), [example])
    assert (first.given, first.meta["given"]["steps"]) == ("t\n", ["repeat"])
    (none,) = prompts_of(GivenConfig(condition="true", step="answer"), [example])
    assert none.fault == "its chain has no step 'answer' before the last"


def test_written_texts_are_one_for_all_or_one_a_question(tmp_path: Path) -> None:
    asked = [Example("Do it.", "a"), Example("Do it.", "b")]
    one, other = prompts_of(GivenConfig(condition="written", text="So.\n", place="output"), asked)
    assert (one.given, other.given) == ("So.\n", "So.\n")
    rows = [{"input": "a \n", "text": "of a", "answer": "no"}]
    path = jsonl(tmp_path / "texts.jsonl", rows)
    one, other = prompts_of(GivenConfig(condition="written", file=path), asked)
    assert (one.meta["given"]["text"], one.meta["given"]["implied"]) == ("of a", "no")
    assert other.fault == "the file of texts has none for it"
    for bad in ("{", '{"input": "a"}', '{"input": "a", "text": " "}', "[]", "1"):
        (tmp_path / "texts.jsonl").write_text(bad + "\n")
        with pytest.raises(SitError, match="texts"):
            prompts_of(GivenConfig(condition="written", file=path), asked)


def run(store: Store, **more: Any) -> None:
    predict(options(**more), Context(store, job=1))


def test_runs_of_all_conditions_share_their_questions_and_say_what_was_given(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    source = examples_file(tmp_path, "It was in 1990.", "It was a cow.", target="1990")
    pool = jsonl(
        tmp_path / "pool.jsonl",
        [{"instruction": "Answer.", "input": f"q {n}", "output": f"a {n}"} for n in range(9)],
    )
    how = {
        "none": GivenConfig(condition="none"),
        "true": GivenConfig(condition="true"),
        "negative": GivenConfig(condition="negative", pool=pool),
        "corrupted": GivenConfig(condition="corrupted"),
        "written": GivenConfig(condition="written", text="Hm."),
    }
    run(store, examples=source, run="own")
    for name, given in how.items():
        run(store, examples=source, run=name, given=given)
    with store.read() as connection:
        assert len(connection.execute(select(examples.c.id)).all()) == 2
        rows = connection.execute(
            select(predictions.c.output, predictions.c.meta).where(predictions.c.row == 0)
        ).all()
    assert len(rows) == 6
    for output, meta in rows:
        assert output[meta.get("given_characters", 0) :] == "IT WAS IN 1990."
    assert error_reasons(store, "corrupted") == [
        (1, "the text has no choice, number or name that could be changed")
    ]
    conditions = {one.run: one.value("condition") for one in run_factors(store, list(how))}
    assert conditions == {name: name for name in how}
    (none,) = [
        meta["given"] for _, meta in rows if meta.get("given", {}).get("condition") == "none"
    ]
    assert none["instruction"] == "Answer."
    begun = [json.loads(line) for line in (folder / "begun").read_text().splitlines()]
    first = "First repeat the input, then answer the question."
    assert [f"{first}\nHm.", "Hm.\n"] in begun


def test_what_was_given_is_judged_by_no_metric(store: Store, folder: Path, tmp_path: Path) -> None:
    source = examples_file(tmp_path, "It was in 1990.", target="It was in 1990.")
    run(store, examples=source, run="true", given=GivenConfig(condition="true"))
    score_runs(
        ScoreConfig(("true",), metrics=("accuracy", "rouge-l", "following")), Context(store, job=2)
    )
    with store.read() as connection:
        found = {
            (row.metric, row.step): (row.value, row.reason)
            for row in connection.execute(
                select(scores.c.metric, scores.c.step, scores.c.value, scores.c.reason)
            )
        }
    assert found["accuracy", ""] == (1.0, None)
    assert {step for _, step in found} == {"", "answer"}


def test_a_given_beginning_changes_no_score_of_what_comes_after() -> None:
    steps = chain([Step("repeat", "R", expected="Where?"), Step("answer", "A")])
    asked = Example("…", "Where?\nChoices: A:bank, B:mall", steps=steps, reference="A")
    begun = "Where?\nChoices: A:bank, B:mall\nB\n"
    meta = {"given": {"condition": "written", "steps": ["repeat"]}, "given_characters": len(begun)}
    after = Prediction("r", Example("…", asked.input, steps=steps[1:], reference="A"), "A:bank")
    whole = Prediction("r", asked, begun + "A:bank", meta=meta)
    metrics = ["accuracy", "exact-match", "f1", "rouge-l", "following"]
    for left, right in zip(
        score_predictions([after], metrics), score_predictions([whole], metrics), strict=True
    ):
        assert (left.metric, left.value, left.steps) == (right.metric, right.value, right.steps)


def test_a_resumed_run_must_be_given_the_same(store: Store, folder: Path, tmp_path: Path) -> None:
    source = examples_file(tmp_path, "a", "error")
    run(store, examples=source, run="r", given=GivenConfig(condition="written", text="Hm."))
    with pytest.raises(SitError, match=r"other settings \(given\)"):
        run(store, examples=source, run="r", given=GivenConfig(condition="written", text="Oh."))
    with pytest.raises(SitError, match=r"other settings \(given\)"):
        run(store, examples=source, run="r")
    (folder / "open").touch()
    run(store, examples=source, run="r", given=GivenConfig(condition="written", text="Hm."))
    assert error_reasons(store, "r") == []


def test_own_texts_of_another_run_are_given(store: Store, folder: Path, tmp_path: Path) -> None:
    source = examples_file(tmp_path, "a cow is there")
    run(store, examples=source, run="first", given=GivenConfig(condition="true"))
    run(store, examples=source, run="r", given=GivenConfig(condition="own", from_run="first"))
    with store.read() as connection:
        meta = list(connection.scalars(select(predictions.c.meta)))[-1]
    assert meta["given"]["run"] == "first"
    assert meta["given"]["text"].startswith("a cow is there")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"condition": "written"}, "either one text"),
        ({"condition": "written", "text": " "}, "is empty"),
        ({"condition": "negative"}, "name their source"),
        ({"condition": "true", "text": "x"}, "belongs to the condition written"),
        ({"condition": "none", "pool": "f"}, "negative or corrupted"),
        ({"answer_instruction": "A."}, "belongs to the condition none"),
        ({"condition": "no"}, "Expected one of"),
    ],
)
def test_what_does_not_fit_is_said(
    given: dict[str, Any], said: str, store: Store, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        run(store, examples=examples_file(tmp_path, "a"), given=GivenConfig(**given))


def test_an_endpoint_that_can_t_continue_is_refused_before_anything_is_asked(
    store: Store, tmp_path: Path
) -> None:
    where = {"backend": "openai", "base_url": "http://localhost:9/v1"}
    source = examples_file(tmp_path, "a")
    given = GivenConfig(condition="written", text="x")
    with pytest.raises(UsageError, match="not known how the endpoint"):
        run(store, examples=source, given=given, **where)
    config: PredictConfig = options(
        source, given=GivenConfig(condition="written", text="x", place="instruction"), **where
    )
    assert list(config.faults()) == []


def test_all_conditions_have_words() -> None:
    assert CONDITIONS == ("own", "none", "true", "negative", "corrupted", "written")
