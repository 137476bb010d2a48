"""The Analyses page: settings in the address, each figure opens its samples, texts stay texts."""

from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from sit_core.metrics.registry import Score
from sit_core.store import Store
from sit_core.store.scores import save_scores
from tests.factories import make_run
from tests.pages.test_runs import page, said, seen

EVIL = "<b>model</b> $x$"


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A run with twelve scored outputs, another with none."""
    monkeypatch.setenv("SIT_STARTER", "0")
    inputs = ["word " * (i + 1) for i in range(12)]
    ids = make_run(sqlite_store, EVIL, 12, inputs=inputs)
    made = [Score(one, "accuracy", float(i < 6)) for i, one in enumerate(ids)]
    save_scores(sqlite_store, made, {"accuracy": ""}, "rules-1")
    make_run(sqlite_store, "bare", 2)
    return sqlite_store


def texts(app: AppTest) -> list[str]:
    return [one.value for one in app.text]


def test_an_empty_store_says_what_to_do(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIT_STARTER", "0")
    app = page("analyses/page.py")
    assert "no runs yet" in said(app)


def test_the_address_sets_the_widgets_and_the_widgets_the_address(store: Store) -> None:
    app = page("analyses/page.py", analysis="length", metric="accuracy", smooth="4")
    assert app.number_input(key="analysis length 1 smooth").value == 4
    assert app.multiselect(key="analysis length 1 metric").value == ["accuracy"]
    (table,) = app.dataframe
    assert table.value["mean"].tolist()[0].startswith("50.0 [")
    assert "2 left out: accuracy: not scored yet (sit score --metrics accuracy)." in texts(app)
    app.number_input(key="analysis length 1 smooth").set_value(3)
    app.multiselect(key="analysis length 1 runs").set_value([EVIL])
    seen(app.run())
    assert app.query_params["smooth"] == "3"
    assert app.query_params["run"] == EVIL
    assert app.query_params["metric"] == "accuracy"
    assert not any("left out" in one for one in texts(app))


def test_what_an_address_says_wrong_is_said_and_dropped(store: Store) -> None:
    app = page("analyses/page.py", analysis="lenght")
    assert "did you mean 'length'" in unescape(said(app))
    app = page("analyses/page.py", analysis="length", smooth="0", nonsense="1", run="nobody")
    words = unescape(said(app))
    assert "at least 1" in words
    assert "'nonsense'" in words
    assert "'nobody'" in words
    assert len(app.dataframe) == 1


def test_a_click_on_a_figure_opens_exactly_its_samples(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sit_core.store.browse import Filter, count_hits
    from sit_core.store.sample_lists import list_id, list_title

    app = page("analyses/page.py", analysis="length", metric="accuracy", run=EVIL, smooth="4")
    inspect = page("inspect_outputs/page.py", list="nothing")
    assert "no such list" in said(inspect)
    from sit_core.analyses.length import LengthConfig, length
    from sit_core.store.sample_lists import keep_samples

    table = length(store, LengthConfig(runs=(EVIL,), metric=("accuracy",), smooth=4))
    kept = keep_samples(store, table.point_samples[3], f"Length: {EVIL}")
    assert kept == list_id(table.point_samples[3])
    assert count_hits(store, Filter(listed=kept)) == 4
    inspect = page("inspect_outputs/page.py", list=kept)
    assert f"Length: {EVIL}" in texts(inspect)
    assert list_title(store, kept) is not None
    assert not app.exception
