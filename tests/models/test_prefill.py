"""A given beginning of an output: the model goes on as if it had written it, wherever it runs."""

from pathlib import Path
from typing import Any

import pytest

from sit_core.embedded.shipped import shipped_base
from sit_core.errors import SitError
from sit_core.models import Generated, GenerationSettings, ModelSpec, Prefilled, load_model
from sit_core.models.local import decoding
from sit_core.records import Example
from sit_core.settings import DATA
from tests.models.conftest import Loader

GREEDY = GenerationSettings(max_new_tokens=24)
PAIRS = [
    ("hello", "given "),
    ("Grüße", "aus 北京 🙂\n"),
    ("x", ""),
    ("a rather longer prompt than the others " * 4, "and a short beginning"),
    ("y\n", "a longer beginning than the prompt " * 3),
] * 3
PAIRS = [(f"{prompt}{number}", given) for number, (prompt, given) in enumerate(PAIRS)]
BEGUN = [Prefilled(*pair) for pair in PAIRS]


def all_of(model: Any, prompts: list[Any], settings: GenerationSettings = GREEDY) -> list[str]:
    made = dict(model.generate(prompts, settings))
    assert sorted(made) == list(range(len(prompts)))
    return [made[i].error or made[i].text for i in range(len(prompts))]


def whole(stream: Any) -> tuple[str, Generated]:
    pieces = []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as end:
            return "".join(pieces), end.value


def test_it_goes_on_as_after_the_same_tokens_in_a_prompt(local: Loader) -> None:
    # The tiny tokenizer is of bytes, so that tokens apart and tokens of both together are the same.
    model = local()
    joined = [prompt + given for prompt, given in PAIRS]
    expected = [all_of(model, [prompt])[0] for prompt in joined]
    assert [all_of(model, [one])[0] for one in BEGUN] == expected
    assert expected != [all_of(model, [prompt])[0] for prompt, _ in PAIRS]
    assert all_of(model, BEGUN) == expected
    small = GenerationSettings(max_new_tokens=24, batch_tokens=300)
    assert all_of(model, BEGUN, small) == expected
    drawn = GenerationSettings(max_new_tokens=24, temperature=1.0, seed=3)
    assert all_of(model, BEGUN, drawn) == all_of(model, joined, drawn)
    for one, text in list(zip(BEGUN, expected, strict=True))[:4]:
        pieces, made = whole(model.stream(one, GREEDY))
        assert pieces == made.text == text


@pytest.mark.parametrize("shards", [2, 3])
def test_shards_make_the_same(shards: int, local: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [all_of(local(), [one])[0] for one in BEGUN]
    monkeypatch.setattr(decoding, "shards_of", lambda base: shards)
    assert all_of(local(), BEGUN) == expected


def test_what_looks_like_a_special_token_in_it_is_text(local: Loader) -> None:
    model = local(prompt_format="chat")
    ids = model._prompter.output_tokens("<|end|>")
    assert len(ids) == len("<|end|>")
    assert model._prompter.output_tokens("") == []


def test_the_context_counts_it_and_thoughts_that_are_open_refuse_it(
    local: Loader, tiny: Path
) -> None:
    model = local()
    ((_, made),) = model.generate([Prefilled("x", "y" * 600)], GREEDY)
    assert "reads at most 512" in (made.error or "")
    ((_, made),) = model.generate([Prefilled("x <think>\n", "y")], GREEDY)
    assert "thoughts begun" in (made.error or "")


EMBEDDED = DATA / "microlab" / "adapters" / "sit-repeat"
QUESTION = (
    "Question: What can you do with a pencil?\nChoices: A:sew, B:sleep, C:draw, D:sail, E:row"
)


@pytest.mark.skipif(not EMBEDDED.is_dir(), reason="the embedded adapters are not here")
def test_the_embedded_model_goes_on_with_its_own_words_as_it_did() -> None:
    model = load_model(ModelSpec(str(shipped_base()), str(EMBEDDED), device="cpu"))
    settings = GenerationSettings(max_new_tokens=120)
    first = "First repeat the input, then answer the question."
    asked = [Example(first, QUESTION), Example(first, QUESTION.replace("pencil", "bed"))]
    own = all_of(model, asked, settings)
    assert all("\nChoices: " in text and text.count("\n") == 2 for text in own), own
    begun, rest = [], []
    prompter = model._prompter  # type: ignore[attr-defined]
    for example, text in zip(asked, own, strict=True):
        ids = prompter.output_tokens(text)
        cuts = {len(prompter.decode(ids[:count])) for count in (1, 5, 9, len(ids) - 1)}
        assert text.rindex("\n") + 1 in cuts  # tokens end where the answer begins
        for at in sorted(cuts):
            begun.append(Prefilled(example, text[:at]))
            rest.append(text[at:])
    assert all_of(model, begun, settings) == rest
    assert [whole(model.stream(one, settings))[0] for one in begun] == rest
    model.close()


def spec(**fields: Any) -> ModelSpec:
    return ModelSpec("m", backend="openai", **{"base_url": "http://localhost:8000/v1", **fields})


def test_an_endpoint_of_which_nothing_is_known_is_asked_nothing(server: Any) -> None:
    pytest.importorskip("aiohttp")
    model = load_model(spec(base_url=server.url))
    with pytest.raises(SitError, match=r"continue_by \(continue_final_message, prefix"):
        list(model.generate(["plain", Prefilled("hi", "so")], GREEDY))
    with pytest.raises(SitError, match="not known how"):
        next(model.stream(Prefilled("hi", "so"), GREEDY))
    assert server.requests == []
    assert all_of(model, [Prefilled("hi", "")]) == ["HI"]  # nothing is given, so all can do it
