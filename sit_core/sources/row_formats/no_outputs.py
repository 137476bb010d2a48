"""Files of other tools that hold no outputs: what they are, and which command reads them."""

from collections.abc import Mapping
from typing import Any

from sit_core.sources.file_formats import FORMATS, RowFormat
from sit_core.sources.row_formats.each import inside


def _add(name: str, what: str, fits: Any, refusal: str) -> None:
    FORMATS.add(name, RowFormat(name, what, fits, None, refusal))


def _questions(row: Mapping[str, Any]) -> bool:
    return "question_id" in row and isinstance(row.get("turns"), list)


def _judgments(row: Mapping[str, Any]) -> bool:
    named = "question_id" in row and "judge" in row
    return named and bool({"judgment", "g1_judgment", "winner"} & set(row))


def _annotations(row: Mapping[str, Any]) -> bool:
    return {"output_1", "output_2"} <= set(row) and bool({"preference", "annotator"} & set(row))


def _leaderboard(row: Mapping[str, Any]) -> bool:
    return {"win_rate", "standard_error"} <= set(row) or {"win_rate", "avg_length"} <= set(row)


def _harness(row: Mapping[str, Any]) -> bool:
    tasks = row.get("results")
    several = isinstance(tasks, Mapping) and all(isinstance(t, Mapping) for t in tasks.values())
    return several and bool(
        {"configs", "versions", "config", "config_general", "n-shot"} & set(row)
    )


def _requests(row: Mapping[str, Any]) -> bool:
    return "custom_id" in row and isinstance(row.get("body"), Mapping)


def _preferences(row: Mapping[str, Any]) -> bool:
    pairs = (inside(row, name, 0, "role") for name in ("chosen", "rejected"))
    return all(isinstance(role, str) for role in pairs)


def _squad(row: Mapping[str, Any]) -> bool:
    return isinstance(inside(row, "data", 0, "paragraphs"), list)


def _oasst(row: Mapping[str, Any]) -> bool:
    return {"message_id", "parent_id"} <= set(row) and row.get("role") in ("prompter", "assistant")


def _oasst_tree(row: Mapping[str, Any]) -> bool:
    return "message_tree_id" in row and isinstance(row.get("prompt"), Mapping)


_add(
    "mt-bench-questions",
    "MT-bench's questions (no outputs)",
    _questions,
    "these are questions of MT-bench, not outputs; give them with their answers: "
    "sit import ANSWERS.jsonl --questions this file",
)
_add(
    "mt-bench-judgments",
    "MT-bench's judgments (no outputs)",
    _judgments,
    "these are a judge's verdicts (MT-bench), not outputs; no command imports them: import the "
    "answers (model_answer/*.jsonl, with --questions) and have them judged by sit judge",
)
_add(
    "alpaca-eval-annotations",
    "AlpacaEval's annotations (no outputs)",
    _annotations,
    "these are a judge's preferences between two outputs (AlpacaEval's annotations), not one "
    "model's outputs; import model_outputs.json, and the figures by sit leaderboard import",
)
_add(
    "alpaca-eval-leaderboard",
    "A leaderboard of AlpacaEval (no outputs)",
    _leaderboard,
    "this is a leaderboard (AlpacaEval), not outputs; sit leaderboard import reads such a table",
)
_add(
    "lm-eval-results",
    "lm-eval's results (no outputs)",
    _harness,
    "these are results of lm-eval, not outputs; sit benchmark --results reads them (the outputs "
    "are in samples_*.jsonl, written with --log_samples)",
)
_add(
    "openai-batch-requests",
    "Requests of a batch (no outputs)",
    _requests,
    "these are the requests of a batch, not its outputs; give them with the output file: "
    "sit import OUTPUT.jsonl --questions this file",
)
_add(
    "preferences",
    "Pairs of a chosen and a rejected answer (no outputs)",
    _preferences,
    "these are pairs of a chosen and a rejected answer, not one model's outputs; say which is "
    "meant (--map instruction=chosen.0.content --map output=chosen.-1.content)",
)
_add(
    "squad",
    "SQuAD's and XQuAD's questions (no outputs)",
    _squad,
    "these are questions in SQuAD's format, not outputs; sit predict --examples xquad:this file "
    "has a model answer them",
)
_add(
    "oasst-messages",
    "OpenAssistant's messages (no outputs)",
    _oasst,
    "these are single messages of OpenAssistant, a question and its answer in different rows; "
    "join each answer with its parent into one row of instruction and output",
)
_add(
    "oasst-trees",
    "OpenAssistant's trees (no outputs)",
    _oasst_tree,
    "these are trees of OpenAssistant's messages; write each question with its answer into one row "
    "of instruction and output, or name a path (--map instruction=prompt.text "
    "--map output=prompt.replies.0.text)",
)
