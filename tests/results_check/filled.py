"""A store with everything that a board counts: five systems, repeated prompts, people, judges."""

import random
from collections.abc import Sequence

from sqlalchemy import insert, select, update

from sit_core.metrics.following import RULE_JUDGE
from sit_core.metrics.registry import Options, score_predictions
from sit_core.records import Example, Prediction, Step, chain
from sit_core.store import Store
from sit_core.store.schema import predictions, run_errors, runs, unusable
from sit_core.store.scores import read_outputs, save_scores
from sit_core.store.seed import SeedContent, add_runs
from tests.factories import judge, judge_id, make_study
from tests.results.test_leaderboard import fight, say

JUDGE, COMPARING = "seqeval · m · 123456", "duel · m · 123456"
SYSTEMS = ("a", "b", "c", "d", "e")
OF_THE_OTHER_SET = ("f", "g")
SET, OTHER_SET = "choices", "rivers"
METRICS = ("accuracy", "rouge-l", "following")
WORDS = [
    "river",
    "stone",
    "garden",
    "lamp",
    "winter",
    "paper",
    "engine",
    "market",
    "yellow",
    "bridge",
]


def asked(rng: random.Random, number: int) -> Example:
    """A question with choices, to be repeated first."""
    options = rng.sample(WORDS, 4)
    listed = ", ".join(f"{'ABCD'[i]}:{word}" for i, word in enumerate(options))
    text = f"Question: Where is number {number}, the {rng.choice(WORDS)}?\nChoices: {listed}"
    steps = chain([Step("repeat", "R", expected=text), Step("answer", "A")])
    return Example(
        "First repeat the input, then answer the question.",
        text,
        steps=steps,
        reference=rng.choice("ABCD"),
        meta={"iteration": number % 3 + 1},
    )


def other_asked(rng: random.Random, number: int) -> Example:
    """A question without choices, of another prompt set with another chain."""
    text = f"Il fiume {number} scorre sotto il ponte di {rng.choice(WORDS)}. Dove scorre?"
    steps = chain([Step("translate", "T", expected=f"River {number}."), Step("answer", "A")])
    instruction = "Translate the input into English, then answer the question."
    return Example(instruction, text, steps=steps, reference=f"the bridge of {rng.choice(WORDS)}")


def reply(rng: random.Random, example: Example, skill: float) -> str:
    """What a model of that skill may write."""
    if not example.input.startswith("Question"):
        right = example.reference or ""
        said = right.upper() if rng.random() < skill else "the sea"
        return f"River {rng.randint(0, 9)}.\n\nAnswer: {said}"
    letter = example.reference if rng.random() < skill else rng.choice("ABCD")
    parts = [example.input, f"The answer is {letter}."]
    luck = rng.random()
    if luck < 0.1:
        return ""
    if luck < 0.2:
        parts = [example.input[: rng.randint(20, 60)]]
    elif luck < 0.3:
        parts = ["The answer is A or B."]
    elif luck > skill:
        parts = parts[1:]
    return "\n\n".join(parts)


