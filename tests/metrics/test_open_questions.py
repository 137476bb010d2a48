"""Repeat, paraphrase and answer where the input offers no choices: each case stands for a kind."""

from typing import Any

import pytest

from sit_core.metrics.copied_words import places_in
from sit_core.metrics.following import following
from sit_core.metrics.output_units import source_of, units_of
from sit_core.metrics.paraphrase import verdict_on
from sit_core.metrics.rules import RuleVerdict
from sit_core.records import Example, Verdict
from sit_core.tasks import steps_named

PLAIN = "First do what is asked, then answer."
WHY = "Why do owls hunt at night?"
OWLS = (
    "The barn at Holm Farm was put up in 1921 by two cousins. It held hay until a storm took the "
    "roof off. For years only owls lived there. A carpenter from Ry now lets it to painters."
)
ASKED = f"{OWLS}\n\nQuestion: Who lets the barn today?"
ROPES = "Tom cuts a rope of 18 m into 6 equal parts. He sells 4 of them. How many metres are left?"
GUESTS = "The room was tiny and the shower never got warm during our stay."
SLIP = "Him and me goes to the lake every Sundays."
LIST = "plum, kiwi, date, grape, lemon"
LINES = "- nails\n- glue\n- paint\n- tape\n- rope"
ES = "El tren sale de Cuenca a las nueve. Llega a Jaén por la tarde. ¿A qué hora sale el tren?"
DE = "Warum ist der Himmel am Abend rot?"
ZH = "黄河发源于巴颜喀拉山，流入渤海。它的水里有很多泥沙。问题：黄河流入哪里？"
AR = "تعمل ليلى معلمة في قرية قرب الجبل. تمشي إلى المدرسة كل يوم. أين تعمل ليلى؟"
HI = "गंगा हिमालय से निकलती है। यह बंगाल की खाड़ी में गिरती है। गंगा कहाँ से निकलती है?"
RU = "Анна живёт в Омске. Она работает врачом в больнице. Где живёт Анна?"
CODE = "function add(a, b) {\n  let sum = a - b;\n  return sum;\n}"
TRAM = "By tram and on foot she goes. How does Lena travel to her office in town?"
NOTE = "Ann Berg, room 14, 9 May, broken lamp, second request"


def verdicts(output: str, tasks: str, text: str, instruction: str = PLAIN, **more: Any) -> str:
    example = Example(instruction, text, steps=steps_named(tasks.split(",")), **more)
    found = following(output, example)
    return " ".join(r.verdict.value if isinstance(r, RuleVerdict) else "?" for r in found.values())


R_A = "repeat,answer"


