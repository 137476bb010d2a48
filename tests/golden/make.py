"""Write the golden files anew: ``python -m tests.golden.make`` in the repository's root.

Only where what users have (commands, files, addresses) may change: what is written here is what
the program, as it is, makes of the same input.
"""

import json
import os
import tempfile
from contextlib import chdir
from pathlib import Path
from random import Random
from typing import Any

from tests.golden import todays_code as code
from tests.golden.configurations import ACTIONS, MODES, draw
from tests.golden.recorded import (
    GOLDEN,
    flags,
    helps,
    json_keys,
    kept_by,
    words_of_page,
    yaml_files,
)

SEED = 2026
OF_EACH = {
    "predict": 110,
    "score": 70,
    "judge": 100,
    "augment": 90,
    "train": 60,
    "seq-instruct": 80,
    "seqeval": 110,
    "benchmark": 80,
}
LEAST = 3
"""Every option of an action is in so many command lines at least."""

ADDRESSES: dict[str, list[str]] = {
    "annotate": ["study", "sample"],
    "live": [
        *("instruction", "input", "steps", "model", "stop", "ask"),
        *("tokens", "top_k", "seed", "temperature", "top_p"),
        *("replay", "pace", "present"),
    ],
    "results": [
        *("study", "by", "judge", "each", "partly", "a", "b", "at", "table", "format", "excel"),
    ],
    "inspect": [
        *("sample", "with", "study", "run", "annotator", "step", "verdict", "by", "partly"),
        *("rule", "llm", "says", "against", "other-says", "text", "shortest", "longest", "empty"),
        *("kind", "unusable", "rated-from", "rated-to", "iteration", "duels", "duel"),
        *("duel-with", "example", "remark", "outcome", "shared"),
        *("metric", "how", "of", "score", "from", "to", "reason"),
    ],
    "jobs": ["state", "job"],
    "import": [],
    "augment": ["mixture"],
    "seq_instruct": [
        *("view", "set", "iteration", "outcome", "reason", "verb", "noun", "text"),
        *("start", "instruction"),
    ],
    "train": ["training"],
    "runs": ["run"],
    "studies": ["study"],
    "judge": ["judge", "run"],
    "leaderboard": [
        *("prompt_set", "judge", "duels", "reference", "find", "sort", "first", "second"),
        *("by", "outcome", "column", "reported"),
    ],
    "scores": ["run", "prompts"],
    "reproduction": [],
}
"""Address of a page → the parameters that it reads, from its code."""
PACKED = (
    "eNqrVsrMKy4pKk0uyczPU7JSiFYKSi1ITSzRUSjJSM1TSMwrLk8t0lOK1VE"
    "AKiwoLQErMdI2sgcLFZekFhSDhYoguiDqwXIl-dmpeRBJUwOl2FoASAghpA"
)
"""A compressed link: what is read of it is short, and written uncompressed."""
LINKS: dict[str, list[dict[str, list[str]]]] = {
    "inspect": [
        {"sample": ["x1"], "with": ["b"], "study": ["s"], "run": ["a", "b,c"], "text": ["Größe"]},
        {"annotator": ["me"], "step": ["answer"], "verdict": ["done"], "by": ["llm"]},
        {"verdict": ["followed"], "partly": ["no"], "remark": ["flagged"], "empty": ["1"]},
        {"rule": ["differs"], "llm": ["j"], "says": ["yes"], "against": ["k"]},
        {"llm": ["j"], "says": ["no"], "other-says": ["yes"], "shortest": ["1"], "longest": ["9"]},
        {"kind": ["llm"], "unusable": ["1"], "rated-from": ["1"], "rated-to": ["4.5"]},
        {"iteration": ["2"], "duels": ["j"], "duel": ["won"], "duel-with": ["r"]},
        {"example": ["e1"], "outcome": ["cut"], "shared": ["a", "b"]},
        {"metric": ["rouge-l"], "how": ["h"], "of": ["answer"], "from": ["0.1"], "to": ["0.5"]},
        {"metric": ["accuracy"], "score": ["none"], "reason": ["no answer found"]},
        {"metric": ["accuracy"], "score": ["unscored"]},
    ],
    "live": [
        {"instruction": ["Repeat, then answer"], "input": ["2+2?"], "steps": ["repeat,answer"]},
        {
            "instruction": ["i"],
            "input": ["Größe"],
            "tokens": ["99"],
            "temperature": ["0.5"],
            "top_p": ["0.9"],
            "top_k": ["5"],
            "seed": ["3"],
            "stop": ["###", "\n"],
        },
        {"ask": [PACKED]},
    ],
    "seq_instruct": [
        {"set": ["mine"], "iteration": ["0"], "outcome": ["held before"], "start": ["40"]},
        {"set": ["mine"], "iteration": ["2"], "verb": ["write"], "noun": [""], "text": ["ö"]},
        {"set": ["mine"], "outcome": ["gated"], "reason": ["too long"], "instruction": ["17"]},
    ],
}
"""Address of a page → links to it."""


