"""A form's widgets from the settings of a configuration: type, label, limits, default, help, words.

    form = ConfigForm(ScoreConfig, "score form ")
    form.draw("metrics", options=list(METRICS))
    form.row("encoder", "layers", "again", widths=(3, 1, 2))
    config = form.config(runs=tuple(runs))  # incomplete while one types: an ordinary object

Which widgets stand where, and when, is the page's own. A widget's state is kept under the prefix
and the setting's name, such as ``"new run model.seed"``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar, get_origin

import streamlit as st

from sit_core.config.arguments import joined_names, put, split_names
from sit_core.config.fields import (
    LONG_TEXT,
    MISSING,
    Setting,
    is_section,
    settings_of,
    value_of,
)

C = TypeVar("C")
_WIDEST = 2**53
"""Larger whole numbers are refused by Streamlit's widget, so wider limits are the check's."""


class ConfigForm(Generic[C]):
    """The widgets of one configuration; see the head of this module."""

    def __init__(
        self, kind: type[C], prefix: str, *, start: C | None = None, section: str = ""
    ) -> None:
        """Begin a form.

        Args:
            kind: the configuration.
            prefix: of the keys of all widgets here.
            start: what the widgets begin with and what is not drawn has: a preset, or an earlier
                job's configuration. Its name belongs into the prefix, for other beginnings need
                other widgets. None: the defaults.
            section: where the configuration stands in another one.
        """
        self.kind, self.prefix, self.start = kind, prefix, start
        self.place = f"{section}." if section else ""
        self.settings = {one.name: one for one in settings_of(kind)}
        self.values: dict[str, Any] = {}

    def draw(self, name: str, box: Any = None, **changes: Any) -> Any:
        """One widget, and what it says.

        Args:
            name: of the setting, such as ``"limit"`` or ``"model.seed"``.
            box: where it is drawn; None: here.
            changes: other words than the setting's own (``label``, ``help``, ``placeholder``),
                ``options`` to choose from, ``words`` (option → words), ``usual`` (what it begins
                with), ``key``, or arguments of the widget.
        """
        one = self.settings[name]
        usual = changes.pop("usual", self.usual(name))
        key = changes.pop("key", self.key(name))
        value = _widget(box or st, one, key, usual, **changes)
        self.values[name] = value
        return value

    def row(self, *names: str, widths: Sequence[float] | None = None) -> list[Any]:
        """Several widgets side by side."""
        boxes = st.columns(widths or len(names), vertical_alignment="bottom")
        return [self.draw(name, box) for name, box in zip(names, boxes, strict=True)]

    def section(self, name: str) -> "ConfigForm[Any]":
        """The form of a section; hand what it says to `config`."""
        from sit_core.config.fields import hints_of, without_none

        kind, _ = without_none(hints_of(self.kind)[name])
        assert is_section(kind), name
        start = None if self.start is None else getattr(self.start, name)
        return ConfigForm(kind, self.prefix, start=start, section=f"{self.place}{name}")

    def key(self, name: str) -> str:
        """Under which the widget's state is kept."""
        return f"{self.prefix}{self.place}{name}"

    def usual(self, name: str) -> Any:
        """What the widget begins with."""
        one = self.settings[name]
        value = MISSING if self.start is None else value_of(self.start, one.path)
        value = one.default if value is MISSING else value
        return None if value is MISSING else value

    def config(self, **more: Any) -> C:
        """The configuration that the form says, with what was asked for in other ways.

        What is neither drawn nor given is as in ``start``, else as usual; required texts are empty.
        It may be incomplete or off.
        """
        values: dict[str, Any] = {}
        for name, value in self.values.items():
            put(values, name.split("."), value)
        return built(self.kind, {**values, **more}, self.start)


def built(kind: type[C], values: Mapping[str, Any], start: C | None = None) -> C:
    """A configuration of values, some of which may be values of its sections."""
    from sit_core.config.fields import default_of, fields, hints_of, without_none

    result: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        inner, _ = without_none(hints_of(kind)[field.name])
        before = None if start is None else getattr(start, field.name)
        value = values.get(field.name, MISSING)
        if is_section(inner) and isinstance(value, Mapping):
            result[field.name] = built(inner, value, before)
        elif value is not MISSING:
            result[field.name] = value
        elif start is None and default_of(field) is MISSING:
            result[field.name] = built(inner, {}) if is_section(inner) else _empty(inner)
    return kind(**result) if start is None else replace(start, **result)  # type: ignore[type-var]


def _empty(kind: Any) -> Any:
    return () if get_origin(kind) is tuple else "" if kind is str else None


def _widget(box: Any, one: Setting, key: str, usual: Any, **changes: Any) -> Any:
    """Draw the widget that suits the setting's type.

    What is not touched is what it began with, also where the widget can't show it as it is.
    """
    rules = one.rules
    options = list(changes.pop("options", None) or one.choices)
    words = changes.pop("words", None)
    if words is None and isinstance(rules.choices, Mapping):
        words = rules.choices
    common = {"key": key, "help": rules.help or None, **changes}
    label = common.pop("label", rules.label or one.path[-1].replace("_", " ").capitalize())
    if one.type is bool and not one.optional:
        return bool(box.checkbox(label, bool(usual), **common))
    if one.many and options:
        chosen = list(usual or ())
        return tuple(box.multiselect(label, options, chosen, format_func=_named(words), **common))
    common.setdefault("placeholder", rules.placeholder or None)
    if one.type is bool or options:
        options = options or [True, False]
        if one.optional and None not in options:
            options.insert(0, None)
        nothing = common.pop("placeholder") or "none"
        named = _named({None: nothing, True: "yes", False: "no", **(words or {})})
        at = options.index(usual) if usual in options else 0
        return box.selectbox(label, options, at, format_func=named, **common)
    if one.type in (int, float) and abs(usual or 0) < _WIDEST:
        return _number(box, label, one, usual, common)
    return _text(box, label, one, usual, common)


def _named(words: Mapping[Any, str] | None) -> Any:
    return lambda value: str(value) if words is None else words.get(value, str(value))


def _number(box: Any, label: str, one: Setting, usual: Any, common: dict[str, Any]) -> Any:
    """Limits, value and step of one type, as the widget wants them.

    A bound that itself is refused (``gt``, ``lt``) is passed on as it is: the check says so.
    """
    kind, rules = one.type, one.rules
    low, high = (
        None if limit is None or abs(limit) >= _WIDEST else kind(limit)
        for limit in (
            rules.gt if rules.ge is None else rules.ge,
            rules.lt if rules.le is None else rules.le,
        )
    )
    common.setdefault("step", 1 if kind is int else None)
    if kind is float:
        common.setdefault("format", "%g")
    return box.number_input(label, low, high, None if usual is None else kind(usual), **common)


def _text(box: Any, label: str, one: Setting, usual: Any, common: dict[str, Any]) -> Any:
    """A text; a list as names with commas between; a number that is too wide for its widget."""
    begun = joined_names(usual or ()) if one.many else "" if usual is None else str(usual)
    long = one.rules.kind == LONG_TEXT or "\n" in begun
    text = str((box.text_area if long else box.text_input)(label, begun, **common))
    if text == begun:
        return _empty(one.type) if usual is None and not one.optional else usual
    text = text.strip()
    if one.many:
        return split_names(text)
    if not text and one.optional:
        return None
    try:
        return one.type(text) if one.type in (int, float) else text
    except ValueError:
        return text  # the check says that it is no number
