"""Messages of a chat, in any tool's spelling → the one question and its answer that can be used.

An example has room for one question. The first exchange of a conversation is one; what follows it
is named as left out. An output that answers several turns can't be used, and is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "tool": "tool",
    "function": "tool",
    "function_call": "tool",
    "observation": "tool",
}
"""How tools call who speaks."""
LATER_TURNS = "later turns"
SYSTEM_PROMPT = "system prompts (kept beside the output, no part of the question)"
THOUGHTS = "thoughts"
NO_TEXT = "parts that are no text (images, …)"
NO_ANSWER = "there is no answer in the conversation"
SEVERAL_TURNS = (
    "the output answers a conversation of several turns, and an example holds one question"
)
_THINKING = ("thinking", "reasoning", "redacted_thinking")


class NoConversation(Exception):
    """A value that is no list of messages; the argument says what it is instead."""


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One message."""

    role: str
    """system, user, assistant or tool."""
    text: str
    notes: tuple[str, ...] = ()
    """What of it is neither in the text nor in the thoughts."""
    thoughts: str = ""
    """What a model thought before it wrote the text, where it stands apart."""


@dataclass(frozen=True, slots=True)
class ChatExchange:
    """One question and its answer, or why there is none."""

    question: str = ""
    answer: str | None = None
    """None: the question ends the conversation."""
    system: str = ""
    notes: tuple[str, ...] = ()
    """What was left out of the conversation."""
    unused: str = ""
    """Why the conversation can't be used; empty where it can."""
    thoughts: str = ""
    """The model's before its answer."""


def text_of_content(content: Any) -> tuple[str | None, tuple[str, ...]]:
    """The text of a message's content, and what else is in it.

    >>> text_of_content([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}])
    ('a', ('parts that are no text (images, …)',))
    >>> text_of_content(None)
    (None, ())
    """
    if isinstance(content, str) or content is None:
        return content, ()
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, list):
        raise NoConversation(f"{content!r:.60} is no text of a message")
    texts: list[str] = []
    notes: dict[str, None] = {}
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else None
        text = part if isinstance(part, str) else None
        if text is None and isinstance(part, Mapping) and kind not in _THINKING:
            text = part.get("text", part.get("value"))
        if isinstance(text, str):
            texts.append(text)
        elif kind not in _THINKING:
            notes[NO_TEXT] = None
        elif not _thought(part):
            notes[THOUGHTS] = None
    return ("".join(texts) if texts else None), tuple(notes)


def thoughts_of_content(content: Any) -> str:
    """The texts of a message's parts that are thoughts; empty where there are none.

    >>> thoughts_of_content([{"type": "thinking", "thinking": "Hm."}, {"text": "a"}])
    'Hm.'
    """
    parts = content if isinstance(content, list) else [content]
    found = [_thought(part) for part in parts if isinstance(part, Mapping)]
    return "\n\n".join(text for text in found if text)


def _thought(part: Mapping[str, Any]) -> str:
    """The text of a part that is thoughts; of encrypted ones the summary, if there is one."""
    if part.get("type") not in _THINKING:
        return ""
    names = ("summary",) if part.get("redacted") else ("thinking", "reasoning", "text", "summary")
    for name in names:
        said = part.get(name)
        if isinstance(said, list):  # OpenAI's Responses: parts once more
            texts = [piece.get("text") for piece in said if isinstance(piece, Mapping)]
            said = "\n\n".join(text for text in texts if isinstance(text, str))
        if isinstance(said, str) and said.strip():
            return said.strip()
    return ""


def thoughts_beside(message: Mapping[str, Any]) -> str:
    """A message's thoughts: in a field of their own, or among the parts of its content."""
    for name in ("reasoning_content", "reasoning", "thinking"):
        if isinstance(said := message.get(name), str) and said.strip():
            return said.strip()
    return thoughts_of_content(message.get("content"))


def turns_of(value: Any) -> list[ChatTurn]:
    """The messages of a list, whatever they are called.

    Raises:
        NoConversation: it is none.
    """
    if not isinstance(value, list) or not value:
        raise NoConversation(f"expected a list of messages, but found {value!r:.60}")
    turns = []
    for message in value:
        if not isinstance(message, Mapping):
            raise NoConversation(f"expected a message, but found {message!r:.60}")
        named = message.get("role", message.get("from"))
        role = ROLES.get(named.lower()) if isinstance(named, str) else None
        if role is None:
            raise NoConversation(f"expected a message with its role, but found {message!r:.60}")
        text, notes = text_of_content(message.get("content", message.get("value")))
        if message.get("tool_calls") or message.get("function_call"):
            role = "tool"
        turns.append(ChatTurn(role, text or "", notes, thoughts_beside(message)))
    return turns


def exchange_of(turns: Sequence[ChatTurn]) -> ChatExchange:
    """The first question and its answer.

    >>> chat = [("system", "s"), ("user", "q"), ("assistant", "a"), ("user", "more")]
    >>> found = exchange_of([ChatTurn(*turn) for turn in chat])
    >>> found.question, found.answer, found.notes == (SYSTEM_PROMPT, LATER_TURNS)
    ('q', 'a', True)
    """
    system = "\n".join(turn.text for turn in turns if turn.role == "system")
    said = [turn for turn in turns if turn.role != "system"]
    if not said or said[0].role != "user":
        return ChatExchange(unused="the conversation does not begin with a question")
    asked, answered = said[0], said[1:2]
    if answered and answered[0].role == "tool":
        return ChatExchange(unused="the model called a tool before it answered")
    if answered and answered[0].role == "user":
        return ChatExchange(unused="two questions follow each other")
    notes: tuple[str, ...] = (SYSTEM_PROMPT,) if system else ()
    notes += asked.notes + (answered[0].notes if answered else ())
    notes += (LATER_TURNS,) if len(said) > 2 else ()
    answer, thoughts = (answered[0].text, answered[0].thoughts) if answered else (None, "")
    return ChatExchange(asked.text, answer, system, tuple(dict.fromkeys(notes)), thoughts=thoughts)


def question_of(turns: Sequence[ChatTurn]) -> ChatExchange:
    """The one question that messages ask whose answer stands elsewhere."""
    said = [turn for turn in turns if turn.role != "system"]
    if len(said) > 1:
        return ChatExchange(unused=SEVERAL_TURNS)
    return exchange_of(turns)
