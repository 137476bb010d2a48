"""An endpoint that answers every stage of Seq-Instruct after 200 ms, in a process of its own.

    python -m bench.slow_writer [SECONDS]     # prints its port; ends with its standard input

One reply serves all stages: it holds an option, a new instruction and a verdict, each where its
reader looks for it.
"""

import asyncio
import json
import sys

from bench import slow_server

_TEXT = "Complete: yes\n<instruction>Name it, and then say what it is for.</instruction>\nOption: B"
_BODY = json.dumps(
    {
        "model": "slow",
        "choices": [{"message": {"role": "assistant", "content": _TEXT}, "finish_reason": "stop"}],
        "usage": {"completion_tokens": 30, "prompt_tokens": 300},
    }
).encode()

if __name__ == "__main__":
    slow_server.REPLY = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + (
        b"content-length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
    )
    asyncio.run(slow_server.serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.2))
