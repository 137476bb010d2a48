"""What can't be loaded is one sentence that says what to do; nothing unsafe is ever loaded."""

import json
import sys
from pathlib import Path

import pytest

from sit_core.errors import SitError
from sit_core.models import ModelSpec, load_model
from tests.models.conftest import Loader, edit_json


def test_a_folder_that_is_not_there_is_named(local: Loader, tmp_path: Path, tiny: Path) -> None:
    with pytest.raises(SitError, match=f"There is no folder {tmp_path}/none"):
        local(tmp_path / "none")
    with pytest.raises(SitError, match="is a file; name the folder"):
        local(tiny / "config.json")


def test_without_a_network_a_hub_id_says_how_to_name_a_folder(
    local: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(SitError, match="the hub can't be reached; name a folder"):
        local(Path("nobody/nothing-of-this-name"))


def test_what_the_hub_says_becomes_a_sentence(
    local: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = pytest.importorskip("huggingface_hub")
    httpx = pytest.importorskip("httpx2")
    answer = httpx.Response(404, request=httpx.Request("GET", "http://hub"))
    said = {
        "no model of that id": hub.errors.RepositoryNotFoundError("x", response=answer),
        "let in; ask": hub.errors.GatedRepoError("x", response=answer),
        "no revision 'v9'": hub.errors.RevisionNotFoundError("x", response=answer),
        "No space left": OSError(28, "No space left on device"),
        "hub can't be reached": httpx.ConnectError("x"),
    }
    for sentence, error in said.items():

        def fails(*args: object, error: Exception = error, **kwargs: object) -> None:
            raise error

        monkeypatch.setattr(hub.HfApi, "repo_info", lambda *args, **kwargs: None)
        monkeypatch.setattr(hub, "snapshot_download", fails)
        with pytest.raises(SitError, match=sentence):
            local(Path("org/name"), revision="v9")


def test_pickled_weights_are_refused(local: Loader, copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(SitError, match="only as a pickle, which could run code"):
        local(copy)
    (copy / "pytorch_model.bin").unlink()
    with pytest.raises(SitError, match="holds no weights"):
        local(copy)


def test_code_that_comes_with_a_model_is_never_run(local: Loader, copy: Path) -> None:
    edit_json(
        copy / "config.json", model_type="mine", auto_map={"AutoModelForCausalLM": "evil.Model"}
    )
    edit_json(copy / "config.json", auto_map={"AutoConfig": "evil.Config"})
    (copy / "evil.py").write_text("raise SystemExit('the code was run')")
    with pytest.raises(SitError, match="code of its own, which is never run"):
        local(copy)


def test_half_a_file_is_recognised_before_anything_is_loaded(local: Loader, copy: Path) -> None:
    path = copy / "model.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[:-100])
    with pytest.raises(SitError, match=f"is not whole \\({len(content) - 100} of {len(content)}"):
        local(copy)
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(SitError, match="is no safetensors file"):
        local(copy)


def test_missing_weights_are_not_made_up(local: Loader, copy: Path) -> None:
    edit_json(copy / "config.json", num_hidden_layers=3)
    with pytest.raises(SitError, match="9 weights are missing"):
        local(copy)


def test_other_architectures_and_lost_files_are_told(local: Loader, copy: Path) -> None:
    edit_json(copy / "config.json", model_type="never-heard-of")
    with pytest.raises(SitError, match="knows no such architecture"):
        local(copy)
    edit_json(copy / "config.json", model_type="llama")
    for path in copy.glob("token*"):
        path.unlink()
    with pytest.raises(SitError, match="its tokenizer is missing"):
        local(copy)
    (copy / "config.json").unlink()
    with pytest.raises(SitError, match="can't be loaded"):
        local(copy)


def test_a_device_that_is_not_here_is_told(local: Loader) -> None:
    import torch

    if not torch.cuda.is_available():
        with pytest.raises(SitError, match="has no device cuda"):
            local(device="cuda")
    with pytest.raises(SitError, match="The device is auto, cpu"):
        local(device="quantum")


def test_a_missing_package_is_one_command(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SitError, match="pip install torch transformers accelerate"):
        load_model(ModelSpec(str(tiny)))


def test_nothing_heavy_is_imported_before_a_model_is_loaded() -> None:
    import subprocess

    code = "import sys, json, sit_core.models, sit_core.models.local.backend, sit_core.prompts;"
    code += "print(json.dumps([m for m in ('torch', 'transformers', 'peft', 'aiohttp') "
    code += "if m in sys.modules]))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert json.loads(out.stdout) == []
