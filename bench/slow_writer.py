"""An endpoint that answers every stage of Seq-Instruct after 200 ms, in a process of its own.

    python -m bench.slow_writer [SECONDS]     # prints its port; ends with its standard input

One reply serves all stages: it holds an option, a new instruction and a verdict, each where its
reader looks for it. No two new instructions are alike.
"""

import asyncio
import json
import sys
from itertools import count

from bench import slow_server
from bench.slow_server import Connection, whole_request

NUMBER = b"000000"
_TEXT = (
    "Complete: yes\n<instruction>Name word 000000 and part 000000, put 000000 first, and then say "
    "what it is for.</instruction>\nOption: B"
)
_BODY = json.dumps(
    {
        "model": "slow",
        "choices": [{"message": {"role": "assistant", "content": _TEXT}, "finish_reason": "stop"}],
        "usage": {"completion_tokens": 30, "prompt_tokens": 300},
    }
).encode()
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
_REPLY = _HEAD % len(_BODY) + _BODY
_numbers = count(100_000)


class Writing(Connection):
    """One client's connection."""

    def data_received(self, data: bytes) -> None:
        """Answer each whole request after a while."""
        self.rest += data
        while (body := whole_request(self.rest)) is not None:
            self.rest = self.rest[body:]
            reply = _REPLY.replace(NUMBER, b"%06d" % next(_numbers))
            asyncio.get_running_loop().call_later(self.seconds, self.transport.write, reply)


if __name__ == "__main__":
    slow_server.Connection = Writing  # type: ignore[misc]
    asyncio.run(slow_server.serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.2))
