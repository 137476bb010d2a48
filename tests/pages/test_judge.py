"""The Judge page: estimate, trial, job, rates, replies without a verdict, agreement; no markup."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.inspect_outputs.address import filter_from
from sit_core.jobs import JobState, current_jobs
from sit_core.judge.action import ACTION
from sit_core.judge.config import JudgeConfig
from sit_core.models.config import ModelConfig
from sit_core.results.judge_agreement import judge_agreement
from sit_core.results.judged import judged as judged_by
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.browse import count_hits
from sit_core.store.llm_judgments import llm_judges
from tests.factories import judge, make_run, make_study
from tests.jobs.conftest import ended
from tests.judge.conftest import JudgeServer, server
from tests.pages.conftest import own_links
from tests.pages.test_runs import labels, page, press, said
from tests.pages.test_runs import shown as texts
from tests.pages.test_scores import found_by
from tests.results.test_leaderboard import FOLLOW, fight, say

EVIL = "<img src=x onerror=alert(1)> ![x](http://x/y.png) $x$"
__all__ = ["server"]


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The one database that matters here, without the made-up study."""
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


def filled(app: AppTest, server: JudgeServer, *runs: str) -> AppTest:
    """The form with the scripted judge."""
    app.multiselect(key="judge form runs").set_value(list(runs))
    app.text_input(key="judge form url").set_value(server.url)
    app.text_input(key="judge form served").set_value("m")
    return app.run()


def options(server: JudgeServer, *runs: str, **more: Any) -> JudgeConfig:
    return JudgeConfig(runs, model=ModelConfig("m", backend="openai", base_url=server.url), **more)


def links_of(app: AppTest) -> list[tuple[str, dict[str, Any]]]:
    return [
        (cell, row)
        for frame in app.dataframe
        for row in frame.value.to_dict("records")
        for cell in row.values()
        if isinstance(cell, str) and cell.startswith("inspect?") and "sample=" not in cell
    ]


def test_an_empty_store_says_what_to_do(store: Store) -> None:
    app = page("judge/page.py")
    assert "nothing to judge yet" in said(app)
    assert own_links(app, "judge") == ["Import outputs", "Runs"]


def test_the_judges_prompt_and_settings_stand_there_verbatim(store: Store) -> None:
    make_run(store, "a", 1)
    app = page("judge/page.py")
    assert app.selectbox(key="judge form judge").value == "seqeval"
    shown = " ".join(h.value for h in app.html)
    assert "{instruction}" in shown
    assert "max_new_tokens: 256" in shown
    app.selectbox(key="judge form judge").set_value("pairwise").run()
    assert app.selectbox(key="judge form against").value is None


def test_it_is_estimated_before_it_starts_and_known_replies_are_free(
    store: Store, server: JudgeServer
) -> None:
    server.says = lambda texts: "[[Yes, 4]]" if "1" not in texts["output"] else "who knows"
    make_run(store, "a", 3)
    app = filled(page("judge/page.py"), server, "a")
    assert "Start judging" not in labels(app)
    press(app, "Estimate")
    assert "3 outputs, 3 questions: 3 calls of the model, 0 known" in said(app)
    assert "the cost is not known" in said(app)
    app.number_input(key="judge form Price of 1M tokens in").set_value(2.0).run()
    assert "Start judging" not in labels(app), "what was estimated is not what would start"
    press(app, "Estimate")
    assert "It costs 0.0" in said(app)
    app.number_input(key="judge form Price of 1M tokens in").set_value(None).run()
    press(app, "Estimate")
    assert not server.prompts
    press(app, "Start judging")
    (job,) = current_jobs(store)
    assert list(job.command) == ACTION.words(options(server, "a"))
    assert ended(store, job).state == JobState.DONE
    assert len(server.prompts) == 3
    again = page("judge/page.py")
    (found,) = llm_judges(store)
    assert (found.judged, found.unusable) == (2, 1)
    press(again, "Judge outputs")
    press(filled(again, server, "a"), "Estimate")
    assert "0 calls of the model, 3 known already and free" in said(again)


