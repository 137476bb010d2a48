"""Verb and noun of an instruction, by the rule and by a parser; what has none is told apart."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sit_core.errors import UsageError
from sit_core.metrics.verb_noun import VerbNoun, kind_reader, kinds
from sit_core.metrics.verb_noun import readers as module
from sit_core.metrics.verb_noun.readers import parser_reader
from sit_core.records import Unparsed


def shown(instruction: str) -> str:
    found = kinds(instruction)
    return found.reason if isinstance(found, Unparsed) else ", ".join(map(str, found))


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("Describe the taste of a ripe pear.", "describe → taste"),
        ("PLEASE give me three short examples of irony.", "give → example"),
        ("Come up with an easy and cheap dinner.", "come → dinner"),
        ("Compare and contrast private and public schools.", "compare → school"),
        ("Name one of the moons of Mars.", "name → moon"),
        ("Write a couple of lines about fog.", "write → line"),
        ("Construct a for loop.", "construct → loop"),
        ("Explain why ice floats.", "explain → (no noun)"),
        ("Sort these sentences alphabetically.", "sort → sentence"),
        ("Deduplicate the lines of the file.", "deduplicate → line"),
        ("Can you please list the tall trees of Norway?", "list → tree"),
        ("Your task is to translate the menu.", "translate → menu"),
        ("You are given two words. Write a rhyme with both of them.", "write → rhyme"),
        ("Using the list below, draw a simple map of the town.", "draw → map"),
        ("In one sentence, sum up the plot.", "sum → plot"),
        ("2) Rank the following cities: Oslo, Bergen", "rank → city"),
        ("“Summarize this letter.”", "summarize → letter"),
        ("Outline the key steps taken in 1990.", "outline → step"),
        ("Create a chart showing the rainfall.", "create → chart"),
        ("Write your whole answer once more in capitals.", "write → answer"),
        ("Do this: Given a date, name the weekday.", "name → weekday"),
    ],
)
def test_a_single_task_has_one_kind(instruction: str, expected: str) -> None:
    assert shown(instruction) == expected


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        (
            "First repeat the input, then answer the question.",
            "repeat → input, answer → question",
        ),
        (
            "Find the verbs in the text. Next, put them into the past tense, and then explain why "
            "the tense changes the meaning.",
            "find → verb, put → (no noun), explain → (no noun)",
        ),
        ("Name a river and describe its course.", "name → river, describe → course"),
        ("Step 1: Read the poem.\nStep 2: Count its lines.", "read → poem, count → line"),
        (
            "What is the capital of Peru? Name two of its rivers.",
            "(question) → capital, name → river",
        ),
        ("Guess a number, after that double the number.", "guess → number, double → number"),
    ],
)
def test_every_clause_of_a_sequence_has_a_kind(instruction: str, expected: str) -> None:
    assert shown(instruction) == expected


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("Write a function that reads a file and counts the words.", "write → function"),
        ('Translate "sit down and then write the letter" into Greek.', "translate → (no noun)"),
        ("List the noise and answer sheets.", "list → noise"),
        ("Explain the rule if the ball is lost, then.", "explain → rule"),
    ],
)
def test_what_only_looks_like_a_sequence_is_one_task(instruction: str, expected: str) -> None:
    assert shown(instruction) == expected


@pytest.mark.parametrize(
    ("question", "noun"),
    [
        ("What is the best way to boil eggs?", "way"),
        ("What are the main causes of rust?", "cause"),
        ("Which planet has rings?", "planet"),
        ("How many legs do spiders have?", "leg"),
        ("How do bees find home?", "how"),
        ("Why is the sky blue?", "why"),
        ("What would happen without wind?", "what"),
        ("In what ways can maps mislead?", "way"),
        ("Is tin a metal?", "yes or no"),
    ],
)
def test_a_question_is_what_is_asked_for(question: str, noun: str) -> None:
    assert kinds(question) == (VerbNoun("(question)", noun),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no instruction"),
        (" \n ", "there is no instruction"),
        ("1 + 1 = ?", "there is no word in it"),
        ("Bitte ein Gedicht über Schnee", "no verb that tells what to do, and no question"),
        ("把下面的句子翻译成英文。", "no verb that tells what to do, and no question"),
        ("Output should be short.", "no verb that tells what to do, and no question"),
    ],
)
def test_what_has_no_kind_has_a_reason(text: str, reason: str) -> None:
    assert kinds(text) == Unparsed(reason)


@pytest.mark.parametrize(
    "text", ["\ud800", "then " * 3000, "(" * 5000, "and write " * 2000, "\x00a"]
)
def test_any_text_is_read_to_its_end(text: str) -> None:
    assert isinstance(kinds(text), tuple | Unparsed)


def test_on_real_instructions_almost_all_have_a_kind(real_data: Path) -> None:
    rows = json.loads((real_data / "alpaca_en_demo_1000.json").read_text(encoding="utf-8"))
    without = [i for i, row in enumerate(rows) if isinstance(kinds(row["instruction"]), Unparsed)]
    assert without == [112, 939]  # a headline without a verb, and two statements


def token(text: str, dep: str, pos: str, *children: Any) -> SimpleNamespace:
    return SimpleNamespace(lemma_=text, dep_=dep, pos_=pos, children=children)


class FakeParser:
    """As spaCy's pipelines answer: ``pipe(texts)`` gives a document each."""

    def __init__(self, *docs: list[SimpleNamespace]) -> None:
        self.docs = list(docs)
        self.seen: list[str] = []

    def pipe(self, texts: Iterable[str]) -> Iterator[list[SimpleNamespace]]:
        for text in texts:
            self.seen.append(text)
            yield self.docs.pop(0)


