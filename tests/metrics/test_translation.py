"""Translations told by what was translated: made-up outputs, and careful readings of real ones."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sit_core.metrics.alignment import words
from sit_core.metrics.following import following
from sit_core.metrics.rules import RuleVerdict
from sit_core.metrics.segment import OutputSegment, split_output
from sit_core.records import IN_ORDER, Example, Step, chain
from sit_core.results.agreement import cohen_kappa

EN = (
    "Context: Grey herons sleep in the reeds along quiet lakes. In winter many of them fly to "
    "warmer coasts in the south. Young birds learn to fish within eight weeks. Old fishermen near "
    "Toledo still tell stories about their silver feathers.\nQuestion: Where do grey herons sleep?"
)
ES = (
    "Context: Las garzas grises duermen en los juncos junto a lagos tranquilos. En invierno muchas "
    "vuelan a costas más cálidas del sur. Las crías aprenden a pescar en ocho semanas. Los viejos "
    "pescadores cerca de Toledo aún cuentan historias sobre sus plumas de plata.\n"
    "Question: ¿Dónde duermen las garzas grises?"
)
FULL = (
    "The grey herons sleep in reeds beside quiet lakes. During winter many fly to warmer coasts "
    "in the south. Young birds learn fishing in eight weeks. Old fishermen near Toledo still tell "
    "stories about the silver feathers."
)
ANSWER = "Grey herons sleep in the reeds."


def judged(output: str, text: str = ES, expected: str | None = EN, **more: Any) -> str:
    steps = chain([Step("translate", "T", expected=expected), Step("answer", "A")])
    ask = more.pop("instruction", "First translate the input into English, then answer.")
    found = following(output, Example(ask, text, steps=steps))
    return " ".join(r.verdict.value if isinstance(r, RuleVerdict) else "?" for r in found.values())


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (f"{FULL}\nAnswer: in the reeds", "yes yes yes"),
        (f"{FULL} So the answer is: in the reeds.", "yes yes yes"),
        (f"Translation: {FULL} {ANSWER}", "yes yes yes"),
        (f"{ANSWER}\n{FULL}", "yes yes no"),
        (f"{ANSWER} {FULL} {ANSWER}", "yes yes no"),
        (FULL, "yes partly unsure"),
        (ANSWER, "no yes unsure"),
        ("In the reeds.", "no yes unsure"),
        (f"The answer is in the reeds. I translated the context into English. {ANSWER}",
         "no yes unsure"),
        (f"Translation:\n{ES}\n{ANSWER}", "no yes unsure"),
        ("Where do grey herons sleep?\nAnswer: in the reeds", "partly yes yes"),
        ("They are shy birds. Nobody knows much of them. Where do grey herons sleep?",
         "no yes unsure"),
        (f"{FULL} Where do they sleep?\nSorry, I can't say where grey herons sleep. "
         "Some grey herons sleep in trees.", "yes partly yes"),
        (f"{ANSWER} Old fishermen near Toledo still tell stories about their feathers of silver.",
         "partly yes no"),
        ((ANSWER + " ") * 40, "no yes unsure"),
        ("Las garzas duermen en los juncos.", "no yes unsure"),
        ("I'm sorry, I can't help with that.", "no no unsure"),
        ("", "no no unsure"),
    ],
)  # fmt: skip
def test_where_the_translation_is_known(output: str, expected: str) -> None:
    assert judged(output) == expected


def test_line_breaks_make_no_difference() -> None:
    for gap in (" ", "\n", "\n\n", "\n \n"):
        said = gap.join([*re.split(r"(?<=\.) ", FULL), "Answer: in the reeds."])
        assert judged(said) == "yes yes yes"


def test_wrong_names_and_numbers_make_no_difference() -> None:
    wrong = FULL.replace("Toledo", "Brest").replace("eight", "12")
    assert judged(f"{wrong}\nAnswer: in the reeds") == "yes yes yes"


def test_a_loop_counts_once() -> None:
    one = "Young birds learn fishing in eight weeks. "
    assert judged(f"{ANSWER} {one * 30}").startswith("partly")


def test_an_answer_that_says_a_sentence_in_short_comes_first_where_the_sentence_follows() -> None:
    assert judged(f"Herons sleep in the reeds of quiet places. {FULL}") == "yes yes no"


def test_words_strewn_over_a_free_account_are_no_translation() -> None:
    others = [
        "trains",
        "music",
        "bread",
        "money",
        "ships",
        "dogs",
        "houses",
        "cities",
        "planes",
        "books",
        "doctors",
        "kitchens",
    ]
    others += [
        "tables",
        "fields",
        "apples",
        "mountains",
        "wine",
        "glass",
        "stone",
        "paper",
        "horses",
        "shoes",
        "chairs",
    ]
    others += [
        "bottles",
        "letters",
        "islands",
        "queens",
        "garlic",
        "tigers",
        "clouds",
        "lamps",
        "ladders",
        "bricks",
    ]
    others += [
        "hammers",
        "rivers",
        "kettles",
        "violins",
        "deserts",
        "pillows",
        "candles",
        "marbles",
        "tunnels",
    ]
    spread = iter(["young", "birds", "learn", "fish", "eight", "weeks"])
    said = [
        w for n, o in enumerate(others) for w in ((next(spread, ""), o) if n % 7 == 3 else (o,))
    ]
    assert judged(f"{ANSWER} It has {' '.join(' '.join(said).split())}.").startswith("no yes")


def test_facts_in_another_order_are_a_part() -> None:
    said = " ".join(reversed(re.split(r"(?<=\.) ", FULL)))
    assert judged(f"{said}\nAnswer: in the reeds").startswith("partly yes")


def test_each_part_is_the_text_for_its_step() -> None:
    steps = chain([Step("translate", "T", expected=EN), Step("answer", "A")])
    parts = split_output(f"{FULL} Answer: in the reeds.", Example("…", ES, steps=steps))
    translation, answer = parts["translate"], parts["answer"]
    assert isinstance(translation, OutputSegment)
    assert isinstance(answer, OutputSegment)
    assert translation.text == FULL
    assert answer.text == "Answer: in the reeds."


RAIL_EN = (
    "Context: The broad gauge of the coast railway measures 1,600 mm. The mountain railway keeps a "
    "narrow gauge of 760 mm with steep curves. Inland lines of the railway were converted to "
    "standard gauge after the war.\nQuestion: What gauge does the coast railway have?"
)
RAIL_ES = (
    "Context: El ancho de vía del ferrocarril de la costa mide 1600 mm. El ferrocarril de montaña "
    "conserva un ancho de vía estrecho de 760 mm con curvas cerradas. Las líneas del interior del "
    "ferrocarril se convirtieron al ancho estándar tras la guerra.\n"
    "Question: ¿Qué ancho de vía tiene el ferrocarril de la costa?"
)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("The gauge of the coast railway is 1600 mm. The mountain railway has a narrow gauge of "
         "760 mm and steep curves. The railway's inland lines were converted to standard gauge "
         "after the war.", "yes"),
        ("The gauge of the coast railway is 1600 mm. The inland lines of this railway were "
         "converted to a standard gauge after the war.", "partly"),
        ("The coast railway has a broad gauge that measures 1600 mm.", "no"),
    ],
)  # fmt: skip
def test_a_text_that_takes_up_the_question_again_and_again_is_no_answer(
    output: str, expected: str
) -> None:
    assert judged(output, RAIL_ES, RAIL_EN).split()[0] == expected


def test_a_sentence_of_the_text_may_use_the_words_of_the_task() -> None:
    expected = (
        "Context: Stable budgets provide schools with calm. Quiet rooms support early readers. "
        "Many towns close libraries on Mondays.\nQuestion: What closes on Mondays?"
    )
    output = (
        "Budgets that are stable provided the schools with calm. Quiet rooms give support to "
        "early readers.\nAnswer: libraries"
    )
    assert judged(output, ES, expected).split()[0] == "yes"


def test_another_language_can_be_asked_for() -> None:
    ask = "First translate the input into Spanish, then answer."
    spanish = ES.replace("Context: ", "").replace("Question: ", "")
    assert judged(spanish, EN, ES, instruction=ask).startswith("yes")
    assert judged(FULL, EN, ES, instruction=ask).startswith("no")


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (f"{FULL} Where do grey herons sleep?\nAnswer: in the reeds", "yes"),
        (ES, "no"),
        ("In the reeds.", "no"),
        ("They may well be found in reeds, at least in the summer, but nobody knows.", "unsure"),
    ],
)
def test_where_it_is_not_known_signs_tell_it_or_nothing(output: str, expected: str) -> None:
    assert judged(output, expected=None).split()[0] == expected


def test_names_and_numbers_tell_where_the_translation_is_not_known() -> None:
    text = (
        "El 4 de mayo Ana Vidal ganó 300 euros en Toledo. En 1998 compró a Luis Rey 12 caballos. "
        "Con 47 años vendió la finca Monte Alto por 9000 euros."
    )
    told = (
        "On 4 May Ana Vidal won 300 euros in Toledo. In 1998 she bought 12 horses from Luis Rey. "
        "At 47 she sold the estate Monte Alto for 9000 euros."
    )
    assert judged(f"{told}\nAnswer: 12", text, None).startswith("yes")
    assert judged("She bought some horses and was happy ever after with them.", text, None)[:2] in (
        "no",
        "un",
    )


DE = (
    "Die alte Mühle steht am Ufer eines schmalen Baches. Jeden Morgen holt der Müller dort sein "
    "Wasser. Im Winter friert das Rad fest und die Kinder rutschen darüber. "
    "Was holt der Müller jeden Morgen?"
)
IN_ENGLISH = (
    "The old mill stands on the bank of a narrow brook. Every morning the miller fetches his water "
    "there. In winter the wheel freezes and the children slide over it. "
    "What does the miller fetch every morning?"
)
MILL = IN_ENGLISH.removesuffix(" What does the miller fetch every morning?")
LINES = DE.replace(". ", ".\n")


@pytest.mark.parametrize("known", [None, IN_ENGLISH])
@pytest.mark.parametrize(
    ("output", "translated", "answered"),
    [
        (f"Translation: {DE}", "no", "no"),
        (f"Translation:\n{LINES}", "no", "no"),
        (f"Here is the translation:\n\n{LINES}", "no", "no"),
        (f"English:\n{LINES}\n{LINES[: LINES.index('.')]}.", "no", "no"),
        ("\n".join([LINES] * 4), "no", "no"),
        ("\n".join([LINES[: LINES.index(".") + 1]] * 7), "no", "no"),
        (f"Translation: {DE[:130]}", "no", "no"),
        (f"Translation: {DE[:34]}", "no", "no"),
        (f"{MILL}\nDie alte Mühle", "yes", "yes"),
        (f"{MILL}\nOriginal:\n{LINES}", "yes", "none"),
        (f"{MILL}\nHis water.\nOriginal text:\n{LINES}", "yes", "yes"),
        (f"His water.\nTranslation:\n{LINES}", "no", "yes"),
        (f"Translation:\n{LINES}\nHis water.", "no", "yes"),
        (f"Translation:\n{LINES}\nAntwort: sein Wasser", "no", "yes"),
        (f"{MILL}\nDer Müller holt dort sein Wasser.", "yes", "yes"),
        (f"{MILL}\nAnswer: Jeden Morgen holt der Müller dort sein Wasser.", "yes", "yes"),
    ],
)
def test_the_input_in_its_own_language_is_neither_translation_nor_answer(
    output: str, translated: str, answered: str, known: str | None
) -> None:
    found = judged(output, DE, known).split()
    assert found[0] == translated
    # where nothing but the translation is left, the answer may stand in it
    assert found[1] in (("no", "partly") if answered == "none" else (answered,))


FILES = ("llama-7b-baseline.es", "llama-7b-seq-it.es", "llama-7b-seq-it.zh")
NAMES = ("Quorin", "Vassel", "Tarnby", "Oluwek", "Mirpan", "Zedlock", "Harfen", "Yolanth")
Row = tuple[dict[str, Any], str, str, str, str]
"""Readers' verdicts, input, output, English context, English question."""


