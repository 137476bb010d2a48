"""The Scores page: runs are scored as a job, every figure leads to its samples, no markup."""

import html
import json
import shlex
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from pages.inspect_outputs.address import filter_from
from sit_core.export.scores import SCORE_FORMATS, score_bytes
from sit_core.jobs import JobState, current_jobs
from sit_core.jobs.process import this_host
from sit_core.metrics.registry import Score
from sit_core.records import Unparsed
from sit_core.results.scores import scores
from sit_core.store import Store
from sit_core.store.browse import count_hits
from sit_core.store.jobs import add_job, end_job
from sit_core.store.scores import save_scores
from tests.factories import make_run
from tests.jobs.conftest import ended
from tests.pages.conftest import own_links
from tests.pages.test_runs import labels, page, press, said, seen, shown
from tests.results.test_scores_shared import scored as scored_run

EVIL = "<img src=x onerror=alert(1)> ![x](http://x/y.png) $x$"
Q = "Question: Where do bees carry nectar?\nChoices: A:flower, B:hive, C:sea"


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The one database that matters here, without the made-up study."""
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


@pytest.fixture
def scored(store: Store) -> Store:
    """Two runs with scores, one of them of a hostile name, and one without."""
    for name in ("m1", EVIL):
        ids = make_run(store, name, 4)
        shares = [1.0, 0.0, 1.0, Unparsed("no gold " + EVIL, counted=None)]
        made = [Score(i, "accuracy", v) for i, v in zip(ids, shares, strict=True)]
        values = [0.25, 0.5, Unparsed("gone"), Unparsed("gone")]
        made += [Score(i, "rouge-l", v, {"repeat": v}) for i, v in zip(ids, values, strict=True)]
        save_scores(store, made, {"accuracy": "", "rouge-l": "unicode"}, "rules-1")
    make_run(store, "bare", 2)
    return store


def tables(app: AppTest) -> list[list[dict[str, Any]]]:
    return [frame.value.to_dict("records") for frame in app.dataframe]


def found_by(store: Store, link: str) -> int:
    """How many outputs the Inspect page finds at the address of a link."""
    return count_hits(store, filter_from(parse_qs(urlsplit(link).query)))


def test_an_empty_store_says_what_to_do(store: Store) -> None:
    app = page("scores/page.py")
    assert "nothing to score yet" in said(app)
    assert own_links(app, "scores") == ["Import outputs", "Runs"]


def test_runs_without_scores_show_the_form(store: Store) -> None:
    make_run(store, "m", 2)
    app = page("scores/page.py", run="m")
    assert "Score 1 run" in labels(app)
    assert "no scores yet" in shown(app)
    assert not app.dataframe


def test_runs_are_scored_as_exactly_the_command_that_is_shown(store: Store) -> None:
    make_run(store, "m", [f"{Q}\nAnswer: B", ""], inputs=[Q, f"Again: {Q}"], expected=True)
    app = page("scores/page.py", run="m")
    app.selectbox(key="score form tokenizer").select("rouge_score").run()
    (command,) = [c.value for c in app.code]
    assert command == "sit score --run=m --tokenizer=rouge_score"
    press(app, "Score 1 run")
    (job,) = current_jobs(store)
    assert list(job.command) == shlex.split(command)[1:]
    assert ended(store, job).state == JobState.DONE
    app = page("scores/page.py")
    wide = tables(app)[0]
    assert [row["run"] for row in wide] == ["m"]
    assert wide[0]["rouge-l · repeat"] == "50.0 [0.0–100.0] n=2, 1 present"
    assert wide[0]["following · answer"].startswith("50.0 [")
    assert any("estimate by rules" in c.value for c in app.caption)


def test_a_sentence_encoder_stands_in_the_command(store: Store) -> None:
    make_run(store, "m", 2)
    app = page("scores/page.py", run="m")
    app.text_input(key="score form sentence_encoder").input(" org/name ").run()
    (command,) = [c.value for c in app.code]
    assert command == "sit score --run=m --sentence-encoder=org/name"
    app.multiselect(key="score form metrics").set_value(["accuracy"]).run()
    (command,) = [c.value for c in app.code]
    assert command == "sit score --run=m --metrics=accuracy"


def test_all_that_is_wrong_is_said_and_nothing_is_started(store: Store) -> None:
    make_run(store, "m", 2)
    app = page("scores/page.py", run="m")
    app.multiselect(key="score form metrics").set_value(["bertscore"]).run()
    app.text_input(key="score form encoder").input(" ").run()
    assert "needs an encoder" in said(press(app, "Score 1 run"))
    app.multiselect(key="score form metrics").set_value([]).run()
    assert "at least one metric" in said(press(app, "Score 1 run"))
    assert current_jobs(store) == []


def test_bertscore_that_can_t_be_had_says_why(store: Store, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "bert_score", None)
    make_run(store, "m", 2)
    app = page("scores/page.py", run="m")
    assert "bert-score" not in said(app)
    app.multiselect(key="score form metrics").set_value(["bertscore"]).run()
    assert "BERTScore needs the package bert-score" in said(seen(app))


def test_the_same_scoring_is_not_started_twice(store: Store) -> None:
    make_run(store, "m", 2)
    app = page("scores/page.py", run="m")
    job = add_job(store, ["score", "--run=m"], title="t", folder="/", host=this_host())
    assert f"job {job.id} does just that" in said(press(app, "Score 1 run"))


def test_a_scoring_that_failed_is_shown_with_its_reason(store: Store) -> None:
    make_run(store, "m", 2)
    job = add_job(store, ["score", "--run=m"], title="t", folder="/", host=this_host())
    end_job(store, job, JobState.FAILED, f"No encoder {EVIL}.")
    app = page("scores/page.py", run="m")
    assert html.escape(EVIL) in said(app)
    assert "<img" not in said(app)
    assert "Resume" in labels(app)


def test_where_there_is_no_value_stands_a_dash_with_the_reason_beside_it(store: Store) -> None:
    (one,) = make_run(store, "m", 1)
    none = Unparsed("no gold answer", counted=None)
    save_scores(store, [Score(one, "accuracy", none)], {"accuracy": ""}, "rules-1")
    app = page("scores/page.py", run="m")
    figures = app.dataframe[1]
    (row,) = figures.value.to_dict("records")
    assert (row["without"][-2:], row["why"]) == ("#1", "no gold answer")
    assert figures.value[["mean", "low", "high"]].isna().all(axis=None)
    assert figures.proto.placeholder == "–"  # what is drawn for them


def test_every_figure_leads_to_exactly_its_samples(scored: Store) -> None:
    wide, figures, reasons = tables(page("scores/page.py", run="m1"))
    assert wide[0]["accuracy"] == "66.7 [11.8–98.3] n=3, 1 left out"
    by = {(row["metric"], row["step"]): row for row in figures}
    accuracy = by["accuracy", "all"]
    for column, n in (("n", 3), ("right", 2), ("wrong", 1), ("without", 1)):
        assert accuracy[column].endswith(f"#{n}")
        assert found_by(scored, accuracy[column]) == n
    assert by["rouge-l", "repeat"]["right"] == ""
    assert found_by(scored, by["rouge-l", "repeat"]["n"]) == 4
    assert found_by(scored, by["rouge-l", "repeat"]["scored"]) == 2
    assert by["rouge-l", "repeat"]["name"] == "rouge-l of present"
    assert [
        (row["why there is no value"], found_by(scored, row["outputs"])) for row in reasons
    ] == [
        ("no gold " + EVIL, 1),
        ("gone", 2),
        ("gone", 2),
    ]


def test_runs_stand_side_by_side_in_the_order_of_the_address(scored: Store) -> None:
    app = page("scores/page.py", run=[EVIL, "m1", "bare"])
    wide = tables(app)[0]
    assert [row["run"] for row in wide] == [EVIL, "m1", "bare"]
    assert wide[2]["accuracy"] == "not scored"
    assert app.multiselect(key="scores runs").value == [EVIL, "m1", "bare"]
    assert not any(EVIL in e.value for e in (*app.markdown, *app.caption))
    app.multiselect(key="scores runs").set_value(["m1"]).run()
    assert app.query_params["run"] == "m1"
    assert [row["run"] for row in tables(app)[0]] == ["m1"]


def test_without_an_address_all_that_is_scored_is_shown(scored: Store) -> None:
    assert {row["run"] for row in tables(page("scores/page.py"))[0]} == {"m1", EVIL}


def test_an_unknown_run_is_one_sentence(scored: Store) -> None:
    assert "There is no run &#x27;m2&#x27;" in said(page("scores/page.py", run="m2"))


def test_the_runs_page_leads_here_with_one_run_or_several(scored: Store) -> None:
    app = page("runs/page.py", run="m1")
    assert "Scores" in [link.value for link in app.page_link]
    app = page("runs/page.py", run=["m1", "bare"])
    assert "2 runs chosen" in said(app)
    press(app, "Score")
    assert "Score 2 runs" in labels(app)
    assert app.query_params["run"] == ["m1", "bare"]
    app = page("runs/page.py", run=["m1", "bore"])
    assert "There is no run &#x27;bore&#x27;" in said(app)


@pytest.mark.parametrize("form", SCORE_FORMATS)
def test_the_table_can_be_taken_away(scored: Store, form: str) -> None:
    made = score_bytes(scores(scored, ["m1", EVIL]), form)
    if form == "parquet":
        assert made.startswith(b"PAR1")
        return
    text = made.decode()
    if form == "jsonl":
        rows = [json.loads(line) for line in text.splitlines()]
        assert len(rows) == 6
        assert rows[0]["low"] == pytest.approx(0.118, abs=1e-3)
    elif form == "csv":
        assert len(text.splitlines()) == 7
    else:
        assert "66.7" in text
        assert EVIL not in text  # escaped
        assert text.count("\n") == {"markdown": 4, "latex": 8}[form]


def test_pages_never_show_a_comment_of_the_code() -> None:
    """Streamlit draws a bare string of a page's script."""
    import ast

    pages = Path(__file__).parents[2] / "pages"
    for path in (pages / "main.py", *pages.glob("*/page.py")):
        bare = [
            node
            for node in ast.parse(path.read_text("utf-8")).body[1:]
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ]
        assert not bare, path


