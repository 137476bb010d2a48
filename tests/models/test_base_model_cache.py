"""One base in memory for all, adapters swapped in it, and room made for others."""

import threading
from pathlib import Path
from typing import Any

import pytest

from sit_core.errors import SitError
from sit_core.models import GenerationSettings
from sit_core.models.local import base_model_cache as bases_module
from sit_core.models.local import load as opening
from sit_core.models.local.base_model_cache import BaseModelCache
from tests.models.conftest import Loader, save_adapter, save_tiny

pytestmark = pytest.mark.slow
GREEDY = GenerationSettings(max_new_tokens=16)


def text(model: Any, prompt: str = "hello") -> str:
    made: str = next(model.generate([prompt], GREEDY))[1].text
    return made


def test_everybody_who_uses_a_base_uses_the_same_one(
    local: Loader, lora: Path, bases: BaseModelCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = bases_module.open_base
    monkeypatch.setattr(bases_module, "open_base", lambda *a: opened.append("x") or real(*a))
    first, second, tuned = local(), local(dtype="float32"), local(adapter=str(lora))
    assert first._base is second._base is tuned._base
    first.close()
    assert local()._base is second._base
    assert opened == ["x"]
    assert len(bases) == 1
    assert local(dtype="bfloat16")._base is not second._base


def test_many_who_come_at_once_load_it_once(
    local: Loader, bases: BaseModelCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = bases_module.open_base
    monkeypatch.setattr(bases_module, "open_base", lambda *a: opened.append("x") or real(*a))
    threads = [threading.Thread(target=local) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == ["x"]


def test_a_model_that_was_saved_again_is_another_one(
    local: Loader, copy: Path, tmp_path: Path
) -> None:
    before = text(local(copy))
    save_tiny(copy, seed=5)
    assert text(local(copy)) != before


def test_adapters_are_swapped_in_the_base_they_share(
    local: Loader, tiny: Path, lora: Path, tmp_path: Path
) -> None:
    other = save_adapter(tmp_path / "other", tiny, seed=2)
    base, one, two = local(), local(adapter=str(lora)), local(adapter=str(other))
    texts = [text(base), text(one), text(two)]
    assert len(set(texts)) == 3
    assert [text(base), text(one), text(two)] == texts
    assert [text(two), text(base), text(one)] == [texts[2], texts[0], texts[1]]


def test_an_adapter_works_as_in_peft_itself(local: Loader, tiny: Path, lora: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny)
    base = AutoModelForCausalLM.from_pretrained(tiny)
    merged = PeftModel.from_pretrained(base, str(lora)).merge_and_unload()
    ids = tokenizer("hello", return_tensors="pt")
    with torch.no_grad():
        out = merged.generate(**ids, max_new_tokens=16, do_sample=False)
    expected = tokenizer.decode(out[0, ids["input_ids"].shape[1] :], skip_special_tokens=True)
    assert text(local(adapter=str(lora))) == expected


def test_streams_with_different_adapters_run_side_by_side(local: Loader, lora: Path) -> None:
    models = [local(), local(adapter=str(lora)), local()]
    prompts = ["hello", "hello", "a longer one"]
    expected = [text(m, p) for m, p in zip(models, prompts, strict=True)]
    streams = [m.stream(p, GREEDY) for m, p in zip(models, prompts, strict=True)]
    shown = ["", "", ""]
    for _ in range(17):
        for i, stream in enumerate(streams):
            shown[i] += next(stream, "")
    assert shown == expected


def test_threads_with_different_adapters_do_not_disturb_each_other(
    local: Loader, lora: Path
) -> None:
    models = [local(), local(adapter=str(lora))] * 2
    expected = [text(m) for m in models]
    found: dict[int, list[str]] = {}

    def work(i: int) -> None:
        found[i] = [text(models[i]) for _ in range(3)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {i: [expected[i]] * 3 for i in range(4)}


@pytest.mark.parametrize("change", [{"layers": 3}, {"layers": 1}])
def test_an_adapter_for_another_base_is_refused_and_the_base_works_on(
    change: dict[str, int], local: Loader, lora: Path, tmp_path: Path
) -> None:
    other = save_tiny(tmp_path / "other", **change)
    wrong = save_adapter(tmp_path / "wrong", other)
    base = local()
    before = text(base)
    for _ in range(2):
        with pytest.raises(SitError, match="does not fit the base") as caught:
            local(adapter=str(wrong))
        assert "it names" in str(caught.value)
        assert text(base) == before
    tuned = local(adapter=str(lora))
    assert text(tuned) != before
    with pytest.raises(SitError, match="does not fit the base"):
        local(adapter=str(wrong))
    assert text(base) == before
    assert text(tuned) != before


def test_a_folder_without_an_adapter_or_with_a_pickled_one_is_refused(
    local: Loader, lora: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    with pytest.raises(SitError, match=r"adapter_config\.json is missing"):
        local(adapter=str(folder))
    (folder / "adapter_config.json").write_text((lora / "adapter_config.json").read_text())
    (folder / "adapter_model.bin").write_bytes(b"pickle")
    with pytest.raises(SitError, match="only as a pickle"):
        local(adapter=str(folder))


def test_an_unused_base_makes_room_and_a_used_one_does_not(
    local: Loader, bases: BaseModelCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = local()
    monkeypatch.setattr(bases_module, "fits", lambda fit: len(bases) == 0)
    other = save_tiny(tmp_path / "other", seed=3)
    with pytest.raises(SitError, match="does not fit"):
        local(other)
    assert len(bases) == 1
    first.close()
    assert text(local(other))
    assert len(bases) == 1


def test_a_model_that_does_not_fit_says_what_it_needs(
    local: Loader, bases: BaseModelCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "free_memory", lambda device: 100_000)
    with pytest.raises(SitError, match=r"needs 0\.000 GB on cpu.*are free; choose dtype bfloat16"):
        local(dtype="float32")
    assert len(bases) == 0
    monkeypatch.setattr(opening, "free_memory", lambda device: None)
    assert text(local())
