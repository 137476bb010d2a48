"""An action's command, job and configuration say the same; nothing wrong is started."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from sit_core.actions import ACTIONS, Action, action_called, config_of
from sit_core.cli import VERBS, main
from sit_core.cli.action_command import Mode, command_of
from sit_core.config.arguments import argv
from sit_core.config.fields import KEY_VARIABLE, Config, setting, settings_of
from sit_core.errors import SitError, UsageError
from sit_core.jobs import current_jobs
from sit_core.jobs import start as starting
from sit_core.jobs.start import KEY_OPTIONS
from sit_core.jobs.worker import JobProcess
from sit_core.store import Store
from sit_core.store.jobs import get_job


@dataclass(frozen=True)
class Asked(Config):
    """Which endpoint."""

    model: str = setting(help="Its name.")
    key_env: str | None = setting(None, "Of its key.", kind=KEY_VARIABLE)
    seed: int = setting(0, ge=0)


@dataclass(frozen=True)
class AskConfig(Config):
    """An action for these tests."""

    endpoint: Asked = setting()
    deep: tuple[Asked, ...] = setting(())
    shout: bool = setting(False, "Loud.")
    limit: int | None = setting(None, ge=1)


RAN: list[AskConfig] = []


def _run(config: AskConfig, context: Any) -> str:
    context.report(0, 1, "asking")
    RAN.append(config)
    return config.endpoint.model


ASK: Action[AskConfig, str] = Action(
    name="ask",
    config=AskConfig,
    run=_run,
    title=lambda config: f"Ask {config.endpoint.model}",
    help="Ask.",
    faults=lambda config, store: ["There is nobody."] if config.endpoint.model == "nobody" else [],
    started=lambda config: {"model": config.endpoint.model},
)


def show(config: AskConfig, result: str, store: Store, as_json: bool) -> None:
    click.echo(json.dumps({"said": result}) if as_json else result)


COMMAND = command_of(ASK, show, modes=[Mode("--look", "Look.", lambda c, *_: click.echo(str(c)))])


@pytest.fixture(autouse=True)
def nothing_ran(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    RAN.clear()
    monkeypatch.setattr("sit_core.store.open_store", lambda: sqlite_store)
    monkeypatch.setattr(starting, "_spawn", lambda *_: None)


def call(*args: str) -> str:
    result = CliRunner(catch_exceptions=False).invoke(COMMAND, [*args])
    assert result.exit_code == 0, result.output
    return result.output


def test_options_win_over_changes_and_these_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ask.yaml"
    file.write_text("endpoint: {model: of-file, seed: 1}\nshout: true\nlimit: 9\n")
    args = [f"--config={file}", "--set=endpoint.seed=2", "--set=limit=8", "--limit=7", "--no-shout"]
    call(*args, "--set=deep=[{model: x}]")
    assert [AskConfig(Asked("of-file", seed=2), (Asked("x"),), limit=7)] == RAN


def test_what_is_printed_is_read_again(tmp_path: Path) -> None:
    args = ["--model=m", "--shout", "--set=deep=[{model: x, seed: 3}]"]
    file = tmp_path / "ask.yaml"
    file.write_text(call(*args, "--print-config"))
    assert file.read_text().startswith("# sit ask --config ask.yaml\n")
    assert RAN == []
    call(f"--config={file}")
    call(*args)
    assert RAN[0] == RAN[1] == AskConfig(Asked("m"), (Asked("x", seed=3),), shout=True)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        call("--seed=-1", "--limit=many", "--set=shuot=1")
    assert str(caught.value) == (
        "Say also --model. There is no setting 'shuot'; did you mean 'shout'? "
        "endpoint.seed: Expected at least 0, but found -1. "
        "limit: Expected a whole number, but found 'many'."
    )
    with pytest.raises(UsageError) as caught:
        call("--model=nobody", "--limit=0")
    assert str(caught.value) == "limit: Expected at least 1, but found 0. There is nobody."
    assert RAN == []


@pytest.mark.parametrize("text", ["- a", "endpoint: [", "a: 1\na: 2"])
def test_a_file_that_is_no_configuration_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "ask.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=r"ask\.yaml"):
        call(f"--config={file}")
    with pytest.raises(SitError, match="can't be read"):
        call(f"--config={tmp_path / 'gone.yaml'}")


def test_a_job_is_started_once_with_the_words_that_are_shown(sqlite_store: Store) -> None:
    printed = json.loads(call("--model=m", "--set=deep=[{model: x}]", "--detach"))
    (job,) = current_jobs(sqlite_store)
    assert printed == {"job": job.id, "model": "m"}
    config = AskConfig(Asked("m"), (Asked("x"),))
    assert list(job.command) == ASK.words(config) == ["ask", *argv(config)]
    assert job.title == "Ask m"
    with pytest.raises(SitError, match=f"job {job.id} does just that"):
        ASK.start(config, sqlite_store)
    with pytest.raises(UsageError, match="nobody"):
        ASK.start(AskConfig(Asked("nobody")), sqlite_store)
    assert len(current_jobs(sqlite_store)) == 1


def test_a_mode_takes_the_configuration_and_runs_nothing() -> None:
    assert "Asked(model='m'" in call("--model=m", "--look")
    assert RAN == []


SECRET = "HOME_PASSWORD"
WAYS = (
    ["--model=m", f"--key-env={SECRET}"],
    ["--model=m", f"--set=endpoint.key_env={SECRET}"],
    ["--model=m", f"--set=deep=[{{model: x, key_env: {SECRET}}}]"],
    ["--model=m", "--config=FILE"],
)


@pytest.mark.parametrize("args", WAYS, ids=str)
def test_no_way_of_naming_a_variable_gets_by(
    args: list[str], sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where a job is started, nor in its process."""
    file = tmp_path / "ask.yaml"
    file.write_text(f"endpoint: {{key_env: {SECRET}}}")
    given = [f"--config={file}" if arg == "--config=FILE" else arg for arg in args]
    with pytest.raises(UsageError, match="may not be used as a key"):
        call(*given, "--detach")
    assert current_jobs(sqlite_store) == []
    job = starting.add_job(sqlite_store, ["ask"], title="t", folder="/", host=starting.this_host())
    with JobProcess(sqlite_store, get_job(sqlite_store, job.id)) as work:
        monkeypatch.setattr("sit_core.jobs.worker._current", work)
        with pytest.raises(UsageError, match="may not be used as a key"):
            call(*given)
    assert RAN == []
    monkeypatch.setattr("sit_core.jobs.worker._current", None)
    call(*given)  # in a terminal it is its owner's own
    assert len(RAN) == 1


@pytest.mark.parametrize("name", ACTIONS)
def test_each_action_is_a_verb_and_its_words_are_read_back(name: str) -> None:
    action = action_called(name)
    assert action is not None
    assert action.name == name
    assert name in VERBS
    for one in settings_of(action.config):
        if one.rules.kind == KEY_VARIABLE and one.flag is not None:
            assert f"{one.flag}=" in KEY_OPTIONS
        assert one.rules.help, f"{name}: {one.name} has no help"


def test_words_of_other_verbs_have_no_form() -> None:
    for words in ([], ["import", "x"], ["nothing"]):
        with pytest.raises(SitError, match="no form"):
            config_of(words)


def test_an_option_that_is_none_is_told_with_the_nearest(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        main(["score", "--metric=a"])
    assert "--metrics" in capsys.readouterr().err
