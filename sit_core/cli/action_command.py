"""The command of an action: its options are the settings of the action's configuration.

    score = command_of(ACTION, show)

Each has ``--config FILE`` and ``--set SECTION.FIELD=VALUE`` (then the options, which win),
``--print-config``, ``--detach`` and ``--json``. Whatever is wrong is said in one message.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from sit_core.actions import Action, Context
from sit_core.cli.progress import CommandProgress
from sit_core.config.arguments import (
    has_none_flag,
    none_flag,
    placed,
    plain_value,
    with_changes,
)
from sit_core.config.fields import MISSING, Setting, settings_of
from sit_core.config.parse import parse
from sit_core.errors import UsageError

if TYPE_CHECKING:
    from sit_core.store import Store

Show = Callable[[Any, Any, "Store", bool], None]
"""Prints what came of it: configuration, result, store, whether as JSON."""
Values = dict[str, Any]
"""Plain values, as `sit_core.config.parse` reads them."""
_METAVARS = {int: "INTEGER", float: "FLOAT", str: "TEXT"}


class _Word(click.ParamType[Any]):
    """A word as its setting's type; one that is none stays, so that all faults are said at once."""

    name = "text"

    def __init__(self, one: Setting) -> None:
        self.one = one

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value; never an error."""
        return value if self.one.many else plain_value(self.one, value)


@dataclass(frozen=True)
class Mode:
    """A flag beside the work itself, such as ``--estimate``."""

    flag: str
    help: str
    run: Callable[[Any, Any, bool], None]
    """Takes the configuration, the store, and whether JSON is asked for."""
    incomplete: bool = False
    """Whether it takes the plain values of the options instead, which may lack what is required."""
    with_store: bool = True
    """Whether it needs the store; else it gets none, and asks the configuration alone."""


def command_of(
    action: Action[Any, Any],
    show: Show,
    *,
    modes: Sequence[Mode] = (),
    extra: Sequence[click.Parameter] = (),
    read_extra: Callable[[Values, Mapping[str, Any]], bool | None] | None = None,
    instead: Callable[[Any], bool] | None = None,
) -> click.Command:
    """The click command of an action.

    Args:
        action: what it does.
        show: prints what came of it.
        modes: flags that do something else with the configuration.
        extra: options written by hand, for settings that no single option says.
        read_extra: puts what these said into the plain values; called with all options' values.
            True: it did all that was asked.
        instead: called with the configuration before any store is opened; true where it did the
            work (as one of several processes, of which the first one is the job).
    """
    leaves = _leaves(action.config)

    def command(**given: Any) -> None:
        as_json, detach = given["as_json"], given["detach"]
        context = click.get_current_context()
        said = _said(context, given)
        if action.by_file and not {"config_file", "changes"} & said.keys():
            raise UsageError("Say also --config FILE; its settings are no options.")
        values = _values(action, leaves, said)
        if read_extra is not None and read_extra(values, given):
            return
        mode = next((mode for mode in modes if given[_mode_key(mode)]), None)
        if mode is not None and mode.incomplete:
            mode.run(values, _store(), as_json)
            return
        if given["print_config"]:
            _print_config(action, values)
            return
        if (mode is not None and not mode.with_store) or instead is not None:
            config = _sound(action, values, leaves)
            if mode is not None and not mode.with_store:
                mode.run(config, None, as_json)
                return
            if mode is None and instead is not None and instead(config):
                return
        store, config = _checked(action, values, leaves)
        words = _words_given(action, context.command.params, said) if action.as_given else None
        if mode is not None:
            mode.run(config, store, as_json)
        elif detach:
            job = action.start(config, store, words=words)
            prepared = action.prepare(config, store)
            import json

            click.echo(json.dumps({"job": job.id, **action.started(prepared)}))
        else:
            _run(action, config, store, show, as_json=as_json, words=words)

    options = options_of(action.config)
    options += [*extra, *(_flag(mode.flag, mode.help, _mode_key(mode)) for mode in modes)]
    return click.Command(
        action.name, callback=command, params=[*options, *_common()], help=_text(action.help)
    )


def options_of(kind: type) -> list[click.Parameter]:
    """The options of a configuration's settings."""
    return [option for one in _leaves(kind).values() for option in _options(one)]


def values_given(kind: type) -> Values:
    """What the options of `options_of` said in the command that runs, as plain values."""
    context = click.get_current_context()
    return placed(_given(_leaves(kind), _said(context, context.params)))


def _leaves(kind: type) -> dict[str, Setting]:
    return {one.key: one for one in settings_of(kind) if one.flag is not None}


def _said(context: click.Context, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in given.items()
        if context.get_parameter_source(name) == click.core.ParameterSource.COMMANDLINE
    }


def _text(text: str) -> str:
    return inspect.cleandoc(text)


def _options(one: Setting) -> list[click.Parameter]:
    """The option of a setting; another one where None needs a flag."""
    flag = one.flag or ""
    shown, usual = one.rules.help, _usual(one)
    if usual:
        shown = f"{shown}  [default: {usual}]".strip()
    more: dict[str, Any]
    if one.type is bool:
        names, more = [f"{flag}/--no-{flag[2:]}"], {"default": None}
    else:
        names = [flag]
        more = {"metavar": _metavar(one), "multiple": _repeated(one), "type": _Word(one)}
    found: list[click.Parameter] = [click.Option([*names, one.key], help=shown, **more)]
    if has_none_flag(one):
        none = none_flag(one)
        found.append(_flag(none, f"None: no {flag[2:]}.", none[2:].replace("-", "_")))
    return found


def _repeated(one: Setting) -> bool:
    return one.many and not one.rules.comma


