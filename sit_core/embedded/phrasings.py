"""How the micro world asks and states its facts, in three languages.

English phrasings come in pairs (0 and 1, 2 and 3, 4 and 5): each is the other's paraphrase. Spanish
and German have one phrasing per pair; its translation is the pair's first. Slots: ``{a}`` a thing
with its article (``{A}`` at the beginning of a sentence), ``{ein}``, ``{einen}`` and ``{einem}``
the German cases, ``{in}`` a place with its preposition, ``{v}`` the bare value.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Relation:
    """One sort of fact, and all ways to ask for it and to state it."""

    english: tuple[str, ...]
    """Six questions in three pairs."""
    spanish: tuple[str, ...]
    """Three questions, one per pair."""
    german: tuple[str, ...]
    statements: tuple[str, str] = ("", "")
    """Two sentences that say the same; empty where the relation only asks backwards."""
    spanish_statement: str = ""
    """Means the first statement, and so does the German one."""
    german_statement: str = ""
    backwards: bool = False
    """Whether the choices are things and the question names the value."""


RELATIONS: dict[str, Relation] = {
    "place": Relation(
        (
            "Where would you find {a}?",
            "In which place can you see {a}?",
            "Where does {a} belong?",
            "What is the usual place of {a}?",
            "If you look for {a}, where do you go?",
            "Where do people go to see {a}?",
        ),
        (
            "¿Dónde se encuentra {a}?",
            "¿Cuál es el lugar de {a}?",
            "Si buscas {a}, ¿adónde vas?",
        ),
        (
            "Wo findet man {einen}?",
            "Wohin gehört {ein}?",
            "Wenn man {einen} sucht, wohin geht man?",
        ),
        ("You find {a} {in}.", "{In} you find {a}."),
        "Se encuentra {a} {in}.",
        "Man findet {einen} {in}.",
    ),
    "kind": Relation(
        (
            "What kind of thing is {a}?",
            "To which group does {a} belong?",
            "What is {a}?",
            "Which word says what {a} is?",
            "{A} is an example of what?",
            "What would you call {a}?",
        ),
        ("¿Qué clase de cosa es {a}?", "¿Qué es {a}?", "¿De qué es un ejemplo {a}?"),
        ("Was für ein Ding ist {ein}?", "Was ist {ein}?", "Wofür ist {ein} ein Beispiel?"),
        ("{A} is {kind}.", "The word for {a} is {v}."),
        "{A} es {kind}.",
        "{Ein} ist {kind}.",
    ),
    "colour": Relation(
        (
            "What colour is {a}?",
            "Which colour does {a} have?",
            "How would you paint {a}?",
            "Which paint do you need for {a}?",
            "If you see {a}, which colour do you see?",
            "In which colour does {a} come?",
        ),
        ("¿De qué color es {a}?", "¿Cómo pintarías {a}?", "Si ves {a}, ¿qué color ves?"),
        (
            "Welche Farbe hat {ein}?",
            "Wie malt man {einen}?",
            "Wenn man {einen} sieht, welche Farbe sieht man?",
        ),
        ("{A} is {v}.", "The colour of {a} is {v}."),
        "{A} es de color {v}.",
        "{Ein} ist {v}.",
    ),
    "use": Relation(
        (
            "What can you do with {a}?",
            "What does {a} help you to do?",
            "What is {a} for?",
            "What is the purpose of {a}?",
            "Why do people have {a}?",
            "Why would somebody buy {a}?",
        ),
        (
            "¿Qué se puede hacer con {a}?",
            "¿Para qué sirve {a}?",
            "¿Por qué tiene la gente {a}?",
        ),
        (
            "Was kann man mit {einem} machen?",
            "Wozu dient {ein}?",
            "Warum haben Leute {einen}?",
        ),
        ("With {a} you can {v}.", "You can {v} with {a}."),
        "Con {a} se puede {v}.",
        "Mit {einem} kann man {v}.",
    ),
    "thing-at": Relation(
        (
            "What would you find {in}?",
            "Which of these can you see {in}?",
            "What belongs {in}?",
            "What is usual {in}?",
            "If you are {in}, what do you find?",
            "What do people see {in}?",
        ),
        ("¿Qué se encuentra {in}?", "¿Qué es propio de estar {in}?", "Si estás {in}, ¿qué ves?"),
        ("Was findet man {in}?", "Was gehört dazu {in}?", "Wenn man {in} ist, was sieht man?"),
        backwards=True,
    ),
    "thing-of": Relation(
        (
            "Which of these is {kind}?",
            "What here belongs to the group {v}?",
            "Which word means {kind}?",
            "Which word stands for {kind}?",
            "What is an example of {kind}?",
            "Which of these would you call {kind}?",
        ),
        ("¿Cuál de estos es {kind}?", "¿Qué palabra significa {kind}?", "¿Qué ejemplo hay de {v}?"),
        ("Was davon ist {kind}?", "Welches Wort bedeutet {kind}?", "Was ist ein Beispiel für {v}?"),
        backwards=True,
    ),
}
"""Name of the relation → its phrasings."""
