"""How a server's word for a reply's end is read: one closed set of outcomes, all else failed."""

from dataclasses import dataclass

from sit_core.records import Outcome

_WORDS = {
    Outcome.COMPLETE: "stop eos eos_token end_turn end_of_turn stop_sequence stop_token stop_word "
    "complete completed end finish finished done",
    Outcome.CUT: "length max_tokens max_token max_new_tokens max_output_tokens max_length "
    "max_completion_tokens max_tokens_reached token_limit model_length error_limit context_length "
    "context_limit model_context_window_exceeded time_limit",
    Outcome.REFUSED: "content_filter content_filtered contentfilter filtered safety refusal "
    "refused prohibited_content blocklist blocked spii recitation sensitive error_toxic "
    "guardrail_intervened guardrails moderation image_safety",
}
_TOOLS = frozenset({"toolcalls", "toolcall", "functioncall", "tooluse"})
_BROKEN = frozenset({"error", "failed", "abort", "aborted", "cancelled", "canceled", "timeout"})
FILTERED = "the endpoint's content filter ended it"


@dataclass(frozen=True, slots=True)
class FinishedReply:
    """A reply's outcome, with what there is to be said of it."""

    outcome: Outcome
    reason: str | None = None
    """Why it is refused or failed, as the end of a sentence."""


def ending_of(word: str | None, has_text: bool) -> FinishedReply:
    """What a finish reason means; of OpenAI, vLLM, TGI, Mistral, Cohere, Google, Anthropic, ….

    Args:
        word: as the server has it; None or empty where it gives none, as some servers do for a
            reply that is whole.
        has_text: whether any text came.

    >>> ending_of("MAX_TOKENS", True).outcome, ending_of("eos_token", True).outcome
    (<Outcome.CUT: 'cut'>, <Outcome.COMPLETE: 'complete'>)
    >>> ending_of("abort", True).reason
    "the endpoint ended the reply with 'abort', which is no end of an output"
    """
    known = known_outcome(word)
    if not word or known in (Outcome.COMPLETE, Outcome.CUT):
        return FinishedReply(known or Outcome.COMPLETE)
    if known is Outcome.REFUSED:
        return FinishedReply(known, FILTERED)
    if _plain(word) in _TOOLS:
        if has_text:
            return FinishedReply(Outcome.COMPLETE)
        return FinishedReply(
            Outcome.FAILED, "the model asked for a tool instead of writing an output"
        )
    shown = " ".join(word.split())[:40]
    return FinishedReply(
        Outcome.FAILED, f"the endpoint ended the reply with {shown!r}, which is no end of an output"
    )


def known_outcome(word: str | None) -> Outcome | None:
    """The outcome that a finish reason is known to mean; None where it is not known.

    >>> known_outcome("FinishReason.STOP"), known_outcome("error")
    (<Outcome.COMPLETE: 'complete'>, None)
    """
    return _KNOWN.get(_plain(word or ""))


def means_failure(word: str) -> bool:
    """Whether a word in a file says that a call came to nothing.

    Files hold words of all kinds in such columns; of an endpoint every unknown word means so.

    >>> means_failure("Error"), means_failure("stop"), means_failure("a win")
    (True, False, False)
    """
    return _plain(word) in _BROKEN


def _plain(word: str) -> str:
    """Without the ways in which servers write the same word (``maxTokens``, ``MAX_TOKENS``)."""
    return "".join(filter(str.isalnum, word[:100].casefold())).removeprefix("finishreason")


_KNOWN = {_plain(word): outcome for outcome, words in _WORDS.items() for word in words.split()}
