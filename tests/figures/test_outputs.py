"""What the Inspect page draws: texts whole and unchanged, each verdict where it belongs."""

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sit_core.figures.outputs import (
    DIFFER,
    SHOWN,
    beside_json,
    everything_else,
    hits_json,
    judges_json,
    said_in_words,
    scores_json,
    shared_verdicts,
    step_letters,
    text_json,
    text_notes,
)
from sit_core.live.step_marks import output_pieces
from sit_core.records import Example, JudgeKind, Step, Unparsed, chain
from sit_core.store import Store
from sit_core.store.browse import GivenVerdict, Hit
from sit_core.store.browse_sample import OtherOutput, get_output, other_outputs
from sit_core.store.judge_replies import ReplyAboutOutput
from tests.factories import REPEAT_ANSWER, judge, make_run, make_study, remark

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
HUMAN, LLM, RULE = JudgeKind.HUMAN, JudgeKind.LLM, JudgeKind.RULE


def joined(text: dict) -> str:
    return "".join(piece for piece, _ in text["pieces"])


def said(
    judge: str, step: str, verdict: str, kind: JudgeKind = HUMAN, current: bool = True
) -> GivenVerdict:
    return GivenVerdict(judge, kind, None, step, verdict, 1, 0.0, current)


@given(ANY_TEXT)
def test_a_text_arrives_as_it_is_but_for_halves_of_characters(text: str) -> None:
    drawn = text_json(text)
    whole = "".join("?" if "\ud800" <= c <= "\udfff" else c for c in text)
    assert joined(drawn) == whole
    json.dumps(drawn, ensure_ascii=False).encode()  # can be sent


@given(st.lists(st.tuples(st.text(), st.none() | st.integers(0, 3))))
def test_marked_pieces_joined_are_the_text(pieces: list[tuple[str, int | None]]) -> None:
    text = "".join(piece for piece, _ in pieces)
    drawn = text_json(text, pieces)
    assert joined(drawn) == text
    assert [tuple(one) for one in drawn["pieces"]] == [one for one in pieces if one[0]]


def test_a_very_long_text_is_cut_on_the_screen_and_that_is_said() -> None:
    drawn = text_json("ab" * SHOWN, [("ab" * 10, 0), ("ab" * (SHOWN - 10), None)])
    assert len(joined(drawn)) == SHOWN
    assert drawn["notes"] == [f"Of {2 * SHOWN:,} characters the first {SHOWN:,} are shown."]
    assert text_notes("\u202eabc\u200b") == ["Contains 2 invisible control characters."]


@given(
    st.text(max_size=200),
    st.text(max_size=80),
    st.lists(st.sampled_from(["repeat", "answer", "paraphrase", "translate"]), max_size=4),
)
def test_the_parts_of_an_output_joined_are_the_output(
    output: str, asked: str, tasks: list[str]
) -> None:
    steps = chain([Step(task, task[0].upper()) for task in tasks])
    pieces = output_pieces(output, Example("Do it.", asked, steps=steps))
    assert "".join(piece for piece, _ in pieces) == output
    assert {place for _, place in pieces} <= {None, *range(len(steps))}


def verdicts_of(given: Sequence[GivenVerdict]) -> dict[str, tuple[str, str]]:
    found = shared_verdicts(given, REPEAT_ANSWER)
    return {one["letter"]: (one["verdict"], one["by"]) for one in found}


def test_people_come_before_llm_judges_and_those_before_rules() -> None:
    rules = [said("rules", "repeat", "no", RULE), said("rules", "answer", "no", RULE)]
    assert verdicts_of(rules) == {"R": ("no", "rule"), "A": ("no", "rule")}
    judged = [*rules, said("gpt", "repeat", "partly", LLM)]
    assert verdicts_of(judged) == {"R": ("partly", "LLM judge"), "A": ("no", "rule")}
    judged.append(said("ann", "repeat", "yes"))
    assert verdicts_of(judged) == {"R": ("yes", "person"), "A": ("no", "rule")}


def test_most_judges_decide_and_a_tie_is_none() -> None:
    three = [said(name, "repeat", v) for name, v in zip("abc", ("no", "yes", "no"), strict=True)]
    assert verdicts_of(three) == {"R": ("no", "person")}
    assert verdicts_of(three[:2]) == {"R": (DIFFER, "person")}
    three[0] = said("a", "repeat", "no", current=False)
    assert verdicts_of(three[:2]) == {"R": ("yes", "person")}


