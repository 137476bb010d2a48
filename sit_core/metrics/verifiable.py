"""Steps that a program can check: IFEval's constraints, strict and loose, by `if-verifiable`.

A prompt in IFEval's format (J. Zhou et al. 2023, arXiv 2311.07911: ``instruction_id_list`` and
``kwargs``) has a step per constraint, such as ``punctuation:no_comma``; its arguments stand in
``example.meta["verifiable"]``. *Strict* looks at the output as it is, *loose* also without its
first line, its last one and without asterisks, and takes the best. The checks are those of the
package if-verifiable (Apache-2.0), which has IFEval's own code; it is an extra.

What can't be checked has no verdict, and its reason: an id that the package does not know,
arguments that are missing (it would draw them at random), patterns in them, data of nltk that is
not there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from sit_core.errors import SitError
from sit_core.metrics.rules import RuleVerdict
from sit_core.records import Example, Step, Unparsed, Verdict, chain

PACKAGE = "if-verifiable"
STRICT, LOOSE = "strict", "loose"
META = "verifiable"
"""Where in an example's meta the constraints stand: ``{step's key: {"id": …, "kwargs": {…}}}``."""
LETTER = "V"
INSTALL = f"pip install '{PACKAGE}>=0.1.2'"
MOST_CONSTRAINTS = 64
LONGEST = 100_000
"""Longer outputs are not checked: some checks look at every place for every word."""
_WORDS = ("keyword", "keywords", "forbidden_words", "section_spliter", "postscript_marker")
"""Arguments that the package puts into regular expressions as they are."""
_PATTERN = re.compile(r"[*+?{}()\[\]|\\^$]")
NO_CONSTRAINT = Unparsed("no step that a program can check", counted=None)


def judge_name(form: str) -> str:
    """The name under which verdicts are kept: package, version, strict or loose.

    >>> judge_name("loose").endswith(", loose")
    True
    """
    try:
        return f"{PACKAGE} {version(PACKAGE)}, {form}"
    except PackageNotFoundError:
        return f"{PACKAGE}, {form}"


def constraints_in(fields: Mapping[str, Any]) -> tuple[tuple[Step, ...], dict[str, Any]] | None:
    """The steps of a row in IFEval's format, and what is kept of them in the example's meta.

    Returns:
        None where the row has no such lists.

    Raises:
        ValueError: they are not as IFEval has them; a sentence.

    >>> row = {"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
    >>> [step.key for step in constraints_in(row)[0]]
    ['punctuation:no_comma']
    """
    ids, given = fields.get("instruction_id_list"), fields.get("kwargs")
    if ids is None:
        return None
    if not isinstance(ids, list) or not all(isinstance(one, str) and one for one in ids):
        raise ValueError("'instruction_id_list' should be a list of texts")
    given = [{}] * len(ids) if given is None else given
    if not isinstance(given, list) or len(given) != len(ids):
        raise ValueError("'kwargs' should be a list as long as 'instruction_id_list'")
    if not all(one is None or isinstance(one, Mapping) for one in given):
        raise ValueError("'kwargs' should hold objects")
    if len(ids) > MOST_CONSTRAINTS or any(len(one) > 80 or not one.isprintable() for one in ids):
        raise ValueError(f"more than {MOST_CONSTRAINTS} constraints, or an id that is none")
    steps = chain([Step(one, LETTER) for one in ids])
    if len({step.key for step in steps}) < len(steps):
        raise ValueError("two constraints would have the same key")
    kept = {
        step.key: {"id": one, "kwargs": {k: v for k, v in (args or {}).items() if v is not None}}
        for step, one, args in zip(steps, ids, given, strict=True)
    }
    return steps, kept


def verdicts(output: str, example: Example) -> dict[str, tuple[RuleVerdict | Unparsed, ...]]:
    """Step's key → the strict and the loose verdict; total; empty where nothing can be checked.

    Raises:
        SitError: the package is not installed.
    """
    said = example.meta.get(META)
    if not isinstance(said, Mapping) or not said:
        return {}
    return {
        step.key: _verdicts(output, example, said[step.key])
        for step in example.steps
        if isinstance(said.get(step.key), Mapping)
    }


def _verdicts(
    output: str, example: Example, constraint: Mapping[str, Any]
) -> tuple[RuleVerdict | Unparsed, ...]:
    name, given = constraint.get("id"), constraint.get("kwargs")
    args = given if isinstance(given, Mapping) else {}
    if len(output) > LONGEST:
        return (Unparsed("the output is too long to be checked", counted=None),) * 2
    fault = _fault(name, args)
    if fault:
        return (Unparsed(fault, counted=None),) * 2
    if not output.strip():
        return (RuleVerdict(Verdict.NO, "the output is empty"),) * 2
    try:
        found, _ = _package()[0](output, [name], [dict(args)], example.instruction, _package()[1])
    except LookupError as error:
        missing = re.search(r"Resource '?\S*?(punkt\w*)", str(error))
        what = missing.group(1) if missing else "data"
        why = f"nltk's {what} is missing (python -m nltk.downloader {what})"
        return (Unparsed(why if missing else "the check failed", counted=None),) * 2
    except Exception as error:  # noqa: BLE001 - a check that fails is no verdict
        return (Unparsed(f"the check failed ({type(error).__name__})", counted=None),) * 2
    if len(found) != 1:
        return (Unparsed("the check gave no result", counted=None),) * 2
    return tuple(
        RuleVerdict(
            Verdict.YES if passed else Verdict.NO, f"{name}: {'' if passed else 'not '}followed"
        )
        for passed in (found[0].strict_pass, found[0].loose_pass)
    )


def _fault(name: Any, args: Mapping[str, Any]) -> str:
    """Why a constraint can't be checked; empty: it can."""
    known = _package()[1]
    if not isinstance(name, str) or name not in known:
        return f"{PACKAGE} does not know this constraint"
    try:
        needed = known[name](name).get_instruction_args_keys()
    except Exception:  # noqa: BLE001
        needed = []
    missing = sorted(key for key in needed if args.get(key) is None)
    if missing:
        return f"its arguments lack {', '.join(missing)[:200]}"
    for key in _WORDS:
        value = args.get(key)
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and (len(word) > 500 or _PATTERN.search(word)):
                return f"its argument {key!r} is a pattern, not words"
    return ""


@cache
def _package() -> tuple[Any, Mapping[str, Any]]:
    """Its function and its checks."""
    if find_spec("if_verifiable") is None:
        raise SitError(
            f"Constraints are checked by the package {PACKAGE}, which is missing; install it with: "
            f"{INSTALL}"
        )
    import langdetect  # type: ignore[import-not-found, import-untyped, unused-ignore]
    from if_verifiable.common import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
        evaluate_instructions,
    )
    from if_verifiable.ifeval.instructions_registry import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
        INSTRUCTION_DICT,
    )

    langdetect.DetectorFactory.seed = 0  # it draws at random otherwise
    return evaluate_instructions, INSTRUCTION_DICT


def of_form(
    found: Mapping[str, Sequence[RuleVerdict | Unparsed]], form: str
) -> Iterator[tuple[str, RuleVerdict | Unparsed]]:
    """Step's key → the strict or the loose verdict."""
    place = (STRICT, LOOSE).index(form)
    for key, both in found.items():
        yield key, both[place]