def test_runs_of_one_prompt_set_are_compared_on_what_all_have(
    store: Store,
) -> None:
    scored_run(store, "a", range(20), range(10))
    scored_run(store, "b", range(5, 15), range(5, 14))
    app = page("scores/page.py", run=["a", "b"])
    assert "Prompt set: set" in shown(app)
    assert "Over the 10 prompts that all 2 runs have." in shown(app)
    assert "a: 10 of its 20 examples are left out" in shown(app)
    figures = {row["run"]: row for row in tables(app)[1]}
    assert figures["a"]["mean"] == 50.0
    assert found_by(store, figures["a"]["n"]) == 10
    app.toggle(key="scores own prompts").set_value(True).run()
    assert not app.exception
    assert "its own prompts" in shown(app)
    assert found_by(store, {row["run"]: row for row in tables(app)[1]}["a"]["n"]) == 20


def test_nothing_is_called_left_out_where_each_run_stands_on_its_own(store: Store) -> None:
    scored_run(store, "a", range(8), range(4))
    scored_run(store, "c", range(6), range(3), "other")
    app = page("scores/page.py", run=["a", "c"])
    assert "Each run's figures are over its own prompts." in shown(app)
    assert "left out" not in shown(app)
    assert {row["n"].rsplit("#", 1)[1] for row in tables(app)[1]} == {"8", "6"}