def test_a_parser_gives_root_verb_and_direct_object_of_every_clause() -> None:
    poem = token("Poem", "dobj", "NOUN")
    first = [token("the", "det", "DET"), poem, token("write", "ROOT", "VERB", poem)]
    second = [token("explain", "ROOT", "VERB", token("it", "dobj", "PRON"))]
    parser = FakeParser(first, second)
    reader = parser_reader(parser, "spacy fake 1.0")
    (found,) = reader.read(["First write the poem, then explain it."])
    assert found == (VerbNoun("write", "poem"), VerbNoun("explain", None))
    assert parser.seen == ["First write the poem", "explain it."]
    assert "spacy fake 1.0" in reader.label


def test_a_parser_that_finds_no_verb_leaves_the_instruction_without_a_kind() -> None:
    reader = parser_reader(FakeParser([token("list", "ROOT", "NOUN")], [], []), "p")
    found = list(reader.read(["List trees.", "What is tin?", "Is it?", "…", "Hm"]))
    assert found[0] == Unparsed("no verb that tells what to do, and no question")
    assert found[1] == (VerbNoun("(question)", "tin"),)
    assert found[2] == (VerbNoun("(question)", "yes or no"),)


def test_without_a_model_the_rule_reads_and_says_how_to_add_spacy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_english_model", lambda: None)
    reader = kind_reader()
    assert reader.name == "rule"
    assert "simple rule" in reader.label
    assert "pip install spacy" in reader.label
    with pytest.raises(UsageError, match="not installed"):
        kind_reader("spacy")
    with pytest.raises(UsageError, match="but found 'nltk'"):
        kind_reader("nltk")


def test_a_real_spacy_pipeline_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spacy = pytest.importorskip("spacy")
    from spacy.language import Language

    @Language.component("sit_test_tags")
    def tags(doc: Any) -> Any:
        """The first word is the root verb, the last noun-like one its object."""
        for place, word in enumerate(doc):
            word.lemma_ = word.text.lower()
            word.pos_ = "VERB" if place == 0 else "NOUN"
            word.head = doc[0]
            word.dep_ = "ROOT" if place == 0 else "dobj" if place == len(doc) - 1 else "det"
        return doc

    nlp = spacy.blank("en")
    nlp.add_pipe("sit_test_tags")
    nlp.to_disk(tmp_path / "en_test")
    monkeypatch.setattr(module, "_english_model", lambda: str(tmp_path / "en_test"))
    module._spacy_reader.cache_clear()
    reader = kind_reader()
    module._spacy_reader.cache_clear()
    assert reader.name.startswith("spacy ")
    assert list(reader.read(["Paint the fence", "Why?"])) == [
        (VerbNoun("paint", "fence"),),
        (VerbNoun("(question)", "why"),),
    ]
