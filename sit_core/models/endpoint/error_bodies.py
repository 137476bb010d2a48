"""What a server says in the body of an error: its own sentence, its code, the fields it refuses.

Total: any bytes give an `ErrorBody`. Read are the ways of OpenAI, Azure, vLLM, FastAPI, Mistral,
Ollama, llama.cpp, TGI, OpenRouter, Google and Anthropic, and of proxies before them.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_LONGEST = 300
"""At most so many characters of what a server says are shown."""
_READ = 20_000
"""And so many bytes of what is no JSON are looked at."""
_WHERE = (
    *("error", "message", "detail", "error_description", "errors", "title", "msg", "reason"),
    *("Error", "Message"),  # AWS
)
_DECLINED = frozenset(
    {"contentfilter", "contentpolicyviolation", "responsibleaipolicyviolation", "contentpolicy"}
    | {"datainspectionfailed", "policyviolation", "promptblocked"}
)
_CANNOT = re.compile(
    r"unsupported|not (?:\w+ )?support|n't (?:\w+ )?support|not (?:\w+ )?(?:allowed|permitted)"
    r"|unrecogni[sz]ed|unknown|unexpected|\bextra\b|forbidden|deprecated|not available|not valid"
    r"|no such|not accept|cannot be used|can't be used|cannot both|only the default|removed"
    r"|may only be set|strictly positive|invalid (?:parameter|argument|field)",
    re.IGNORECASE,
)
_OUT_OF_RANGE = re.compile(r"above_max|below_min|_value_error|invalid_type", re.IGNORECASE)
_EXTRA = frozenset({"extraforbidden", "valueerrorextra", "extra", "unknownparameter"})


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """A server's error, read."""

    said: str = ""
    """Its own sentence on one line, shortened; empty where it gives none."""
    code: str = ""
    """Its word for the kind of error."""
    status: int | None = None
    """The HTTP status that stands inside, of a provider further on."""
    fields: tuple[str, ...] = ()
    """Fields of the request that the error is about, where it names them outside its sentence."""
    extra: tuple[str, ...] = ()
    """Those of them that it says it does not know."""
    declined: bool = False
    """Whether it says that the prompt was refused for what it holds."""

    def refuses(self, name: str) -> bool:
        r"""Whether the server says that it takes no such field (or not with such a value).

        >>> read_error(b'{"error": {"message": "x", "param": "seed"}}').refuses("seed")
        False
        >>> read_error(b'{"error": "Unknown name \\"seed\\""}').refuses("seed")
        True
        """
        if name in self.extra:
            return True
        named = name in self.fields or re.search(rf"(?<![\w-]){name}(?![\w-])", self.said)
        if not named or _OUT_OF_RANGE.search(self.code):
            return False
        return self.code.startswith("unsupported") or bool(_CANNOT.search(self.said))


def read_error(content: bytes) -> ErrorBody:
    r"""What an error's body says.

    >>> read_error(b'{"error": {"message": "too long"}}').said
    'too long'
    >>> read_error(b'{"detail": [{"loc": ["body", "x"], "msg": "bad"}]}').said
    'x: bad'
    >>> read_error(b"<html><title>502 Bad Gateway</title>").said
    '502 Bad Gateway'
    >>> read_error(b"upstream is gone\n").said
    'upstream is gone'
    """
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return ErrorBody(_one_line(_plain_text(content)))
    return error_in(answer)


def error_in(answer: Any) -> ErrorBody:
    """The same of a body that was read as JSON."""
    if isinstance(answer, list):  # Google's
        answer = answer[0] if answer else {}
    if isinstance(answer, str):
        return ErrorBody(_one_line(answer))
    if not isinstance(answer, dict):
        return ErrorBody()
    parts = list(_objects(answer))
    said = "; ".join(dict.fromkeys(_sentences(answer)))
    raw = next((r for r in (_raw(part) for part in parts) if r is not None), None)
    if raw is not None and raw.said and raw.said not in said:
        said = f"{said}: {raw.said}" if said else raw.said
    codes = [str(part[key]) for part in parts for key in ("code", "type") if _is_word(part, key)]
    inner = [c for part in parts if isinstance(c := part.get("innererror"), dict)]
    codes += [str(part["code"]) for part in inner if _is_word(part, "code")]
    statuses = [part.get(key) for part in parts for key in ("code", "status", "status_code")]
    named = [str(part["param"]) for part in parts if isinstance(part.get("param"), str)]
    located = [(_field(part), str(part.get("type", ""))) for part in parts if "loc" in part]
    flagged = any("flagged_input" in m for p in parts if isinstance(m := p.get("metadata"), dict))
    return ErrorBody(
        said=_one_line(said),
        code=next(iter(codes), ""),
        status=next((s for s in statuses if type(s) is int and 100 <= s <= 599), None),
        fields=tuple(dict.fromkeys([*named, *(field for field, _ in located if field)])),
        extra=tuple(field for field, kind in located if _bare(kind) in _EXTRA),
        declined=flagged or any(_bare(code) in _DECLINED for code in codes),
    )


def _objects(answer: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The objects in which an error tells of itself, the outermost last."""
    if isinstance(answer, list):
        for part in answer[:20]:
            yield from _objects(part, depth + 1)
    elif isinstance(answer, dict) and depth < 6:
        for key in _WHERE:
            yield from _objects(answer.get(key), depth + 1)
        yield answer


def _sentences(said: Any, depth: int = 0) -> Iterator[str]:
    """The texts in it, the most telling first place that has any."""
    if isinstance(said, str):
        yield from [said.strip()] if said.strip() else []
    elif isinstance(said, list):
        for part in said[:20]:
            yield from _sentences(part, depth + 1)
    elif isinstance(said, dict) and depth < 6:
        if isinstance(said.get("msg"), str) and "loc" in said:
            field = _field(said)
            yield f"{field}: {said['msg']}" if field else said["msg"]
            return
        for key in _WHERE:
            found = list(_sentences(said.get(key), depth + 1))
            if found:
                yield from found
                return


def _raw(part: dict[str, Any]) -> "ErrorBody | None":
    """What the provider behind a router said, as OpenRouter passes it on."""
    metadata = part.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    if isinstance(raw, str) and raw.strip():
        return read_error(raw.encode("utf-8", "replace")[:_READ])
    return error_in(raw) if isinstance(raw, dict) and "metadata" not in raw else None


def _field(part: dict[str, Any]) -> str:
    """Which field of the request a fault is about: FastAPI's ``loc``, without its ``body``."""
    where = part.get("loc")
    names = [str(w) for w in where if w != "body"] if isinstance(where, Sequence) else []
    return ".".join(names)[:60]


def _is_word(part: dict[str, Any], key: str) -> bool:
    return isinstance(part.get(key), str) and bool(part[key])


def _bare(word: str) -> str:
    return "".join(filter(str.isalnum, word[:100].lower()))


def _plain_text(content: bytes) -> str:
    text = content[:_READ].decode("utf-8", "replace").strip().removeprefix("\ufeff")
    if not text.startswith("<"):
        return "" if text.startswith(("{", "[")) else text.partition("\n")[0]
    title = re.search(r"<(title|h1)[^<>]{0,200}>([^<>]{1,300})<", text, re.IGNORECASE)
    return title[2] if title else ""


def _one_line(said: str) -> str:
    line = " ".join(said[: 20 * _LONGEST].split())
    line = "".join(c if c.isprintable() else "\ufffd" for c in line)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
