"""Files of other tools: recognised by their content, read by their reader, or rightly refused."""

import io
import json
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sit_core.records import Outcome, Prediction
from sit_core.sources import (
    FORMATS,
    BadRow,
    ImportFile,
    LocatedPrediction,
    Position,
    SourceFile,
    look_at,
    look_with,
    parse_changes,
    read_outputs,
    read_predictions,
    read_questions,
)
from sit_core.sources.chat_templates import turns_of_prompt
from sit_core.sources.conversation import LATER_TURNS, SEVERAL_TURNS, SYSTEM_PROMPT
from sit_core.sources.file_formats import row_formats
from sit_core.sources.row_formats.argilla import SUGGESTIONS
from sit_core.sources.row_formats.fastchat import OTHER_CHOICES
from sit_core.sources.row_formats.inspect_log import FEWER
from sit_core.sources.row_formats.label_studio import ANNOTATIONS
from sit_core.sources.row_formats.llama_factory import MARKS
from sit_core.sources.row_formats.lm_eval import LIKELIHOODS, OTHER_REPLIES, REPEATED
from sit_core.sources.summary import FileSummary
from tests.sources.files import file, jsonl

CASES = Path(__file__).parents[1] / "fixtures" / "cases" / "formats"


def taken(
    source: SourceFile,
    *pairs: str,
    questions: SourceFile | None = None,
    form: str = "auto",
) -> tuple[list[Prediction], dict[str, int], list[BadRow]]:
    """What `sit import` would take of a file, what was left out, and what is wrong."""
    asked = None if questions is None else read_questions(questions)
    changes = parse_changes(pairs)
    look, chosen = look_with(source, form, changes, None, asked)
    plan = ImportFile(source, "run", look.mapping.corrected(changes), chosen, questions=asked)
    position = Position()
    found = list(read_predictions(plan, position=position))
    good = [item.prediction for item in found if isinstance(item, LocatedPrediction)]
    return good, position.left_out, [item for item in found if isinstance(item, BadRow)]


def of_case(name: str, *pairs: str, questions: str | None = None) -> Any:
    other = None if questions is None else SourceFile.at(CASES / questions)
    return taken(SourceFile.at(CASES / name), *pairs, questions=other)


@pytest.mark.parametrize(
    ("name", "form", "asked", "input", "output", "gold"),
    [
        ("argilla.json", "argilla", "Repeat", "", "x", None),
        ("labelstudio.json", "label-studio", "First repeat, then answer.", "x", "x y", None),
        ("lmeval_samples.jsonl", "lm-eval", "Question: 2+2?\nAnswer:", "", "It is 4", "#### 4"),
        ("messages_pred.jsonl", "messages", "First repeat, then answer: x", "", "x. yes", None),
        ("prompt_msgs.jsonl", "messages", "Say hi", "", "hi", None),
        ("sharegpt_pred.json", "sharegpt", "Hi", "", "Yo", None),
        ("vllm_infer.jsonl", "llama-factory", "Say hi", "", "hi", "hello"),
    ],
)
def test_the_cases_are_read_by_readers_of_their_own(
    name: str, form: str, asked: str, input: str, output: str, gold: str | None
) -> None:
    (found,), _, bad = of_case(name)
    assert look_at(SourceFile.at(CASES / name)).format == form
    assert not bad
    assert (found.example.instruction, found.example.input) == (asked, input)
    assert (found.output, found.example.reference) == (output, gold)


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("alpaca_eval_ann.json", "sit leaderboard import"),
        ("alpaca_lb.csv", "sit leaderboard import"),
        ("mtbench_judg.jsonl", "sit judge"),
        ("mtbench_q.jsonl", "--questions"),
        ("oasst.jsonl", "join each answer"),
    ],
)
def test_files_without_outputs_are_refused_with_what_reads_them(name: str, reads: str) -> None:
    good, _, (bad,) = of_case(name)
    assert not good
    assert reads in bad.reason
    assert bad.line is None


