"""Verdicts on steps against the per-item results that another scorer wrote; which rows differ.

Read are the rows of IFEval's own script (``follow_instruction_list``, ``follow_all_instructions``
beside ``prompt``) and lm-eval's samples (``inst_level_strict_acc``, ``prompt_level_strict_acc``,
and the same for ``loose``, beside ``doc``). A row belongs to the output for the same prompt, by its
``key`` where the example has one. Texts of the file are never shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sit_core.errors import SitError
from sit_core.results.analyses import AnalysisTable, Row
from sit_core.results.instruction_metrics import JudgedOutput, all_followed

TITLE = "Compared with the per-item results of the file"
MOST_ROWS = 1_000_000
MOST_SHOWN = 1_000
LOOSE = "loose"


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What the file says of one prompt."""

    question: str
    """The match key of its prompt; empty where the row has none."""
    key: str
    followed: tuple[bool, ...] | None
    """Step by step; None: only the whole is said."""
    whole: bool | None


def read_item(fields: Mapping[str, Any], form: str = "strict") -> ItemResult | None:
    """One row; None: it holds no such results. Total.

    Args:
        fields: of the row.
        form: which of lm-eval's results, ``strict`` or ``loose``.

    >>> row = {"prompt": "Sing!", "follow_instruction_list": [True, False]}
    >>> read_item(row).followed, read_item(row).whole, read_item({"prompt": "Sing!"})
    ((True, False), None, None)
    """
    from sit_core.matching import match_key

    doc = fields.get("doc")
    asked = doc if isinstance(doc, Mapping) else fields
    each = _truths(fields.get("follow_instruction_list", fields.get(f"inst_level_{form}_acc")))
    whole = _truth(fields.get("follow_all_instructions", fields.get(f"prompt_level_{form}_acc")))
    if each is None and whole is None:
        return None
    prompt, key = asked.get("prompt"), asked.get("key")
    named = str(key) if isinstance(key, str | int) and not isinstance(key, bool) else ""
    question = match_key(prompt) if isinstance(prompt, str) else ""
    return ItemResult(question, named[:200], each, whole) if question or named else None


def _truth(value: Any) -> bool | None:
    return bool(value) if isinstance(value, bool | int | float) and value in (0, 1) else None


def _truths(value: Any) -> tuple[bool, ...] | None:
    if not isinstance(value, list) or not value:
        return None
    found = tuple(_truth(one) for one in value)
    return None if None in found else tuple(bool(one) for one in found)


def checked(
    path: str,
    judged: Sequence[tuple[str, JudgedOutput]],
    judge: str | None,
) -> AnalysisTable:
    """The rows that differ, and how many are equal.

    Args:
        path: of the file.
        judged: (run, output with its verdicts).
        judge: whose verdicts they are; one that is called *loose* is compared with what is loose.

    Raises:
        SitError: the file can't be read, or holds no such results.
    """
    form = LOOSE if judge is not None and judge.endswith(LOOSE) else "strict"
    items, left_out = _read(path, form)
    by_question: dict[str, list[tuple[str, JudgedOutput]]] = {}
    by_key: dict[str, list[tuple[str, JudgedOutput]]] = {}
    for run, one in judged:
        by_question.setdefault(one.question, []).append((run, one))
        if one.item:
            by_key.setdefault(one.item, []).append((run, one))
    rows: list[Row] = []
    samples: dict[tuple[int, str], Sequence[str]] = {}
    equal = differ = 0

    def leave(why: str) -> None:
        left_out[why] = left_out.get(why, 0) + 1

    for line, item in items:
        mine = by_question.get(item.question) or by_key.get(item.key, [])
        if not mine:
            leave("rows of the file without a judged output for their prompt")
        for run, one in mine:
            found = list(_differing(item, one))
            if found == [None]:
                leave("rows of the file with another number of steps than the prompt here")
                continue
            equal, differ = equal + (not found), differ + bool(found)
            for said in found:
                if len(rows) < MOST_SHOWN and said is not None:
                    samples[len(rows), ""] = [one.id]
                    step, theirs, ours = said
                    words = {"step": step, "file": _word(theirs), "here": _word(ours)}
                    rows.append({"run": run, "row of the file": line, **words})
    note = f"{equal:,} outputs are judged alike, {differ:,} are not (lm-eval's: {form})."
    return AnalysisTable(rows, left_out, note, TITLE, samples)


def _differing(item: ItemResult, one: JudgedOutput) -> Iterator[tuple[str, bool, bool] | None]:
    """(step, what the file says, what is said here); None: they can't be compared."""
    if item.followed is not None and len(item.followed) != len(one.keys):
        yield None
        return
    if item.followed is not None:
        for key, theirs, ours in zip(one.keys, item.followed, one.done, strict=True):
            if theirs != ours:
                yield key, theirs, ours
    if item.whole is not None and item.whole != all_followed(one):
        yield "all", item.whole, all_followed(one)


def _word(followed: bool) -> str:
    return "followed" if followed else "not followed"


def _read(path: str, form: str) -> tuple[list[tuple[int, ItemResult]], dict[str, int]]:
    from sit_core.settings import user_path
    from sit_core.sources.formats import read_rows
    from sit_core.sources.rows import RawRow, SourceFile

    file = user_path(path)
    if not file.is_file():
        raise SitError("There is no such file to check against.")
    found: list[tuple[int, ItemResult]] = []
    left_out: dict[str, int] = {}
    for number, row in enumerate(read_rows(SourceFile.at(file)), start=1):
        item = read_item(row.fields, form) if isinstance(row, RawRow) else None
        if item is None:
            why = "rows of the file without per-item results"
            left_out[why] = left_out.get(why, 0) + 1
        else:
            found.append((row.line or number, item))
        if number >= MOST_ROWS:
            raise SitError(f"The file to check against has more than {MOST_ROWS:,} rows.")
    if not found:
        raise SitError(
            "The file to check against holds no per-item results: it needs "
            "follow_instruction_list (IFEval) or inst_level_strict_acc (lm-eval) in each row."
        )
    return found, left_out
