"""Adapters appear by themselves where they are put, and nowhere else."""

import json
from pathlib import Path

import pytest

from sit_core.embedded import shipped
from sit_core.live.model_choices import choices, name_of
from sit_core.models import ModelSpec
from sit_core.names import note_name, slug


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A micro lab's folder with a base."""
    folder = tmp_path / "data" / "microlab"
    (folder / "base").mkdir(parents=True)
    (folder / "base" / "model.safetensors").write_bytes(b"")
    monkeypatch.setattr(shipped, "FOLDER", folder)
    monkeypatch.setattr(shipped, "BASE", folder / "base")
    return folder


def adapter(folder: Path, base: str | None = "whatever") -> Path:
    folder.mkdir(parents=True)
    config = {} if base is None else {"base_model_name_or_path": base}
    (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_without_a_base_and_adapters_there_is_nothing_to_choose(lab: Path) -> None:
    (lab / "base" / "model.safetensors").unlink()
    assert choices() == []


def test_the_embedded_base_and_its_adapters(lab: Path) -> None:
    adapter(lab / "adapters" / "it")
    adapter(lab / "adapters" / "more" / "sit")
    (lab / "adapters" / "empty").mkdir()
    base, it, sit = choices()
    assert (base.token, base.embedded, base.spec) == (
        "microlab",
        True,
        ModelSpec(str(lab / "base")),
    )
    assert (it.token, it.spec.adapter) == ("microlab+it", str(lab / "adapters" / "it"))
    assert (sit.token, sit.name) == ("microlab+more/sit", "micro lab + more/sit")


def test_an_adapter_whose_name_can_be_no_folders_is_called_by_its_name(
    lab: Path, tmp_path: Path
) -> None:
    folder = adapter(tmp_path / "home" / "adapters" / slug("mine: 1/2"), "microlab")
    note_name(folder, "mine: 1/2")
    found = {choice.name: choice.token for choice in choices()}
    assert found["mine: 1/2 (adapter)"] == f"home+{slug('mine: 1/2')}"


def test_adapters_of_ones_own_go_with_the_base_they_name(lab: Path, tmp_path: Path) -> None:
    home = tmp_path / "home" / "adapters"
    adapter(home / "ours", str(lab / "base"))
    adapter(home / "elsewhere", "/gone/data/microlab/base")
    adapter(home / "hub", "org/model")
    adapter(home / "trained", "microlab")
    adapter(home / "nameless", None)
    (home / "broken").mkdir()
    (home / "broken" / "adapter_config.json").write_text("{", encoding="utf-8")
    found = {choice.token: choice for choice in choices()}
    assert set(found) == {"microlab", "home+ours", "home+elsewhere", "home+hub", "home+trained"}
    for name in ("ours", "elsewhere", "trained"):
        assert found[f"home+{name}"].spec.model == str(lab / "base")
    assert found["home+ours"].embedded
    assert (found["home+hub"].spec.model, found["home+hub"].embedded) == ("org/model", False)


def test_nothing_outside_the_folder_is_taken_in(lab: Path, tmp_path: Path) -> None:
    outside = adapter(tmp_path / "outside")
    (lab / "adapters").mkdir()
    (lab / "adapters" / "link").symlink_to(outside)
    assert [choice.token for choice in choices()] == ["microlab"]


def test_names_tell_models_apart(lab: Path) -> None:
    known = choices()
    assert name_of(known[0].spec, known) == shipped.NAME
    assert name_of(ModelSpec("/a/b/c", adapter="/x/mine"), known) == "b/c + mine"
    spec = ModelSpec("gpt", backend="openai", base_url="http://host:1/v1")
    assert name_of(spec, known) == "gpt at host:1"