def test_fastchat_s_answers_are_joined_with_their_questions() -> None:
    (found,), left_out, bad = of_case("fastchat.jsonl", questions="mtbench_q.jsonl")
    assert (found.example.instruction, found.example.reference) == ("Write a post.", "x")
    assert found.output == "Aloha…"
    assert left_out == {f"not read: {LATER_TURNS}": 1}
    assert not bad
    _, _, (without,) = of_case("fastchat.jsonl")
    assert "--questions question.jsonl" in without.reason


def test_a_later_turn_can_be_named_and_still_gets_its_question() -> None:
    asked = SourceFile.at(CASES / "mtbench_q.jsonl")
    changes = ["output=choices.0.turns.1"]
    (found,), _, bad = taken(SourceFile.at(CASES / "fastchat.jsonl"), *changes, questions=asked)
    assert (found.example.instruction, found.output) == ("Write a post.", "again")
    assert not bad


def test_a_path_reaches_into_the_file_as_it_stands_whatever_reader_there_is() -> None:
    (found,), _, _ = of_case(
        "fastchat.jsonl", "output=choices.0.turns.1", "instruction=choices.0.turns.0"
    )
    assert (found.example.instruction, found.output) == ("Aloha…", "again")
    (found,), _, _ = of_case("mtbench_q.jsonl", "instruction=turns.1", "output=reference.1")
    assert (found.example.instruction, found.output) == ("Rewrite it.", "y")
    (found,), _, _ = of_case("doccano.jsonl", "instruction=text", "output=label.0")
    assert found.output == "yes"


def test_doccano_says_what_is_missing_and_reads_a_text_with_its_instruction() -> None:
    _, _, (bad,) = of_case("doccano.jsonl")
    assert "output=text" in bad.reason
    row = {"id": 4, "text": "x y", "label": ["yes"], "Comments": [], "instruction": "Repeat."}
    (found,), left_out, _ = taken(file(jsonl(row)))
    assert (found.example.instruction, found.output) == ("Repeat.", "x y")
    assert left_out == {f"not read: {ANNOTATIONS}": 1}


def samples(doc: int, filter_name: str, *replies: str, **more: Any) -> dict[str, Any]:
    """A sample as lm-eval 0.4.3 and later write it."""
    return {
        "doc_id": doc,
        "doc": {"question": f"q{doc}"},
        "target": "4",
        "arguments": {"gen_args_0": {"arg_0": f"Q: q{doc}\nA:", "arg_1": {"until": ["\n"]}}},
        "resps": [list(replies)],
        "filtered_resps": [replies[0]],
        "filter": filter_name,
        **more,
    }


def test_a_task_with_two_filters_has_each_output_once() -> None:
    rows = [samples(i, name, f"o{i}") for i in range(3) for name in ("strict", "flexible")]
    good, left_out, bad = taken(file(jsonl(*rows)))
    assert [p.output for p in good] == ["o0", "o1", "o2"]
    assert left_out == {f"rows left out: {REPEATED}": 3}
    assert not bad


def test_lm_eval_s_older_rows_chats_and_repetitions() -> None:
    old = {"doc_id": 0, "doc": {}, "target": "x", "arguments": [["Q?\nA:", {}]], "resps": [["a"]]}
    sent = json.dumps([{"role": "system", "content": "s"}, {"role": "user", "content": "Q?"}])
    chat = samples(1, "none", "b", arguments={"gen_args_0": {"arg_0": sent}})
    (first,), _, _ = taken(file(jsonl(old)))
    as_tuple = samples(1, "none", "b", arguments={"gen_args_0": {"arg_0": [sent]}})
    assert taken(file(jsonl(as_tuple)))[0][0].example.instruction == "Q?"
    (second,), left_out, _ = taken(file(jsonl(chat)))
    assert (first.example.instruction, first.output) == ("Q?\nA:", "a")
    assert (second.example.instruction, second.output) == ("Q?", "b")
    assert left_out == {f"not read: {SYSTEM_PROMPT}": 1}
    _, left_out, _ = taken(file(jsonl(samples(1, "none", "a", "b"))))
    assert left_out == {f"not read: {OTHER_REPLIES}": 1}


