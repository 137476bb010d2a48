"""PEFT adapters put into a base and swapped there, without loading the base again.

An adapter that does not fit entirely is refused: PEFT would load the part that does and go on.
"""

import json
import logging
from dataclasses import dataclass
from typing import Any

from sit_core.errors import SitError
from sit_core.models.local.weights import Weights, weights_in
from sit_core.models.require import need
from sit_core.models.resolve import ModelLocation
from sit_core.records import stable_id

_CONFIG = "adapter_config.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AdapterFiles:
    """An adapter on disk."""

    name: str
    """As it is called inside the base; another for every state of the files."""
    shown: str
    """As the user named it."""
    place: ModelLocation
    weights: Weights
    made_for: str
    """The base that it says it was trained on."""


def adapter_files(place: ModelLocation, shown: str) -> AdapterFiles:
    """Look at an adapter without loading it.

    Raises:
        SitError: the folder holds no adapter in safetensors.
    """
    path = place.folder / _CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        made_for = str(config.get("base_model_name_or_path") or "")
    except FileNotFoundError:
        raise SitError(f"{shown} holds no adapter ({_CONFIG} is missing).") from None
    except (OSError, ValueError, AttributeError):
        raise SitError(f"The adapter {shown} has a {_CONFIG} that can't be read.") from None
    weights = weights_in(place.folder, "adapter_model.safetensors")
    name = "a" + stable_id(str(place.folder), repr(weights.state), str(path.stat().st_mtime_ns))
    return AdapterFiles(name, shown, place, weights, made_for)


class Adapters:
    """The adapters inside one base; its user sees to it that one thread at a time calls."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._peft: Any = None
        self._active: str | None = None

    def attach(self, files: AdapterFiles, base: str) -> None:
        """Put an adapter in, if it is not yet.

        Raises:
            SitError: it was made for another base, or is of a kind that can't be swapped.
        """
        if self._peft is not None and files.name in self._peft.peft_config:
            return
        peft = need("peft", "peft")
        problem = self._try(peft, files)
        if problem:
            self._take_out(files.name)
            made_for = f" (it names {files.made_for})" if files.made_for else ""
            raise SitError(
                f"The adapter {files.shown} does not fit the base {base}: {problem}; it was made "
                f"for another one{made_for}."
            )
        self._model.eval()

    def use(self, name: str | None) -> None:
        """Let the base work with this adapter; None: without any."""
        if self._peft is None or self._active == name:
            return
        tuner = self._peft.base_model
        if name is None:
            tuner.disable_adapter_layers()
        else:
            tuner.enable_adapter_layers()
            self._peft.set_adapter(name, inference_mode=True)
        self._active = name

    def _try(self, peft: Any, files: AdapterFiles) -> str:
        """Put it in; returns why it does not fit, or nothing."""
        torch_files = need("safetensors.torch", "safetensors")
        try:
            config = peft.PeftConfig.from_pretrained(str(files.place.folder))
            if config.is_prompt_learning or config.is_adaption_prompt:
                raise SitError(
                    f"The adapter {files.shown} is of the kind {config.peft_type.value}, which "
                    "can't be swapped; LoRA and its relatives can."
                )
            if getattr(config, "bias", "none") != "none":
                raise SitError(
                    f"The adapter {files.shown} also changes the base's biases, so it can't be "
                    "swapped; merge it into its base and load that."
                )
            config.inference_mode = True
            tensors = torch_files.load_file(str(files.weights.files[0]))
            if self._peft is None:
                self._peft = peft.get_peft_model(self._model, config, adapter_name=files.name)
            else:
                self._peft.add_adapter(files.name, config)
            self._active = ""  # neither the base nor an adapter: `use` has to switch
            result = peft.set_peft_model_state_dict(self._peft, tensors, adapter_name=files.name)
        except SitError:
            raise
        except Exception as error:  # noqa: BLE001 - PEFT raises whatever comes its way
            _log.info("adapter %s failed", files.shown, exc_info=True)
            return " ".join(str(error).split())[:160].rstrip(".") or type(error).__name__
        if result.unexpected_keys:
            return f"the base has no place for {result.unexpected_keys[0]}"
        lacking = [key for key in result.missing_keys if files.name in key]
        return f"it has nothing for {lacking[0].replace(f'.{files.name}', '')}" if lacking else ""

    def _take_out(self, name: str) -> None:
        if self._peft is None or name not in self._peft.peft_config:
            return
        if len(self._peft.peft_config) > 1:
            self._peft.delete_adapter(name)
        else:
            self._peft.unload()
            self._peft = None
        self._active = "" if self._peft is not None else None
