"""What all analyses have alike: names of settings, options of their own, colours of systems."""

from collections import Counter

import pytest

from sit_core.analyses.cells import CellsConfig
from sit_core.analyses.chain_length import ChainLengthConfig
from sit_core.analyses.languages import LanguagesConfig
from sit_core.analyses.templates import TemplatesConfig
from sit_core.config.fields import settings_of
from sit_core.config.parse import parse
from sit_core.errors import UsageError
from sit_core.results.analyses import ANALYSES, Analysis, AnalysisConfig, AnalysisTable
from sit_core.results.verdict_settings import MEASURE, VerdictSettings
from sit_core.store import Store
from tests.analyses.runs import run_of

RULES = VerdictSettings(by="rule")


@pytest.mark.parametrize("name", list(ANALYSES))
def test_each_setting_has_an_option_of_its_own(name: str) -> None:
    kind = ANALYSES.get(name).config or AnalysisConfig
    flags = Counter(one.flag for one in settings_of(kind) if one.flag)
    assert [flag for flag, times in flags.items() if times > 1] == []


def test_two_settings_with_one_option_are_refused_where_they_are_declared() -> None:
    from dataclasses import dataclass

    from sit_core.config.fields import setting

    @dataclass(frozen=True, kw_only=True)
    class Clash(AnalysisConfig):
        by: str = setting("", "A factor.")
        verdicts: VerdictSettings = setting(VerdictSettings)

    with pytest.raises(ValueError, match="option --by"):
        Analysis("Clash", "", lambda store, config: AnalysisTable([]), config=Clash)


@pytest.mark.parametrize("name", list(ANALYSES))
def test_what_is_measured_is_called_metric_everywhere(name: str) -> None:
    kind = ANALYSES.get(name).config or AnalysisConfig
    assert {one.name for one in settings_of(kind) if one.rules.kind == MEASURE} <= {"metric"}


def test_the_earlier_names_are_read_in_yaml() -> None:
    config, faults, _ = parse(CellsConfig, {"measures": ["f1"]})
    assert (faults, config.metric) == ([], ("f1",))
    config, faults, _ = parse(LanguagesConfig, {"by": ["method"]})
    assert (faults, config.group) == ([], ("method",))


def test_languages_are_grouped_by_any_factors_beside_whose_verdicts(sqlite_store: Store) -> None:
    kind = LanguagesConfig
    flags = {one.name: one.flag for one in settings_of(kind)}
    assert (flags["group"], flags["verdicts.by"]) == ("--group", "--by")
    for name, shots in (("a", "0"), ("b", "4")):
        run_of(sqlite_store, name, "RA", ["yy"], {"shots": shots, "method": "SIT"})
    table = ANALYSES.get("languages").table(
        sqlite_store, kind(metric=("following",), group=("method", "shots"), verdicts=RULES)
    )
    assert [row["system"] for row in table.rows] == ["SIT, 0", "SIT, 4"]


@pytest.mark.parametrize("config", [TemplatesConfig, ChainLengthConfig, LanguagesConfig])
def test_a_factor_that_no_run_has_is_named(sqlite_store: Store, config: type) -> None:
    name = {TemplatesConfig: "templates", ChainLengthConfig: "chain-length"}.get(config)
    run_of(sqlite_store, "a", "RA", ["yy"], {"method": "IT"})
    with pytest.raises(UsageError, match="methd"):
        ANALYSES.get(name or "languages").table(sqlite_store, config(group=("method", "methd")))
    table = ANALYSES.get(name or "languages").table(sqlite_store, config(group=("run",)))
    assert {row["system"] for row in table.rows} <= {"a"}


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("cells", {"metric": ("following",), "rows": ("method",)}),
        ("languages", {"metric": ("following",)}),
        ("chain-length", {}),
    ],
)
def test_a_system_keeps_its_colour_whatever_other_runs_are_shown(
    sqlite_store: Store, name: str, more: dict[str, object]
) -> None:
    for run, method in (("i1", "IT"), ("s1", "SIT"), ("c1", "CoT"), ("s2", "SIT")):
        run_of(sqlite_store, run, "RA", ["yy", "yn", "ny"], {"method": method, "model": "m"})
    analysis = ANALYSES.get(name)
    assert analysis.config is not None
    assert analysis.figure is not None

    def colours(*runs: str) -> dict[str, str]:
        assert analysis.config is not None
        assert analysis.figure is not None
        config = analysis.config(runs=runs, verdicts=RULES, **more)  # type: ignore[call-arg]
        figure = analysis.figure(analysis.table(sqlite_store, config))
        return {one.name: one.marker.color for one in figure.data if one.name in METHODS}

    everything = colours()
    assert set(everything) == METHODS
    assert len(set(everything.values())) == 3
    assert colours("c1") == {"CoT": everything["CoT"]}
    assert colours("s1", "c1") == {one: everything[one] for one in ("SIT", "CoT")}


METHODS = {"IT", "SIT", "CoT"}