def _metavar(one: Setting) -> str:
    if one.rules.metavar:
        return one.rules.metavar
    if one.choices and not one.many:
        return f"[{'|'.join(map(str, one.choices))}]"
    return _METAVARS.get(one.type, "TEXT" if one.many and not one.rules.comma else "A,B")


def _usual(one: Setting) -> str:
    """The default in ``--help``; empty where nothing is the default."""
    if one.default in (None, (), "", MISSING) or isinstance(one.default, bool):
        return ""
    return ",".join(one.default) if isinstance(one.default, tuple) else str(one.default)


def _flag(name: str, help: str, key: str) -> click.Option:
    return click.Option([name, key], is_flag=True, help=help)


def _mode_key(mode: Mode) -> str:
    return f"mode_{mode.flag[2:].replace('-', '_')}"


def _common() -> list[click.Parameter]:
    return [
        click.Option(
            ["--config", "config_file"],
            metavar="FILE",
            help="Take the settings of this YAML file; options given beside it win.",
        ),
        click.Option(
            ["--set", "changes"],
            metavar="SETTING=VALUE",
            multiple=True,
            help="Change any setting, such as model.seed=3; may be given several times.",
        ),
        _flag(
            "--print-config", "Print the settings as YAML for --config, and end.", "print_config"
        ),
        _flag("--detach", "As a job that outlives this terminal; see sit jobs.", "detach"),
        _flag("--json", "One JSON object, no progress.", "as_json"),
    ]


def _values(
    action: Action[Any, Any], leaves: Mapping[str, Setting], said: Mapping[str, Any]
) -> Values:
    """What the file says, over it ``--set``, over it the options."""
    values: Values = {}
    if "config_file" in said:
        values = action.content_of(said["config_file"])
    return placed(_given(leaves, said), with_changes(values, said.get("changes", ())))


def _given(leaves: Mapping[str, Setting], said: Mapping[str, Any]) -> dict[Setting, Any]:
    """The settings that options said, as plain values."""
    given: dict[Setting, Any] = {}
    for key, one in leaves.items():
        if has_none_flag(one) and said.get(none_flag(one)[2:].replace("-", "_")):
            given[one] = None
        if key in said:
            given[one] = plain_value(one, said[key])
    return given


def _store() -> "Store":
    from sit_core.store import open_store

    return open_store()


def _words_given(
    action: Action[Any, Any], params: Sequence[click.Parameter], said: Mapping[str, Any]
) -> list[str]:
    """The options as they were given; 0 is a value like others, though it equals False."""
    options = {param.name: param for param in params}
    words = [action.name]
    for key in action.as_given:
        if key not in said:
            continue
        names, value = options[key], said[key]
        for one in value if isinstance(value, tuple) else (value,):
            if one is True or one is False:
                words.append((names.opts if one else names.secondary_opts)[0])
            else:
                words.append(f"{names.opts[0]}={one}")
    return words


def _sound(action: Action[Any, Any], values: Values, leaves: Mapping[str, Setting]) -> Any:
    """The configuration, if all is right that can be known without the store.

    Raises:
        UsageError: all that is wrong with it.
    """
    config, faults = _parsed(action, values, leaves)
    if faults:
        raise UsageError(" ".join(dict.fromkeys(faults)))
    return config


def _checked(
    action: Action[Any, Any], values: Values, leaves: Mapping[str, Setting]
) -> tuple["Store", Any]:
    """The store, and the configuration.

    Raises:
        UsageError: all that is wrong with it.
    """
    config, faults = _parsed(action, values, leaves)
    if config is None:
        raise UsageError(" ".join(faults))
    store = _store()
    faults += action.store_faults(config, store)
    if faults:
        raise UsageError(" ".join(dict.fromkeys(faults)))
    return store, config


def _parsed(
    action: Action[Any, Any], values: Values, leaves: Mapping[str, Setting]
) -> tuple[Any, list[str]]:
    """The configuration as far as there is one, and one sentence for each fault."""
    config, faults, missing = parse(action.config, values)
    flags = {one.name: one.flag for one in leaves.values()}
    lacking = [str(flags[name]) for name in missing if name in flags]
    faults += [sentence for name, sentence in missing.items() if name not in flags]
    if lacking:
        faults.insert(0, f"Say also {', '.join(lacking)}.")
    return config, faults


def _print_config(action: Action[Any, Any], values: Values) -> None:
    from sit_core.config.yaml_file import to_yaml

    config, faults = _parsed(action, values, _leaves(action.config))
    if faults:
        raise UsageError(" ".join(faults))
    head = f"sit {action.name} --config {action.name}.yaml"
    printed = action.printed(config)
    click.echo(to_yaml(printed, head=head, defaults=printed is config), nl=False)


def _run(
    action: Action[Any, Any],
    config: Any,
    store: "Store",
    show: Show,
    *,
    as_json: bool,
    words: list[str] | None,
) -> None:
    """Do it, as the job that this process is or becomes, and show what came of it."""
    from sit_core.config.fields import key_variables
    from sit_core.jobs.worker import joined
    from sit_core.settings import settings

    config = action.prepare(config, store)
    words, title = words or action.words(config), action.title(config)
    job = joined(store, words, title=title, run=action.writes(config))
    with action.alone(store, config, job) as work:
        if work.job.detached:  # perhaps by a visitor of the app; a terminal's is its owner's own
            for name in key_variables(config):
                settings().check_key_variable(name)
        progress = CommandProgress(work.report, quiet=as_json)
        context = Context(
            store,
            job=work.job.id,
            since=action.since(store, work.job),
            report=progress,
            stopped=work.stop.is_set,
            patient=work.ending_by_itself,
        )
        result = action.run(config, context)
        progress.end()
    show(config, result, store, as_json)
