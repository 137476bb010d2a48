"""The only file of the golden tests that knows where the program's code stands.

When modules or classes are renamed, this file is changed and no other; what the golden files hold
stays as it is.
"""

import contextlib
import io
import json
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import click
import streamlit as st

from pages.inspect_outputs.address import filter_from as inspect_filter
from pages.inspect_outputs.address import params_of as inspect_params
from pages.seq_instruct.address import params_of as set_params
from pages.seq_instruct.address import view_from as set_view
from sit_core.actions import ACTIONS, Action
from sit_core.augment.config import MixtureConfig, ModelTexts, read_mixture
from sit_core.augment.step_generation import ModelStepTexts
from sit_core.benchmark.action import ACTION as BENCHMARK
from sit_core.benchmark.run import _key as benchmark_key
from sit_core.cli import VERBS, main, sit
from sit_core.config.fields import nested
from sit_core.config.parse import from_plain, to_plain
from sit_core.config.yaml_file import read_yaml
from sit_core.judge.action import ACTION as JUDGE
from sit_core.judge.folder import load_judge
from sit_core.judge.judge_types import JudgeInput
from sit_core.judge.question_batches import QuestionBatches
from sit_core.live.link import linked as live_ask
from sit_core.live.link import params_of as live_params
from sit_core.predict.action import ACTION as PREDICT
from sit_core.records import Example
from sit_core.score.action import ACTION as SCORE
from sit_core.seq_instruct.config import SeqInstructConfig, read_config
from sit_core.seq_instruct.jobs import words_for as set_words
from sit_core.seqeval.action import ACTION as SEQEVAL
from sit_core.starter import ensure_starter
from sit_core.store import open_store
from sit_core.tasks import steps_named
from sit_core.train.config import TrainingConfig, as_yaml, load_config

ROOT = Path(__file__).parents[2]
MAIN_PAGE = ROOT / "pages" / "main.py"
PAGE_PACKAGES = ("pages", "sit_core.live.link", "sit_core.live.replay")
"""Where names of query parameters may stand: these modules, and what pages import of them."""

RECORDS: dict[str, tuple[type, Callable[[Any], list[str]]]] = {
    "predict": (PREDICT.config, PREDICT.words),
    "score": (SCORE.config, SCORE.words),
    "judge": (JUDGE.config, JUDGE.words),
    "seqeval": (SEQEVAL.config, SEQEVAL.words),
    "benchmark": (BENCHMARK.config, BENCHMARK.words),
}
"""Action → what is asked of it as a record, and that record as words."""
FLAT = (PREDICT.config,)
PRINTED: dict[str, type] = {"augment": MixtureConfig, "seq-instruct": SeqInstructConfig}
"""Actions whose record is what ``--print-config`` prints."""
STARTS = {
    "start_job": "sit_core.jobs.start_job",
    "joined": "sit_core.jobs.worker.joined",
    "start_set": "sit_core.seq_instruct.jobs.start_set",
}
"""What a command calls once it knows the words of its job."""
STAND_INS: dict[str, Callable[..., Any]] = {
    "sit_core.store.open_store": lambda: None,
    "sit_core.store.runs.run_called": lambda _store, name: name,
    "sit_core.store.renaming.present_run": lambda _store, name: name,
    "sit_core.store.renaming.present_runs": lambda _store, names: tuple(names),
    "sit_core.store.renaming.present_study": lambda _store, name: name,
}
"""What a command asks before; needs no store here."""


@dataclass(frozen=True)
class Asked:
    """What a command was about to do."""

    words: list[str]
    record: Any


class _Begun(BaseException):
    """A job would begin now; no `Exception`, so that nothing takes it for an error."""


