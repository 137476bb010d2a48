"""Who reads the kinds: spaCy where it and an English model are installed, else the simple rule.

spaCy's package comes with ``pip install spacy``; its English models are not on the package index,
so they are added by hand (`HOW_TO_ADD`). Nothing is ever fetched from here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sit_core.errors import UsageError
from sit_core.metrics.verb_noun.clauses import clauses
from sit_core.metrics.verb_noun.rule import VerbNoun, kind_of_clause, question
from sit_core.records import Unparsed

HOW_TO_ADD = (
    "For spaCy's parser instead: pip install spacy, then python -m spacy download en_core_web_sm "
    "on a machine with the network (or pip install the model's wheel from spaCy's releases)."
)
Kinds = tuple[VerbNoun, ...] | Unparsed


@dataclass(frozen=True, slots=True)
class KindReader:
    """One way of finding kinds."""

    name: str
    """``rule``, or ``spacy`` with its model: ``spacy en_core_web_sm 3.8.0``."""
    label: str
    """One sentence for whoever looks at the figure."""
    read: Callable[[Iterable[str]], Iterator[Kinds]]
    """Instructions → their kinds, in the same order."""


def kind_reader(name: str = "auto") -> KindReader:
    """The reader that is asked for.

    Args:
        name: ``rule``, ``spacy``, or ``auto``: spaCy where it can be had.

    Raises:
        UsageError: there is no such reader, or spaCy can't be had.
    """
    if name not in ("auto", "rule", "spacy"):
        raise UsageError(f"Expected auto, rule or spacy for who reads kinds, but found {name!r}.")
    model = None if name == "rule" else _english_model()
    if model is not None:
        return _spacy_reader(model)
    if name == "spacy":
        raise UsageError(f"spaCy or its English model is not installed. {HOW_TO_ADD}")
    return RULE


def _by_rule(instructions: Iterable[str]) -> Iterator[Kinds]:
    for instruction in instructions:
        found = [kind for clause in clauses(instruction) if (kind := kind_of_clause(clause))]
        yield tuple(found) or unfit(instruction)


RULE = KindReader(
    "rule",
    "Found by a simple rule: the first verb that tells what to do, and the head of the words "
    f"behind it. {HOW_TO_ADD}",
    _by_rule,
)


def unfit(instruction: str) -> Unparsed:
    """Why an instruction has no kind.

    >>> unfit(" "), unfit("?!")
    (Unparsed(reason='there is no instruction'), Unparsed(reason='there is no word in it'))
    """
    if not instruction.strip():
        return Unparsed("there is no instruction")
    if not any(character.isalpha() for character in instruction):
        return Unparsed("there is no word in it")
    return Unparsed("no verb that tells what to do, and no question")


def _english_model() -> str | None:
    """The first English model that is installed; None without it or without spaCy."""
    try:
        from spacy.util import get_installed_models
    except ImportError:
        return None
    return next((name for name in sorted(get_installed_models()) if name.startswith("en_")), None)


@lru_cache(maxsize=1)
def _spacy_reader(model: str) -> KindReader:
    import spacy

    nlp = spacy.load(model, exclude=["ner"])
    version = str(nlp.meta.get("version", ""))
    return parser_reader(nlp, f"spacy {model} {version}".strip())


def parser_reader(nlp: Any, name: str) -> KindReader:
    """A reader by a spaCy pipeline.

    Args:
        nlp: with ``pipe(texts)``, whose tokens have ``dep_``, ``pos_``, ``lemma_``, ``children``.
        name: what the reader is called.
    """

    def read(instructions: Iterable[str]) -> Iterator[Kinds]:
        for instruction in instructions:
            parts = clauses(instruction)
            asked = [question(part) for part in parts]
            docs = iter(nlp.pipe([p for p, q in zip(parts, asked, strict=True) if q is None]))
            found = [kind_by_parser(next(docs)) if q is None else q for q in asked]
            kept = tuple(kind for kind in found if kind is not None)
            yield kept or unfit(instruction)

    return KindReader(
        name, f"Found by a parser: {name}, the root verb and its direct object.", read
    )


def kind_by_parser(doc: Any) -> VerbNoun | None:
    """The first root that is a verb, with its direct object; None where no root is one."""
    for token in doc:
        if token.dep_ != "ROOT" or token.pos_ not in ("VERB", "AUX"):
            continue
        objects = [child for child in token.children if child.dep_ in ("dobj", "obj")]
        named = [child for child in objects if child.pos_ in ("NOUN", "PROPN")]
        noun = named[0].lemma_.lower() if named else None
        return VerbNoun(token.lemma_.lower(), noun)
    return None