@pytest.mark.parametrize(
    ("text", "output", "expected"),
    [
        # a repetition and whatever else is said
        (WHY, f"{WHY}\nBecause mice are about then.", "yes yes yes"),
        (WHY, f"{WHY} Because mice are about then.", "yes yes yes"),
        (WHY, f"{WHY} - Mice are about then.", "yes yes yes"),
        (WHY, f'"{WHY}" Because mice are about then.', "yes yes yes"),
        (WHY, f"You wrote: “{WHY}”\n\nOwls hunt at night because mice are about then.",
         "yes yes yes"),
        (WHY, f"**{WHY}**\n\n**Mice are about.**", "yes yes yes"),
        (WHY, f"Repeat: {WHY} Answer: Mice are about.", "yes yes yes"),
        (WHY, f"### Step 1: Repetition\n{WHY}\n\n### Step 2: Answer\nMice are about.",
         "yes yes yes"),
        (WHY, f'{{"input": "{WHY}", "answer": "Mice are about."}}', "yes yes yes"),
        (WHY, f'{{"input": "{WHY}", "response": "Mice are about."}}', "yes yes yes"),
        (WHY, f"Mice are about then.\n\n{WHY}", "yes yes no"),
        (WHY, f"Answer: Mice are about then.\nInput: {WHY}", "yes yes no"),
        (WHY, "Owls hunt at night because mice are about then.", "no yes unsure"),
        (WHY, "Mice", "no yes unsure"),
        (ASKED, f"{ASKED}\n\nA carpenter from Ry.", "yes yes yes"),
        (ASKED, f"{ASKED} A carpenter.", "yes yes yes"),
        (ASKED, f"> {OWLS}\n>\n> Question: Who lets the barn today?\n\nA carpenter", "yes yes yes"),
        (ASKED, f"{ASKED.replace('1921', '1912').replace('tiny', 'small')}\nA carpenter.",
         "yes yes yes"),
        (ASKED, f"Passage: {OWLS}\nSome words between.\nWho lets the barn today?\nA carpenter.",
         "yes yes yes"),
        (ROPES, f"{ROPES}\n\n18 / 6 = 3, and 2 x 3 = 6.", "yes yes yes"),
        (ROPES, f"{ROPES} 6", "yes yes yes"),
        (GUESTS, f"{GUESTS}\nNegative", "yes yes yes"),
        (GUESTS, f"{GUESTS} → negative", "yes yes yes"),
        (LIST, f"{LIST}\n\ndate, grape, kiwi, lemon, plum", "yes yes yes"),
        (LINES, f"{LINES}\n\n- glue\n- nails\n- paint\n- rope\n- tape", "yes yes yes"),
        (CODE, f"```js\n{CODE}\n```\n\nIt subtracts instead of adding.", "yes yes yes"),
        # other languages, one line too
        (ES, f"{ES} El tren sale a las nueve.", "yes yes yes"),
        (ES, f"Por supuesto. El texto dice: «{ES}» Respuesta: a las nueve.", "yes yes yes"),
        (DE, f"Die Frage lautet: „{DE}“ Das blaue Licht wird gestreut.", "yes yes yes"),
        (ZH, f"{ZH}渤海。", "yes yes yes"),
        (ZH, f"好的，原文如下：\n{ZH}\n答案：渤海", "yes yes yes"),
        (AR, f"{AR} في قرية قرب الجبل.", "yes yes yes"),
        (AR, f"النص: {AR}\nالإجابة: في قرية", "yes yes yes"),
        (HI, f"{HI} हिमालय से", "yes yes yes"),
        (RU, f"{RU}\n\nОтвет: в Омске", "yes yes yes"),
        (RU, "В Омске.", "no yes unsure"),
    ],
)  # fmt: skip
def test_what_is_said_beside_a_repetition_is_the_answer(
    text: str, output: str, expected: str
) -> None:
    assert verdicts(output, R_A, text) == expected


@pytest.mark.parametrize(
    ("text", "output", "expected"),
    [
        (WHY, WHY, "yes no unsure"),
        (WHY, f"{WHY}\nAnswer:", "yes no unsure"),
        (WHY, f"{WHY}\n\nThe answer is:", "yes no unsure"),
        (WHY, f"{WHY} " * 4 + "Why do owls", "yes no unsure"),
        (WHY, f"{WHY}\n\nNow I will answer the question.", "yes no unsure"),
        (WHY, f"{WHY}\n\nWould you like me to answer it?", "yes no unsure"),
        (WHY, f"{WHY}\n\nLet me know if I should answer this.", "yes no unsure"),
        (WHY, f"{WHY}\n\nI'm sorry, I can't answer that.", "yes no unsure"),
        (WHY, f"{WHY}\n\nWhich kind of owl do you mean?", "yes no unsure"),
        (WHY, f"{WHY}\nI'm sorry, I can't answer that. My knowledge of birds is small.",
         "yes no unsure"),
        (WHY, "Sure! Please share the input.", "no no unsure"),
        (WHY, "The question asks why owls hunt at night.", "no no unsure"),
        (WHY, "For what reason are owls out after dark?", "no no unsure"),
        (ASKED, ASKED, "yes no unsure"),
        (ASKED, f"{ASKED}\n{ASKED}\n{OWLS[:80]}", "yes no unsure"),
        (ROPES, f"{ROPES} {ROPES} {ROPES[:50]}", "yes no unsure"),
        (LINES, f"{LINES}\n\n{LINES}", "yes no unsure"),
        (GUESTS, GUESTS, "yes no unsure"),
        (GUESTS, f"Here is the review:\n\n{GUESTS}\n\nHere is the sentiment:", "yes no unsure"),
        (CODE, f"```\n{CODE}\n```", "yes no unsure"),
        (ES, f"{ES}\n\nSi quieres, puedo responder a la pregunta.", "yes no unsure"),
        (ES, f"{ES}\nLo siento, no puedo responder.", "yes no unsure"),
        (DE, f"{DE}\n\nIch werde die Frage nun beantworten.", "yes no unsure"),
        (DE, f"{DE}\n\nMöchten Sie, dass ich die Frage beantworte?", "yes no unsure"),
        (ZH, f"{ZH}\n\n抱歉，我无法回答这个问题。", "yes no unsure"),
        (ZH, f"{ZH}\n\n需要我回答这个问题吗？", "yes no unsure"),
        (AR, f"{AR}\n\nعذرًا، لا أستطيع الإجابة.", "yes no unsure"),
        (RU, f"{RU}\n\nК сожалению, я не могу ответить.", "yes no unsure"),
        (HI, f"{HI}\n\nक्षमा करें, मैं उत्तर नहीं दे सकता।", "yes no unsure"),
    ],
)  # fmt: skip
def test_copies_announcements_and_asking_back_are_no_answer(
    text: str, output: str, expected: str
) -> None:
    assert verdicts(output, R_A, text) == expected


