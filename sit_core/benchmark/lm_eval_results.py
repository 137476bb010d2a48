"""Result files of lm-eval, of any of its versions: which figures they hold, and what they lack.

Up to version 0.3 a task's figures are ``{"acc": …, "acc_stderr": …}``; from 0.4 on the filter of
the answers is part of the name, ``{"exact_match,strict-match": …}``, and shots and numbers of
examples stand beside. The first Open LLM Leaderboard called a task ``harness|gsm8k|5``.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.store.benchmarks import BenchmarkResult
from sit_core.store.study_plan import is_text

MAX_BYTES = 64 * 1024 * 1024
"""A result file is some kilobytes; the samples that may lie beside it are no JSON of this kind."""
_NO_FIGURES = frozenset({"alias", "name", "sample_len", "sample_count", "", " "})
_LONGEST = {"task": 200, "metric": 100, "setting": 200}


@dataclass(frozen=True, slots=True)
class BenchmarkFile:
    """What one result file says."""

    name: str
    results: tuple[BenchmarkResult, ...]
    model: str
    """As the file names it; may be empty."""
    date: float
    """When it was made (seconds since 1970), 0 where the file doesn't say."""
    subtasks: int = 0
    """Tasks left out because their group's figures stand for them."""
    without: Mapping[str, int] = field(default_factory=dict)
    """Why figures have no value → how many."""


@dataclass(frozen=True, slots=True)
class LmEvalResults:
    """Several files together."""

    files: tuple[BenchmarkFile, ...]
    """The oldest first: where two say something of the same, the newer one counts."""
    problems: tuple[str, ...] = ()
    """A sentence for each file that is no result file."""

    @property
    def results(self) -> list[BenchmarkResult]:
        """All figures, the newest last."""
        return [result for file in self.files for result in file.results]


def read_files(paths: Iterable[Path], *, subtasks: bool = False) -> LmEvalResults:
    """Read files, and the result files in folders (all ``*.json`` below them).

    Raises:
        SitError: nothing of it can be read.
    """
    found, problems = [], []
    for path in _files(paths):
        try:
            if path.stat().st_size > MAX_BYTES:
                raise SitError(f"{path.name} is too large for a result file of lm-eval.")
            found.append(read_results(path.read_bytes(), path.name, subtasks=subtasks))
        except OSError as error:
            problems.append(f"{path} can't be read: {error.strerror or error}.")
        except SitError as error:
            problems.append(str(error))
    if not found:
        raise SitError(" ".join(problems[:5]) or "There is no result file of lm-eval (….json).")
    return LmEvalResults(tuple(sorted(found, key=lambda file: file.date)), tuple(problems))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*.json") if p.is_file())
        else:
            yield path


def read_results(data: bytes, name: str, *, subtasks: bool = False) -> BenchmarkFile:
    """One result file.

    Args:
        data: its bytes.
        name: what messages and provenance call it.
        subtasks: also the parts of a group that has figures of its own.

    Raises:
        SitError: it is none.
    """
    try:
        loaded = json.loads(data)
    except (ValueError, RecursionError):
        raise SitError(f"{name} is no JSON file.") from None
    tasks = loaded.get("results") if isinstance(loaded, dict) else None
    if not isinstance(tasks, dict) or not all(isinstance(t, dict) for t in tasks.values()):
        raise SitError(f"{name} is no result file of lm-eval (it has no figures by task).")
    file = _File(loaded, name, hashlib.sha256(data).hexdigest())
    parts = set() if subtasks else file.parts
    results = [r for task, said in tasks.items() if task not in parts for r in file.of(task, said)]
    if not results and not file.without:
        raise SitError(f"{name} has no figures.")
    return BenchmarkFile(
        name, tuple(results), file.model, file.date, len(parts & set(tasks)), file.without
    )