def asked_by(argv: Sequence[str]) -> Asked:
    """The words of the job, and the record, that a command line asks for; nothing is begun.

    Raises:
        Exception: the command refuses it.
    """
    action = argv[0]
    words: list[str] = []
    records: list[Any] = []

    def begin(_store: Any, command: Sequence[str], **_more: Any) -> None:
        words.extend(command)
        raise _Begun

    def begin_set(_store: Any, name: str, config: Any) -> None:
        records.append(config)
        begin(None, set_words(name))

    def begin_action(
        which: Action[Any, Any], config: Any, _store: Any, *, words: Any = None, **_more: Any
    ) -> None:
        records.append(config)
        begin(None, words or which.words(config))

    with contextlib.ExitStack() as patches:
        for name, target in STARTS.items():
            patches.enter_context(mock.patch(target, begin_set if name == "start_set" else begin))
        for target, stand_in in STAND_INS.items():
            patches.enter_context(mock.patch(target, stand_in))
        if action in ACTIONS:
            patches.enter_context(mock.patch.object(Action, "store_faults", return_value=[]))
            patches.enter_context(mock.patch.object(Action, "start", begin_action))
        elif action in RECORDS:
            seen = mock.patch.object(
                RECORDS[action][0], "check", lambda record, *_: records.append(record)
            )
            patches.enter_context(seen)
        detached = "--detach" in argv or "--detach" not in flags_of(command_at((action,)))
        with contextlib.suppress(_Begun):
            run([*argv, *(() if detached else ("--detach",))])
    if not words:
        raise AssertionError(f"no job would begin: {list(argv)}")
    if action == "augment":
        records.append(read_yaml(MixtureConfig, printed_config(argv)))
    return Asked(words, records[-1])


def printed_config(argv: Sequence[str]) -> str:
    """What the command prints with ``--print-config``."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        run([*argv, "--print-config"])
    return out.getvalue()


def run(argv: Sequence[str]) -> None:
    """Run a command in this process; errors are raised."""
    sit.main(args=list(argv), prog_name="sit", standalone_mode=False)


def printed_json(argv: Sequence[str]) -> Any:
    """What a command with ``--json`` prints."""
    out = io.TextIOWrapper(buffer := io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main([*argv, "--json"])
    out.flush()
    assert buffer.getvalue(), f"no JSON of {' '.join(argv)}"
    return json.loads(buffer.getvalue())


def starter_store() -> None:
    """Make the store of SIT_HOME, with what a fresh machine has."""
    ensure_starter(open_store())


def plain(record: Any) -> Any:
    """A record as JSON; what is as usual is left out."""
    found: dict[str, Any] = json.loads(json.dumps(_as_kept(record, to_plain(record))))
    if isinstance(record, JUDGE.config):  # had no default, so it was written when it was empty
        return {"runs": [], **found}
    return found


def plain_in_full(record: Any) -> Any:
    """A record as JSON with all its values."""
    return json.loads(json.dumps(_as_kept(record, to_plain(record, defaults=True))))


def _as_kept(record: Any, plain: Any) -> Any:
    """A run's model is a section now; the golden files have its settings beside the run's."""
    return {**plain.pop("model"), **plain} if isinstance(record, FLAT) else plain


def _from_kept(kind: type, values: Any) -> Any:
    return from_plain(kind, nested(kind, values) if kind in FLAT else values)


def words_from(action: str, values: Any) -> list[str]:
    """The words of the record that has these values."""
    kind, words_of = RECORDS[action]
    return words_of(_from_kept(kind, values))


def record_from(action: str, values: Any) -> Any:
    """The record that has these values, of any action."""
    kind = {**PRINTED, "train": TrainingConfig, **{k: v[0] for k, v in RECORDS.items()}}[action]
    return _from_kept(kind, values)


def training_yaml(record: Any) -> str:
    """The YAML of a training."""
    return as_yaml(record)


READERS: dict[str, Callable[[Path], Any]] = {
    "train.yaml": load_config,
    "augment.yaml": read_mixture,
    "augment.manifest.yaml": read_mixture,
    "seq_instruct.yaml": read_config,
    "seq_instruct.manifest.yaml": read_config,
    "judge/judge.yaml": lambda path: load_judge(str(path.parent)).settings,
}
"""File in ``yaml/`` → what the program reads it with."""


def training_of(path: Path) -> Any:
    """The training that a YAML file describes."""
    return load_config(path)


def judge_keys(values: Any, cases: Sequence[Mapping[str, Any]]) -> list[str]:
    """By what the replies to a judge's questions about these cases are kept."""
    wanted = from_plain(JUDGE.config, values)
    asked = QuestionBatches.__new__(QuestionBatches)  # without a store: it only chooses the outputs
    asked.wanted, asked.judge = wanted, wanted.chosen()
    asked.choice = wanted.model_of(asked.judge)
    keys = []
    for number, case in enumerate(cases):
        example = Example(case["instruction"], case["input"])
        steps = steps_named(case["steps"]) if case["steps"] else ()
        against = case.get("against")
        one = JudgeInput(
            f"p{number}", "run", example, case["output"], steps, against and "other", against
        )
        questions = asked.judge.kind.asks(one, asked.judge.settings)
        assert isinstance(questions, list | tuple), questions
        keys += [asked._question(one, question).key for question in questions]
    return keys