@pytest.mark.parametrize(
    ("text", "output", "expected"),
    [
        # a part of it
        (ASKED, "Question: Who lets the barn today?\nA carpenter.", "partly yes yes"),
        (ASKED, "Who lets the barn today? A carpenter from Ry lets it to painters.",
         "partly yes yes"),
        (ASKED, f"{OWLS[:120]}\n\nA carpenter.", "partly yes yes"),
        (ASKED, f"{OWLS}\nA carpenter.", "yes yes yes"),
        (ASKED, f"{'. '.join(OWLS.split('. ')[:2])}. Who lets the barn today?\n\nSomebody from Ry.",
         "partly yes yes"),
        (ES, "¿A qué hora sale el tren? Sale a las nueve.", "partly yes yes"),
        # what a text is about
        (ASKED, "This text is about a barn at Holm Farm and its owners.", "no unsure unsure"),
        (ASKED, "This text is about a barn.\nA carpenter lets it.", "no yes unsure"),
        # a sentence of the passage, picked
        (ASKED, "A carpenter from Ry now lets it to painters.", "no yes unsure"),
        (ASKED, "Answer: A carpenter from Ry now lets it to painters.", "no yes unsure"),
        (ASKED, f"{ASKED}\n\nA carpenter from Ry now lets it to painters.", "yes yes yes"),
        (AR, f"{AR} تعمل ليلى معلمة في قرية قرب الجبل.", "yes yes yes"),
        (ASKED, "Who lets the barn today?\nA carpenter from Ry now lets it to painters.",
         "partly yes yes"),
        # pieced together out of the question and the passage
        (TRAM, "How does Lena travel to her office in town? Lena can travel to her office in town "
         "by tram and on foot.", "partly yes yes"),
        # the facts in a text of its own
        (NOTE, "Dear Sir or Madam,\n\nthis is my second request: the lamp in room 14 is broken. "
         "Could somebody come on 9 May?\n\nAnn Berg", "no yes unsure"),
        (ASKED, "In 1921 two cousins put up a barn at Holm Farm; owls lived there for years, and "
         "a carpenter from Ry lets it now.", "no yes unsure"),
        (GUESTS, "The guest is unhappy since the room was tiny and the shower was cold.",
         "no yes unsure"),
        (ROPES, "Each part is 18 / 6 = 3 m. He sells 4 of them, so 2 parts, 6 m, are left.",
         "no yes unsure"),
        (LIST, "date, grape, kiwi, lemon, plum", "no yes unsure"),
    ],
)  # fmt: skip
def test_how_much_stands_there_in_runs_of_words(text: str, output: str, expected: str) -> None:
    assert verdicts(output, R_A, text) == expected


