"""Chat rows (Tulu, ShareGPT) and prompt/completion rows (FlanCoT): one question, one answer.

One query with one output is what instruction tuning is made of; a conversation of several turns is
no such thing, and is reported as a problem rather than cut down to its first turn. Who asks for the
history as well (training) gets its last question, with the earlier turns beside.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sit_core.records import Example
from sit_core.sources.named import EXAMPLE_SOURCES, DataSource, ExampleReading
from sit_core.sources.problem import Problem, RowFault
from sit_core.sources.row_source import OnHub, row_source, text_of

TULU = OnHub("allenai/tulu-v2-sft-mixture", "train")
LISTS = ("messages", "conversations")
PAIRS = (("inputs", "targets"), ("prompt", "completion"), ("prompt", "response"))
"""Columns of a question and its answer."""
BEFORE = ("system", "system_prompt", "history", "tools")
"""Columns of what comes before the question."""
ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "model": "assistant",
}


def example_of_messages(fields: Mapping[str, Any], history: bool = False) -> Example:
    """A row's one exchange; with ``history`` its last one.

    Raises:
        RowFault: there is none, or more than one and no history was asked for.
    """
    for column in LISTS:
        if column in fields:
            return _exchange(fields[column], column, fields, history)
    for question, answer in PAIRS:
        if question in fields and answer in fields:
            before = {k: fields[k] for k in BEFORE if fields.get(k)} if history else {}
            return Example(
                text_of(fields, question),
                reference=text_of(fields, answer),
                meta=_id(fields) | before,
            )
    raise RowFault(
        "Expected a list 'messages' or 'conversations', or 'inputs' and 'targets', but found "
        + (", ".join(repr(c[:40]) for c in list(fields)[:12]) or "nothing")
    )


def _exchange(value: Any, column: str, fields: Mapping[str, Any], history: bool) -> Example:
    if not isinstance(value, list) or not all(isinstance(turn, Mapping) for turn in value):
        raise RowFault(f"Expected a list of messages in {column!r}, but found {value!r:.60}")
    said: list[tuple[str, str]] = []
    for turn in value:
        named = turn.get("role", turn.get("from"))
        text = turn.get("content", turn.get("value"))
        if named not in ROLES or not isinstance(text, str):
            raise RowFault(f"Expected a role and its text in {column!r}, but found {turn!r:.60}")
        said.append((ROLES[named], text))
    system = "\n".join(text for role, text in said if role == "system")
    if not system and isinstance(fields.get("system"), str):
        system = fields["system"]
    turns = [(role, text) for role, text in said if role != "system"]
    pairs = [(turns[i][1], turns[i + 1][1]) for i in range(0, len(turns) - 1, 2)]
    alternate = [role for role, _ in turns] == ["user", "assistant"] * len(pairs)
    if not pairs or not alternate or (len(pairs) > 1 and not history):
        raise RowFault(
            f"Expected one question and one answer, but found {len(turns)} messages "
            f"({', '.join(role for role, _ in turns[:4])}{', …' if len(turns) > 4 else ''})"
        )
    meta = _id(fields) | ({"system": system} if system else {})
    if len(pairs) > 1:
        meta["history"] = [list(pair) for pair in pairs[:-1]]
    if fields.get("tools"):
        meta["tools"] = fields["tools"]
    return Example(pairs[-1][0], reference=pairs[-1][1], meta=meta)


def _id(fields: Mapping[str, Any]) -> dict[str, Any]:
    value = fields.get("id")
    return {"id": str(value)} if isinstance(value, str | int) else {}


def looks_like_messages(row: Mapping[str, Any]) -> bool:
    """Whether a row holds a conversation, or a pair of inputs and targets."""
    return any(isinstance(row.get(c), list) for c in LISTS) or (
        "instruction" not in row and any({q, a} <= set(row) for q, a in PAIRS)
    )


def _read(rest: str, how: ExampleReading) -> Iterator[Example | Problem]:
    def made(fields: Mapping[str, Any]) -> Example:
        return example_of_messages(fields, how.history)

    return row_source(made, TULU)(rest, how)


EXAMPLE_SOURCES.add(
    "messages",
    DataSource(
        "messages",
        "Chat rows of one turn (Tulu, ShareGPT), or inputs and targets (FlanCoT).",
        _read,
        looks_like_messages,
    ),
)
