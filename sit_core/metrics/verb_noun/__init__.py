"""What kind of thing an instruction asks for: its verb and that verb's noun.

The rule knows English only and no grammar: the first word that is told to be done, and the head of
the words behind it. `readers` has a parser's answer to the same question, where there is one.

An instruction of one task has one kind, its first clause's. A sequence, which is an instruction
with several clauses that each begin with something to do ("First …, then …", "… and explain …", or
one sentence after another), has a kind for every one of these. A question's verb is `QUESTION`; its
noun is what is asked for.
"""

from sit_core.metrics.verb_noun.readers import RULE, KindReader, Kinds, kind_reader
from sit_core.metrics.verb_noun.rule import QUESTION, VerbNoun

__all__ = ["QUESTION", "KindReader", "Kinds", "VerbNoun", "kind_reader", "kinds"]


def kinds(instruction: str) -> Kinds:
    """The kinds of an instruction, by the rule; one, or for a sequence one per clause.

    >>> [str(kind) for kind in kinds("Write a list of five short poems about rain.")]
    ['write → list']
    >>> [str(k) for k in kinds("First repeat the input, then name its two colours.")]
    ['repeat → input', 'name → colour']
    >>> [str(k) for k in kinds("Given a long text, find the verbs. Which river is the longest?")]
    ['find → verb', '(question) → river']
    >>> kinds("Ein Gedicht über den Regen, bitte.")
    Unparsed(reason='no verb that tells what to do, and no question')
    """
    return next(iter(RULE.read([instruction])))
