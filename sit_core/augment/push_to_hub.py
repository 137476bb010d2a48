"""A mixture as a data set on the hub, where a token is set; the token is named nowhere."""

import os
import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from sit_core.augment.mixtures import StoredMixture
from sit_core.config.parse import to_plain
from sit_core.config.yaml_file import to_yaml
from sit_core.errors import SitError, UsageError
from sit_core.models.require import need

_REPO = re.compile(r"[\w][\w.-]*/[\w][\w.-]*", re.ASCII)
CARD = """\
---
tags:
- sequential-instruction-tuning
configs:
- config_name: default
  data_files:
{files}
---

# {name}

Made by `sit augment`; `manifest.yaml` says from what, with which seed, and how many rows. {rows}
The licence is that of the data it was made from.
"""


def hub_token() -> str | None:
    """The token that this machine has for the hub, if any: HF_TOKEN, or what was signed in with."""
    if token := os.environ.get("HF_TOKEN", "").strip():
        return token
    try:
        from huggingface_hub import get_token
    except ImportError:
        return None
    return get_token()


def push_mixture(
    mixture: StoredMixture,
    repo: str,
    token: str,
    *,
    private: bool = True,
    api: Callable[[str], Any] | None = None,
) -> str:
    """Upload the training file, the held-out file, the manifest and a card.

    Args:
        mixture: a stored mixture.
        repo: ``owner/name`` of the data set; made if it is not there.
        token: for the hub; never logged, shown or stored.
        private: whether a new data set is visible to its owner only.
        api: makes the client from the token; None: that of ``huggingface_hub``.

    Returns:
        The address of the data set.

    Raises:
        SitError: the name is none, the package is missing, or the hub refused; without the token.
    """
    if not _REPO.fullmatch(repo):
        raise UsageError(f"Name the data set as owner/name, not {repo[:80]!r}.")
    if api is None:
        client = need("huggingface_hub", "huggingface_hub").HfApi(token=token)
    else:
        client = api(token)
    files: list[tuple[str, Any]] = [("train.jsonl", str(mixture.train))]
    if mixture.held_out is not None:
        files.append(("heldout.jsonl", str(mixture.held_out)))
    files.append(("manifest.yaml", _manifest(mixture).encode()))
    files.append(("README.md", _card(mixture).encode()))
    try:
        client.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
        for name, data in files:
            client.upload_file(
                path_or_fileobj=data, path_in_repo=name, repo_id=repo, repo_type="dataset"
            )
    except Exception as error:  # noqa: BLE001 - the client raises many kinds for "refused"
        said = " ".join(str(error).split()).replace(token, "(the token)")[:200]
        raise SitError(f"The hub did not take {repo}: {said or type(error).__name__}") from None
    return f"https://huggingface.co/datasets/{repo}"


def _manifest(mixture: StoredMixture) -> str:
    """The manifest with files by their names alone: where they lie here is nobody's business."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(item) for key, item in value.items()}
        if isinstance(value, list):
            return [bare(item) for item in value]
        return _without_folder(value) if isinstance(value, str) else value

    plain = to_plain(mixture.config, defaults=True)
    return to_yaml(bare(plain), head=f"How {mixture.name} was made by sit augment.")


def _without_folder(text: str) -> str:
    r"""A path, or SOURCE:PATH, by its last part.

    >>> _without_folder("xquad:/home/me/x.es.json"), _without_folder("hub:owner/name:train")
    ('xquad:x.es.json', 'hub:owner/name:train')
    """
    kind, colon, path = text.partition(":")
    if not colon or " " in kind:
        kind, colon, path = "", "", text
    hidden = path.startswith(("/", "~", ".")) and " " not in path.split("/")[0]
    return f"{kind}{colon}{PurePath(path).name}" if hidden else text


def _card(mixture: StoredMixture) -> str:
    files = "  - split: train\n    path: train.jsonl"
    rows = f"{mixture.made['train']['rows']:,} rows for training"
    if mixture.held_out is not None:
        files += "\n  - split: heldout\n    path: heldout.jsonl"
        rows += f", {mixture.made['held_out']['rows']:,} held out"
    chains = ", ".join(f"{name} {n:,}" for name, n in mixture.made["chains"].items())
    return CARD.format(files=files, name=mixture.name, rows=f"{rows}; by chain: {chains}.")