def test_a_trial_shows_prompt_reply_and_reading_and_stores_nothing(
    store: Store, server: JudgeServer
) -> None:
    server.says = lambda texts: f"[[No, 2.5]] {EVIL}"
    make_run(store, "a", [f"one {EVIL}"])
    app = filled(page("judge/page.py"), server, "a")
    press(app, "Show the prompt")
    assert not server.prompts
    assert "one &lt;img" in "".join(h.value for h in app.html)
    press(app, "Ask the model")
    assert len(server.prompts) == 1
    shown = "".join(h.value for h in app.html)
    assert "[[No, 2.5]] &lt;img" in shown
    assert "Read as:" in said(app)
    assert not llm_judges(store)
    server.says = lambda texts: "perhaps"
    press(app, "Ask the model")
    assert "Read as: unusable" in said(app)
    app.number_input(key="judge trial number").set_value(2).run()
    press(app, "Show the prompt")
    assert "There are 1 questions" in said(app)


def test_all_that_is_wrong_is_said_and_nothing_starts(store: Store) -> None:
    make_run(store, "a", 1)
    app = page("judge/page.py")
    press(app, "Estimate")
    assert "Name a run" in said(app)
    app.multiselect(key="judge form runs").set_value(["a"])
    app.text_input(key="judge form url").set_value("http://127.0.0.1:9/v1")
    app.text_input(key="judge form served").set_value("m")
    app.selectbox(key="judge form judge").set_value("pairwise").run()
    press(app, "Estimate")
    assert "--against" in said(app)
    assert not current_jobs(store)


def test_a_key_is_named_only_where_that_is_allowed(store: Store, server: JudgeServer) -> None:
    make_run(store, "a", 1)
    app = filled(page("judge/page.py"), server, "a")
    app.text_input(key="judge form variable").set_value("HOME").run()
    press(app, "Ask the model")
    assert "may not be used as a key" in said(app)
    press(app, "Estimate")
    press(app, "Start judging")
    assert "may not be used as a key" in said(app)
    assert not server.prompts


def test_rates_are_counted_and_every_count_finds_as_many_samples(store: Store) -> None:
    one, two = make_run(store, "a", 5, steps=FOLLOW), make_run(store, EVIL, 4, steps=FOLLOW)
    say(store, one, ["yes", "yes", "no", "?", ""], [5, 4, 2, None, None], by="j")
    say(store, two, ["no"] * 4, by="j")
    app = page("judge/page.py", judge="j")
    table = app.dataframe[0].value.to_dict("records")
    for row, known in zip(table, judged_by(store, judge="j").rows, strict=True):
        assert row["run"] == known.run
        assert row["rate"] == pytest.approx(known.rate)
        assert (row["n"], row["missing"]) == (known.n, known.missing)
    links = links_of(app)
    assert len(links) == 5
    for link, row in links:
        assert found_by(store, link) == int(link.rsplit("#", 1)[1]), row
    assert "1 reply without a usable verdict" in str([e.label for e in app.expander])
    assert "no verdict in the reply" in str(app.dataframe[1].value.to_dict("records"))


def test_comparisons_lead_to_their_samples_and_to_the_pairs(store: Store) -> None:
    own, other = make_run(store, "a", 6, steps=FOLLOW), make_run(store, EVIL, 6, steps=FOLLOW)
    outcomes = [(1, 1), (0, 0), (1, 0), (0.5, 0.5), (None, 1)]
    fight(store, [(a, b, *of) for a, b, of in zip(own, other, outcomes, strict=False)], by="d")
    app = page("judge/page.py", judge="d")
    (row,) = app.dataframe[0].value.to_dict("records")
    counts = {name: int(row[name].rsplit("#", 1)[1]) for name in ("won", "lost", "tied", "order")}
    assert counts == {"won": 1, "lost": 1, "tied": 2, "order": 1}
    links = links_of(app)
    assert len(links) == 6
    for link, of in links:
        assert found_by(store, link) == int(link.rsplit("#", 1)[1]), of
    assert "by=duels" in row["pairs"]
    assert "1 reply without" in str([e.label for e in app.expander])


