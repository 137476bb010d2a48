"""The plan of the reproduction, and every claim of it judged by the outputs of the seeds.

``data/reproduction/plan.yaml`` says which claims, seeds and criteria; it was committed before the
runs. ``data/reproduction/seeds/N`` holds what the models of seed N wrote. ``claims.json`` beside
them keeps the verdicts, so that a page need not score the outputs anew; it is made again when the
outputs, the rules or the plan are others.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from sit_core import __version__
from sit_core.errors import SitError
from sit_core.files import write_json
from sit_core.metrics.following import RULES_WITHOUT_TRANSLATION
from sit_core.reproduction.seed_files import (
    QUESTIONS_FILE,
    digest_of,
    read_questions,
    values_of,
)
from sit_core.results.claims import (
    INPUT_WORDS,
    Claim,
    ClaimResult,
    Quantity,
    Values,
    judge_claim,
    result_from,
)
from sit_core.settings import DATA

PLAN = DATA / "reproduction" / "plan.yaml"
SEEDS = DATA / "reproduction" / "seeds"
KEPT = "claims.json"
OVERLAP = "overlap.json"
"""In the folder of a seed: what its training rows share with its questions."""
TIMES = "times.json"
"""In the folder of a seed: model → seconds of processor time."""
ESTIMATES = 1
"""Counts up when the same values get other figures: kept verdicts are then made anew."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was laid down before the runs."""

    about: str
    chosen_on: int
    """The seed by which the recipe was chosen; it judges nothing."""
    judged: tuple[int, ...]
    questions: int
    models: Mapping[str, str]
    """Key → what tables call it."""
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class ClaimsReport:
    """The plan and what came of it."""

    plan: Plan
    results: tuple[ClaimResult, ...]
    seeds: tuple[int, ...]
    """The judged seeds that are there."""
    overlap: Mapping[int, Mapping[str, Any]]
    """Seed → model → what its training rows share with the questions."""
    seconds: Mapping[int, Mapping[str, float]]
    """Seed → model → processor time of its training."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "seeds": list(self.seeds),
            "seeds_planned": list(self.plan.judged),
            "chosen_on": self.plan.chosen_on,
            "claims": [result.to_dict() for result in self.results],
            "overlap": {str(seed): dict(of) for seed, of in self.overlap.items()},
            "processor_seconds": {str(seed): dict(of) for seed, of in self.seconds.items()},
        }


def read_plan(path: Path = PLAN) -> Plan:
    """The plan in a file.

    Raises:
        SitError: it can't be read, or claims are wrong; all that is wrong is listed.
    """
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        models = {str(key): str(title) for key, title in said["models"].items()}
        faults: list[str] = []
        claims = [_claim(row, models, faults) for row in said["claims"]]
        ids = [claim.id for claim in claims]
        faults += [
            f"{one}: stands there twice" for one in sorted({i for i in ids if ids.count(i) > 1})
        ]
        if faults:
            raise SitError(f"The plan {path.name} can't be used: {'; '.join(faults)}.")
        return Plan(
            str(said["about"]),
            int(said["seeds"]["chosen_on"]),
            tuple(map(int, said["seeds"]["judged"])),
            int(said["questions"]),
            models,
            tuple(claims),
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise SitError(f"The plan {path.name} can't be read: {error!r}.") from None


def _claim(row: Mapping[str, Any], models: Mapping[str, str], faults: list[str]) -> Claim:
    known = dict(row)
    for name in ("value", "minus"):
        if name in known:
            # YAML reads a bare true, no or 1 as something else than the word.
            odd = [part for part, said in known[name].items() if not isinstance(said, str)]
            faults += [f"{row['id']}: {part} is no text, so put it in quotes" for part in odd]
            known[name] = Quantity(**known[name])
            if known[name].model not in models:
                faults.append(f"{row['id']}: there is no model {known[name].model!r}")
    unknown = sorted(set(known) - {field.name for field in fields(Claim)})
    if unknown:
        faults.append(f"{row['id']}: unknown {', '.join(unknown)}")
    claim = Claim(**{name: value for name, value in known.items() if name not in unknown})
    if bool(claim.not_testable) == (claim.value is not None):
        faults.append(f"{claim.id}: needs either a value or why it is not testable")
    if claim.value is not None and (claim.above is None) == (claim.below is None):
        faults.append(f"{claim.id}: needs either above or below")
    if claim.correlated_with not in ("", INPUT_WORDS):
        faults.append(f"{claim.id}: correlates with {INPUT_WORDS!r} only")
    return claim


def seeds_there(plan: Plan, folder: Path | None = None) -> tuple[int, ...]:
    """The judged seeds whose outputs are there (None: among those that ship)."""
    folder = folder or SEEDS
    return tuple(s for s in plan.judged if (folder / str(s) / QUESTIONS_FILE).is_file())


def claims_report(folder: Path | None = None, plan: Plan | None = None) -> ClaimsReport:
    """Every claim, judged by the outputs in the folder; they are scored now.

    Raises:
        SitError: the plan or an output can't be read.
    """
    plan, folder = plan or read_plan(), folder or SEEDS
    seeds = seeds_there(plan, folder)
    values: dict[int, Values] = {seed: values_of(folder / str(seed)) for seed in seeds}
    words = {
        seed: [len(one.input.split()) for one in read_questions(folder / str(seed))]
        for seed in seeds
    }
    results = tuple(judge_claim(claim, values, words) for claim in plan.claims)
    return _report(folder, plan, seeds, results)


def kept_claims(folder: Path | None = None) -> ClaimsReport:
    """The same from the verdicts that were kept; made anew if these are old.

    Raises:
        SitError: the plan or an output can't be read.
    """
    plan, folder = read_plan(), folder or SEEDS
    try:
        kept = json.loads((folder / KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return claims_report(folder, plan)
    if kept["of"] != _state(folder, plan):
        return claims_report(folder, plan)
    known = {row["id"]: row for row in kept["claims"]}
    results = tuple(result_from(claim, known[claim.id]) for claim in plan.claims)
    return _report(folder, plan, seeds_there(plan, folder), results)


def keep_claims(found: ClaimsReport, folder: Path) -> None:
    """Keep the verdicts beside the outputs that they are of."""
    rows = [result.to_dict() for result in found.results]
    write_json(folder / KEPT, {"of": _state(folder, found.plan), "claims": rows})


def _report(
    folder: Path, plan: Plan, seeds: tuple[int, ...], results: tuple[ClaimResult, ...]
) -> ClaimsReport:
    return ClaimsReport(
        plan,
        results,
        seeds,
        {seed: _json(folder / str(seed) / OVERLAP) for seed in seeds},
        {seed: _json(folder / str(seed) / TIMES) for seed in seeds},
    )


def _json(path: Path) -> dict[str, Any]:
    """What a file beside the outputs says; nothing where it is not there."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SitError(f"{path.parent.name}/{path.name} can't be read: {error}.") from None


def _state(folder: Path, plan: Plan) -> dict[str, Any]:
    """What the verdicts depend on."""
    claims = [json.loads(json.dumps(asdict(claim))) for claim in plan.claims]
    return {
        "rules": RULES_WITHOUT_TRANSLATION,
        "version": __version__,
        "estimates": ESTIMATES,
        "outputs": {str(s): digest_of(folder / str(s)) for s in seeds_there(plan, folder)},
        "claims": claims,
    }
