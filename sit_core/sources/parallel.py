"""Questions that stand in another file than the outputs (``--questions FILE``), joined by ids.

MT-bench's ``question.jsonl``, the requests of a batch, or any rows with an id. Where no column
holds an id in both files, rows are joined by their order, if there are as many.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sit_core.errors import SitError
from sit_core.sources.conversation import SYSTEM_PROMPT, NoConversation, question_of, turns_of
from sit_core.sources.formats import read_rows
from sit_core.sources.mapping import guess_mapping
from sit_core.sources.rows import BadRow, LeftOut, Limits, RawRow, SourceFile

ID_COLUMNS = ("question_id", "custom_id", "id", "doc_id", "example_id", "key", "idx", "index")
"""Columns that name a row, the surest first."""
NO_QUESTION = "its question is not in the file of questions"
CONSTRAINTS = ("instruction_id_list", "kwargs")
"""IFEval's columns (`sit_core.sources.constraints`)."""
PROMPT = "prompt"
"""IFEval's outputs name their question by its text."""
_MAX_ROWS = 2_000_000


@dataclass
class QuestionFile:
    """The questions of a file, by id and by order."""

    name: str
    by_id: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """Column and value → what is asked."""
    in_order: list[dict[str, Any]] = field(default_factory=list)

    def joined(self, row: RawRow, number: int) -> RawRow | LeftOut:
        """The row with its question; ``number`` is its place among the outputs, from 1."""
        ids = [
            (c, id_text(row.fields[c]))
            for c in (*ID_COLUMNS, PROMPT)
            if row.fields.get(c) is not None
        ]
        known = [key for key in ids if key[0] in self._columns]
        asked = next((self.by_id[key] for key in known if key in self.by_id), None)
        if asked is None and not known and number <= len(self.in_order):
            asked = self.in_order[number - 1]
        if asked is None:
            return LeftOut(row.line, NO_QUESTION)
        notes = tuple(asked.get("notes", ()))
        fields = {**{k: v for k, v in asked.items() if k != "notes"}, **row.fields}
        fields["instruction"] = asked["instruction"]
        return replace(row, fields=fields, left_out=row.left_out + notes)

    @property
    def _columns(self) -> set[str]:
        return {column for column, _ in self.by_id}


def read_questions(source: SourceFile, limits: Limits | None = None) -> QuestionFile:
    """The questions of a file.

    Raises:
        SitError: a row holds no question; or the file can't be read.
    """
    found = QuestionFile(source.name)
    twice: set[tuple[str, str]] = set()
    for row in read_rows(source, limits=limits):
        if isinstance(row, BadRow):
            place = "" if row.line is None else f":{row.line}"
            raise SitError(f"The questions can't be read: {source.name}{place}: {row.reason}.")
        asked = _asked(row, source.name)
        if len(found.in_order) >= _MAX_ROWS:
            raise SitError(f"{source.name} holds more than {_MAX_ROWS:,} questions.")
        found.in_order.append(asked)
        for column in (*ID_COLUMNS, *((PROMPT,) if CONSTRAINTS[0] in asked else ())):
            if row.fields.get(column) is not None:
                key = column, id_text(row.fields[column])
                if key in found.by_id and found.by_id[key] != asked:
                    twice.add(key)
                found.by_id[key] = asked
    for key in twice:  # an id of two questions is none
        del found.by_id[key]
    return found


def id_text(value: Any) -> str:
    """An id as text, so that 81 and "81" are the same."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _asked(row: RawRow, name: str) -> dict[str, Any]:
    """Instruction, input and gold of a row of questions, and what was left out of it."""
    fields = row.fields
    turns = fields.get("turns")
    if isinstance(turns, list) and turns and isinstance(turns[0], str):  # MT-bench
        gold = fields.get("reference")
        first = gold[0] if isinstance(gold, list) and gold else None
        asked: dict[str, Any] = {"instruction": turns[0]}
        return asked if first is None else {**asked, "target": first}
    body = fields.get("body")
    sent = body if isinstance(body, Mapping) else fields.get("params")
    messages = sent.get("messages") if isinstance(sent, Mapping) else fields.get("messages")
    if isinstance(sent, Mapping) and messages is None:
        messages = sent.get("input", sent.get("prompt"))
    try:
        if isinstance(messages, list):
            said = question_of(turns_of(messages))
            if said.unused:
                raise NoConversation(said.unused)
            outside = sent if isinstance(sent, Mapping) else {}
            top = outside.get("system", outside.get("instructions"))
            system = said.system or (top if isinstance(top, str) else "")
            more = {"system": system} if system else {}
            notes = (*said.notes, *((SYSTEM_PROMPT,) if system and not said.system else ()))
            return {"instruction": said.question, **more, "notes": notes}
    except NoConversation as fault:
        raise SitError(f"The questions can't be read: {name}:{row.line}: {fault}.") from None
    if isinstance(messages, str):
        return {"instruction": messages}
    mapping = guess_mapping(list(fields), [fields])
    columns = {k: v for k, v in mapping.columns().items() if k not in ("output", "run")}
    if "instruction" not in columns:
        raise SitError(
            f"The questions can't be read: {name}:{row.line}: no column was recognised as the "
            "question (instruction, prompt, question or turns)."
        )
    named = {"reference": "target"}
    kept = {named.get(k, k): fields[v] for k, v in columns.items() if fields.get(v) is not None}
    if CONSTRAINTS[0] in fields:
        kept |= {name: fields[name] for name in (*CONSTRAINTS, "key") if name in fields}
    return kept