def test_agreement_with_people_and_with_another_judge(store: Store) -> None:
    made = make_run(store, "a", 6, steps=FOLLOW)
    make_study(store, "s", ["a"])
    say(store, made, ["yes", "yes", "no", "no", "yes", "?"], by="j")
    say(store, made, ["yes", "no", "no", "yes", "", "yes"], by="k")
    for sample, verdict in zip(made, ["yes", "no", "no", "no", "no"], strict=False):
        judge(store, "s", sample, "Ann", {"follow": verdict})
    app = page("judge/page.py", judge="j")
    figures = next(f.value for f in app.dataframe if "κ" in f.value).to_dict("records")
    known = judge_agreement(store, TableQuery("s"), "j").rows
    assert [row["n"] for row in figures] == [row.samples for row in known]
    assert figures[0]["agree"] == pytest.approx(3 / 5)
    for link, row in links_of(app):
        assert found_by(store, link) == int(link.rsplit("#", 1)[1]), (link, row)
    app.selectbox(key="judge against").set_value("k").run()
    for scope in app.selectbox(key="judge agreement on False").options:
        app.selectbox(key="judge agreement on False").set_value(scope).run()
        figures = next(f.value for f in app.dataframe if "κ" in f.value).to_dict("records")
        assert figures[0]["agree"] == pytest.approx(2 / 4)
        checked = 0
        for link, row in links_of(app):
            checked += 1
            assert found_by(store, link) == int(link.rsplit("#", 1)[1]), (scope, link, row)
        assert checked > 5


def test_the_address_says_whose_verdicts_of_which_runs(store: Store) -> None:
    for name in ("a", "b"):
        say(store, make_run(store, name, 2, steps=FOLLOW), ["yes", "no"], by="j")
    say(store, make_run(store, "c", 1, steps=FOLLOW), ["yes"], by="k")
    app = page("judge/page.py", judge="j", run="b")
    assert [row["run"] for row in app.dataframe[0].value.to_dict("records")] == ["b"]
    app.multiselect(key="judge runs").set_value([]).run()
    assert len(app.dataframe[0].value) == 2
    assert dict(app.query_params) == {"judge": "j"}
    lost = page("judge/page.py", judge="nobody", run="x")
    assert "nobody" in said(lost)
    assert "has judged nothing of: x" in said(lost)


def test_hostile_names_and_replies_are_never_markup(store: Store) -> None:
    made = make_run(store, EVIL, 3, steps=FOLLOW)
    say(store, made, ["yes", "no", "?"], by=EVIL)
    app = page("judge/page.py", judge=EVIL)
    drawn = [*app.markdown, *app.caption, *app.title, *app.subheader]
    assert not any("onerror" in part.value for part in drawn)
    assert not any(EVIL in part.value for part in app.html)
    assert "onerror" not in str([e.label for e in app.expander])
    assert texts(app) is not None
    assert count_hits(store, filter_from({"unusable": ["1"]})) == 1


def test_the_form_begins_with_the_model_that_judged_last(store: Store, server: JudgeServer) -> None:
    make_run(store, "a", 2)
    app = filled(page("judge/page.py"), server, "a")
    app.number_input(key="judge form flight").set_value(3).run()
    press(app, "Estimate")
    press(app, "Start judging")
    ended(store, current_jobs(store)[0])
    app.run()
    for again in (press(app, "Judge outputs"), press(page("judge/page.py"), "Judge outputs")):
        assert again.text_input(key="judge form url").value == server.url
        assert again.text_input(key="judge form served").value == "m"
        assert again.number_input(key="judge form flight").value == 3


def test_what_was_typed_is_there_when_one_comes_back_to_the_page(
    store: Store, server: JudgeServer
) -> None:
    make_run(store, "a", 1)
    app = filled(page("judge/page.py"), server, "a")
    app.switch_page("results/page.py").run()
    app.switch_page("judge/page.py").run()
    assert app.text_input(key="judge form url").value == server.url
    assert app.text_input(key="judge form served").value == "m"