@pytest.mark.parametrize(
    ("text", "ask", "output", "expected"),
    [
        (SLIP, "Repeat the sentence and correct it.", "He and I go to the lake every Sunday.",
         "no yes unsure"),
        (SLIP, "Repeat the sentence and correct it.", f"{SLIP}\nHe and I go to the lake every "
         "Sunday.", "yes yes yes"),
        ("She go to the lake every day.", "Repeat the sentence and correct it.",
         "She go to the lake every day.\nShe goes to the lake every day.", "yes yes yes"),
        ("She go to the lake every day.", "Repeat the sentence and correct it.",
         "She goes to the lake every day.", "no yes unsure"),
        ("we met in paris last may", "Repeat the text, then fix its capital letters.",
         "we met in paris last may\nWe met in Paris last May.", "yes yes yes"),
        (CODE, "Repeat the code, then fix it.",
         f"{CODE}\n\n{CODE.replace('a - b', 'a + b')}", "yes yes yes"),
        ("Owls hunt mice.", "Repeat the sentence, then write a question about it.",
         "Owls hunt mice.\nWhat do owls hunt?", "yes yes yes"),
        ("My flat is cold.", "Repeat the message, then reply to it.",
         "My flat is cold.\n\nI'm having the heating checked tomorrow.", "yes yes yes"),
    ],
)  # fmt: skip
def test_a_changed_text_or_a_question_may_be_what_is_asked_for(
    text: str, ask: str, output: str, expected: str
) -> None:
    assert verdicts(output, R_A, text, ask) == expected


@pytest.mark.parametrize(
    ("source", "said", "expected"),
    [
        # a copy goes on behind what it has, where the same words stand twice
        ("a b c k l m o a b c n", "k l m a b c", [3, 4, 5, 7, 8, 9]),
        ("a b c k l m o a b c n", "a b c k l m a b c", [0, 1, 2, 3, 4, 5, 7, 8, 9]),
        # a slip within a run
        ("he left on that day for home", "he left on the day", [0, 1, 2, -1, 4]),
        ("he left on that day for home", "he left on the very cold day", [0, 1, 2, -1, -1, -1, 4]),
    ],
)
def test_words_have_their_place_in_the_input(source: str, said: str, expected: list[int]) -> None:
    assert places_in(source.split(), said.split()) == expected


P_A = "paraphrase,answer"
NEW_WHY = "What makes owls go hunting after dark?"
NEW_ROPES = (
    "Tom has an 18 m rope, makes six pieces of the same length out of it and sells four. What "
    "length remains?"
)
NEW_OWLS = (
    "Two cousins built the Holm Farm barn in 1921, and hay was stored in it until its roof flew "
    "off in a storm. Afterwards just owls stayed in it. These days a Ry carpenter rents it out to "
    "people who paint."
)
COLD = (
    "The room was tiny, the shower never got warm during our stay, and nobody came when we called."
)
LETTER = "The answer to our letter was short and the tone of it was cold."
NEW_GUESTS = "Our room was very small, and there was no hot water in the shower the whole time."


