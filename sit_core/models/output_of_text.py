"""From what a model wrote to an output: thoughts apart, the outcome, and why where it is odd."""

from dataclasses import replace

from sit_core.models.endpoint.responses import EndpointReply
from sit_core.models.interface import KEEP, Generated, GenerationSettings
from sit_core.records import Outcome
from sit_core.thoughts import joined, split_thoughts

ONLY_THOUGHTS = "it is nothing but thoughts"
ONLY_THOUGHTS_CUT = "it is nothing but thoughts, which a limit ended before any answer"
_AT_LEAST = 20_000
_PER_TOKEN = 64


def most_characters(settings: GenerationSettings) -> int:
    """Characters above which a text can't be what so few tokens hold; it is cut off there.

    >>> most_characters(GenerationSettings(max_new_tokens=64))
    20000
    """
    return max(_AT_LEAST, _PER_TOKEN * settings.max_new_tokens)


TOO_MANY = "it was longer than {:,} characters, and what came after that was not read"


def shortened(reply: EndpointReply, most: int) -> tuple[EndpointReply, str | None]:
    """At most so many characters of thoughts, text and refusal together; why, where cut off."""
    if len(reply.thoughts) + len(reply.text) + len(reply.refusal) <= most:
        return reply, None
    thoughts = reply.thoughts[:most]
    text = reply.text[: most - len(thoughts)]
    refusal = reply.refusal[: most - len(thoughts) - len(text)]
    return replace(reply, text=text, thoughts=thoughts, refusal=refusal), TOO_MANY.format(most)


def of_reply(
    reply: EndpointReply,
    settings: GenerationSettings,
    *,
    seconds: float,
    over: str | None = None,
    opened: bool = False,
) -> Generated:
    """What an endpoint's whole reply is worth.

    Args:
        reply: as it was read.
        settings: whether thoughts are kept in the output.
        seconds: how long it took.
        over: which bound of ours ended it, as the end of a sentence; None: none did.
        opened: whether the prompt left thoughts open.
    """
    ending = reply.ending
    outcome = Outcome.CUT if over and ending.outcome is Outcome.COMPLETE else ending.outcome
    made = Generated(
        paired(reply.text or reply.refusal),
        cut=outcome is Outcome.CUT,
        tokens=reply.tokens,
        seconds=seconds,
        prompt_tokens=reply.prompt_tokens,
        refused=outcome is Outcome.REFUSED,
        reason=reply.reason or over or ending.reason,
    )
    if outcome is Outcome.FAILED:
        return replace(made, text="", reason=None, error=f"No output came: {ending.reason}.")
    return parted(made, settings, thoughts=paired(reply.thoughts), opened=opened)


def parted(
    made: Generated, settings: GenerationSettings, *, thoughts: str = "", opened: bool = False
) -> Generated:
    """The same with its thoughts apart, or (`KEEP`) all of them in its text.

    >>> made = parted(Generated("<think>Hm", cut=True), GenerationSettings())
    >>> made.text, made.thoughts, made.reason
    ('', 'Hm', 'it is nothing but thoughts, which a limit ended before any answer')
    """
    if settings.thoughts == KEEP:
        return replace(made, text=joined(thoughts, made.text))
    split = split_thoughts(made.text, opened)
    # Some servers give the same thoughts twice: in a field of their own and in the text.
    parts = dict.fromkeys(part for part in (thoughts.strip(), split.thoughts) if part)
    thoughts = "\n\n".join(parts)
    reason = made.reason
    if thoughts and not split.text.strip() and not made.refused:
        empty = ONLY_THOUGHTS_CUT if made.cut else ONLY_THOUGHTS
        reason = f"{empty} ({reason})" if reason else empty
    return replace(made, text=split.text, thoughts=thoughts, reason=reason)


def paired(text: str) -> str:
    r"""The text with halves of characters, which came in two pieces, put together.

    >>> paired("a \ud83d\ude00") == "a \U0001f600", paired("a \ud83d") == "a \ud83d"
    (True, True)
    """
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text
