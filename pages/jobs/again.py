"""Again with changes: an earlier job's configuration as a form, started as a job of its own.

What a job was asked for is read back from the words of its command, so it works for the jobs of
every action, whoever started them.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.action_form import start_button
from pages.shared.config_form import ConfigForm
from pages.shared.message import errors_shown, message
from sit_core.actions import Action, action_called, config_of
from sit_core.config.arguments import placed
from sit_core.config.fields import MISSING, Setting, value_of
from sit_core.config.parse import parse, to_plain
from sit_core.config.yaml_file import read_plain, to_yaml
from sit_core.errors import SitError
from sit_core.jobs import Job
from sit_core.store import Store
from sit_core.store.renaming import name_free

OPEN = "again with job"  # in the session: the number of the job whose form is open
JOB = "job"  # in the address


def again(store: Store, job: Job) -> None:
    """Draw the button, or the form once it was pressed; jobs of other commands have neither."""
    action = action_called(job.command[0]) if job.command else None
    if action is None or action.words_of is not None:  # what it is asked for lies in its folder
        return
    if st.session_state.get(OPEN) != job.id:
        icon = ":material/edit_note:"
        if st.button("Again with changes", icon=icon, key=f"again with job {job.id}"):
            st.session_state[OPEN] = job.id
            st.rerun()
        return
    with st.container(border=True), errors_shown():
        _form(store, job, *config_of(job.command, Path(job.folder)))


def _form(store: Store, job: Job, action: Action[Any, Any], start: Any) -> None:
    """What was said first, all else folded; the command as it would be."""
    prefix = f"again {job.id} "
    form: ConfigForm[Any] = ConfigForm(action.config, prefix, start=start)
    flagged = [one for one in form.settings.values() if one.flag is not None]
    there = [one for one in flagged if value_of(start, one.path) is not MISSING]
    said = [one for one in there if one.required or value_of(start, one.path) != one.default]
    st.text(f"The settings of job {job.id}: change what you like; a new job starts with them.")
    _draw(form, said)
    with st.expander("More settings"):
        _draw(form, [one for one in there if one not in said])
        config, fault = _with_others(form, start, prefix)
    if job.folder != str(Path.cwd()):
        message("info", f"Paths that do not begin with / were of the folder {job.folder}.")

    def check() -> None:
        name = action.writes(config)
        if name is not None:
            with store.read() as connection:
                taken = name_free(connection, "run", name)
            if taken:
                raise SitError(taken)

    def started(new: Job) -> None:
        st.query_params[JOB] = str(new.id)

    start_button(
        action,
        config,
        store,
        label="Start it",
        prefix=prefix,
        fault=lambda: fault,
        check=check,
        close=_close,
        started=started,
    )


def _draw(form: ConfigForm[Any], settings: list[Setting]) -> None:
    """Three to a row."""
    for at in range(0, len(settings), 3):
        for box, one in zip(st.columns(3), settings[at : at + 3], strict=False):
            form.draw(one.name, box)


def _with_others(form: ConfigForm[Any], start: Any, prefix: str) -> tuple[Any, str]:
    """The configuration, with what has no widget as YAML; and what is wrong with that YAML."""
    config = form.config()
    others = [one for one in form.settings.values() if one.flag is None]
    if not others:
        return config, ""
    given = {
        one: to_plain(value)
        for one in others
        if (value := value_of(start, one.path)) is not MISSING and value != one.default
    }
    text = st.text_area(
        "Other settings, as YAML",
        to_yaml(placed(given)) if given else "",
        key=f"{prefix}others",
        placeholder=", ".join(one.name for one in others[:6]),
    )
    try:
        content = read_plain(text, "The other settings")
        usual = {one: _usual(one) for one in given}
        values = placed({one: value for one, value in usual.items() if value is not MISSING})
        read, faults, missing = parse(
            type(start), _merged(_merged(to_plain(config, defaults=True), values), content or {})
        )
    except SitError as error:
        return config, str(error)
    if read is None or faults:
        return config, " ".join([*faults, *missing.values()])
    return read, ""


def _usual(one: Setting) -> Any:
    return one.default if one.default is MISSING else to_plain(one.default, defaults=True)


def _merged(content: Any, over: Any) -> Any:
    if not isinstance(content, dict) or not isinstance(over, dict):
        return over
    return {**content, **{k: _merged(content.get(k), v) for k, v in over.items()}}


def _close() -> None:
    st.session_state.pop(OPEN, None)