class _File:
    """A loaded file; every part may be missing or of another shape."""

    def __init__(self, loaded: dict[str, Any], name: str, sha256: str) -> None:
        self.loaded = loaded
        self.config = _mapping(loaded, "config") or _mapping(loaded, "config_general")
        self.without: dict[str, int] = {}
        self.model = self._model()
        self.date, said = _dated(loaded.get("date"))
        self.groups = {
            group: [part for part in parts if isinstance(part, str)]
            for group, parts in _mapping(loaded, "group_subtasks").items()
            if isinstance(parts, list)
        }
        self.provenance = {
            "source": "lm-eval",
            "file": name,
            "sha256": sha256,
            "model": self.model,
            "lm_eval_version": str(loaded.get("lm_eval_version") or ""),
            "date": said,
        }

    @property
    def parts(self) -> set[str]:
        """Tasks for which a group stands that has figures of its own; parts of its parts as well.

        A group without figures (lm-eval writes a line for it all the same) gives way to its parts.
        """
        tasks = _mapping(self.loaded, "results")
        found: set[str] = set()
        for group in self.groups:
            if any(_is_figure(key, value) for key, value in _mapping(tasks, group).items()):
                found |= self._below(group) - {group}
        return found

    def _below(self, group: str) -> set[str]:
        """All parts of a group, at any depth."""
        found: set[str] = set()
        waiting = [group]
        while waiting:
            new = set(self.groups.get(waiting.pop(), ())) - found
            found |= new
            waiting.extend(new)
        return found

    def of(self, task: str, said: dict[str, Any]) -> Iterator[BenchmarkResult]:
        """The figures of one task."""
        title, shots = self._named(task)
        if title is None:
            return self._lacks("a mean over all tasks of the file")
        for key, raw in said.items():
            metric, _, filtered = key.partition(",")
            if not _names_figure(metric):
                continue
            setting = self._setting(filtered, shots)
            value = _number(raw)
            texts = {"task": title, "metric": metric, "setting": setting}
            if not all(is_text(text) and len(text) <= _LONGEST[k] for k, text in texts.items()):
                self._lacks("a name that can't be stored")
            elif value is None:
                self._lacks("no number")
            else:
                error = _number(said.get(f"{metric}_stderr,{filtered}" if filtered else ""))
                if error is None:
                    error = _number(said.get(f"{metric}_stderr"))
                better = _mapping(_mapping(self.loaded, "higher_is_better"), task).get(metric)
                more = {"task_version": _mapping(self.loaded, "versions").get(task)}
                more |= {"higher_is_better": better if isinstance(better, bool) else None}
                yield BenchmarkResult(
                    title, metric, setting, value, error, self._n(task, said),
                    {**self.provenance, **more},
                )  # fmt: skip

    def _lacks(self, reason: str) -> None:
        self.without[reason] = self.without.get(reason, 0) + 1

    def _named(self, task: str) -> tuple[str | None, int | None]:
        """What the task is called, and how many examples its prompts hold, where that is known."""
        parts = task.split("|")
        if len(parts) >= 3 and parts[0] in ("harness", "leaderboard", "lighteval"):
            return parts[1], _whole(parts[2])
        if task in ("all", "average") and any("|" in other for other in self.loaded["results"]):
            return None, None
        return task, self._shots(task)

    def _shots(self, task: str) -> int | None:
        by_task = _mapping(self.loaded, "n-shot")
        config = _mapping(_mapping(self.loaded, "configs"), task)
        for given in (by_task.get(task), config.get("num_fewshot"), self.config.get("num_fewshot")):
            if _whole(given) is not None:
                return _whole(given)
        parts = {_whole(by_task.get(part)) for part in self._leaves(task)}
        return parts.pop() if len(parts) == 1 else None

    def _setting(self, filtered: str, shots: int | None) -> str:
        said = [] if shots is None else [f"{shots}-shot"]
        said += [filtered] if filtered and filtered != "none" else []
        limit = _number(self.config.get("limit"))
        if limit:
            said.append(f"first {limit:g}" if limit >= 1 else f"first {100 * limit:g} %")
        if self.loaded.get("chat_template") or self.loaded.get("chat_template_sha"):
            said.append("chat")
        return " · ".join(said)

    def _n(self, task: str, said: Mapping[str, Any]) -> int | None:
        """Of how many examples; a group's parts together."""
        samples = _mapping(self.loaded, "n-samples")
        leaves = self._leaves(task) or [task]
        counts = [_counted(samples.get(leaf)) for leaf in leaves]
        if all(count is not None for count in counts):
            return sum(count for count in counts if count is not None)
        return _whole(said.get("sample_len"))

    def _leaves(self, group: str, depth: int = 0) -> list[str]:
        """The tasks at the bottom of a group; empty for a task."""
        parts = self.groups.get(group, [])
        if depth > 8:
            return []
        return [leaf for part in parts for leaf in (self._leaves(part, depth + 1) or [part])]

    def _model(self) -> str:
        """What was tested. Not all of the arguments: they may hold a token."""
        named = self.loaded.get("model_name") or self.config.get("model_name")
        given = self.config.get("model_args")
        if isinstance(given, str):
            given = dict(part.partition("=")[::2] for part in given.split(","))
        if isinstance(given, dict):
            named = named or given.get("pretrained") or given.get("model")
            if given.get("peft"):
                named = f"{named} + {given['peft']}"
        return named[:500] if isinstance(named, str) and is_text(named) else ""


def _names_figure(metric: str) -> bool:
    """Whether a key without its filter names a figure, not what is known of one."""
    return metric not in _NO_FIGURES and not metric.endswith("_stderr")


def _is_figure(key: str, value: object) -> bool:
    return _names_figure(key.partition(",")[0]) and _number(value) is not None


def _mapping(of: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = of.get(key)
    return found if isinstance(found, dict) else {}


def _number(value: object) -> float | None:
    """A finite number; ``"N/A"``, NaN, true and the like are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # JSON has whole numbers of any length
        return None
    return number if math.isfinite(number) else None


def _dated(value: object) -> tuple[float, str]:
    """Seconds since 1970 and the date as text; 0 and nothing where the file says none."""
    seconds = _number(value) or 0.0
    try:
        return seconds, datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else ""
    except (ValueError, OverflowError, OSError):  # no calendar reaches there
        return 0.0, ""


def _whole(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    number = _number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def _counted(value: object) -> int | None:
    return _whole(value.get("effective") if isinstance(value, dict) else value)
