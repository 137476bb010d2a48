"""What the golden files hold, made by the program as it is; `make.py` writes it, tests compare."""

import ast
import os
import re
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any
from unittest import mock

from tests.golden import todays_code as code

GOLDEN = Path(__file__).parent
YAML = GOLDEN / "yaml"
JSON_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("score", "--run={run}", "--metrics=accuracy,rouge-l,following"),
    ("runs",),
    ("runs", "check"),
    ("prompt-sets", "list"),
    ("prompt-sets", "show", "{set}"),
    ("jobs", "list"),
    ("study", "list"),
    ("study", "show", "{study}"),
    ("leaderboard", "set", "{run}", "--base-model=m"),
    ("leaderboard", "list"),
    ("results", "following", "--study={study}"),
    ("results", "following", "--runs={both}", "--by=rule"),
    ("results", "compare", "--runs={both}", "--by=rule", "--list=answer"),
    ("results", "agreement", "--study={study}"),
    ("results", "scores"),
    ("results", "leaderboard"),
    ("results", "kinds", "--file=microlab:repeat", "--by=rule"),
    ("results", "check"),
    ("backup", "{folder}/copy.zip"),
)
"""Verbs with ``--json``, run one after another on the store of a fresh machine."""
_KEY = re.compile(r"[a-z][a-z0-9_-]*|not scored")


def weights(folder: Path) -> Path:
    """A folder with weights enough to be told apart: two of them, of the same age each time."""
    for name, value in (("model", b"\0\0\0\0"), ("adapter_model", b"\0\0\0\1")):
        header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
        file = folder / f"tiny-{name}" / f"{name}.safetensors"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(len(header).to_bytes(8, "little") + header + value)
        os.utime(file, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))
    return folder


URL = "http://localhost:8000/v1"
ENDPOINT: dict[str, Any] = {"model": "gpt-x", "backend": "openai", "base_url": URL}
TINY: dict[str, Any] = {"model": "tiny-model"}
CASES: list[dict[str, Any]] = [
    {
        "instruction": "First repeat the input, then answer.",
        "input": "Größe?\n{output}",
        "output": "Größe?\n2 m",
        "steps": ["repeat", "my own step=M"],
        "against": "2 m",
    },
    {
        "instruction": "Name a plum's colour.",
        "input": "",
        "output": "purple \ud83d",
        "steps": ["another step=Z"],
        "against": "blue",
    },
]
JUDGED: list[tuple[str, dict[str, Any]]] = [
    ("judge", ENDPOINT),
    ("judge", {**ENDPOINT, "model": "other", "key_env": "MY_API_KEY", "in_flight": 64}),
    ("judge", {**ENDPOINT, "base_url": "http://localhost:8001/v1", "prompt_format": "chat"}),
    ("judge", TINY),
    ("judge", {**TINY, "adapter": "tiny-adapter_model", "dtype": "bfloat16", "device": "cpu"}),
    ("judge", {**TINY, "prompt_format": "own.txt", "revision": "v2", "device_map": "auto"}),
    ("judge_pairs", ENDPOINT),
    ("judge_pairs", {**TINY, "batch_tokens": 1000}),
    ("judge_steps", ENDPOINT),
    ("judge_steps", {**TINY, "prompt_format": "alpaca"}),
]
WRITTEN: list[tuple[str, str, dict[str, Any]]] = [
    ("paraphrase", "en", ENDPOINT),
    ("paraphrase", "en", {**ENDPOINT, "key_env": "MY_API_KEY", "in_flight": 64}),
    ("translate", "de", ENDPOINT),
    ("translate", "zh", {**ENDPOINT, "temperature": 0.7, "top_p": 0.9, "top_k": 40}),
    ("translate", "de", {**ENDPOINT, "stop": ["###", "\n\n"], "max_new_tokens": 100}),
    ("paraphrase", "en", TINY),
    ("paraphrase", "en", {**TINY, "adapter": "tiny-adapter_model", "seed": 7}),
    ("paraphrase", "en", {**TINY, "dtype": "float16", "device": "cuda", "device_map": "auto"}),
    ("paraphrase", "en", {**TINY, "prompt_format": "own.txt", "revision": "main"}),
    ("repeat", "en", {**ENDPOINT, "thoughts": "keep", "batch_tokens": 100}),
]
BENCHMARKS: list[dict[str, Any]] = [
    {**ENDPOINT, "system": "mine", "tasks": ["gsm8k"]},
    {**ENDPOINT, "system": "mine", "tasks": ["gsm8k", "mmlu"], "chat": True},
    {**ENDPOINT, "system": "mine", "tasks": ["mmlu", "gsm8k"], "chat": True},
    {**ENDPOINT, "system": "a b", "tasks": ["ifeval"], "key_env": "MY_API_KEY", "in_flight": 4},
    {**ENDPOINT, "system": "s", "tasks": ["arc_easy"], "tokenizer": "org/t", "shots": 0},
    {**ENDPOINT, "system": "s", "tasks": ["arc_easy"], "shots": 5, "limit": 10, "run_code": True},
    {**TINY, "system": "s", "tasks": ["arc_easy"]},
    {**TINY, "system": "s", "tasks": ["arc_easy"], "dtype": "float16", "device": "cpu"},
    {**TINY, "system": "s", "tasks": ["mmlu"], "batch_size": 32, "subtasks": True},
    {**TINY, "system": "s", "tasks": ["own"], "tasks_folder": "tasks", "revision": "v2"},
]