def texts_key(task: str, values: Any, into: str) -> str:
    """The name of the file that keeps a model's texts of a step."""
    how: ModelTexts = from_plain(ModelTexts, values)
    return ModelStepTexts(task, how, into, Path("texts")).path.name


def key_of_benchmarks(values: Any) -> str:
    """The folder in which benchmarks go on where they were."""
    return benchmark_key(from_plain(BENCHMARK.config, values))


def command_at(path: Sequence[str]) -> click.Command:
    """The command of a verb, or of a verb and its sub-verb.

    Raises:
        AssertionError: there is none.
    """
    command: click.Command = sit
    for name in path:
        assert isinstance(command, click.Group), path
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"the command {' '.join(path)} is gone"
        command = found
    return command


def context_of(path: Sequence[str]) -> click.Context:
    """The same with its parents, as wide as help texts are kept."""
    context = click.Context(sit, info_name="sit", terminal_width=100, **sit.context_settings)
    for at, name in enumerate(path, 1):
        command = command_at(path[:at])
        context = click.Context(command, info_name=name, parent=context)
    return context


def help_of(path: Sequence[str]) -> str:
    """The help text of a command."""
    return context_of(path).get_help()


def all_commands(path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The program itself, every verb and every sub-verb."""
    yield path
    command = command_at(path)
    names = list(VERBS) if not path else []
    if path and isinstance(command, click.Group):
        names = command.list_commands(click.Context(command))
    for name in names:
        yield from all_commands((*path, name))


def flags_of(command: click.Command) -> dict[str, click.Option]:
    """Every way to write an option → the option."""
    return {
        word: option
        for option in command.params
        if isinstance(option, click.Option)
        for word in (*option.opts, *option.secondary_opts)
    }


def given(argv: Sequence[str]) -> list[list[str]]:
    """What click understood: the first way to write each option that was given, and its value."""
    command = command_at(argv[:1])
    context = command.make_context(argv[0], list(argv[1:]), parent=context_of(()))
    return sorted(
        [option.opts[0], value_text(context.params[option.name or ""])]
        for option in command.params
        if context.get_parameter_source(option.name or "") == click.core.ParameterSource.COMMANDLINE
    )


def value_text(value: Any) -> str:
    """A value as a text that does not depend on how the program holds it."""
    if isinstance(value, list | tuple):
        return json.dumps([str(one) for one in value], ensure_ascii=False)
    return str(value)


def registered_pages() -> dict[str, tuple[Path, str]]:
    """Address of a page → its file and its title, as the app's entry registers it."""
    found: dict[str, tuple[Path, str]] = {}

    class Navigated(Exception):
        pass

    def page(path: str, *, title: str, url_path: str | None = None, **_more: Any) -> None:
        file = MAIN_PAGE.parent / path
        assert file.is_file(), path
        found[url_path or file.stem] = (file, title)

    def navigation(*_pages: Any, **_more: Any) -> None:
        raise Navigated

    with (
        mock.patch.multiple(st, Page=page, navigation=navigation),
        mock.patch.multiple(st, set_page_config=mock.Mock(), html=mock.Mock()),
        contextlib.suppress(Navigated),
    ):
        runpy.run_path(str(MAIN_PAGE))
    return found


ROUND_TRIPS: dict[str, Callable[[dict[str, list[str]]], Any]] = {
    "inspect": lambda params: inspect_params(
        inspect_filter(params),
        params.get("sample", [""])[-1] or None,
        params.get("with", [""])[-1] or None,
    ),
    "live": lambda params: live_params(live_ask(params).ask),
    "seq_instruct": lambda params: {
        name: [value]
        for name, value in set_params(
            set_view({name: values[-1] for name, values in params.items()})
        ).items()
    },
}
"""Address of a page → parameters read and written again."""
