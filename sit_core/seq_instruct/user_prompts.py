"""Prompts that somebody changed, in ``SIT_HOME/prompts/seq_instruct``; the shipped ones stay.

A file that is there is used instead of the program's. A set that is asked for gets a copy at once,
so that a change while its job waits, or before somebody makes the same again, changes nothing.
"""

import shutil
from pathlib import Path

from sit_core.errors import SitError, UsageError
from sit_core.files import write_text
from sit_core.seq_instruct.folder import SetFolder
from sit_core.seq_instruct.prompts import SHIPPED, prompt_files, prompts_from
from sit_core.settings import settings

MOST = 200_000
"""Characters of a prompt."""
COPY = "own_prompts"
"""Folder in a set's folder; another than the one in which a run keeps all that it began with."""


def own_folder(home: Path | None = None) -> Path:
    """Where changed prompts are."""
    return (home or settings().home) / "prompts" / "seq_instruct"


def shipped_texts() -> dict[str, str]:
    """Name (``classify``, ``examples/classify``, …) → the program's text."""
    return {name: path.read_text(encoding="utf-8") for name, path in prompt_files().items()}


def own_texts(home: Path | None = None) -> dict[str, str]:
    """The texts that are used: the changed ones, and the program's for all others.

    Raises:
        SitError: one can't be read.
    """
    found = {}
    for name, path in prompt_files(str(own_folder(home))).items():
        try:
            found[name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise SitError(f"The prompt {str(path)!r} can't be read; reset it.") from None
    return found


def changed(home: Path | None = None) -> list[str]:
    """The names of the texts that are not the program's."""
    folder = own_folder(home)
    return [name for name in prompt_files() if (folder / f"{name}.txt").exists()]


def keep_texts(texts: dict[str, str], home: Path | None = None) -> None:
    """Keep these texts; what is as the program has it is not kept.

    Args:
        texts: name → text, of some or all of them.
        home: SIT_HOME; None: that of the settings.

    Raises:
        UsageError: there is no such prompt, it is too long, or all that is wrong with its places.
        SitError: it can't be written.
    """
    shipped = shipped_texts()
    for name, text in texts.items():
        if name not in shipped:
            raise UsageError(f"There is no prompt {name!r}.")
        if len(text) > MOST:
            raise UsageError(f"{name}.txt: Expected at most {MOST:,} characters.")
    clean = {name: text.replace("\r\n", "\n") for name, text in texts.items()}
    prompts_from({**own_texts(home), **clean})
    folder = own_folder(home)
    try:
        for name, text in clean.items():
            path = folder / f"{name}.txt"
            if text.strip() == shipped[name].strip():
                path.unlink(missing_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, text, errors="replace")
    except OSError as error:
        raise SitError(f"{folder} can't be written: {error.strerror}.") from None


def reset_texts(names: list[str], home: Path | None = None) -> None:
    """Go back to the program's texts.

    Raises:
        SitError: a file can't be removed.
    """
    try:
        for name in names:
            if (SHIPPED / f"{name}.txt").exists():
                (own_folder(home) / f"{name}.txt").unlink(missing_ok=True)
    except OSError as error:
        raise SitError(f"{own_folder(home)} can't be written: {error.strerror}.") from None


def copy_for(name: str, home: Path | None = None) -> str | None:
    """A set's own copy of the changed prompts: its folder; None where none is changed.

    Raises:
        UsageError: it can't be the name of a set, or the set was begun already.
        SitError: it can't be written.
    """
    folder = SetFolder.of(name, home)
    if folder.begun():
        raise UsageError(f"There is a set {name} already; choose another name.")
    names = changed(home)
    target = folder.path / COPY
    try:
        if target.exists():
            shutil.rmtree(target)
        for one in names:
            path = target / f"{one}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(own_folder(home) / f"{one}.txt", path)
    except OSError as error:
        raise SitError(f"{target} can't be written: {error.strerror}.") from None
    return str(target) if names else None
