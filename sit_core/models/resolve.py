"""Where a model or adapter lies: a folder on this machine, or one fetched from the hub by id."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.models.require import need
from sit_core.settings import user_path

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?")
_WANTED = ["*.json", "model*.safetensors", "adapter_model.safetensors", "*.model", "*.txt"]
_WANTED += ["*.jinja", "tokenizer*"]
_FOLDERS = ["[!1]*/*", "1[!_]*/*", "1/*"]
"""No folder is fetched but ``1_Pooling``, which says how a sentence encoder pools."""

ANSWER_SECONDS = 10.0
"""After so long without an answer the hub is taken to be out of reach."""


@dataclass(frozen=True, slots=True)
class ModelLocation:
    """A folder with a model's files."""

    folder: Path
    commit: str | None = None
    """Which state of the hub's repository; None for a folder that somebody named."""


def find_place(name: str, revision: str | None, what: str) -> ModelLocation:
    """The folder ``name``; if there is none, what the hub has by that id.

    Args:
        name: a path, or a hub id (``org/name``).
        revision: branch, tag or commit on the hub.
        what: "model" or "adapter", for the error's sentence.

    Raises:
        SitError: neither is there, or the hub can't be reached.
    """
    folder = user_path(name)
    if folder.is_dir():
        return ModelLocation(folder.resolve())
    if folder.is_file():
        raise SitError(f"{name} is a file; name the folder that the {what} was saved into.")
    if not _HUB_ID.fullmatch(name):
        raise SitError(f"There is no folder {name} with {_a(what)}.")
    return _fetched(name, revision, what)


def _fetched(name: str, revision: str | None, what: str) -> ModelLocation:
    hub = need("huggingface_hub", "huggingface_hub")
    errors = need("huggingface_hub.errors", "huggingface_hub")
    try:
        fetched = hub.snapshot_download(
            name,
            revision=revision,
            allow_patterns=_WANTED,
            ignore_patterns=_FOLDERS,
            local_files_only=not _answers(hub, name, revision),
        )
    except errors.GatedRepoError:
        problem = f"The {what} {name} is only for those whom its owners let in; ask them on its "
        problem += "page and sign in with: hf auth login"
    except errors.RevisionNotFoundError:
        problem = f"The {what} {name} has no revision {revision!r}."
    except (errors.RepositoryNotFoundError, errors.HFValidationError):
        problem = f"There is no folder {name}, and the hub has no {what} of that id (or it is "
        problem += "private: sign in with hf auth login)."
    except OSError as error:
        if error.errno is not None and error.strerror:  # disk full, no permission
            problem = f"The {what} {name} can't be stored: {error.strerror}."
        else:
            problem = _out_of_reach(name, what)
    except Exception as error:
        if not type(error).__module__.startswith(("httpx", "requests", "urllib3", "hugging")):
            raise
        problem = _out_of_reach(name, what)
    else:
        return ModelLocation(Path(fetched), Path(fetched).name)
    raise SitError(problem)


def _answers(hub: Any, name: str, revision: str | None) -> bool:
    """Whether the hub says anything at all; its own first question would wait for ever."""
    try:
        hub.HfApi().repo_info(name, revision=revision, timeout=ANSWER_SECONDS)
    except Exception as error:  # noqa: BLE001 - what it says is asked again, and told, by the caller
        return not type(error).__module__.startswith(("httpx", "requests", "urllib3"))
    return True


def _out_of_reach(name: str, what: str) -> str:
    return (
        f"The {what} {name} is not on this machine and the hub can't be reached; name a folder "
        f"that {_a(what)} was saved into, or connect to the network."
    )


def _a(what: str) -> str:
    return f"{'an' if what[0] in 'aeiou' else 'a'} {what}"