def commands() -> list[dict[str, Any]]:
    """Command lines with the words of their jobs, and what they ask for."""
    found: list[dict[str, Any]] = []
    for action in ACTIONS:
        rng, seen = Random(f"{SEED} {action}"), set[tuple[str, ...]]()
        refused = 0
        while len(seen) < OF_EACH[action]:
            argv = draw(action, rng)
            if tuple(argv) in seen:
                continue
            try:
                asked = code.asked_by(argv)
                values = code.plain(asked.record)
                code.record_from(action, values)
            except Exception as error:
                refused += 1
                if refused > 50 * OF_EACH[action]:
                    raise SystemExit(f"{action}: refused too often: {error}") from error
                continue
            seen.add(tuple(argv))
            row = {"action": action, "argv": argv, "words": asked.words, "config": values}
            if action == "train":
                row["yaml"] = code.training_yaml(asked.record)
            found.append(row)
        print(f"{action}: {len(seen)} ({refused} drawn were refused)")  # noqa: T201
    found += [
        {"action": argv[0], "argv": list(argv), "words": None, "given": code.given(argv)}
        for argv in MODES
    ]
    return found


def defaults() -> dict[str, Any]:
    """Action → all values of the record where next to nothing is said."""
    least = {
        "predict": ["--model=m", "--run=r", "--examples=e"],
        "score": ["--run=r"],
        "judge": ["--run=r", "--model=m"],
        "augment": ["--source=a.json", "--out=o.jsonl"],
        "train": ["--config=yaml/least.yaml"],
        "seq-instruct": ["--name=n", "--source=a.json"],
        "seqeval": ["--name=n", "--model=m", "--judge-model=j"],
        "benchmark": ["--system=s", "--model=m", "--tasks=t"],
    }
    return {
        action: {
            "argv": [action, *argv],
            "config": code.plain_in_full(code.asked_by([action, *argv]).record),
        }
        for action, argv in least.items()
    }


def addresses() -> dict[str, Any]:
    """Address of a page → its title, its parameters, and links with what they are read to."""
    pages = code.registered_pages()
    assert set(pages) == set(ADDRESSES), set(pages) ^ set(ADDRESSES)
    for address, names in ADDRESSES.items():
        lacking = set(names) - words_of_page(address)
        assert not lacking, (address, lacking)
    return {
        address: {
            "title": pages[address][1],
            "parameters": names,
            "links": [
                {"asked": link, "written": code.ROUND_TRIPS[address](link)}
                for link in LINKS.get(address, [])
            ],
        }
        for address, names in ADDRESSES.items()
    }


def _write(name: str, data: Any) -> None:
    if isinstance(data, list):  # a line each
        rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in data)
        text = f"[\n{rows}\n]\n"
    else:
        text = json.dumps(data, ensure_ascii=True, indent=1) + "\n"
    (GOLDEN / name).write_text(text, encoding="utf-8")


def main() -> None:
    """Write all of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["SIT_HOME"] = str(folder / "none")
        with chdir(GOLDEN):
            rows = commands()
            _write("commands.json", rows)
            _write("defaults.json", defaults())
        for action in ACTIONS:
            lines = [row["argv"] for row in rows if row["action"] == action]
            for flag in code.flags_of(code.command_at((action,))):
                used = sum(any(w.split("=")[0] == flag for w in argv) for argv in lines)
                assert used >= LEAST, f"{action} {flag}: in {used} command lines"
        (folder / "replies").mkdir()
        _write("replies.json", kept_by(folder / "replies"))
        _write("flags.json", flags())
        _write("addresses.json", addresses())
        _write("yaml.json", yaml_files())
        (folder / "store").mkdir()
        _write("json_keys.json", json_keys(folder / "store"))
        (GOLDEN / "help").mkdir(exist_ok=True)
        for file, text in helps().items():
            (GOLDEN / "help" / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