def test_log_likelihoods_are_no_outputs() -> None:
    row = samples(0, "none", "x") | {"resps": [[["-1.2", "False"]], [["-0.3", "True"]]]}
    good, left_out, _ = taken(file(jsonl(row)))
    assert not good
    assert left_out == {f"rows left out: {LIKELIHOODS}": 1}


def answer(text: Any, **more: Any) -> dict[str, Any]:
    return {"index": 0, "message": {"role": "assistant", "content": text}, **more}


def batch(number: int, body: Mapping[str, Any] | None, **more: Any) -> dict[str, Any]:
    """A line of a batch's output file."""
    response = None if body is None else {"status_code": 200, "request_id": "r", "body": body}
    row = {"id": f"b{number}", "custom_id": f"request-{number}", "response": response}
    return {**row, "error": None, **more}


def sent(number: int, *messages: Mapping[str, Any]) -> dict[str, Any]:
    body = {"model": "m", "messages": list(messages)}
    return {"custom_id": f"request-{number}", "method": "POST", "url": "/v1/x", "body": body}


def test_a_batch_s_outputs_are_joined_with_what_was_sent_and_errors_are_counted_by_reason() -> None:
    expired = {"code": "batch_expired", "message": "This request could not be executed."}
    rows = [
        batch(2, {"model": "m", "choices": [answer("two", finish_reason="length")]}),
        batch(1, {"choices": [answer([{"type": "text", "text": "one"}]), answer("other")]}),
        batch(3, None, error=expired),
        batch(4, None, error=expired),
        batch(5, None, response={"status_code": 429, "body": {"error": {"code": "rate_limit"}}}),
        batch(
            6, {"output": [{"type": "message", "content": [{"type": "output_text", "text": "6"}]}]}
        ),
        batch(7, {"choices": [answer(None, finish_reason="content_filter")]}),
        batch(8, {"choices": [answer("eight")]}),
    ]
    asked = [sent(n, {"role": "user", "content": f"q{n}"}) for n in range(7, 0, -1)]
    good, left_out, bad = taken(file(jsonl(*rows)), questions=file(jsonl(*asked)))
    assert [(p.example.instruction, p.output) for p in good] == [
        ("q2", "two"),
        ("q1", "one"),
        ("q6", "6"),
    ]
    assert good[0].meta["finish_reason"] == "length"
    assert left_out == {
        f"not read: {OTHER_CHOICES}": 1,
        "rows left out: an error instead of an output: batch_expired": 2,
        "rows left out: an error instead of an output: rate_limit": 1,
        "rows left out: the reply holds no text (content_filter)": 1,
        "rows left out: its question is not in the file of questions": 1,
    }
    assert not bad
    _, _, (refused,) = taken(file(jsonl(*asked)))
    assert "requests of a batch" in refused.reason


def test_anthropic_s_batches_are_read_as_well() -> None:
    said = {"type": "succeeded", "message": {"content": [{"type": "text", "text": "hi"}]}}
    failed = {"type": "errored", "error": {"type": "error", "error": {"type": "overloaded"}}}
    rows = [{"custom_id": "a", "result": said}, {"custom_id": "b", "result": failed}]
    asked = {
        "custom_id": "a",
        "params": {"system": "s", "messages": [{"role": "user", "content": "q"}]},
    }
    other = {"custom_id": "b", "params": {"messages": [{"role": "user", "content": "p"}]}}
    good, left_out, _ = taken(file(jsonl(*rows)), questions=file(jsonl(asked, other)))
    assert [(p.example.instruction, p.output, p.meta["system"]) for p in good] == [("q", "hi", "s")]
    assert left_out["rows left out: an error instead of an output: overloaded"] == 1
    assert left_out[f"not read: {SYSTEM_PROMPT}"] == 1


