"""Languages: figures per language and group, differences on shared questions, counted by hand."""

from pathlib import Path

import pytest

from sit_core.analyses.languages import ALL, LanguagesConfig, languages, languages_figure
from sit_core.errors import UsageError
from sit_core.metrics.registry import Options, score_predictions
from sit_core.records import Example, Prediction, Step, chain
from sit_core.results.analyses import AnalysisTable, Row
from sit_core.results.verdict_settings import VerdictSettings
from sit_core.store import Store
from sit_core.store.scores import read_outputs, save_scores
from sit_core.store.seed import SeedContent, add_runs
from tests.factories import judge

STEPS = chain([Step("translate", "T"), Step("answer", "A")])
GOLD = {"es": "sol", "en": "sun", "el": "ήλιος"}
RIGHT, ENGLISH = {"es": "El sol.", "el": "ήλιος"}, {"es": "sun", "el": "sun"}


def asked(language: str, number: int) -> Example:
    golds = {language: [GOLD[language]], "en": [GOLD["en"]]}
    return Example(
        "Translate, then answer.",
        f"Question {number} ({language})?",
        language=language,
        steps=STEPS,
        reference=GOLD[language],
        meta={"id": str(number), "golds": golds},
    )


def output(language: str, kind: str) -> str:
    """``own``: right; ``en``: right in English; anything else: wrong."""
    answer = {"own": RIGHT[language], "en": ENGLISH[language]}.get(kind, "moon")
    return f"Answer: {answer}"


def fill(store: Store, runs: dict[str, dict[str, list[str]]]) -> dict[str, list[str]]:
    """Run → language → what each output is; the ids of each run's outputs."""
    made = [
        Prediction(run, asked(language, number), output(language, kind))
        for run, of_language in runs.items()
        for language, kinds in of_language.items()
        for number, kind in enumerate(kinds)
    ]
    add_runs(store, SeedContent(made, "for tests"))
    options = Options()
    metrics = ("exact-match", "f1", "contains-gold")
    for run in runs:
        found = list(score_predictions(read_outputs(store, [run]), metrics, options))
        save_scores(store, found, {one: options.how(one) for one in metrics}, "rules-1")
    return {run: [p.id for p in made if p.run == run] for run in runs}


IT = {"es": ["own", "no", "no", "en"], "el": ["no", "no"]}
SIT = {"es": ["own", "own", "no", "own"], "el": ["own", "no"]}


def row_of(table: AnalysisTable, language: str, system: str) -> Row:
    (row,) = (row for row in table.rows if (row["language"], row["system"]) == (language, system))
    return row


def test_each_language_is_counted_and_compared_on_its_questions(sqlite_store: Store) -> None:
    ids = fill(sqlite_store, {"it": IT, "sit": SIT})
    table = languages(sqlite_store, LanguagesConfig(runs=("it", "sit"), baseline=("it",)))
    assert [(r["group"], r["language"], r["system"]) for r in table.rows] == [
        ("seen", "es", "it"),
        ("seen", "es", "sit"),
        ("unseen", "el", "it"),
        ("unseen", "el", "sit"),
    ]
    spanish = row_of(table, "es", "sit")
    assert (spanish["exact-match"].value, spanish["exact-match"].n) == (0.75, 4)
    difference = spanish["exact-match − baseline"]
    assert (difference.value, difference.n) == (0.5, 4)
    assert difference.low < 0.5 < difference.high
    assert row_of(table, "es", "it")["exact-match − baseline"].value is None
    assert row_of(table, "el", "sit")["exact-match − baseline"].value == 0.5
    assert list(table.samples_of(1, "exact-match")) == ids["sit"][:4]


def test_a_group_of_several_languages_has_a_row_of_all_its_outputs(sqlite_store: Store) -> None:
    fill(sqlite_store, {"it": IT, "sit": SIT})
    config = LanguagesConfig(runs=("it", "sit"), baseline=("it",), seen=("es", "el"), unseen=())
    table = languages(sqlite_store, config)
    whole = row_of(table, ALL, "sit")
    assert (whole["exact-match"].value, whole["exact-match"].n) == (4 / 6, 6)
    assert whole["exact-match"].method == "wilson-open, prompts repeat"
    assert (whole["exact-match − baseline"].value, whole["exact-match − baseline"].n) == (0.5, 6)
    # Question 0 and 1 stand in both languages, so the six are worth fewer than six.
    assert whole["exact-match − baseline"].method == "bonett-price, prompts repeat"


def test_the_english_gold_and_the_languages_own_are_apart(sqlite_store: Store) -> None:
    fill(sqlite_store, {"it": IT})
    _, golds = list(languages(sqlite_store, LanguagesConfig(metric=("exact-match",))).tables())[:2]
    spanish = row_of(golds, "es", "it")
    assert spanish["exact-match:gold-own"].value == 0.25
    assert spanish["exact-match:gold-en"].value == 0.25
    greek = row_of(golds, "el", "it")
    assert greek["exact-match:gold-own"].value == greek["exact-match:gold-en"].value == 0.0


