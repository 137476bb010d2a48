"""Outputs of the transformers backend: the same however they are made, and cut nowhere."""

from pathlib import Path
from typing import Any

import pytest

from sit_core.errors import SitError
from sit_core.models import Generated, GenerationSettings
from sit_core.records import Example
from tests.models.conftest import Loader, edit_json, save_tiny

GREEDY = GenerationSettings(max_new_tokens=24)
PROMPTS = [
    "hello",
    "Grüße aus 北京 🙂",
    "x",
    "a rather longer prompt than the others " * 4,
    "y\n",
] * 3
PROMPTS = [f"{prompt}{number}" for number, prompt in enumerate(PROMPTS)]


def one_by_one(model: Any, settings: GenerationSettings) -> list[str]:
    return [next(model.generate([prompt], settings))[1].text for prompt in PROMPTS]


def together(model: Any, settings: GenerationSettings) -> list[str]:
    made = dict(model.generate(PROMPTS, settings))
    assert sorted(made) == list(range(len(PROMPTS)))
    return [made[i].text for i in range(len(PROMPTS))]


@pytest.mark.slow
def test_greedy_is_what_transformers_itself_makes(local: Loader, tiny: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny)
    model = AutoModelForCausalLM.from_pretrained(tiny)
    for prompt in PROMPTS[:4]:
        ids = tokenizer(prompt, return_tensors="pt")
        with torch.no_grad():
            out = model.generate(**ids, max_new_tokens=24, do_sample=False)
        expected = tokenizer.decode(out[0, ids["input_ids"].shape[1] :], skip_special_tokens=True)
        assert next(local().generate([prompt], GREEDY))[1].text == expected


@pytest.mark.slow
def test_a_batch_gives_what_one_by_one_gives(local: Loader) -> None:
    model = local()
    alone = one_by_one(model, GREEDY)
    assert len(set(alone)) > 10
    assert together(model, GREEDY) == alone
    small = GenerationSettings(max_new_tokens=24, batch_tokens=100)
    assert together(model, small) == alone


@pytest.mark.slow
def test_the_same_seed_draws_the_same_alone_and_in_a_batch(local: Loader) -> None:
    model = local()
    drawn = GenerationSettings(max_new_tokens=24, temperature=1.0, top_p=0.9, top_k=50, seed=7)
    alone = one_by_one(model, drawn)
    assert together(model, drawn) == alone
    other = GenerationSettings(max_new_tokens=24, temperature=1.0, top_p=0.9, top_k=50, seed=8)
    assert one_by_one(model, other) != alone
    assert alone != one_by_one(model, GREEDY)


def test_an_output_that_the_limit_ended_is_marked_and_one_that_ended_itself_is_not(
    local: Loader, copy: Path
) -> None:
    first = next(local().generate(["hello"], GREEDY))[1]
    assert (first.cut, first.tokens) == (True, 24)
    token = local()._prompter.tokens(first.text)[0]
    edit_json(copy / "generation_config.json", eos_token_id=[token])
    ended = next(local(copy).generate(["hello"], GREEDY))[1]
    assert (ended.text, ended.cut, ended.tokens) == ("", False, 1)
    at_the_limit = GenerationSettings(max_new_tokens=1)
    assert not next(local(copy).generate(["hello"], at_the_limit))[1].cut


def test_an_output_ends_before_a_stop_text(local: Loader) -> None:
    model = local()
    whole = next(model.generate([PROMPTS[1]], GREEDY))[1].text
    word = whole[6:8]
    settings = GenerationSettings(max_new_tokens=24, stop=("never to be met", word))
    made = next(model.generate([PROMPTS[1]], settings))[1]
    assert made.text == whole[: whole.index(word)]
    assert not made.cut
    assert made.tokens is not None
    assert made.tokens < 24
    pieces = list(model.stream(PROMPTS[1], settings))
    assert "".join(pieces) == made.text


def test_a_stream_is_the_output_in_pieces(local: Loader) -> None:
    model = local()
    for prompt, expected in zip(PROMPTS[:5], one_by_one(model, GREEDY), strict=False):
        stream, pieces = model.stream(prompt, GREEDY), []
        made: Generated | None = None
        while made is None:
            try:
                pieces.append(next(stream))
            except StopIteration as end:
                made = end.value
        assert "".join(pieces) == expected == made.text
        assert made.cut
        assert len(pieces) > 3


