"""Where a model or adapter lies: a folder on this machine, or one fetched from the hub by id."""

import re
from dataclasses import dataclass
from pathlib import Path

from sit_core.errors import SitError
from sit_core.models.packages import need

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?")
_WANTED = ["*.json", "model*.safetensors", "adapter_model.safetensors", "*.model", "*.txt"]
_WANTED += ["*.jinja", "tokenizer*"]


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with a model's files."""

    folder: Path
    commit: str | None = None
    """Which state of the hub's repository; None for a folder that somebody named."""


def find_place(name: str, revision: str | None, what: str) -> Place:
    """The folder ``name``; if there is none, what the hub has by that id.

    Args:
        name: a path, or a hub id (``org/name``).
        revision: branch, tag or commit on the hub.
        what: "model" or "adapter", for the error's sentence.

    Raises:
        SitError: neither is there, or the hub can't be reached.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return Place(folder.resolve())
    if folder.is_file():
        raise SitError(f"{name} is a file; name the folder that the {what} was saved into.")
    if not _HUB_ID.fullmatch(name):
        raise SitError(f"There is no folder {name} with a {what}.")
    return _fetched(name, revision, what)


def _fetched(name: str, revision: str | None, what: str) -> Place:
    hub = need("huggingface_hub", "huggingface_hub")
    errors = need("huggingface_hub.errors", "huggingface_hub")
    try:
        fetched = hub.snapshot_download(
            name, revision=revision, allow_patterns=_WANTED, ignore_patterns=["*/*"]
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
        return Place(Path(fetched), Path(fetched).name)
    raise SitError(problem)


def _out_of_reach(name: str, what: str) -> str:
    return (
        f"The {what} {name} is not on this machine and the hub can't be reached; name a folder "
        f"that a {what} was saved into, or connect to the network."
    )