def kept_by(folder: Path) -> dict[str, Any]:
    """By what judges' replies, texts for steps and benchmarks' progress are found again.

    Args:
        folder: an empty one.
    """
    weights(folder)
    (folder / "own.txt").write_text("Asked: {instruction}\n{input}\nAnswer:", encoding="utf-8")
    (folder / "prompt.txt").write_bytes((YAML / "prompt.txt").read_bytes())
    with chdir(folder):
        return {
            "judge": [
                {
                    "judge": judge,
                    "model": model,
                    "keys": code.judge_keys(
                        {
                            "runs": ["run"],
                            "model": model,
                            "judge": str(YAML / judge),
                            "against": "reference" if judge == "judge_pairs" else None,
                        },
                        CASES,
                    ),
                }
                for judge, model in JUDGED
            ],
            "texts": [
                {
                    "task": task,
                    "translate_into": into,
                    "model": model,
                    "key": code.texts_key(task, {**model, "prompt": "prompt.txt"}, into),
                }
                for task, into, model in WRITTEN
            ],
            "benchmark": [
                {"options": values, "key": code.key_of_benchmarks(values)} for values in BENCHMARKS
            ],
        }


def flags() -> dict[str, Any]:
    """Command → its options (each way to write them, what they take) and its arguments."""
    found: dict[str, Any] = {}
    for path in code.all_commands():
        command = code.command_at(path)
        options = [p for p in command.params if p.param_type_name == "option"]
        found[" ".join(path)] = {
            "options": [
                {
                    "flags": [*option.opts, *option.secondary_opts],
                    "takes_value": not getattr(option, "is_flag", False),
                    "multiple": option.multiple,
                    "required": option.required,
                    "choices": list(getattr(option.type, "choices", ())),
                }
                for option in options
            ],
            "arguments": sum(p.param_type_name == "argument" for p in command.params),
        }
    return found


def helps() -> dict[str, str]:
    """Name of the file → the help text."""
    return {
        f"{'_'.join(path) or 'sit'}.txt": code.help_of(path) + "\n" for path in code.all_commands()
    }


def json_keys(folder: Path) -> dict[str, list[str]]:
    """Command → every path of keys in its JSON, ``[]`` for a list, ``*`` for what is data.

    Args:
        folder: an empty one, for the store.
    """
    home = {"SIT_HOME": str(folder / "home"), "SIT_STARTER": "1", "SIT_WARM": "0"}
    with mock.patch.dict(os.environ, home):
        code.starter_store()
        runs = sorted(run["name"] for run in code.printed_json(["runs"]))
        names = {
            "run": runs[0],
            "both": f'"{runs[0]}","{runs[1]}"',
            "study": code.printed_json(["study", "list"])[0]["name"],
            "set": code.printed_json(["prompt-sets", "list"])[0]["name"],
            "folder": str(folder),
        }
        return {
            " ".join(words): sorted(
                set(
                    _paths(
                        code.printed_json([w.format(**names) for w in words]),
                        {*runs, names["study"], names["set"]},
                    )
                )
            )
            for words in JSON_COMMANDS
        }


def _paths(data: Any, names: set[str], before: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            shown = key if _KEY.fullmatch(key) and key not in names else "*"
            yield f"{before}.{shown}"
            if key != "provenance":  # whatever its source says
                yield from _paths(value, names, f"{before}.{shown}")
    elif isinstance(data, list):
        yield f"{before}[]"
        for value in data:
            yield from _paths(value, names, f"{before}[]")


def yaml_files() -> dict[str, Any]:
    """File in ``yaml/`` → what it is read to, with every value."""
    with chdir(GOLDEN):
        return {name: code.plain_in_full(read(YAML / name)) for name, read in code.READERS.items()}


def words_of_page(address: str) -> set[str]:
    """Every text constant, name of a parameter and field in a page's code and what it imports.

    A query parameter that a page reads is among them.
    """
    file, _ = code.registered_pages()[address]
    found: set[str] = set()
    waiting, seen = [file], set[Path]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            elif isinstance(node, ast.ImportFrom) and node.module:
                for module in (node.module, *(f"{node.module}.{n.name}" for n in node.names)):
                    if module.startswith(code.PAGE_PACKAGES):
                        waiting += _files_of(module)
    return found


def _files_of(module: str) -> list[Path]:
    place = code.ROOT.joinpath(*module.split("."))
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return [path for path in candidates if path.is_file()]
