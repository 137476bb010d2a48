"""Harder questions about the micro world, and which of them only sentences answer.

Three kinds: *forward* (a thing's place, kind, colour or use), *backward* (the thing at a place, of
a kind, …, among things that share another property with it) and *combined* (the thing of a kind at
a place; each wrong choice fits one of the two). For a third of all (thing, relation) pairs the
answer stands in sentences only: no question about such a pair occurs in any training, forwards or
backwards, to be answered, repeated or paraphrased. Those are the test questions.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from sit_core.embedded import render
from sit_core.embedded.lexicon import Thing, english_a, too_near
from sit_core.embedded.phrasings import RELATIONS
from sit_core.embedded.world import HEADS, LETTERS, Fact, World, digest

SHARES = {"forward": 40, "backward": 32, "combined": 28}
"""Kind of question → its share."""
COMBINED = (
    "Which of these is {kind} {in}?",
    "What here is {kind} that belongs {in}?",
    "Which {v} can you find {in}?",
    "What would you see {in} that is {kind}?",
    "If you look for {kind} {in}, what do you find?",
    "If you are {in}, which of these is {kind}?",
)
"""In pairs of paraphrases, as `phrasings.Relation.english`."""
BACK_USE = (
    "What helps you to {v}?",
    "Which of these do you need to {v}?",
    "What do you use when you {v}?",
    "What would people use to {v}?",
    "If you want to {v}, what do you take?",
    "Which of these is made to {v}?",
)
BACK_COLOUR = (
    "Which of these is {v}?",
    "What here has the colour {v}?",
    "What comes in {v}?",
    "What would you paint {v}?",
    "If you look for something {v}, what do you find?",
    "Which of these do people know as {v}?",
)
BACK_KIND = (
    "Which of these is {kind}?",
    "What here belongs to the group {v}?",
    "What is an example of {kind}?",
    "Which of these would you call {kind}?",
    "Which word stands for {kind}?",
    "If you look for {kind}, what do you take?",
)
SAID_BACK = {
    "place": "{In} you find {a}.",
    "kind": "An example of {kind} is {a}.",
    "colour": "Something {v} is {a}.",
    "use": "To {v} you need {a}.",
}
"""Relation → a sentence that begins with the value."""
SAID_BOTH = ("{A} is {kind} that you find {in}.", "{In} there is {kind}: {a}.")
CHOICES = 5


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """One question in one phrasing, with its choices."""

    kind: str
    """``forward``, ``backward`` or ``combined``."""
    relation: str
    """``place``, ``kind``, ``colour`` or ``use``; of combined ones ``kind+place``."""
    thing: str
    answer: str
    phrasing: int
    """0 to 5; its paraphrase is the other of its pair (0 and 1, 2 and 3, 4 and 5)."""
    choices: tuple[str, ...]

    @property
    def paraphrase(self) -> "QuizQuestion":
        """The same question in the other phrasing of its pair."""
        return replace(self, phrasing=self.phrasing ^ 1)


def sentences_only(world: World, thing: str, relation: str) -> bool:
    """Whether the answer to this pair stands in sentences only; true of a third of them.

    A combined pair is one where either of its two is: asking it would give that one away.
    """
    if relation == "kind+place":
        return any(sentences_only(world, thing, one) for one in ("kind", "place"))
    return digest(world.seed, f"quiz/{relation}/{thing}") % 3 == 0


def question(world: World, rng: random.Random, *, held: bool) -> QuizQuestion:
    """A question of training, or one about a pair that training never asks about."""
    while True:
        kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
        thing = rng.choice(list(world.lexicon.things))
        relation = _relation(world, rng, kind, thing)
        if sentences_only(world, thing, relation) != held:
            continue
        wrong = _WRONG[kind](world, rng, thing, relation)
        if len(wrong) == CHOICES - 1:
            fact = Fact(relation, thing, value_of(world, thing, relation))
            answer = fact.value if kind == "forward" else thing
            choices = [answer, *wrong]
            rng.shuffle(choices)
            return QuizQuestion(kind, relation, thing, answer, rng.randrange(6), tuple(choices))


def value_of(world: World, thing: str, relation: str) -> str:
    """The value of a relation; of a combined one the kind."""
    known = world.lexicon.things[thing]
    return {"place": known.place, "kind": known.kind, "kind+place": known.kind}.get(
        relation, known.look
    )


def ask(world: World, asked: QuizQuestion) -> str:
    """The question's sentence alone."""
    return _filled(world, _templates(asked)[asked.phrasing], asked.thing, asked.relation)