def test_steps_that_the_example_does_not_ask_for_have_a_letter_too() -> None:
    found = shared_verdicts(
        [said("a", key, "yes") for key in ("in_order", "follow", "translate", "summarise")],
        REPEAT_ANSWER,
    )
    assert [(one["letter"], one["name"]) for one in found] == [
        ("⇣", "in the order asked"),
        ("All", "follow"),
        ("T", "translate"),
        ("S", "summarise"),
    ]


def test_the_list_numbers_its_hits_and_cuts_texts_to_a_line() -> None:
    hit = Hit("i", "m", 0, "do", "in\nput", "two\n\n lines " + "x" * 500, 511, steps=REPEAT_ANSWER)
    drawn = hits_json([hit, hit], 100, 102, 100, {"m": 3})
    assert [row["number"] for row in drawn["rows"]] == [101, 102]
    assert drawn["rows"][0]["text"].startswith("two lines xxx")
    assert len(drawn["rows"][0]["text"]) <= 180
    assert (drawn["rows"][0]["place"], drawn["rows"][0]["length"]) == (3, 511)
    assert said_in_words([said("a", "repeat", "yes"), said("b", "repeat", "no")]) == (
        "a: repeat yes · b: repeat no"
    )


def test_each_judge_has_one_card_with_revisions_notes_and_replies(sqlite_store: Store) -> None:
    store = sqlite_store
    (made, _) = make_run(store, "m", 2)
    make_study(store, "s", ["m"])
    judge(store, None, made, "rules-1", {"repeat": "no", "answer": "yes"}, kind="rule")
    judge(store, "s", made, "ann", {"repeat": "yes", "answer": "no"})
    judge(store, "s", made, "ann", {"repeat": "partly"})
    remark(store, "s", made, "ann", "first")
    remark(store, "s", made, "ann", "second", flagged=True)
    remark(store, "s", made, "ben", "only a note")
    view = get_output(store, made)
    replies = [
        ReplyAboutOutput("gpt", "follow", "yes", 4.0, "", "[[Yes]]"),
        ReplyAboutOutput("gpt", "", "", None, "no verdict in it", None, "other", 2),
    ]
    cards = judges_json(view, replies, lambda at: f"at {at:.0f}")
    assert [(one["judge"], one["kind"], one["study"]) for one in cards] == [
        ("ann", "person", "s"),
        ("ben", "person", "s"),
        ("gpt", "LLM judge", None),
        ("rules-1", "rule", None),
    ]
    ann = cards[0]
    assert [(one["letter"], one["verdict"], len(one["before"])) for one in ann["verdicts"]] == [
        ("R", "partly", 1),
        ("A", "no", 0),
    ]
    assert ann["verdicts"][0]["before"] == [{"verdict": "yes", "when": "at 1700000000"}]
    assert [(one["note"], one["flagged"], one["current"]) for one in ann["notes"]] == [
        ("second", True, True),
        ("first", False, False),
    ]
    assert [(one["about"], one["read"]) for one in cards[2]["replies"]] == [
        ("follow", "yes"),
        ("against other, as number 2", "unusable: no verdict in it"),
    ]
    assert json.loads(everything_else(view))["steps"] == ["repeat", "answer"]


def test_outputs_that_may_stand_beside_are_named_apart(sqlite_store: Store) -> None:
    (first, *_) = make_run(sqlite_store, "m", 2, per_example=2)
    make_run(sqlite_store, "other", 1)
    others = other_outputs(sqlite_store, get_output(sqlite_store, first))
    drawn = beside_json(others, "gone", {"m": 0, "other": 1})
    assert [(one["name"], one["place"], one["there"]) for one in drawn] == [
        ("m · output 2", 0, True),
        ("other", 1, True),
        ("gone", 0, False),
    ]
    assert beside_json([OtherOutput("i", "m", 0)], "m", {}) == [
        {"name": "m", "place": 0, "there": True}
    ]


def test_a_score_has_a_value_or_a_reason() -> None:
    drawn = scores_json([("f1", "", "", 0.5), ("f1", "x", "repeat", Unparsed("nothing there"))])
    assert [(one["step"], one["value"], one["reason"]) for one in drawn] == [
        ("all", "0.500", ""),
        ("repeat", None, "nothing there"),
    ]


def test_letters_used_twice_are_numbered() -> None:
    steps = chain([Step("repeat", "R"), Step("paraphrase", "P"), Step("repeat", "R")])
    assert {key: (one["letter"], one["kind"]) for key, one in step_letters(steps).items()} == {
        "repeat": ("R", "R"),
        "paraphrase": ("P", "P"),
        "repeat-2": ("R2", "R"),
    }