def log(*samples_: Mapping[str, Any], **more: Any) -> str:
    """A log of Inspect as it is written: one indented object."""
    whole = {
        "version": 2,
        "status": "success",
        "eval": {"task": "t", "model": "openai/m", "dataset": {}},
        "plan": {},
        "results": {},
        "stats": {},
        "samples": list(samples_),
        **more,
    }
    return json.dumps(whole, indent=2)


def sample(number: int, output: Any, input: Any = "q", **more: Any) -> dict[str, Any]:
    said = {"model": "m", "choices": [answer(output, stop_reason="stop")], "completion": output}
    return {"id": number, "epoch": 1, "input": input, "target": "t", "output": said, **more}


def test_an_inspect_log_is_read_sample_by_sample() -> None:
    chat = [{"role": "system", "content": "s"}, {"role": "user", "content": "asked"}]
    failed = {"id": 3, "epoch": 1, "input": "q3", "target": "t", "output": {"choices": []}}
    text = log(
        sample(1, "one"),
        sample(2, [{"type": "reasoning", "reasoning": "…"}, {"type": "text", "text": "two"}], chat),
        {**failed, "error": {"message": "Timeout\n…", "traceback": ""}},
        sample(1, "again", epoch=2),
        sample(4, "last", messages=[{"role": "assistant", "content": "x"}] * 3),
    )
    good, left_out, bad = taken(file(text, "log.json"))
    assert [(p.example.instruction, p.output) for p in good] == [
        ("q", "one"),
        ("asked", "two"),
        ("q", "again"),
        ("q", "last"),
    ]
    assert {p.example.reference for p in good} == {"t"}
    assert good[0].meta["model"] == "openai/m"
    assert [p.thoughts for p in good] == [None, "…", None, None]
    assert left_out == {
        f"not read: {SYSTEM_PROMPT}": 1,
        "rows left out: an error instead of an output: Timeout\n…": 1,
        f"not read: {FEWER}": 1,
    }
    assert not bad
    assert look_at(file(text, "log.json")).format == "inspect"
    assert [p.output for p in taken(file(json.dumps(json.loads(text))))[0]] == [
        p.output for p in good
    ]  # in one line it is the same


HM: list[dict[str, Any]] = [{"type": "reasoning", "reasoning": "Hm."}]
SUMMARY = [{"type": "summary_text", "text": "Hm."}]
HIDDEN = {"type": "reasoning", "reasoning": "gAAAA", "redacted": True}
TEXT: list[dict[str, Any]] = [{"type": "text", "text": "a"}]
ASKED = {"role": "user", "content": "q"}


@pytest.mark.parametrize(
    ("rows", "thoughts"),
    [
        (log(sample(1, [*HM, *TEXT])), "Hm."),
        (log(sample(1, [{**HIDDEN, "summary": "Hm."}, *TEXT])), "Hm."),
        (log(sample(1, [HIDDEN, *TEXT])), None),
        (jsonl({"messages": [ASKED, answer([*HM, *TEXT])["message"]]}), "Hm."),
        (jsonl({"messages": [ASKED, {**answer("a")["message"], "thinking": "Hm."}]}), "Hm."),
        (jsonl({"messages": [{**ASKED, "reasoning": "x"}, answer("a")["message"]]}), None),
    ],
)
def test_thoughts_among_the_parts_of_a_message_are_kept_beside(
    rows: str, thoughts: str | None
) -> None:
    (found,), left_out, bad = taken(file(rows, "x.json" if rows[1] == "\n" else "x.jsonl"))
    assert (found.output, found.thoughts, bad) == ("a", thoughts, [])
    assert "reasoning" not in found.output
    assert left_out == ({"not read: thoughts": 1} if "gAAAA" in rows and not thoughts else {})


