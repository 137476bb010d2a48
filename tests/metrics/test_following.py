"""The rules' verdicts: on made-up outputs one by one, on real ones against a careful reading."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sit_core.metrics.following import following
from sit_core.metrics.rules import RuleVerdict
from sit_core.records import IN_ORDER, Example, Prediction, Step, Unparsed, chain
from sit_core.results.agreement import cohen_kappa
from sit_core.sources import LocatedPrediction, Numbering, SourceFile, plan_for, read_predictions
from sit_core.tasks import steps_named

FIXTURES = Path(__file__).parents[1] / "fixtures"
READING = FIXTURES / "careful_reading.json"
TWO_READINGS = FIXTURES / "two_readings.json"
PREDICTIONS = Path(__file__).parents[2] / "data" / "microlab" / "predictions"
QUESTION = "Where do bees carry nectar after they have found it?"
CHOICES = "A:flower, B:hive, C:sea, D:bank, E:old town"
Q = f"Question: {QUESTION}\nChoices: {CHOICES}"


def verdicts(output: str, tasks: str = "repeat,answer", text: str = Q, **more: Any) -> str:
    steps = steps_named(tasks.split(","))
    example = Example(more.pop("instruction", "…"), text, steps=steps, **more)
    found = following(output, example)
    return " ".join(r.verdict.value if isinstance(r, RuleVerdict) else "?" for r in found.values())


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (f"{Q}\nAnswer: B", "yes yes yes"),
        (f"The input is:\n\n{Q}\n\nThe correct answer is B: hive.", "yes yes yes"),
        (f"Answer: B\n\nInput: {Q}", "yes yes no"),
        (f"Question: {QUESTION}\nAnswer: B", "partly yes yes"),
        (f"{QUESTION} B:hive", "partly yes yes"),
        (f'The correct answer for the input question "{QUESTION}" is:\nB', "partly yes yes"),
        ("Where do beescarry nectar after theyhave foundit?\n" + CHOICES + "\nB", "yes yes yes"),
        (f"{CHOICES}\nAnswer: C", "partly yes yes"),
        (Q, "yes no unsure"),
        (Q[:-20], "partly no unsure"),
        (f"{Q}\n\nPlease select the correct choice.", "yes no unsure"),
        (f"{Q}\n\nI cannot answer that.", "yes no unsure"),
        ("B", "no yes unsure"),
        ("Bees carry nectar to the hive after they have found it.", "no yes unsure"),
        ("B, because bees carry nectar to it after they have found it.", "no yes unsure"),
        ("Answer: F: none of these", "no yes unsure"),
        ("Answer: the garden of a friend", "no yes unsure"),
        (f'I notice that the input "{Q}" is not clear. Could you please clarify?', "no no unsure"),
        (
            f'The question "{QUESTION}" is vague; if I had to guess, the answer is B.',
            "no yes unsure",
        ),
        ("Gladly! But I need more information from you first.", "no no unsure"),
        ("I notice that there is no correct answer in the input.", "no no unsure"),
        (
            "There are two correct answers: A:flower and B:hive. Which one is it?",
            "no partly unsure",
        ),
        ("Question: Who sings?\nChoices: A:me, B:you, C:him, D:her", "no no unsure"),
        ("Question: Where do", "no no unsure"),
        ("", "no no unsure"),
    ],
)
def test_repeat_then_answer(output: str, expected: str) -> None:
    assert verdicts(output) == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("To which place is nectar brought by bees that found some?\nAnswer: B", "yes yes yes"),
        (f"{Q}\nAnswer: B", "no yes unsure"),
        (f"Paraphrase: {QUESTION}\nAnswer: B", "no yes unsure"),
        ("Where do bees carry nectar after they had got it?\nB", "partly yes yes"),
        ("B", "no yes unsure"),
        ("", "no no unsure"),
    ],
)
def test_paraphrase_then_answer(output: str, expected: str) -> None:
    assert verdicts(output, "paraphrase,answer") == expected


ES = (
    "Las abejas llevan el néctar a la colmena porque es su casa. Question: ¿Dónde viven las abejas?"
)
EN = "The bees carry the nectar to the hive because it is their home. Where do the bees live?"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (f"{EN}\nAnswer: the hive", "yes yes yes"),
        (f"Translation: {EN}\nIn the hive", "yes yes yes"),
        (f"Translation: {ES}\nAnswer: the hive", "no yes unsure"),
        ("Where do the bees live?\nAnswer: the hive", "partly yes yes"),
        ("the hive", "no yes unsure"),
        (EN, "yes no unsure"),
        ("I'm sorry, I can't help with that.", "no no unsure"),
        ("", "no no unsure"),
    ],
)
def test_translate_then_answer(output: str, expected: str) -> None:
    assert verdicts(output, "translate,answer", ES) == expected


def test_mistake_6_a_marker_word_is_no_translation() -> None:
    for marker in ("Translation:", "Here is the translation:", "English:", "Translated input:"):
        assert verdicts(f"{marker}\n{ES}\nAnswer: B", "translate,answer", ES).startswith("no")


@pytest.mark.parametrize(
    "text",
    [
        "蜜蜂把花蜜带回蜂巢，因为那是它们的家。蜜蜂住在哪里？",
        "Пчёлы несут нектар в улей, потому что это их дом. Где живут пчёлы?",
    ],
)
def test_a_translation_from_another_script_is_seen(text: str) -> None:
    assert verdicts(f"{EN}\nthe hive", "translate,answer", text).startswith("yes yes")
    assert verdicts(f"{text}\nthe hive", "translate,answer", text).startswith("no")


def test_the_language_asked_for_is_read_from_the_instruction() -> None:
    ask = "First translate the input into Spanish, then answer."
    assert verdicts(f"{ES}\nla colmena", "translate,answer", EN, instruction=ask) == "yes yes yes"
    assert verdicts(f"{EN}\nla colmena", "translate,answer", EN, instruction=ask).startswith("no")


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("{DE}\n{ES}\nthe hive", "yes yes yes yes"),
        ("{ES}\n{DE}\nthe hive", "no no yes unsure"),
        ("{DE}\n{DE}\nthe hive", "yes no yes yes"),
        ("Frage: {DE}\nWahl: A:Bank, B:Meer\nPregunta: {ES}\nOpciones: A:banco, B:mar\nthe hive",
         "yes yes yes yes"),
    ],
)  # fmt: skip
def test_each_translation_of_a_chain_is_held_against_its_own_language(
    output: str, expected: str
) -> None:
    ask = "First translate the input into German, then translate it into Spanish, then answer."
    de = "Die Bienen bringen den Nektar in den Bienenstock. Wo leben die Bienen?"
    said = output.format(DE=de, ES=ES)
    assert verdicts(said, "translate,translate,answer", EN, instruction=ask) == expected


def test_describe_then_answer() -> None:
    ask = "What is it?"
    assert verdicts("A man rides a brown horse.\nbrown", "caption,answer", ask) == "yes yes yes"
    assert verdicts("brown", "caption,answer", ask) == "no yes unsure"
    assert verdicts("A photo.\nbrown", "caption,answer", ask) == "partly yes yes"


def test_a_chain_of_four_is_judged_step_by_step() -> None:
    first = "To which place is nectar brought by bees that found some?"
    last = "Having found nectar, bees bring it where?"
    full = f"{first}\n{Q}\n{last}\nThe answer is B: hive."
    tasks = "paraphrase,repeat,paraphrase,answer"
    assert verdicts(full, tasks) == "yes yes yes yes yes"
    assert verdicts(f"{first}\n{Q}\nThe answer is B: hive.", tasks) == "yes yes no yes yes"


def test_what_has_no_rule_says_so_and_is_never_a_verdict() -> None:
    steps = chain([Step("summarise", "S"), Step("answer", "A")])
    found = following("Short.\nAnswer: B", Example("…", Q, steps=steps))
    assert found["summarise"] == Unparsed("there is no rule for the step 'summarise'")
    assert IN_ORDER not in found
    assert isinstance(found["answer"], RuleVerdict)


@pytest.mark.parametrize(
    "output",
    [
        "(" * 20_000,
        "A\n" * 5_000,
        "answer is " * 3_000,
        "hive " * 5_000,
        f"{Q}\n" * 60,
        "a" * 20_000,
    ],
)
def test_monotonous_output_takes_no_quadratic_time(output: str) -> None:
    found = following(output, Example("…", Q, steps=steps_named(["repeat", "answer"])))
    assert all(isinstance(ruling, RuleVerdict) for ruling in found.values())


def predictions(path: Path) -> dict[str, Prediction]:
    numbering = Numbering()
    rows = read_predictions(plan_for(SourceFile.at(path)))
    made = [numbering.number(row.prediction) for row in rows if isinstance(row, LocatedPrediction)]
    return {p.id: p for p in made}


@pytest.mark.parametrize("part", ["tuning", "held_out", "held_out_again"])
def test_the_rules_agree_with_a_careful_reading_of_real_outputs(real_data: Path, part: str) -> None:
    reading = json.loads(READING.read_text("utf-8"))[part]
    tables: dict[str, Counter[tuple[str, str]]] = {
        key: Counter() for key in ("repeat", "answer", IN_ORDER)
    }
    for run, verdicts_of in reading.items():
        of_run = predictions(real_data / "csqa_repeat" / f"{run}.jsonl")
        for prediction_id, read in verdicts_of.items():
            prediction = of_run[prediction_id]
            found = following(prediction.output, prediction.example)
            for key, said in read.items():
                ruling = found[key]
                assert isinstance(ruling, RuleVerdict)
                tables[key][ruling.verdict.value, said] += 1
    assert len(reading) == 5
    assert sum(tables["repeat"].values()) == (110 if part == "tuning" else 50)
    for key in ("repeat", "answer"):
        done: Counter[tuple[bool, bool]] = Counter()
        for (ours, theirs), n in tables[key].items():
            done[ours != "no", theirs != "no"] += n
        kappa = cohen_kappa(done)
        assert kappa is not None
        assert kappa >= 0.8, (key, dict(tables[key]))
        three = cohen_kappa(tables[key])
        assert three is not None
        assert three >= 0.75, (key, dict(tables[key]))
    ordered = tables[IN_ORDER]
    assert sum(n for (a, b), n in ordered.items() if a == b) >= 0.95 * sum(ordered.values())


def test_the_reading_holds_no_text_of_the_outputs(real_data: Path) -> None:
    reading = json.loads(READING.read_text("utf-8"))
    for part in ("tuning", "held_out", "held_out_again"):
        for verdicts_of in reading[part].values():
            for prediction_id, read in verdicts_of.items():
                assert len(prediction_id) == 24
                assert set(read) <= {"repeat", "answer", IN_ORDER}
                assert set(read.values()) <= {"yes", "partly", "no"}


FIRST = "To which place is nectar brought by bees that found some?"
SECOND = "Having found nectar, bees bring it where?"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        # marks and labels around a repetition
        (f'"{Q}"\nAnswer: B', "yes yes yes"),
        (f'The input is: "{Q}"\n\nThe answer is B.', "yes yes yes"),
        (f"The input is: “{QUESTION}” {CHOICES}\n\nThe answer is B.", "yes yes yes"),
        (f"**{QUESTION}**\n\n**{CHOICES}**\n\n**Answer: B**", "yes yes yes"),
        (f"**Question:** {QUESTION}\n**Choices:** {CHOICES}\n\n**B**", "yes yes yes"),
        (f"```\n{Q}\n```\nAnswer: B", "yes yes yes"),
        (f"> {QUESTION}\n> {CHOICES}\n\nB", "yes yes yes"),
        # both steps on one line; the answer in the middle
        (f"Input: {QUESTION} {CHOICES} Answer: B", "yes yes yes"),
        (f"{QUESTION} {CHOICES}. The answer is B: hive. Bees live there.", "yes yes yes"),
        (f"{Q}\n\nBees make honey. The answer is the hive, where it is kept. It is warm there.",
         "yes yes yes"),
        # choices in another form or order
        (f"{QUESTION}\nA flower, B hive, C sea, D bank, E old town\nThe answer is B.",
         "yes yes yes"),
        (f"{QUESTION}\nE: old town\nD: bank\nC: sea\nB: hive\nA: flower\n\nAnswer: B",
         "yes yes yes"),
        (f"{QUESTION} (bank, hive, old town, flower, sea)\nAnswer: hive", "yes yes yes"),
        (f"{QUESTION}\n- flower\n- hive\n- sea\n- bank\n- old town\n\nIt is the hive.",
         "yes yes yes"),
        # refusals that name an option
        ("I'm sorry, but I can't say whether it is B: hive or another one.", "no no unsure"),
        ("I cannot answer this. Option B: hive could be meant, please clarify.", "no no unsure"),
        ("As an AI, I am unable to choose between A: flower and B: hive.", "no no unsure"),
        # neither a rewording nor an explanation repeats
        (f"{FIRST}\n{CHOICES}\nAnswer: B", "no yes unsure"),
        ("Bees carry nectar to the hive because after they have found it, it must be stored. B",
         "no yes unsure"),
        ("The question asks where bees carry nectar after they have found it. It is B: hive.",
         "no yes unsure"),
        # the answer first
        (f"B: hive\n\nThe input was: {Q}", "yes yes no"),
        (f"B. {Q}", "yes yes no"),
        (f"hive\n{Q}", "yes yes no"),
        (f"(B) hive\n\n> {QUESTION}\n> {CHOICES}", "yes yes no"),
        (f"The correct answer is B: hive. {QUESTION} {CHOICES}", "yes yes no"),
        (f"The answer is B.\n\n{Q}\n\nThe answer is B.", "yes yes no"),
        # a lone letter at the end
        (f"'{QUESTION}' [{CHOICES}] -> B", "yes yes yes"),
        (f"<input>{Q}</input>\n<answer>B</answer>", "yes yes yes"),
        (f"{Q}\n\nBees carry nectar home. So B.", "yes yes yes"),
        (f"{QUESTION}\nOptions: flower/hive/sea/bank/old town\nAnswer: B", "yes yes yes"),
        # an answer that is none of the choices
        (f"{Q}\nmarket", "yes yes unsure"),
    ],
)  # fmt: skip
def test_kinds_of_repetitions_and_answers(output: str, expected: str) -> None:
    assert verdicts(output) == expected


@pytest.mark.parametrize("said", ["C", "C: fish", "fish"])
def test_choices_with_the_same_text(said: str) -> None:
    text = "Question: What do herons eat?\nChoices: A:fish, B:frogs, C:fish, D:grass, E:mud"
    assert verdicts(f"{text}\nAnswer: {said}", text=text) == "yes yes yes"


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ((FIRST, SECOND), "yes no yes yes yes"),
        ((FIRST, QUESTION, SECOND), "yes yes yes yes yes"),
        ((QUESTION, FIRST), "no yes yes yes yes"),
        ((QUESTION, FIRST, QUESTION, QUESTION), "yes yes no yes yes"),
        ((QUESTION, QUESTION, QUESTION), "no yes no yes yes"),
        ((FIRST,), "yes no no yes yes"),
    ],
)
def test_rewordings_with_their_choices_are_no_repetitions(
    blocks: tuple[str, ...], expected: str
) -> None:
    said = "\n".join(f"Question: {block}\nChoices: {CHOICES}" for block in blocks)
    assert verdicts(f"{said}\nB", "paraphrase,repeat,paraphrase,answer") == expected


def test_a_rewording_after_the_repetition_asked_for_counts_as_one() -> None:
    tasks = "repeat,paraphrase,answer"
    new = f"Question: {FIRST}\nChoices: {CHOICES}"
    assert verdicts(f"{new}\nB", tasks) == "no yes yes yes"
    assert verdicts(f"{Q}\n{new}\nB", tasks) == "yes yes yes yes"


def agreement(pairs: Counter[tuple[str, str]]) -> float:
    """κ of done or not done."""
    done: Counter[tuple[bool, bool]] = Counter()
    for (ours, theirs), n in pairs.items():
        done[ours != "no", theirs != "no"] += n
    found = cohen_kappa(done)
    assert found is not None
    return found


def both_said(read: dict[str, dict[str, str]], key: str) -> str | None:
    """What both readers say; done or not done is what counts."""
    one, other = read["A"].get(key), read["B"].get(key)
    if one is None or other is None or (one == "no") != (other == "no"):
        return None
    return one


@pytest.mark.parametrize("part", ["developed_on", "held_out"])
def test_the_rules_agree_with_two_readings_of_real_outputs(real_data: Path, part: str) -> None:
    reading = json.loads(TWO_READINGS.read_text("utf-8"))["choices"][part]
    tables: dict[str, Counter[tuple[str, str]]] = {"repeat": Counter(), "answer": Counter()}
    for run, read in reading.items():
        of_run = predictions(real_data / "csqa_repeat" / f"{run}.jsonl")
        for prediction_id, said in read.items():
            found = following(of_run[prediction_id].output, of_run[prediction_id].example)
            for key, table in tables.items():
                ruling = found[key]
                assert isinstance(ruling, RuleVerdict)
                if (theirs := both_said(said, key)) is not None:
                    table[ruling.verdict.value, theirs] += 1
    assert agreement(tables["repeat"]) >= 0.85, dict(tables["repeat"])
    assert agreement(tables["answer"]) >= 0.8, dict(tables["answer"])


def test_the_rules_agree_with_two_readings_of_the_embedded_models() -> None:
    reading = json.loads(TWO_READINGS.read_text("utf-8"))["embedded"]
    tables: dict[str, Counter[tuple[str, str]]] = {}
    for model, read in reading.items():
        lines = (PREDICTIONS / f"{model}.jsonl").read_text("utf-8").splitlines()
        for row, said in read.items():
            fields = json.loads(lines[int(row)])
            steps = steps_named(fields["steps"])
            example = Example(fields["instruction"], fields["input"], steps=steps)
            for key, ruling in following(fields["output"], example).items():
                if key == IN_ORDER or (theirs := both_said(said, key)) is None:
                    continue
                assert isinstance(ruling, RuleVerdict)
                tables.setdefault(key, Counter())[ruling.verdict.value, theirs] += 1
    assert set(tables) == {"repeat", "paraphrase", "paraphrase-2", "answer"}
    for key, table in tables.items():
        assert agreement(table) >= 0.85, (key, dict(table))