def full(world: World, asked: QuizQuestion) -> str:
    """The question with its choices, as CommonsenseQA has them."""
    head, tail = HEADS["english"]
    choices = ", ".join(f"{x}:{c}" for x, c in zip(LETTERS, asked.choices, strict=True))
    return f"{head}: {ask(world, asked)}\n{tail}: {choices}"


def sentences(world: World, rng: random.Random) -> str:
    """Some facts as running text: all of one thing, or of several; held-out pairs among them."""
    about_one = rng.random() < 0.5
    name = rng.choice(list(world.lexicon.things))
    said = []
    for _ in range(rng.randint(3, 6)):
        thing = name if about_one else rng.choice(list(world.lexicon.things))
        relation = rng.choice(("place", "kind", look_of(world, thing), "kind+place"))
        if relation == "kind+place":
            template = rng.choice(SAID_BOTH)
        else:
            template = rng.choice((*RELATIONS[relation].statements, SAID_BACK[relation]))
        said.append(_filled(world, template, thing, relation))
    return " ".join(said)


def look_of(world: World, thing: str) -> str:
    """``colour`` or ``use``, whichever the thing has."""
    known = world.lexicon.things[thing].look
    return "colour" if known in world.lexicon.colours else "use"


def _relation(world: World, rng: random.Random, kind: str, thing: str) -> str:
    if kind == "combined":
        return "kind+place"
    return rng.choice(("place", "kind", look_of(world, thing)))


def _templates(asked: QuizQuestion) -> tuple[str, ...]:
    if asked.kind == "combined":
        return COMBINED
    if asked.kind == "forward":
        return RELATIONS[asked.relation].english
    return {
        "place": RELATIONS["thing-at"].english,
        "kind": BACK_KIND,
        "colour": BACK_COLOUR,
        "use": BACK_USE,
    }[asked.relation]


def _filled(world: World, template: str, thing: str, relation: str) -> str:
    if relation != "kind+place":
        fact = Fact(relation, thing, value_of(world, thing, relation))
        return render.fill(world, template, fact, "english")
    known = world.lexicon.things[thing]
    place = world.word(known.place).form("english", "in")
    a = english_a(thing)
    return template.format(
        a=a,
        A=a[0].upper() + a[1:],
        kind=english_a(known.kind),
        v=known.kind,
        **{"in": place, "In": place[0].upper() + place[1:]},
    )


def _forward(world: World, rng: random.Random, thing: str, relation: str) -> list[str]:
    value = value_of(world, thing, relation)
    table = {
        "place": world.lexicon.places,
        "kind": world.lexicon.kinds,
        "colour": world.lexicon.colours,
        "use": world.lexicon.uses,
    }[relation]
    near = too_near(value)
    return rng.sample([v for v in table if v not in near], CHOICES - 1)


def _backward(world: World, rng: random.Random, thing: str, relation: str) -> list[str]:
    """Things that don't fit; first those of its kind, or of its place where the kind is asked."""
    known = world.lexicon.things[thing]
    near = too_near(value_of(world, thing, relation))

    def fits(of: Thing) -> bool:
        return {"place": of.place, "kind": of.kind}.get(relation, of.look) in near

    def alike(of: Thing) -> bool:
        return of.place == known.place if relation == "kind" else of.kind == known.kind

    return _first_alike(world, rng, fits, alike)


def _combined(world: World, rng: random.Random, thing: str, relation: str) -> list[str]:
    """Two things of the kind elsewhere, two at the place of another kind, as far as there are."""
    known = world.lexicon.things[thing]
    kinds, places = too_near(known.kind), too_near(known.place)
    things = world.lexicon.things.items()
    same_kind = [n for n, t in things if t.kind == known.kind and t.place not in places]
    same_place = [n for n, t in things if t.place == known.place and t.kind not in kinds]
    of_place = rng.sample(same_place, min(2, len(same_place)))
    rest = CHOICES - 1 - len(of_place)
    return of_place + rng.sample(same_kind, min(rest, len(same_kind)))


def _first_alike(
    world: World,
    rng: random.Random,
    fits: Callable[[Thing], bool],
    alike: Callable[[Thing], bool],
) -> list[str]:
    wrong = [(n, t) for n, t in world.lexicon.things.items() if not fits(t)]
    rng.shuffle(wrong)
    wrong.sort(key=lambda pair: not alike(pair[1]))
    return [n for n, _ in wrong[: CHOICES - 1]]


_WRONG: dict[str, Callable[[World, random.Random, str, str], list[str]]] = {
    "forward": _forward,
    "backward": _backward,
    "combined": _combined,
}