@pytest.mark.parametrize(
    ("text", "output", "expected"),
    [
        (WHY, f"{NEW_WHY}\nMice are about.", "yes yes yes"),
        (WHY, f"{NEW_WHY} Mice are about.", "yes yes yes"),
        (WHY, f"Paraphrase: {NEW_WHY}\nAnswer: Mice.", "yes yes yes"),
        (WHY, f"In other words: {NEW_WHY} Answer: Mice.", "yes yes yes"),
        (WHY, f"Sure! Here's another way to put it:\n\n\"{NEW_WHY}\"\n\nMice are about.",
         "yes yes yes"),
        (WHY, "Explain why owls go hunting after dark.\n\nMice are about.", "yes yes yes"),
        (WHY, f"Mice.\n{NEW_WHY}", "yes yes no"),
        (WHY, NEW_WHY, "yes no unsure"),
        (WHY, f"{NEW_WHY}\n" * 4, "yes no unsure"),
        (WHY, "Mice are about.", "no yes unsure"),
        (WHY, "Owls hunt at night since mice are about.", "no yes unsure"),
        (WHY, f"{WHY}\nMice.", "no yes unsure"),
        (WHY, "Which owls do you mean?", "no no unsure"),
        (WHY, "I can't paraphrase this.", "no no unsure"),
        (ROPES, f"{NEW_ROPES}\n\n6 m", "yes yes yes"),
        (ROPES, f"{NEW_ROPES} Answer: 6 m", "yes yes yes"),
        (ROPES, "Each part is 3 m long. Two of them are left, so 6 m remain.", "no yes unsure"),
        (ROPES, "6", "no yes unsure"),
        (ASKED, f"{NEW_OWLS} Who is it that rents the barn out?\n\nA carpenter.", "yes yes yes"),
        (ASKED, f"{NEW_OWLS}\n\nWho is it that rents the barn out?\n\nA carpenter.", "yes yes yes"),
        (ASKED, "Who is the barn rented out by?\n\nA carpenter from Ry.", "partly yes yes"),
        (ASKED, "A carpenter from Ry lets it.", "no yes unsure"),
        (ASKED, f"{NEW_OWLS}\n\nAnswer: a carpenter", "yes yes yes"),
        (GUESTS, f"{NEW_GUESTS}\nNegative", "yes yes yes"),
        (GUESTS, f"{NEW_GUESTS} Negative.", "yes yes yes"),
        (GUESTS, f"{NEW_GUESTS}\n\nThe sentiment is negative.", "yes yes yes"),
        (GUESTS, "Negative. The room was small and the shower was cold.", "no yes unsure"),
        (GUESTS, "The sentiment of this review is negative because the room was small.",
         "no yes unsure"),
        (GUESTS, f"Paraphrase: {NEW_GUESTS} Sentiment: negative", "yes yes yes"),
        (GUESTS, f'{{"paraphrase": "{NEW_GUESTS}", "sentiment": "negative"}}', "yes yes yes"),
        (GUESTS, NEW_GUESTS, "yes no unsure"),
        (GUESTS, f"{NEW_GUESTS}\n\n{NEW_GUESTS[:28]}", "yes no unsure"),
        (ROPES, f"{NEW_ROPES}\n\nTom has an 18 m rope, makes six pieces", "yes no unsure"),
        # hardly other words, and hardly all of it
        (WHY, "Why do birds hunt at night?\nMice are about.", "partly yes yes"),
        (COLD, "There was little room and a cold shower.\nNegative", "partly yes yes"),
        # the input itself has such words
        (LETTER, "Their reply was brief, and the tone of it felt frosty.\nNegative", "yes yes yes"),
        (ES, "El tren parte de Cuenca a las nueve y por la tarde está en Jaén. ¿Cuándo parte? "
         "A las nueve.", "yes yes yes"),
        (DE, "Aus welchem Grund färbt sich der Himmel abends rot?\nDas blaue Licht wird gestreut.",
         "yes yes yes"),
        (DE, "Umformulierung: Wieso wird der Abendhimmel rot? Antwort: Das Licht wird gestreut.",
         "yes yes yes"),
        ("猫为什么怕水？", "猫怕水的原因是什么？\n因为它们的毛湿了很难干。", "yes yes yes"),
        ("猫为什么怕水？", "因为它们的毛湿了很难干。", "no yes unsure"),
    ],
)  # fmt: skip
def test_a_paraphrase_says_the_input_and_stands_apart_from_the_answer(
    text: str, output: str, expected: str
) -> None:
    assert verdicts(output, P_A, text) == expected


@pytest.mark.parametrize(
    ("tasks", "text", "output", "expected"),
    [
        ("repeat,paraphrase,answer", WHY, f"{WHY}\n{NEW_WHY}\nMice.", "yes yes yes yes"),
        ("repeat,paraphrase,answer", WHY, f"{WHY} {NEW_WHY} Mice.", "yes yes yes yes"),
        ("repeat,paraphrase,answer", WHY, f"{WHY}\n{WHY}\nMice.", "yes no yes yes"),
        ("repeat,paraphrase,answer", WHY, f"{WHY}\nMice are about.", "yes no yes yes"),
        ("repeat,paraphrase,answer", WHY, f"{WHY}\n{NEW_WHY}", "yes yes no yes"),
        ("repeat,paraphrase,answer", WHY, f"{NEW_WHY}\nMice.", "no yes yes yes"),
        ("repeat,paraphrase,answer", WHY, f"{NEW_WHY}\n{WHY}\nMice.", "yes yes yes no"),
        ("repeat,paraphrase,answer", WHY, f"{WHY}\n" * 5 + "Why do", "yes no no unsure"),
        ("repeat,paraphrase,answer", GUESTS, f"{GUESTS}\n{NEW_GUESTS}\nNegative.",
         "yes yes yes yes"),
        ("repeat,paraphrase,answer", GUESTS, f"{GUESTS} {NEW_GUESTS} Negative.",
         "yes yes yes yes"),
        ("repeat,paraphrase,answer", ROPES, f"{ROPES}\n{NEW_ROPES}\n18 / 6 x 2 = 6",
         "yes yes yes yes"),
        ("repeat,paraphrase,answer", ASKED, f"{ASKED}\n\n{NEW_OWLS} Who rents it out?\n\nA "
         "carpenter.", "yes yes yes yes"),
        ("paraphrase,repeat,answer", WHY, f"{NEW_WHY}\n{WHY}\nMice.", "yes yes yes yes"),
        ("paraphrase,repeat,paraphrase,answer", WHY,
         f"{NEW_WHY}\n{WHY}\nWhat is it that makes owls nocturnal hunters?\nMice.",
         "yes yes yes yes yes"),
        ("paraphrase,repeat,paraphrase,answer", WHY, f"{NEW_WHY}\n{WHY}\nMice.",
         "yes yes no yes yes"),
        ("paraphrase,repeat,paraphrase,answer", WHY, f"{WHY}\n{NEW_WHY}\nMice.",
         "no yes yes yes yes"),
        ("paraphrase,repeat,paraphrase,answer", WHY,
         f"Paraphrase: {NEW_WHY} Repeat: {WHY} Paraphrase: {NEW_WHY} Answer: Mice.",
         "yes yes yes yes yes"),
        ("paraphrase,repeat,paraphrase,answer", GUESTS,
         f"{NEW_GUESTS}\n{GUESTS}\nA cold shower and far too little space: that was our stay.\n"
         "Negative", "yes yes yes yes yes"),
    ],
)  # fmt: skip
def test_parts_go_to_the_steps_by_kind_and_order(
    tasks: str, text: str, output: str, expected: str
) -> None:
    assert verdicts(output, tasks, text) == expected


