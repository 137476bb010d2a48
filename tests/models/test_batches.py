"""Rows join a batch on its way and leave it, in one shard or several, and no output changes."""

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sit_core.models import GenerationSettings
from sit_core.models.local import backend as local_backend
from sit_core.models.local import batch as batches
from sit_core.models.local import decoding, memory
from sit_core.models.local.cpu_shards import side_by_side
from tests.models.conftest import Loader

torch = pytest.importorskip("torch")
from sit_core.models.local.kv_cache import AHEAD, laid_out  # noqa: E402 - imports torch

pytestmark = pytest.mark.slow
RNG = random.Random(3)
PROMPTS = ["".join(RNG.choices("abcdefgh äß\n", k=RNG.randint(1, 60))) + str(i) for i in range(40)]
SETTINGS = GenerationSettings(max_new_tokens=40, stop=tuple("acegikmoqsuwy02468"))
"""Stop texts, so that the rows end at very different times."""


def made(model: Any, settings: GenerationSettings = SETTINGS) -> list[tuple[str, int | None]]:
    found = dict(model.generate(PROMPTS, settings))
    return [(found[i].text, found[i].tokens) for i in range(len(PROMPTS))]


@pytest.fixture(scope="module")
def alone(tiny: Any) -> list[tuple[str, int | None]]:
    """Each output made with its prompt alone."""
    from sit_core.models import ModelSpec
    from sit_core.models.local.backend import load
    from sit_core.models.local.base_model_cache import BaseModelCache

    model = load(ModelSpec(str(tiny), prompt_format="plain", device="cpu"), BaseModelCache())
    each = [next(model.generate([prompt], SETTINGS))[1] for prompt in PROMPTS]
    assert len({one.tokens for one in each}) > 8
    return [(one.text, one.tokens) for one in each]