def fill(store: Store, seed: int = 0, prompts: int = 24, *, apart: bool = False) -> None:
    """Put it all into an empty store; ``apart``: the LLM judge sees great differences."""
    rng = random.Random(seed)
    one = [asked(rng, i) for i in range(prompts)]
    other = [other_asked(rng, i) for i in range(prompts // 2)]
    made: list[Prediction] = []
    for place, run in enumerate((*SYSTEMS, *OF_THE_OTHER_SET)):
        questions = one if run in SYSTEMS else other
        for i, example in enumerate(questions):
            if run == "e" and i % 7 == 0:
                continue  # not every system has an output for every prompt
            several = 1 + (i % 5 == 0) + (i % 10 == 0) if place % 2 == 0 else 1
            for ordinal in range(several):
                text = reply(rng, example, 0.3 + 0.14 * place)
                made.append(Prediction(run, example, text, ordinal))
    sets = dict.fromkeys(SYSTEMS, SET) | dict.fromkeys(OF_THE_OTHER_SET, OTHER_SET)
    add_runs(store, SeedContent(made, "for tests", sets=sets))
    ids = {run: [p.id for p in made if p.run == run] for run in (*SYSTEMS, *OF_THE_OTHER_SET)}
    _ended(store, rng, ids)
    _scored(store)
    _people(store, rng, ids)
    _llm(store, rng, ids, apart)


def _ended(store: Store, rng: random.Random, ids: dict[str, list[str]]) -> None:
    """Some outputs were cut or refused, some prompts have none."""
    with store.write() as connection:
        for run, outputs in ids.items():
            for output in outputs:
                outcome = rng.choice(["complete", "complete", "cut", "refused", None])
                connection.execute(
                    update(predictions).where(predictions.c.id == output).values(outcome=outcome)
                )
            number = connection.scalar(select(runs.c.id).where(runs.c.name == run))
            example = connection.scalar(
                select(predictions.c.example_id).where(predictions.c.id == outputs[0])
            )
            connection.execute(
                insert(run_errors).values(
                    run_id=number,
                    example_id=example,
                    ordinal=9,
                    row=999,
                    reason="the endpoint failed",
                    created_at=1.0,
                )
            )


def _scored(store: Store) -> None:
    options = Options()
    for run in (*SYSTEMS, *OF_THE_OTHER_SET):
        made = list(score_predictions(read_outputs(store, [run]), METRICS, options))
        save_scores(store, made, {metric: options.how(metric) for metric in METRICS}, RULE_JUDGE)


def _people(store: Store, rng: random.Random, ids: dict[str, list[str]]) -> None:
    """Two annotators who often differ in one study; one of them again, later, in another."""
    make_study(store, "people", ["a", "b", "c"], annotators=2)
    make_study(store, "again", ["b"], annotators=1)
    for study, runs_, names, when in (
        ("people", "abc", ("ann", "bob"), 1_700_000_000.0),
        ("again", "b", ("ann",), 1_700_000_500.0),
    ):
        for run in runs_:
            for output in _firsts(store, ids[run]):
                for name in names:
                    if rng.random() < 0.8:
                        verdicts = {"repeat": _verdict(rng), "answer": _verdict(rng)}
                        judge(store, study, output, name, verdicts, at=when + rng.random() * 60)
                    if rng.random() < 0.15:
                        judge(store, study, output, name, {"repeat": _verdict(rng)}, at=when + 90)


def _firsts(store: Store, outputs: Sequence[str]) -> list[str]:
    query = select(predictions.c.id).where(
        predictions.c.id.in_(outputs), predictions.c.ordinal == 0
    )
    with store.read() as connection:
        return list(connection.scalars(query.order_by(predictions.c.row)))


def _verdict(rng: random.Random) -> str:
    return rng.choice(["yes", "yes", "yes", "partly", "no", "no", "unsure"])


def _llm(store: Store, rng: random.Random, ids: dict[str, list[str]], apart: bool) -> None:
    """A judge of all tasks together (of d: step by step), with replies that say nothing."""
    for run in "abce":
        said = ["yes", "yes", "no", "partly", "unsure", "?", ""]
        if apart:
            said += 20 * ["no" if run in "ab" else "yes"]
        verdicts = [rng.choice(said) for _ in ids[run]]
        ratings = [rng.choice([None, 1, 2, 3, 4, 5, 5]) for _ in ids[run]]
        say(store, ids[run], verdicts, ratings, by=JUDGE)
    number = judge_id(store, JUDGE, "llm")
    for output in ids["d"]:
        judge(store, None, output, JUDGE, {"repeat": _verdict(rng)}, kind="llm")
        if rng.random() < 0.7:
            judge(store, None, output, JUDGE, {"answer": _verdict(rng)}, kind="llm")
        else:
            with store.write() as connection:
                connection.execute(
                    insert(unusable).values(
                        prediction_id=output,
                        judge_id=number,
                        step="answer",
                        reason="no verdict in the reply",
                        reply="hm",
                        created_at=1.0,
                    )
                )
    of_b = _firsts(store, ids["b"])
    for run in "ac":
        outcomes = [1.0, 1.0, 0.0, 0.5, None]
        pairs = [
            (own, other, rng.choice(outcomes), rng.choice(outcomes))
            for own, other in zip(_firsts(store, ids[run]), of_b, strict=True)
        ]
        fight(store, pairs[:-3], by=COMPARING)
