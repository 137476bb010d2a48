"""A writer as a server process: replies to the stages' prompts over HTTP, some of them useless.

Which replies are empty, cut, refused or garbled follows from the stage and the task alone
(`trouble`), so that a test can say beforehand what must come of it. Each prompt that it answered is
a line of the file ``answered``. ``python -m tests.seq_instruct.scripted FOLDER PORT
[HOLD]``: with HOLD it answers so many and holds all others until a file ``open`` is there.
"""

import json
import re
import sys
import threading
import zlib
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from sit_core.seq_instruct.prompts import GENERATE_NAMES, NEEDED, read_prompts
from sit_core.seq_instruct.stages import CLASSIFY, GENERATE, REFINE, RESPOND
from tests.predict.endpoint_process import Endpoint, Handler, Server

HEADS = {name: read_prompts()[name].text.split("\n", 1)[0] for name in NEEDED if name != RESPOND}
MAKERS = {
    "decompose": "Do the first half of this task, and then the second half: {}",
    "prefix": "First say in a sentence what is asked, then do it: {}",
    "suffix": "{}\n\nAfterwards check each part of it.",
}
FOREVER = 4


def number_of(stage: str, task: str) -> int:
    """0 to 23, by which the server's mood is chosen."""
    return zlib.crc32(f"{stage}|{task}".encode()) % 24


def trouble(stage: str, task: str) -> str | None:
    """What is wrong with the first reply (of ``forever``: with all of them)."""
    kinds = {0: "empty", 1: "cut off", 2: "refused", 3: "not understood"}
    number = number_of(stage, task)
    if number == FOREVER and stage == GENERATE:
        return "forever"
    if stage == RESPOND and number == 3:
        return None  # any answer is one
    return kinds.get(number)


def option_of(task: str) -> str:
    """What the first stage says."""
    return "ABBCCCDA"[zlib.crc32(task.encode()) % 8]


def stage_of(prompt: str) -> tuple[str, str]:
    """Stage and the name of its text."""
    for name, head in HEADS.items():
        if prompt.startswith(head):
            return (GENERATE if name in GENERATE_NAMES.values() else name), name
    return RESPOND, RESPOND


def last(tag: str, prompt: str) -> str:
    """What the prompt's last pair of tags holds."""
    found = re.findall(rf"<{tag}>\n(.*?)\n</{tag}>", prompt, re.DOTALL)
    return str(found[-1])


def good_reply(stage: str, name: str, prompt: str) -> str:
    """What a willing writer says."""
    if stage == RESPOND:
        return f"This is an answer of {len(prompt)} characters."
    task = last("task", prompt)
    if stage == CLASSIFY:
        return f"It seems fit, though other options add more.\nOption: {option_of(task)}"
    if stage == GENERATE:
        return f"<instruction>{MAKERS[name].format(task)}</instruction>"
    proposed = last("proposed", prompt)
    if number_of(REFINE, task) % 5 == 0:
        return f"Complete: no\n<instruction>{proposed} Keep to the matter.</instruction>"
    return "Complete: yes"


class Scripted(Handler):
    """One request."""

    count = 0
    times: ClassVar[Counter[tuple[str, str, str]]] = Counter()

    def do_POST(self) -> None:
        asked: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["content-length"])))
        prompt = str(asked["messages"][0]["content"])
        stage, name = stage_of(prompt)
        task = prompt if stage == RESPOND else last("task", prompt)
        with self.lock:
            if self.hold is not None and Scripted.count >= self.hold:
                (self.folder / "holding").touch()
                while not (self.folder / "open").exists():
                    threading.Event().wait(0.01)
            if self._left():
                return
            Scripted.count += 1
            about = prompt[max(0, prompt.rfind("<task>")) :]  # the examples stand before it
            given = last("input", about) if "<input>" in about else ""
            self.times[stage, task, given] += 1
            first = self.times[stage, task, given] == 1
            with (self.folder / "answered").open("a") as file:
                file.write(json.dumps(prompt) + "\n")
        wrong = trouble(stage, task)
        text, finish, refusal = good_reply(stage, name, prompt), "stop", None
        if wrong == "forever" or (wrong == "not understood" and first):
            text = "I know nothing of this option; add no more."
        elif first and wrong == "empty":
            text = ""
        elif first and wrong == "cut off":
            text, finish = text[: len(text) // 2], "length"
        elif first and wrong == "refused":
            text, refusal = "", "I would rather not."
        message = {"content": text or None if refusal else text, "refusal": refusal}
        content = json.dumps(
            {
                "model": "scripted",
                "choices": [{"message": message, "finish_reason": finish}],
                "usage": {"prompt_tokens": len(prompt) // 4, "completion_tokens": 10},
            }
        ).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Writer(Endpoint):
    """The process."""

    module = "tests.seq_instruct.scripted"


def main() -> None:
    folder, port, *hold = sys.argv[1:]
    Scripted.folder, Scripted.hold = Path(folder), int(hold[0]) if hold else None
    Server(("127.0.0.1", int(port)), Scripted).serve_forever(0.05)


if __name__ == "__main__":
    main()