@pytest.mark.parametrize(
    ("message", "finish", "output", "thoughts", "outcome"),
    [
        ({"content": "a", "reasoning": "Hm."}, "stop", "a", "Hm.", Outcome.COMPLETE),
        ({"content": [*HM, *TEXT]}, "stop", "a", "Hm.", Outcome.COMPLETE),
        ({"content": None, "refusal": "No."}, "stop", "No.", None, Outcome.REFUSED),
        ({"content": "part", "refusal": "No."}, "stop", "part", None, Outcome.REFUSED),
        ({"content": "part", "refusal": ""}, "length", "part", None, Outcome.CUT),
    ],
)
def test_a_batch_s_thoughts_and_refusals_are_none_of_its_outputs(
    message: Mapping[str, Any], finish: str, output: str, thoughts: str | None, outcome: Outcome
) -> None:
    row = batch(1, {"choices": [{"message": message, "finish_reason": finish}]})
    (found,), _, _ = taken(file(jsonl(row)), questions=file(jsonl(sent(1, ASKED))))
    assert (found.output, found.thoughts, found.outcome) == (output, thoughts, outcome)


def test_summaries_of_thoughts_of_the_responses_api_and_of_anthropic_are_kept_beside() -> None:
    said = {"type": "message", "content": [{"type": "output_text", "text": "a"}]}
    row = batch(1, {"output": [{"type": "reasoning", "summary": SUMMARY}, said]})
    (found,), _, _ = taken(file(jsonl(row)), questions=file(jsonl(sent(1, ASKED))))
    assert (found.output, found.thoughts) == ("a", "Hm.")
    parts = [{"type": "thinking", "thinking": "Hm."}, *TEXT]
    other = {"custom_id": "a", "result": {"type": "succeeded", "message": {"content": parts}}}
    sent_ = {"custom_id": "a", "params": {"messages": [ASKED]}}
    (found,), left_out, _ = taken(file(jsonl(other)), questions=file(jsonl(sent_)))
    assert (found.output, found.thoughts, left_out) == ("a", "Hm.", {})


def test_a_sample_s_question_is_what_the_model_was_sent() -> None:
    said = [
        {"role": "system", "content": "Think."},
        {"role": "user", "content": "Which?\nA) x\nB) y", "source": "input"},
        {"role": "assistant", "content": "B", "source": "generate"},
    ]
    given = sample(1, "B", "Which?", choices=["x", "y"], messages=said)
    (found,), left_out, _ = taken(file(log(given), "log.json"))
    assert found.example.instruction == "Which?\nA) x\nB) y"
    assert left_out == {f"not read: {SYSTEM_PROMPT}": 1}


def test_long_texts_that_a_log_keeps_apart_are_put_back() -> None:
    given = sample(1, "attachment://h1", "attachment://h2", attachments={"h1": "a", "h2": "q"})
    (found,), _, _ = taken(file(log(given), "log.json"))
    assert (found.example.instruction, found.output) == ("q", "a")


def test_an_inspect_log_without_samples_says_so() -> None:
    _, _, (bad,) = taken(file(log(), "log.json"))
    assert "no samples" in bad.reason