FAIR = (
    "The river froze in January 1880. Skaters came from as far as Hull. A "
    "fair stood on the ice for "
    "ten days.\nQuestion: How long did the fair last?"
)
SHAPES = [
    (
        R_A,
        FAIR,
        'First, repeat the input: "The river froze in January 1880. Skaters '
        "came from as far as Hull. A fair stood on the ice for ten days. "
        'Question: How long did the fair last?" Then, the answer: ten days',
        "yes yes yes",
    ),
    (
        R_A,
        FAIR,
        "The river froze in January 1880. Skaters came from as far as Hull. A "
        "fair stood on the ice for ten days. Question: How long did the fair "
        "last? Ten days",
        "yes yes yes",
    ),
    (R_A, FAIR, "Ten days.", "no yes unsure"),
    (R_A, FAIR, "The fair lasted for ten days on the ice.", "no yes unsure"),
    (R_A, FAIR, "A fair stood on the ice for ten days.", "no yes unsure"),
    (
        R_A,
        FAIR,
        "The river froze in January 1880. Skaters came from as far as Hull.",
        "partly no unsure",
    ),
    (
        R_A,
        FAIR,
        "Input: The river froze in January 1880. Skaters came from as far as "
        "Hull. A fair stood on the ice for ten days.\nQuestion: How long did "
        "the fair last?\nOutput: ten days",
        "yes yes yes",
    ),
    (
        R_A,
        FAIR,
        "How long did the fair last? How long did the fair last? How long did the fair last?",
        "partly no unsure",
    ),
    (R_A, FAIR, "Step 1: Repeat the input.\nStep 2: Answer the question.", "no no unsure"),
    (R_A, FAIR, "1. Repeat the input\n2. Answer the question", "no no unsure"),
    (R_A, FAIR, "I will first repeat the input and then answer the question.", "no no unsure"),
    (
        R_A,
        "Write an e-mail to Jo: meeting on 3 June, 10:00, room 5, bring the plans.",
        "Write an e-mail to Jo: meeting on 3 June, 10:00, room 5, bring the "
        "plans.\n\nDear Jo,\nour meeting is on 3 June at 10:00 in room 5. Please "
        "bring the plans.\nBest",
        "yes yes yes",
    ),
    (
        R_A,
        "Write an e-mail to Jo: meeting on 3 June, 10:00, room 5, bring the plans.",
        "Dear Jo,\n\nour meeting is on 3 June at 10:00 in room 5. Please bring "
        "the plans.\n\nBest regards",
        "no yes unsure",
    ),
    (
        R_A,
        "¿Cuántas patas tiene una araña?",
        "¿Cuántas patas tiene una araña? Una araña tiene ocho patas.",
        "yes yes yes",
    ),
    (
        R_A,
        "¿Cuántas patas tiene una araña?",
        "Pregunta: ¿Cuántas patas tiene una araña? Respuesta: ocho",
        "yes yes yes",
    ),
    (R_A, "¿Cuántas patas tiene una araña?", "¿Cuántas patas tiene una araña? ocho", "yes yes yes"),
    (R_A, "كم عدد أرجل العنكبوت؟", "كم عدد أرجل العنكبوت؟ للعنكبوت ثماني أرجل.", "yes yes yes"),
    (
        R_A,
        "كم عدد أرجل العنكبوت؟",
        "السؤال هو: كم عدد أرجل العنكبوت؟ الإجابة هي ثمانية.",
        "yes yes yes",
    ),
    (R_A, "كم عدد أرجل العنكبوت؟", "كم عدد أرجل العنكبوت؟\nهل تريد أن أجيب؟", "yes no unsure"),
    (R_A, "मकड़ी के कितने पैर होते हैं?", "मकड़ी के कितने पैर होते हैं? आठ", "yes yes yes"),
    (R_A, "蜘蛛有几条腿？", "蜘蛛有几条腿？八条。", "yes yes yes"),
    (R_A, "蜘蛛有几条腿？", "问题：蜘蛛有几条腿？\n回答：八条", "yes yes yes"),
    (R_A, "蜘蛛有几条腿？", "八条腿。", "no yes unsure"),
    (R_A, "What is 17 x 3?", "What is 17 x 3?\n\n51", "yes yes yes"),
    (R_A, "What is 17 x 3?", "What is 17 x 3? = 51", "yes yes yes"),
    (R_A, "What is 17 x 3?", "17 x 3 = 51", "no yes unsure"),
    (R_A, "17 x 3", "17 x 3 = 51", "yes yes yes"),
    (R_A, "Dogs bark.", "Dogs bark. True.", "yes yes yes"),
    (R_A, "Dogs bark.", "Dogs bark.\nDogs bark.\nDogs bark.", "yes no unsure"),
    (R_A, "Dogs bark.", "The statement that dogs bark is true.", "no yes unsure"),
    (R_A, "Why is rust red?", "Why is rust red?\n\nI don't know.", "yes no unsure"),
    (R_A, "Why is rust red?", "Why is rust red?\n\nThat is a great question!", "yes no unsure"),
    (R_A, "Why is rust red?", "Why is rust red?\n\nAnswer: Because", "yes yes yes"),
    (
        R_A,
        "Why is rust red?",
        "Why is rust red? Why is rust red? Because of iron oxide.",
        "yes yes yes",
    ),
    (
        R_A,
        "Why is rust red?",
        "| Step | Output |\n|---|---|\n| Repeat | Why is rust red? |\n| Answer | Iron oxide |",
        "yes yes yes",
    ),
    (
        R_A,
        "Why is rust red?",
        "<repeat>Why is rust red?</repeat>\n<answer>Iron oxide</answer>",
        "yes yes yes",
    ),
    (R_A, "Why is rust red?", '{"repeat": "Why is rust red?", "answer": null}', "yes no unsure"),
    (
        R_A,
        "Why is rust red?",
        '{\n  "repeat": "Why is rust red?",\n  "answer": "Iron oxide"\n}',
        "yes yes yes",
    ),
    (R_A, "Why is rust red?", "Q: Why is rust red?\nA: Iron oxide", "yes yes yes"),
    (R_A, "Why is rust red?", "Why is rust red — iron oxide.", "yes yes yes"),
    (
        R_A,
        "name: Ann\nage: 41\ntown: Ry",
        "name: Ann\nage: 41\ntown: Ry\n\nAnn is 41 and lives in Ry.",
        "yes yes yes",
    ),
    (R_A, "name: Ann\nage: 41\ntown: Ry", "Ann, who is 41, lives in Ry.", "no yes unsure"),
    (P_A, "Why is rust red?", "What gives rust its red colour? Iron oxide.", "yes yes yes"),
    (P_A, "Why is rust red?", "(1) What gives rust its red colour? (2) Iron oxide.", "yes yes yes"),
    (P_A, "Why is rust red?", "What gives rust its red colour?", "yes no unsure"),
    (P_A, "Why is rust red?", "Rust is red because of iron oxide.", "no yes unsure"),
    (
        P_A,
        "Why is rust red?",
        "The question is about the colour of rust.\nIron oxide.",
        "no yes unsure",
    ),
    (
        P_A,
        FAIR,
        "In January 1880 the river was covered with ice, people came from Hull "
        "to skate and there was a fair for ten days. What was the length of "
        "the fair? Ten days.",
        "yes yes yes",
    ),
    (
        P_A,
        FAIR,
        "In January 1880 the river was covered with ice, people came from Hull "
        "to skate and there was a fair for ten days.\n\nTen days.",
        "yes yes yes",
    ),
    (P_A, FAIR, "For what time did the fair go on? Ten days", "partly yes yes"),
    (
        P_A,
        "The film was a waste of two hours.",
        "I lost two hours with that film.\nSentiment: negative",
        "yes yes yes",
    ),
    (P_A, "The film was a waste of two hours.", "Negative", "no yes unsure"),
    (
        P_A,
        "The film was a waste of two hours.",
        "I lost two hours with that film. -> negative",
        "yes yes yes",
    ),
    (P_A, "The film was a waste of two hours.", "The review is negative.", "no yes unsure"),
    (
        P_A,
        "El coche no arranca cuando hace frío.",
        "Con bajas temperaturas el coche no se pone en marcha.\nPrueba la batería.",
        "yes yes yes",
    ),
    (
        P_A,
        "Der Kuchen ist angebrannt, weil der Ofen zu heiß war.",
        "Weil der Ofen zu viel Hitze hatte, ist der Kuchen verbrannt.\n\nUrsache",
        "yes yes yes",
    ),
    (
        "repeat,paraphrase,answer",
        "¿Cuántas patas tiene una araña?",
        "¿Cuántas patas tiene una araña? ¿Qué número de patas posee una araña? Ocho.",
        "yes yes yes yes",
    ),
    (
        "repeat,paraphrase,answer",
        "كم عدد أرجل العنكبوت؟",
        "كم عدد أرجل العنكبوت؟ كم رجلا يمتلك العنكبوت؟ ثمانية.",
        "yes yes yes yes",
    ),
    (
        "repeat,paraphrase,answer",
        "What is 17 x 3?",
        "Repeat: What is 17 x 3?\nParaphrase: How much is 17 times 3?\nAnswer: 51",
        "yes yes yes yes",
    ),
    (
        "repeat,paraphrase,answer",
        "What is 17 x 3?",
        "What is 17 x 3?\nHow much is three times seventeen?\n51",
        "yes yes yes yes",
    ),
    (
        "paraphrase,repeat,paraphrase,answer",
        "The river froze in January 1880. Skaters came from as far as Hull. A "
        "fair stood on the ice for ten days. Question: How long did the fair "
        "last?",
        "For how many days was there a fair?\nThe river froze in January 1880. "
        "Skaters came from as far as Hull. A fair stood on the ice for ten "
        "days.\nQuestion: How long did the fair last?\nWhat was the fair's "
        "length?\nTen days",
        "partly yes partly yes yes",
    ),
    (
        "paraphrase,paraphrase,answer",
        "Why is rust red?",
        "What gives rust its red colour?\nWhat is the cause of the redness of rust?\nIron oxide",
        "yes yes yes yes",
    ),
]
"""Each in another shape: tables, tags, JSON, arrows, one line; and in other languages."""


@pytest.mark.parametrize(("tasks", "text", "output", "expected"), SHAPES)
def test_the_shape_of_an_output_makes_no_difference(
    tasks: str, text: str, output: str, expected: str
) -> None:
    assert verdicts(output, tasks, text) == expected


@pytest.mark.parametrize(
    ("replaced", "verdict"),
    [(0, Verdict.NO), (1, Verdict.NO), (3, Verdict.PARTLY), (8, Verdict.YES)],
)
def test_so_many_words_of_twenty_make_a_copy_a_paraphrase(replaced: int, verdict: Verdict) -> None:
    text = (
        "Every morning the old ferry brings milk, letters and a dozen children from three small "
        "islands across to the quiet market town."
    )
    new = ["day", "ancient", "boat", "carries", "mail", "some", "tiny", "over"]
    old = ["morning", "old", "ferry", "brings", "letters", "three", "small", "across"]
    said = text
    for word, other in list(zip(old, new, strict=True))[:replaced]:
        said = said.replace(word, other)
    source = source_of(text)
    assert verdict_on(units_of(said, source), source, None)[0] == verdict
