"""Of every action: what its job is asked for, as words, is read back to the same configuration."""

import importlib
from collections.abc import Mapping
from typing import Any, get_args, get_origin

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sit_core.actions import ACTIONS, Action, action_called, config_of
from sit_core.cli import VERBS
from sit_core.cli.action_command import _values
from sit_core.config.arguments import argv, from_words, put
from sit_core.config.fields import Setting, check, settings_of
from sit_core.config.parse import parse

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
TEXT = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["-x", "--run=a", "a,b", '"', "a=b", "two\nlines", "größe", "\u2028", "null"]),
)
NAME = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=6)


def value_of(one: Setting) -> st.SearchStrategy[Any] | None:
    """Values of a setting's type and within its limits; None: a type that is not tried here."""
    least = int(one.required)  # a required list that is empty is not there
    if one.choices and not one.many:
        found: st.SearchStrategy[Any] = st.sampled_from(one.choices)
    elif one.many and one.flag is not None and one.rules.comma:
        found = st.lists(NAME | st.just("a,b"), min_size=least, max_size=3, unique=True)
    elif one.many and get_args(one.type)[0] is str:
        found = st.lists(
            st.sampled_from(one.choices) if one.choices else TEXT,
            min_size=least,
            max_size=3,
            unique=True,
        )
    elif one.many and str in get_args(get_args(one.type)[0]):  # texts, or records
        found = st.lists(NAME, min_size=least, max_size=3)
    elif get_origin(one.type) is Mapping and get_args(one.type)[1] is str:
        found = st.dictionaries(NAME, TEXT, max_size=2)
    elif one.type is bool:
        found = st.booleans()
    elif one.type in (int, float):
        low = one.rules.ge if one.rules.gt is None else one.rules.gt
        high = one.rules.le if one.rules.lt is None else one.rules.lt
        of = {int: st.integers, float: st.floats}[one.type]
        found = of(-(2**40) if low is None else low, 2**40 if high is None else high)
    elif one.type is str:
        found = TEXT
    else:
        return None
    return st.none() | found if one.optional else found


@st.composite
def configs(draw: st.DrawFn, action: Action[Any, Any]) -> Any:
    """A configuration: what is required, and some of the rest."""
    values: dict[str, Any] = {}
    most = draw(st.sampled_from([0.1, 0.4, 0.9]))
    for one in settings_of(action.config):
        strategy = value_of(one)
        if strategy is None:
            continue
        if one.required or draw(st.floats(0, 1)) < most:
            put(values, one.path, draw(strategy))
    config, _, missing = parse(action.config, values)
    if config is None:  # a section that was begun lacks what it needs
        assert missing
        for name in missing:
            put(values, name.split("."), "x")
        config, _, _ = parse(action.config, values)
    assert config is not None
    return config


def action_of(name: str) -> Action[Any, Any]:
    action = action_called(name)
    assert action is not None
    return action


@pytest.mark.parametrize("name", ACTIONS)
def test_words_say_all_of_a_configuration(name: str) -> None:
    action = action_of(name)

    @given(configs(action))
    @FEW
    def holds(config: Any) -> None:
        words = [name, *argv(config)]
        assert parse(action.config, from_words(action.config, words[1:]))[0] == config
        if action.words_of is None:
            assert action.words(config) == words
            if not check(config):
                assert config_of(words) == (action, config)

    holds()


@pytest.mark.parametrize("name", ACTIONS)
def test_the_command_understands_them_as_the_jobs_page_does(name: str) -> None:
    action = action_of(name)
    module, attribute = VERBS[name][0].split(":")
    command = getattr(importlib.import_module(module), attribute)
    if type(command) is not click.Command:
        pytest.skip("its command is written by hand")
    leaves = {one.key: one for one in settings_of(action.config) if one.flag is not None}

    @given(configs(action))
    @FEW
    def holds(config: Any) -> None:
        context = command.make_context(name, argv(config))
        said = {
            key: value
            for key, value in context.params.items()
            if context.get_parameter_source(key) == click.core.ParameterSource.COMMANDLINE
        }
        assert parse(action.config, _values(action, leaves, said))[0] == config

    holds()