def chat(*turns: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": text} for role, text in turns], **more}


def test_of_a_conversation_the_first_exchange_is_taken_and_the_rest_is_named() -> None:
    rows = [
        chat(("user", "q1"), ("assistant", "a1"), ("user", "more"), ("assistant", "b")),
        chat(("system", "s"), ("user", "q2"), ("assistant", "a2")),
        chat(("user", "q3")),
        chat(("assistant", "hello"), ("user", "q4"), ("assistant", "a4")),
    ]
    good, left_out, bad = taken(file(jsonl(*rows)))
    assert [(p.example.instruction, p.output) for p in good] == [("q1", "a1"), ("q2", "a2")]
    assert left_out == {
        f"not read: {LATER_TURNS}": 1,
        f"not read: {SYSTEM_PROMPT}": 1,
        "rows left out: there is no answer in the conversation": 1,
        "rows left out: the conversation does not begin with a question": 1,
    }
    assert not bad


def test_an_output_that_answers_several_turns_is_left_out() -> None:
    earlier = ("user", "q"), ("assistant", "a")
    rows = [chat(*earlier, ("user", "next"), output="o"), chat(("user", "only"), output="p")]
    good, left_out, _ = taken(file(jsonl(*rows)))
    assert [(p.example.instruction, p.output) for p in good] == [("only", "p")]
    assert left_out == {f"rows left out: {SEVERAL_TURNS}": 1}


def test_a_system_prompt_may_be_named_as_the_instruction() -> None:
    row = chat(
        ("system", "First repeat the input, then answer."), ("user", "1?"), ("assistant", "1? one")
    )
    (found,), _, _ = taken(file(jsonl(row)), "instruction=system", "input=instruction")
    assert (found.example.instruction, found.example.input) == (
        "First repeat the input, then answer.",
        "1?",
    )
    assert [step.task for step in found.example.steps] == ["repeat", "answer"]


def test_label_studio_and_argilla_keep_what_people_said_beside_the_output() -> None:
    task = {
        "id": 9,
        "data": {"instruction": "Repeat.", "input": "i", "output": "i"},
        "annotations": [{"id": 1, "result": [{"value": {"choices": ["yes"]}}]}],
        "predictions": [{"model_version": "v"}],
    }
    found = taken(file(json.dumps([task, task], indent=1), "ls.json"))[0][0]
    assert found.meta["task_annotations"] == task["annotations"]
    record = {
        "id": "r",
        "fields": {"chat": [{"role": "user", "content": "q"}], "response": "a"},
        "responses": {"rating": [{"value": 4, "user_id": "u"}]},
        "suggestions": {"rating": {"value": 5, "score": None, "agent": None}},
        "metadata": {},
        "vectors": {"v": [0.1] * 9},
    }
    (found,), left_out, _ = taken(file(json.dumps([record]), "argilla.json"))
    assert (found.example.instruction, found.output) == ("q", "a")
    assert left_out == {f"not read: {ANNOTATIONS}": 1, f"not read: {SUGGESTIONS}": 1}


LLAMA3 = (
    "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\ns<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nq\nr<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n"
)


@pytest.mark.parametrize(
    "prompt",
    [
        "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nq\nr<|im_end|>\n<|im_start|>assistant\n",
        "<|im_start|>user\nq\nr<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
        LLAMA3,
        "<bos><start_of_turn>user\nq\nr<end_of_turn>\n<start_of_turn>model\n",
        "<s>[INST] <<SYS>>\ns\n<</SYS>>\n\nq\nr [/INST]",
        "[INST] q\nr [/INST]",
        "<|system|>\ns</s>\n<|user|>\nq\nr</s>\n<|assistant|>\n",
        "<|user|>\nq\nr<|end|>\n<|assistant|>\n",
        # as LLaMA-Factory writes them by default: without the special tokens
        "system\ns\nuser\nq\nr\nassistant\n",
        "user\nq\nr\nassistant\n",
        "system\n\nsuser\n\nq\nrassistant\n\n",
        "user\n\nq\nrassistant\n\n",
        "user\nq\nr\nmodel\n",
    ],
)
def test_the_same_question_is_the_same_whatever_the_model_s_chat_template(prompt: str) -> None:
    (found,), left_out, _ = taken(file(jsonl({"prompt": prompt, "predict": "p", "label": "l"})))
    assert (found.example.instruction, found.output, found.example.reference) == ("q\nr", "p", "l")
    assert left_out[f"not read: {MARKS}"] == 1


@pytest.mark.parametrize(
    "prompt",
    [
        "What is <|im_start|>?",
        "[INST] open",
        "Who is the user\nassistant\n",
        "user\nq\nassistant\na\nuser\nmore\nassistant\n",
        "user\n\nassistant\n",
    ],
)
def test_a_prompt_without_a_whole_template_stays_as_it_is(prompt: str) -> None:
    (found,), left_out, _ = taken(file(jsonl({"prompt": prompt, "predict": "p", "label": "l"})))
    assert found.example.instruction == prompt
    assert not left_out


def test_predictions_without_prompts_are_joined_by_their_order() -> None:
    rows = [{"label": "l", "predict": f"p{i}"} for i in range(2)]
    asked = [{"instruction": f"q{i}", "input": "i"} for i in range(2)]
    good, _, _ = taken(file(jsonl(*rows)), questions=file(json.dumps(asked), "data.json"))
    assert [(p.example.instruction, p.example.input, p.output) for p in good] == [
        ("q0", "i", "p0"),
        ("q1", "i", "p1"),
    ]
    _, _, (bad,) = taken(file(jsonl(*rows)))
    assert "--questions" in bad.reason


def test_fastchat_s_failed_answers_and_unknown_questions_are_left_out() -> None:
    def row(number: int, text: str) -> dict[str, Any]:
        return {"question_id": number, "model_id": "m", "choices": [{"index": 0, "turns": [text]}]}

    asked = [{"question_id": str(n), "turns": [f"q{n}", "then"]} for n in (1, 2)]
    rows = file(jsonl(row(1, "one"), row(2, "$ERROR$"), row(3, "three")))
    good, left_out, _ = taken(rows, questions=file(jsonl(*asked)))
    assert [(p.example.instruction, p.output) for p in good] == [("q1", "one")]
    assert sum(left_out.values()) == 2


def test_alpaca_eval_s_outputs_go_by_columns_and_by_name_into_a_run_a_model() -> None:
    rows = [
        {"instruction": "q", "output": "a", "generator": f"m{i}", "dataset": "d"} for i in (1, 2)
    ]
    by_columns, _, _ = taken(file(json.dumps(rows), "model_outputs.json"))
    assert {p.run for p in by_columns} == {"run"}
    by_name, _, _ = taken(file(json.dumps(rows), "model_outputs.json"), form="alpaca-eval")
    assert [p.run for p in by_name] == ["m1", "m2"]


def test_columns_of_their_own_win_over_a_reader() -> None:
    row = {"instruction": "i", "output": "o", **chat(("user", "q"), ("assistant", "a"))}
    assert look_at(file(jsonl(row))).format == "jsonl"


def test_a_row_of_another_kind_in_the_middle_is_told_with_its_line() -> None:
    rows = [chat(("user", f"q{i}"), ("assistant", "a")) for i in range(60)]
    rows[55] = {"strange": 1}
    good, _, (bad,) = taken(file(jsonl(*rows)))
    assert (len(good), bad.line) == (59, 56)


def test_pairs_of_answers_are_refused_and_either_can_be_named() -> None:
    def talk(answer: str) -> list[dict[str, str]]:
        return [{"role": "user", "content": "q"}, {"role": "assistant", "content": answer}]

    source = file(jsonl({"chosen": talk("good"), "rejected": talk("bad")}))
    _, _, (bad,) = taken(source)
    assert "chosen.-1.content" in bad.reason
    (found,), _, _ = taken(source, "instruction=rejected.0.content", "output=rejected.-1.content")
    assert (found.example.instruction, found.output) == ("q", "bad")


def test_a_packed_log_of_inspect_says_how_to_unpack_it() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("_journal/start.json", "{}")
    _, _, (bad,) = taken(file(packed.getvalue(), "log.eval"))
    assert "inspect log convert" in bad.reason


def test_a_document_that_only_another_filter_has_is_taken() -> None:
    rows = [samples(0, "strict", "a"), samples(0, "loose", "a"), samples(1, "loose", "b")]
    good, left_out, _ = taken(file(jsonl(*rows)))
    assert [p.output for p in good] == ["a", "b"]
    assert left_out == {f"rows left out: {REPEATED}": 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "<|user|>" + "\n" * 1_000_000 + "<|assistant|>",
        "<|im_start|>user\n" * 60_000,
        "[INST]" * 150_000 + "[/INST]",
        "<|im_start|>" + " " * 1_000_000,
        "<|user|>\n" * 100_000,
    ],
)
def test_a_prompt_of_a_megabyte_is_read_at_once(text: str) -> None:
    begun = time.monotonic()
    turns_of_prompt(text)
    assert time.monotonic() - begun < 5  # quadratic, it would be minutes