def test_unsure_and_not_judged_stand_apart_and_are_in_no_share(sqlite_store: Store) -> None:
    (ids,) = fill(sqlite_store, {"it": IT}).values()
    for name, verdict in zip(ids, ["yes", "partly", "unsure"], strict=False):
        judge(sqlite_store, None, name, "rules-3", {"translate": verdict}, kind="rule")
    table = languages(sqlite_store, LanguagesConfig(metric=("exact-match",)))
    (translated,) = (one for one in table.tables() if one.title == "Truly translated")
    spanish = row_of(translated, "es", "it")
    # "partly" is not truly translated
    assert (spanish["truly translated"].value, spanish["truly translated"].n) == (0.5, 2)
    assert (spanish["unsure"], spanish["not judged"], spanish["outputs"]) == (1, 1, 4)
    assert row_of(translated, "el", "it")["truly translated"].value is None
    by_people = VerdictSettings(by="human")  # they said nothing, and rules are not asked instead
    config = LanguagesConfig(metric=("exact-match",), verdicts=by_people)
    (other,) = (
        o for o in languages(sqlite_store, config).tables() if o.title == "Truly translated"
    )
    assert row_of(other, "es", "it")["not judged"] == 4


def test_languages_in_neither_list_are_a_group_of_their_own(sqlite_store: Store) -> None:
    fill(sqlite_store, {"it": IT})
    table = languages(sqlite_store, LanguagesConfig(seen=("zh",), unseen=("el",)))
    assert {row["language"]: row["group"] for row in table.rows} == {
        "es": "not said",
        "el": "unseen",
    }
    assert "Seen: zh; unseen: el." in table.note


def test_systems_of_a_factor_pool_their_runs_and_it_is_the_usual_baseline(
    sqlite_store: Store,
) -> None:
    from sqlalchemy import update

    from sit_core.store.schema import runs

    made = {"a": {"es": IT["es"]}, "b": {"el": IT["el"]}, "c": SIT}
    fill(sqlite_store, made)
    for run, method in {"a": "IT", "b": "IT", "c": "SIT"}.items():
        with sqlite_store.write() as connection:
            provenance = {"factors": {"method": method}}
            connection.execute(update(runs).where(runs.c.name == run).values(provenance=provenance))
    table = languages(sqlite_store, LanguagesConfig())
    assert {row["system"] for row in table.rows} == {"IT", "SIT"}
    assert row_of(table, "es", "SIT")["exact-match − baseline"].value == 0.5
    assert row_of(table, "el", "SIT")["exact-match − baseline"].value == 0.5
    assert "Systems by method; compared with IT." in table.note


def test_a_language_without_a_baseline_is_said(sqlite_store: Store) -> None:
    fill(sqlite_store, {"it": {"es": IT["es"]}, "sit": SIT})
    table = languages(sqlite_store, LanguagesConfig(baseline=("it",)))
    assert "No baseline in el." in table.note
    assert row_of(table, "el", "sit")["exact-match − baseline"].value is None


def test_what_is_not_there_is_refused_and_what_was_not_scored_counted(sqlite_store: Store) -> None:
    fill(sqlite_store, {"it": IT})
    with pytest.raises(UsageError, match="baseline"):
        languages(sqlite_store, LanguagesConfig(baseline=("nobody",)))
    with pytest.raises(UsageError, match="factor"):
        languages(sqlite_store, LanguagesConfig(group=("colour",)))
    table = languages(sqlite_store, LanguagesConfig(metric=("f1",), words="all-scripts"))
    assert table.left_out == {"f1: not scored yet (sit score --metrics f1)": 6}


def test_a_point_of_the_figure_names_the_cell_of_its_samples(sqlite_store: Store) -> None:
    fill(sqlite_store, {"it": IT, "sit": SIT})
    table = languages(sqlite_store, LanguagesConfig(baseline=("it",)))
    figure = languages_figure(table)
    for trace in figure.data:
        for (row, column), y in zip(trace.customdata, trace.y, strict=True):
            assert table.samples_of(row, column)
            assert 100 * table.rows[row][column].value == y


@pytest.mark.slow
def test_real_outputs_in_spanish(
    tmp_path: Path, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outputs hold the English gold far oftener than the Spanish one: they were to translate."""
    from sit_core.cli import main
    from sit_core.settings import settings
    from sit_core.store import open_store

    monkeypatch.setenv("SIT_HOME", str(tmp_path))
    run = "llama-7b-seq-it.es"
    files = [str(real_data / "xquad_outputs" / f"{run}.jsonl")]
    files += ["--expected", str(real_data / "xquad" / "xquad.en.json")]
    for words in (["import", *files], ["score", "--run", run, "--metrics", "contains-gold"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert not ended.value.code
    store = open_store(settings({"SIT_HOME": str(tmp_path)}))
    table = languages(store, LanguagesConfig(metric=("contains-gold",)))
    golds = list(table.tables())[1]
    (row,) = golds.rows
    assert row["contains-gold:gold-en"].n == row["contains-gold:gold-own"].n == 1190
    assert row["contains-gold:gold-en"].low > row["contains-gold:gold-own"].high
    store.close()
