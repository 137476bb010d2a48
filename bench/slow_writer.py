"""An endpoint that answers every stage of Seq-Instruct after 200 ms, in a process of its own.

    python -m bench.slow_writer [SECONDS]     # prints its port; ends with its standard input

One reply serves all stages: it holds an option, a new instruction and a verdict, each where its
reader looks for it. A new instruction says again what was asked, as one about something else is
refused; no two are alike.
"""

import asyncio
import sys
from itertools import count

from bench import slow_server
from bench.slow_server import Connection, whole_request

_BODY = (
    b'{"model": "slow", "choices": [{"message": {"role": "assistant", "content": "Complete: yes\\n'
    b"<instruction>Name word %(number)06d and part %(number)06d, put %(number)06d first, and then "
    b'say what it is for. %(task)s</instruction>\\nOption: B"}, "finish_reason": "stop"}], '
    b'"usage": {"completion_tokens": 30, "prompt_tokens": 300}}'
)
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
_BEFORE, _AFTER = b"<task>\\n", b"\\n</task>"
_numbers = count(100_000)


def task_of(request: bytes) -> bytes:
    r"""The instruction that a prompt is about, escaped as it came; nothing where there is none.

    >>> task_of(rb'"<task>\nAn example.\n</task> <task>\nName \"it\".\n</task>"').decode()
    'Name \\"it\\".'
    """
    _, begins, rest = request.rpartition(_BEFORE)
    task, ends, _ = rest.partition(_AFTER)
    return task if begins and ends else b""


class Writing(Connection):
    """One client's connection."""

    def data_received(self, data: bytes) -> None:
        """Answer each whole request after a while."""
        self.rest += data
        while (body := whole_request(self.rest)) is not None:
            request, self.rest = self.rest[:body], self.rest[body:]
            said = _BODY % {b"number": next(_numbers), b"task": task_of(request)}
            reply = _HEAD % len(said) + said
            asyncio.get_running_loop().call_later(self.seconds, self.transport.write, reply)


if __name__ == "__main__":
    slow_server.Connection = Writing  # type: ignore[misc]
    asyncio.run(slow_server.serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.2))
