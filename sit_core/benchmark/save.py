"""Benchmark results get their system: a run under the name it goes by, or one without outputs.

Whose figures are kept: a file's are those of the model that it names, and of no other.

A folder of result files often holds several models. The system's name decides where it is one of
their names; else the researcher says which model is meant, or nothing is kept.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from sit_core.benchmark.lm_eval_results import LmEvalResults
from sit_core.errors import SitError, UsageError
from sit_core.store import Store
from sit_core.store.benchmarks import BenchmarkResult, read_benchmarks, save_benchmarks
from sit_core.store.systems import System, get_system, name_problems, put_reported, set_system

BENCHMARKS_ONLY = "benchmark results"
"""Where a system comes from that has no outputs here, only benchmark results."""


def keep(store: Store, system: str, results: Sequence[BenchmarkResult]) -> None:
    """Store results of a system, which is made if there is none of that name; repeatable.

    Raises:
        UsageError: the name can't be one.
        SitError: there is nothing to keep; a line of the board with nothing in it is not made.
    """
    problems = name_problems(system)
    if problems:
        raise UsageError(" ".join(problems))
    if not results:
        raise SitError("There is no figure to keep: what was read has no number as a value.")
    save_benchmarks(store, _number(store, system, results), results)


def _number(store: Store, name: str, results: Sequence[BenchmarkResult]) -> int:
    try:
        found = get_system(store, name)
    except UsageError:
        models = [r.provenance["model"] for r in results if r.provenance.get("model")]
        base = models[-1] if models else None
        source = {"source": BENCHMARKS_ONLY}
        put_reported(store, [System(name, None, base, None, {}, source)])
        found = get_system(store, name)
    if found.id is None:  # a run that has no row yet
        found = set_system(store, found.name)
    assert found.id is not None
    return found.id


UNNAMED = "(no model named)"
_SHOWN = 8


def models_of(reading: LmEvalResults) -> list[str]:
    """The models that the files name, in their order; `UNNAMED` for files that name none."""
    return list(dict.fromkeys(file.model or UNNAMED for file in reading.files))


def figures_of(
    reading: LmEvalResults, system: str, model: str | None = None, known: Sequence[str] = ()
) -> LmEvalResults:
    """Only the files of one model; what is left out is told in the problems.

    Args:
        reading: of files of any number of models.
        system: the name that the figures are to stand under.
        model: the researcher's word on which model is meant, as the files name it.
        known: models whose figures stand under that name already.

    Raises:
        UsageError: the files don't say that their figures are this system's, and nobody did.
    """
    models = models_of(reading)
    if model is not None:
        if model not in models:
            raise UsageError(f"No file names the model {model!r}; they name {_listed(models)}.")
        return _only(reading, model)
    if not system:
        raise UsageError("Say whose results these are: name a system.")
    mine = [name for name in models if name != UNNAMED and _same(name, system)]
    if len(mine) == 1:
        return _only(reading, mine[0])
    if len(models) > 1:
        raise UsageError(
            f"The files name {len(models)} models ({_listed(models)}), and {system!r} is "
            f"{'more than one' if mine else 'none'} of them; say whose figures to keep: --of MODEL."
        )
    if known and models[0] not in known:
        raise UsageError(
            f"The files are of {models[0]!r}, but the figures of {system!r} are of "
            f"{_listed(known)}; name another system, or say --of {models[0]!r} to keep them "
            "there as well."
        )
    return reading


def known_models(store: Store, system: str) -> list[str]:
    """The models whose figures stand under a system's name, as their files name them."""
    found = (row.result.provenance.get("model") for row in read_benchmarks(store, [system]))
    return list(dict.fromkeys(name for name in found if isinstance(name, str) and name))


def _same(model: str, system: str) -> bool:
    """Whether a name is the model's, with or without who made it.

    >>> _same("org/m1", "m1"), _same("/data/models/m1/", "M1"), _same("org/m1", "m")
    (True, True, False)
    """
    wanted = system.strip().casefold().rstrip("/")
    return wanted in (model.casefold().rstrip("/"), PurePath(model).name.casefold())


def _only(reading: LmEvalResults, model: str) -> LmEvalResults:
    mine = [file for file in reading.files if (file.model or UNNAMED) == model]
    others: dict[str, int] = {}
    for file in reading.files:
        if file not in mine:
            name = file.model or UNNAMED
            others[name] = others.get(name, 0) + len(file.results)
    said = [
        f"{n} figure{'' if n == 1 else 's'} of another model left out: {name}."
        for name, n in others.items()
    ]
    return replace(reading, files=tuple(mine), problems=(*reading.problems, *said))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name[:80] for name in names[:_SHOWN])
    return f"{shown}, …" if len(names) > _SHOWN else shown