def test_a_tool_s_results_and_trees_are_refused_with_what_reads_them() -> None:
    results = {"results": {"gsm8k": {"acc,none": 0.5}}, "configs": {}, "versions": {}}
    _, _, (bad,) = taken(file(json.dumps(results, indent=2), "results.json"))
    assert "sit benchmark --results" in bad.reason
    squad = {
        "version": "1.1",
        "data": [{"title": "t", "paragraphs": [{"context": "c", "qas": []}]}],
    }
    _, _, (bad,) = taken(file(json.dumps(squad), "xquad.en.json"))
    assert "xquad:" in bad.reason


def test_an_object_that_is_no_tool_s_is_told_in_one_sentence() -> None:
    good, _, (bad,) = taken(SourceFile.at(CASES.parent / "12_pretty_object.json"))
    assert not good
    assert "'data'" in bad.reason


KEYS = st.sampled_from(
    """messages conversations prompt completion output predict label choices turns question_id
    doc_id resps arguments custom_id response result body fields responses data annotations text
    Comments id eval samples status version role content from value filter target""".split()  # noqa: SIM905
)
SMALL = st.none() | st.booleans() | st.integers() | st.text(max_size=4)
INNER = st.dictionaries(KEYS, SMALL | st.lists(SMALL, max_size=2), max_size=4)
ROWS = st.dictionaries(KEYS, SMALL | INNER | st.lists(SMALL | INNER, max_size=2), max_size=6)