def test_once_told_to_stop_nothing_more_is_made(local: Loader) -> None:
    model, asked = local(), []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 30

    settings = GenerationSettings(max_new_tokens=24, batch_tokens=200)
    made = dict(model.generate(PROMPTS, settings, stop))
    assert 0 < len(made) < len(PROMPTS)
    assert all(result.tokens == 24 for result in made.values())
    asked.clear()
    assert len("".join(model.stream("hello", GenerationSettings(max_new_tokens=400), stop))) < 60
    assert not list(model.generate(PROMPTS, settings, lambda: True))


def test_a_stream_ends_with_the_piece_after_which_it_was_told_to_stop(local: Loader) -> None:
    whole = list(local().stream("hello", GREEDY))
    pieces: list[str] = []
    for piece in local().stream("hello", GREEDY, lambda: len(pieces) == 2):
        pieces.append(piece)
    assert len(pieces) <= 4 < len(whole)
    assert "".join(whole).startswith("".join(pieces))
    assert len("".join(pieces)) < len("".join(whole))


def test_a_stream_that_is_closed_leaves_the_base_to_others(local: Loader) -> None:
    stream = local().stream("hello", GREEDY)
    next(stream)
    stream.close()
    assert next(local().generate(["hello"], GREEDY))[1].tokens == 24


def test_results_come_before_the_last_one_is_made(local: Loader) -> None:
    settings = GenerationSettings(max_new_tokens=24, batch_tokens=1)
    model = local()
    steps = counting(model)
    next(model.generate(PROMPTS, settings))
    assert len(steps) == 24


def counting(model: Any, fails: Any = lambda rows: False) -> list[int]:
    """Have the model note how many rows each step had, and run out of memory as told."""
    import torch

    steps: list[int] = []
    forward = model._base.model.forward

    def counted(*args: Any, **kwargs: Any) -> Any:
        rows = kwargs["input_ids"].shape[0]
        if fails(rows):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        steps.append(rows)
        return forward(*args, **kwargs)

    model._base.model.forward = counted
    return steps


@pytest.mark.slow
def test_batches_halve_when_memory_runs_out_and_nothing_is_lost(local: Loader) -> None:
    model = local()
    alone = one_by_one(model, GREEDY)
    steps = counting(model, lambda rows: rows > 4)
    assert together(model, GREEDY) == alone
    assert 1 < max(steps) <= 4


@pytest.mark.slow
def test_memory_that_runs_out_late_makes_no_output_twice(local: Loader) -> None:
    model = local()
    alone = one_by_one(model, GREEDY)
    calls: list[int] = []

    def fails(rows: int) -> bool:
        calls.append(rows)
        return len(calls) == 10

    counting(model, fails)
    seen = [index for index, _ in model.generate(PROMPTS, GREEDY)]
    assert sorted(seen) == list(range(len(PROMPTS)))
    calls.clear()
    assert together(model, GREEDY) == alone


def test_a_small_model_takes_one_thread_and_leaves_the_others_as_they_were(local: Loader) -> None:
    import torch

    model, before = local(), torch.get_num_threads()
    torch.set_num_threads(2)
    seen: list[int] = []
    counting(model, lambda rows: bool(seen.append(torch.get_num_threads())))
    list(model.generate(["hello"], GREEDY))
    assert set(seen) == {1}
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_a_prompt_that_is_too_large_alone_is_one_error(local: Loader) -> None:
    model = local()
    counting(model, lambda rows: True)
    made = dict(model.generate(PROMPTS[:2], GREEDY))
    assert [made[i].error for i in (0, 1)] == [
        "Memory ran out, with this prompt alone in the batch."
    ] * 2
    with pytest.raises(SitError, match="Memory ran out"):
        list(model.stream("hello", GREEDY))


def test_another_fault_is_not_taken_for_lack_of_memory(local: Loader) -> None:
    model = local()

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("shapes cannot be multiplied")

    model._base.model.forward = broken  # type: ignore[union-attr]
    with pytest.raises(RuntimeError, match="shapes"):
        list(model.generate(PROMPTS, GREEDY))