def english(folder: Path, language: str) -> dict[tuple[str, str], tuple[str, str]]:
    def questions(code: str) -> Iterator[tuple[str, str, str]]:
        data = json.loads((folder / f"xquad/xquad.{code}.json").read_bytes())["data"]
        for article in data:
            for passage in article["paragraphs"]:
                for q in passage["qas"]:
                    yield q["id"], passage["context"], q["question"]

    known = {key: (context, question) for key, context, question in questions("en")}
    return {
        (context.replace("\ufeff", "").strip(), question.strip()): known[key]
        for key, context, question in questions(language)
    }


def rows(folder: Path, name: str) -> list[Row]:
    gold = json.loads((folder / f"gold/{name}.json").read_bytes())
    said = (folder / f"xquad_outputs/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    known = english(folder, name.rsplit(".", 1)[1])
    found: list[Row] = []
    for reading in gold:
        row = json.loads(said[reading["row"]])
        context, question = row["input"].split("\nQuestion:", 1)
        context = context.replace("Context:", "", 1).replace("\ufeff", "").strip()
        pair = known[context, question.strip()]
        found.append((reading["agreed"], row["input"], row["output"], *pair))
    return found


def shuffled(text: str, rng: random.Random) -> str:
    sentences = re.split(r"(?<=[.!?]) +", text)
    rng.shuffle(sentences)
    return " ".join(sentences)


def renamed(text: str, known: dict[str, str]) -> str:
    """Other names and numbers, the same for the same."""
    made: list[str] = []
    last = 0
    for i, j in words(text):
        word = text[i:j]
        begins = i == 0 or text[max(0, i - 2) : i].strip()[-1:] in ("", ".", "!", "?", ":")
        if word.isdigit():
            new = known.setdefault(word, str(int(word[:9]) * 7 % 10 ** len(word[:9]) + 1))
        elif word[0].isupper() and len(word) > 2 and word.isascii() and not begins:
            new = known.setdefault(word, f"{NAMES[len(known) % len(NAMES)]}{len(known)}")
        else:
            continue
        made += [text[last:i], new]
        last = j
    return "".join([*made, text[last:]])


def figures(folder: Path, change: str = "") -> dict[str, Any]:
    pairs: dict[str, list[tuple[str, str]]] = {"translate": [], IN_ORDER: [], "answer": []}
    unsure: Counter[str] = Counter()
    for name in FILES:
        for agreed, text, output, context, question in rows(folder, name):
            if change == "names":
                known: dict[str, str] = {}
                context, question, output = (renamed(t, known) for t in (context, question, output))
            if change == "shuffled":
                context = shuffled(context, random.Random(1))
            expected = f"Context: {context}\nQuestion: {question}"
            steps = chain([Step("translate", "T", expected=expected), Step("answer", "A")])
            found = following(output, Example("First translate, then answer.", text, steps=steps))
            said = {k: r.verdict.value for k, r in found.items() if isinstance(r, RuleVerdict)}
            for key, letter in (("translate", "T"), (IN_ORDER, "order"), ("answer", "A")):
                theirs, ours = agreed[letter], said[key]
                if theirs is None or (key == IN_ORDER and theirs not in ("yes", "no")):
                    continue
                if ours == "unsure":
                    unsure[key] += 1
                elif key == "translate":
                    pairs[key].append(tuple("no" if v == "no" else "done" for v in (theirs, ours)))
                else:
                    pairs[key].append((theirs, ours))
    return {"pairs": pairs, "unsure": unsure}


def kappa(pairs: list[tuple[str, str]]) -> float:
    found = cohen_kappa(Counter(pairs))
    assert found is not None
    return found


def test_the_bars_on_the_careful_readings(real_data: Path) -> None:
    found = figures(real_data)
    pairs, unsure = found["pairs"], found["unsure"]
    assert kappa(pairs["translate"]) >= 0.75
    assert kappa(pairs[IN_ORDER]) >= 0.75
    answers = pairs["answer"]
    assert sum(a == b for a, b in answers) >= 0.95 * len(answers)
    assert not unsure["translate"]
    assert unsure[IN_ORDER] < 0.1 * (unsure[IN_ORDER] + len(pairs[IN_ORDER]))


@pytest.mark.parametrize("change", ["names", "shuffled"])
def test_the_translation_is_told_by_its_words(real_data: Path, change: str) -> None:
    assert kappa(figures(real_data, change)["pairs"]["translate"]) >= 0.7


@pytest.mark.parametrize("code", ["ar", "hi", "th", "ru", "el", "tr", "vi", "de"])
def test_languages_that_were_not_looked_at(real_data: Path, code: str) -> None:
    """English made from the parallel text, with noise; answers alone; copies in the language."""
    rng = random.Random(code)
    known = list(english(real_data, code).items())
    right: Counter[str] = Counter()
    for (context, question), (told, asked) in rng.sample(known, 25):
        text = f"Context: {context}\nQuestion: {question}"
        noisy = " ".join(w for w in renamed(told, {}).split() if rng.random() > 0.15)
        answer = " ".join(asked.rstrip("?").split()[-4:])
        for want, output in (
            ("yes", f"{noisy}\nAnswer: {answer}."),
            ("no", f"{answer}."),
            ("no", f"{context}\nAnswer: {answer}."),
        ):
            said = judged(output, text, f"Context: {told}\nQuestion: {asked}").split()[0]
            right[want] += said == want
    assert right["yes"] >= 23
    assert right["no"] >= 47