@settings(max_examples=100)
@given(st.lists(ROWS, max_size=3), st.sampled_from(sorted(row_formats())))
def test_no_reader_ever_raises(rows: Sequence[Mapping[str, Any]], form: str) -> None:
    for chosen in (form, "auto"):
        for item in read_outputs(file(json.dumps(rows), "x.json"), chosen):
            assert item is not None
    assert form in FORMATS


def test_rows_of_two_shapes_are_of_no_tool() -> None:
    rows = [chat(("user", "q"), ("assistant", "a")), {"frage": "q", "antwort": "a"}]
    assert look_at(file(jsonl(*rows))).format == "jsonl"


def test_an_id_of_two_questions_joins_neither() -> None:
    answers = [{"question_id": n, "choices": [{"turns": [f"a{n}"]}]} for n in (1, 2)]
    asked = [{"question_id": n, "turns": [f"q{i}"]} for i, n in enumerate((1, 1, 2))]
    good, left_out, _ = taken(file(jsonl(*answers)), questions=file(jsonl(*asked)))
    assert [(p.example.instruction, p.output) for p in good] == [("q2", "a2")]
    assert left_out == {"rows left out: its question is not in the file of questions": 1}


def test_a_column_that_a_path_reaches_into_is_not_told_as_unused() -> None:
    source = SourceFile.at(CASES / "fastchat.jsonl")
    changes = {"output": "choices.0.turns.0", "instruction": "answer_id"}
    look, form = look_with(source, "auto", changes)
    summary = FileSummary()
    plan = ImportFile(source, "run", look.mapping.corrected(changes), form)
    assert len(list(read_predictions(plan, summary=summary))) == 1
    assert summary.unused == ["question_id", "model_id", "tstamp"]