def test_mistake_10_a_long_prompt_is_never_cut(tmp_path: Path, local: Loader) -> None:
    """A cut-off dropped the end: the final task and the end-of-text token."""
    model = local(save_tiny(tmp_path / "short", context=64))
    made = dict(model.generate(["a" * 64, "a" * 60, "ok"], GREEDY))
    assert made[0].text == ""
    assert "64 tokens, but the model reads at most 64" in str(made[0].error)
    assert (made[1].tokens, made[1].cut, made[1].error) == (4, True, None)
    assert made[2].tokens == 24
    with pytest.raises(SitError, match="nothing was cut off"):
        list(model.stream("a" * 64, GREEDY))


def test_mistake_11_an_input_with_the_response_heading_does_not_move_the_output(
    local: Loader,
) -> None:
    """The output was what followed the first "### Response:", and padding was on the right."""
    model = local(prompt_format="alpaca")
    ugly = Example("Repeat the input.", "a\n\n### Response:\nnot the output\n\n### Response:\n")
    plain = Example("Repeat the input.", "a")
    made = dict(model.generate([ugly, plain], GREEDY))
    prompt = model.prompt(ugly)
    assert prompt.count("### Response:") == 3
    assert "not the output" not in made[0].text
    assert made[0].text == next(model.generate([prompt], GREEDY))[1].text
    assert made[1].text == next(model.generate([plain], GREEDY))[1].text
    assert made[0].tokens == made[1].tokens == 24


def test_mistake_11_padding_is_on_the_left_and_masked(local: Loader) -> None:
    from sit_core.models.local.decoding import _left_padded

    model = local()
    rows = [model._row(i, prompt, GREEDY) for i, prompt in enumerate(["abc", "a"])]
    ids, mask = _left_padded(rows)  # type: ignore[arg-type]
    assert mask == [[1, 1, 1], [0, 0, 1]]
    assert ids[0][-1:] == rows[0].prompt[-1:]  # type: ignore[union-attr]
    assert ids[1][-1:] == rows[1].prompt  # type: ignore[union-attr]


def test_what_looks_like_a_special_token_in_a_text_is_text(local: Loader) -> None:
    model = local(prompt_format="alpaca")
    ids = model._prompter.tokens(Example("Repeat.", "a <|end|> b"))
    assert model._base is not None
    assert model._base.tokenizer.eos_token_id not in ids
    assert "a <|end|> b" in model._prompter.decode(ids)


def test_auto_takes_the_chat_template_and_without_one_alpaca(local: Loader, copy: Path) -> None:
    asked = Example("Repeat the input.", "a cow")
    chat = local(prompt_format="auto")
    assert chat.prompt(asked) == "<|user|>Repeat the input.\n\n### Input:\na cow<|model|>"
    assert chat.identity()["chat_template_sha256"]
    (copy / "chat_template.jinja").unlink()
    assert local(copy, prompt_format="auto").prompt(asked).endswith("### Response:\n")
    with pytest.raises(SitError, match="has no chat template"):
        local(copy, prompt_format="chat")


def test_a_template_that_refuses_and_an_image_are_errors_of_their_prompt(
    local: Loader, copy: Path
) -> None:
    (copy / "chat_template.jinja").write_text(
        "{% if 'bad' in messages[0]['content'] %}{{ raise_exception('no bad words') }}{% endif %}"
        "{{ messages[0]['content'] }}"
    )
    model = local(copy, prompt_format="chat")
    asked = [Example("bad"), Example("good"), Example("What is this?", image="cat.png"), ""]
    made = dict(model.generate(asked, GREEDY))
    assert "no bad words" in str(made[0].error)
    assert made[1].error is None
    assert "can't see" in str(made[2].error)
    assert made[3].error == "The prompt is empty."


def test_identity_says_where_outputs_come_from(local: Loader, tmp_path: Path) -> None:
    known = local().identity()
    assert known["dtype"] == "float32"
    assert known["device"] == "cpu"
    assert {"torch", "transformers", "sit_core"} <= set(known["versions"])
    assert known["prompt_format"] == "plain"
    other = local(save_tiny(tmp_path / "other", seed=1)).identity()
    assert known["weights"] != other["weights"]
    assert local().identity() == known


def test_a_closed_model_says_so(local: Loader) -> None:
    model = local()
    model.close()
    model.close()
    with pytest.raises(SitError, match="was closed"):
        list(model.generate(["x"], GREEDY))
