"""No verb, option, key of JSON, page or parameter of an address stops to work."""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import click
import pytest

from tests.golden import todays_code as code
from tests.golden.recorded import json_keys, words_of_page

GOLDEN = Path(__file__).parent


def kept(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / name).read_text("utf-8"))
    return found


@pytest.mark.parametrize("command", kept("flags.json"))
def test_every_option_is_still_taken(command: str) -> None:
    """By the same words, for as many values; none is newly required, no choice is gone."""
    known = kept("flags.json")[command]
    today = code.command_at(command.split())
    taken = code.flags_of(today)
    faults = []
    for option in known["options"]:
        for flag in option["flags"]:
            if flag not in taken:
                faults.append(f"{flag} is gone")
                continue
            now = taken[flag]
            if option["takes_value"] == bool(now.is_flag):
                faults.append(f"{flag} {'takes no' if now.is_flag else 'needs a'} value now")
            if option["multiple"] and not now.multiple:
                faults.append(f"{flag} can't be repeated any more")
            choices = list(now.type.choices) if isinstance(now.type, click.Choice) else []
            if choices and (gone := set(option["choices"]) - set(choices)):
                faults.append(f"{flag} takes no {gone} any more")
            if choices and not option["choices"]:
                faults.append(f"{flag} takes only {choices} now")
    once = {flag for option in known["options"] if option["required"] for flag in option["flags"]}
    faults += [
        f"{option.opts[0]} is required now"
        for option in taken.values()
        if option.required and not once & {*option.opts, *option.secondary_opts}
    ]
    arguments = sum(p.param_type_name == "argument" for p in today.params)
    assert faults == []
    assert arguments == known["arguments"]


@pytest.mark.parametrize("file", sorted(path.name for path in (GOLDEN / "help").iterdir()))
def test_every_command_explains_itself(file: str) -> None:
    """The wording may become better; the options are all there or hidden on purpose."""
    before = (GOLDEN / "help" / file).read_text("utf-8")
    usage = before.splitlines()[0]
    names = re.match(r"Usage: sit((?: [a-z][a-z-]*)*)", usage)
    assert names is not None, usage
    path = names[1].split()
    text = code.help_of(path)
    assert text.startswith(f"Usage: {' '.join(['sit', *path])} ")
    hidden = {flag for flag, o in code.flags_of(code.command_at(path)).items() if o.hidden}
    shown = set(re.findall(r"--[a-z][a-z-]*", before.partition("\nOptions:")[2]))
    own = {flag for flag in shown if flag in code.flags_of(code.command_at(path))}
    assert {flag for flag in own - hidden if flag not in text} == set()


def test_every_verb_is_still_there() -> None:
    today = {" ".join(path) for path in code.all_commands()}
    assert set(kept("flags.json")) <= today
    assert len(list((GOLDEN / "help").iterdir())) == len(kept("flags.json"))


@pytest.mark.slow
def test_no_key_of_any_json_is_gone(tmp_path: Path) -> None:
    found = json_keys(tmp_path)
    gone = {
        command: lacking
        for command, keys in kept("json_keys.json").items()
        if (lacking := [key for key in keys if key not in found.get(command, ())])
    }
    assert gone == {}


def test_every_page_has_its_address() -> None:
    today = code.registered_pages()
    assert {address for address in kept("addresses.json") if address not in today} == set()


@pytest.mark.parametrize("address", kept("addresses.json"))
def test_every_parameter_of_an_address_is_still_read(address: str) -> None:
    """Its name stands in the page's code; what links are read to is tested below."""
    parameters = kept("addresses.json")[address]["parameters"]
    assert set(parameters) - words_of_page(address) == set()


@pytest.mark.parametrize(
    "address", [a for a, page in kept("addresses.json").items() if page["links"]]
)
def test_links_open_what_they_opened(address: str) -> None:
    for link in kept("addresses.json")[address]["links"]:
        assert code.ROUND_TRIPS[address](link["asked"]) == link["written"]
        assert code.ROUND_TRIPS[address](link["written"]) == link["written"]


def test_what_starts_jobs_is_where_it_was() -> None:
    """Jobs, and people's scripts, begin as ``python -m sit_core.cli``."""
    assert importlib.util.find_spec("sit_core.cli.__main__") is not None
