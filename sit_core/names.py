"""One rule for the names that people give: of runs, studies, systems, annotators, sets.

A name is any text on one line: composed (NFC), without spaces around it, of bounded length, without
control characters and what can't be seen. Where a folder or file is called by it, it gets a slug:
names that were possible there before are their own slug, so that nothing has to be moved.
"""

import hashlib
import re
import unicodedata
from pathlib import Path

from sit_core.errors import UsageError

MAX_NAME = 200
_JOINERS = "\u200c\u200d"
"""Part of how some words are written; all else that has no shape of its own is left out."""
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}", re.ASCII)
_NOTE = "name.txt"


def clean_name(name: str) -> str:
    r"""The name as it is stored; empty where nothing is left of it.

    >>> clean_name("  Ann \t Lee\u202e "), clean_name("u\u0308ber"), clean_name("\u200b")
    ('Ann Lee', 'über', '')
    """
    kept = []
    for c in unicodedata.normalize("NFC", name):
        category = unicodedata.category(c)
        if category in ("Zs", "Zl", "Zp", "Cc"):
            kept.append(" ")
        elif c in _JOINERS or category not in ("Cf", "Cs", "Co", "Cn"):
            kept.append(c)
    return " ".join("".join(kept).split()).strip(_JOINERS + " ")


def name_fault(name: str, what: str, most: int = MAX_NAME) -> str:
    r"""What is wrong with a name that is to be new, as a sentence; empty where nothing is.

    >>> name_fault("a" * 201, "run"), name_fault("\n", "study")
    ("A run's name may have 200 characters at most.", 'A study needs a name.')
    """
    cleaned, article = clean_name(name), "An" if what[0] in "aeiou" else "A"
    if not cleaned:
        return f"{article} {what} needs a name."
    if len(cleaned) > most:
        return f"{article} {what}'s name may have {most} characters at most."
    return ""


def new_name(name: str, what: str, most: int = MAX_NAME) -> str:
    """The name cleaned.

    Raises:
        UsageError: nothing is left of it, or it is too long.
    """
    if fault := name_fault(name, what, most):
        raise UsageError(fault)
    return clean_name(name)


def slug(name: str) -> str:
    """What a folder or file of that name is called, on any system; another for each name.

    >>> slug("sit-repeat+1"), slug("Größe: 7/8"), slug("../x")
    ('sit-repeat+1', 'Groe-7-8~b9fa7b76', 'x~d6b96a97')
    """
    taken = name.endswith(".") or name.split(".")[0].upper() in _TAKEN
    if _PLAIN.fullmatch(name) and not taken:
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9_+]+", "-", plain[: 4 * MAX_NAME]).strip("-")[:40].strip("-")
    # "~" is in no plain name, so that none is taken for another.
    return f"{words or 'name'}~{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


_TAKEN = {"CON", "PRN", "AUX", "NUL", *(f"{d}{i}" for d in ("COM", "LPT") for i in range(1, 10))}
"""Names that Windows gives no file."""


def folder_of(parent: Path, name: str) -> Path:
    """The folder of that name: by its slug, or the one that an earlier version made."""
    before = _PLAIN.fullmatch(name) and (parent / name).is_dir()
    return parent / (name if before else slug(name))


def note_name(folder: Path, name: str, called: str | None = None) -> None:
    """Keep the name in its folder, where that is (or will be) ``called`` otherwise.

    Raises:
        OSError: it can't be written.
    """
    if (called or folder.name) != name:
        (folder / _NOTE).write_text(name + "\n", encoding="utf-8")


def name_of(folder: Path) -> str:
    """The name of what lies in a folder."""
    try:
        with (folder / _NOTE).open(encoding="utf-8") as stream:
            said = stream.read(4 * MAX_NAME).strip()
    except (OSError, UnicodeDecodeError):
        return folder.name
    return said if slug(said) == folder.name else folder.name