@pytest.mark.parametrize(("budget", "shards"), [(300, 1), (900, 1), (900, 2), (65536, 3)])
def test_joining_leaving_and_lanes_change_no_output(
    budget: int, shards: int, local: Loader, alone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_FULL", 3)
    monkeypatch.setattr(decoding, "shards_of", lambda base: shards)
    settings = GenerationSettings(max_new_tokens=40, stop=SETTINGS.stop, batch_tokens=budget)
    assert made(local(), settings) == alone


def test_dice_are_each_rows_own_in_lanes_too(
    local: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = GenerationSettings(max_new_tokens=20, temperature=1.0, top_k=40, seed=4)
    expected = made(local(), drawn)
    monkeypatch.setattr(batches, "_FULL", 3)
    monkeypatch.setattr(decoding, "shards_of", lambda base: 4)
    assert made(local(), drawn) == expected


def test_lanes_work_with_the_adapter_that_is_asked_for(
    local: Loader, lora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, adapted = local(), local(adapter=str(lora))
    expected = made(plain), made(adapted)
    assert expected[0] != expected[1]
    monkeypatch.setattr(batches, "_FULL", 3)
    monkeypatch.setattr(decoding, "shards_of", lambda base: 3)
    assert (made(plain), made(adapted)) == expected


def test_rows_take_the_places_of_those_that_have_ended(local: Loader) -> None:
    model = local()
    forward, turns = model._base.model.forward, []  # type: ignore[union-attr]

    def counted(*args: Any, **kwargs: Any) -> Any:
        turns.append(kwargs["input_ids"].shape)
        return forward(*args, **kwargs)

    model._base.model.forward = counted  # type: ignore[union-attr]
    prompts = [f"{number:020}" for number in range(100, 140)]
    settings = GenerationSettings(
        max_new_tokens=40, temperature=2.0, stop=SETTINGS.stop, batch_tokens=10 * 60
    )
    found = dict(model.generate(prompts, settings))
    tokens = [found[i].tokens or 0 for i in range(40)]
    rows = [shape[0] for shape in turns if shape[1] == 1]
    assert max(rows) == 10
    one_batch_after_the_other = sum(max(tokens[i : i + 10]) for i in range(0, 40, 10))
    assert len(rows) < 0.8 * one_batch_after_the_other
    assert sum(rows) < 1.3 * sum(tokens)


def test_prompts_are_read_with_those_of_like_length_and_lanes_share_them() -> None:
    def chunks(shards: int, *lengths: int) -> list[list[int]]:
        rows: Any = [SimpleNamespace(prompt=[0] * length) for length in lengths]
        return [[len(row.prompt) for row in chunk] for chunk in decoding._chunks(rows, shards)]

    assert chunks(1, 100, 99, 30, 29) == [[100, 99]]
    assert chunks(1, *[50] * 100) == [[50] * 40]
    assert chunks(2, 20, 20, 20, 19) == [[20, 20], [20, 19]]
    assert chunks(3, 100, 99, 30, 29, 5) == [[100], [99], [30, 29]]


def test_what_is_remembered_is_laid_out_anew_without_a_change() -> None:
    from transformers.cache_utils import DynamicCache

    def remembered(rows: int, columns: int) -> Any:
        cache = DynamicCache()
        for layer in range(2):
            cache.update(*torch.randn(2, rows, 3, columns, 4), layer)
        return cache

    caches = [remembered(3, 5), remembered(2, 9)]
    before = [[(x.keys.clone(), x.values.clone()) for x in c.layers] for c in caches]
    one, two = laid_out(caches, [[[2, 0], [1]], [[], [0, 1]]], [7, 4])
    for i in range(2):
        for kind, name in enumerate(("keys", "values")):
            (a, b), first, second = (
                [part[i][kind] for part in before],
                getattr(one.layers[i], name),
                getattr(two.layers[i], name),
            )
            assert first.shape == (3, 3, 7 + AHEAD, 4)
            assert torch.equal(first[:2, :, 2:7], a[[2, 0]])
            assert torch.equal(first[2, :, :7], b[1, :, 2:])
            assert torch.equal(second[:, :, :4], b[:, :, 5:])
            assert not first[:2, :, :2].any()
            assert not first[:, :, 7:].any()
    assert (one.get_seq_length(), one.get_mask_sizes(1, 0)) == (7, (7 + AHEAD, 0))
    assert caches[0].layers[0].keys is None  # two of the whole would not fit


def test_lanes_wait_for_each_other_also_when_one_fails() -> None:
    ended: list[int] = []

    def work(part: int) -> int:
        if part == 0:
            raise RuntimeError("first")
        ended.append(part)
        return part

    with pytest.raises(RuntimeError, match="first"):
        side_by_side(work, [0, 1])
    assert ended == [1]
    with pytest.raises(RuntimeError, match="first"):
        side_by_side(work, [1, 0])
    assert side_by_side(work, [2, 3]) == [2, 3]


def test_a_batch_takes_no_more_than_half_of_the_free_memory(
    local: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = local()
    # keys and values x 2 layers x 2 heads x 8 numbers of 4 bytes
    monkeypatch.setattr(memory, "free_memory", lambda device: 100 * 2 * (2 * 2 * 2 * 8 * 4))
    assert memory.tokens_that_fit(model._base.model, "cpu") == 100  # type: ignore[union-attr]
    assert model._budget(GenerationSettings()) == 100
    assert model._budget(GenerationSettings(batch_tokens=7)) == 7
    monkeypatch.setattr(memory, "free_memory", lambda device: 0)
    assert model._budget(GenerationSettings()) == 1
    assert len(made(model, GenerationSettings(max_new_tokens=2))) == len(PROMPTS)
    monkeypatch.setattr(memory, "free_memory", lambda device: None)
    assert model._budget(GenerationSettings()) == GenerationSettings().batch_tokens
    odd = SimpleNamespace(config=SimpleNamespace(get_text_config=lambda: SimpleNamespace()))
    monkeypatch.setattr(memory, "free_memory", lambda device: 1)
    assert memory.tokens_that_fit(odd, "cpu") is None
    assert local_backend.tokens_that_fit is memory.tokens_that_fit
