"""An endpoint that answers every request after 200 ms, in a process of its own.

    python -m bench.slow_server [SECONDS [TEXT]]     # prints its port; ends with its standard input

As little Python as possible, so that on two cores what is measured is the client.
"""

import asyncio
import json
import sys

SAID = "a word or two"


def reply(text: str) -> bytes:
    """The whole response to each request."""
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"completion_tokens": len(text.split())}
    content = json.dumps({"model": "slow", "choices": [choice], "usage": usage}).encode()
    head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(content)}\r\n\r\n".encode() + content


class Connection(asyncio.Protocol):
    """One client's connection; requests come one after the other."""

    seconds = 0.2
    reply = reply(SAID)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to answer."""
        self.transport, self.rest = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer each whole request after a while."""
        self.rest += data
        while (body := whole_request(self.rest)) is not None:
            self.rest = self.rest[body:]
            asyncio.get_running_loop().call_later(self.seconds, self.transport.write, self.reply)


def whole_request(content: bytes) -> int | None:
    r"""Where the first request ends; None while it is not all there.

    >>> whole_request(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi, more")
    40
    >>> whole_request(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nh")
    """
    head, gap, body = content.partition(b"\r\n\r\n")
    if not gap:
        return None
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    return len(head) + 4 + length if len(body) >= length else None


async def serve(seconds: float, said: str = SAID) -> None:
    """Until standard input is closed."""
    Connection.seconds, Connection.reply = seconds, reply(said)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.2, *sys.argv[2:]))
