"""A local server that speaks OpenAI's API and misbehaves as it is told."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """One request; ``self.server`` is the `BadServer`."""

    protocol_version = "HTTP/1.1"
    server: "BadServer"

    def do_POST(self) -> None:
        """Note the request and behave."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.requests.append({"path": self.path, "headers": self.headers, **body})
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
            prompt = asked(body)
            number = self.server.times[prompt] = self.server.times.get(prompt, 0) + 1
        try:
            self.server.behave(number, body)(self, body)
        except OSError:
            pass
        finally:
            with self.server.lock:
                self.server.now -= 1

    def send(self, status: int, content: bytes, **headers: str) -> None:
        """A whole response."""
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class BadServer(ThreadingHTTPServer):
    """Counts what it is asked; ``behave(number, body)`` decides, ``number`` counts per prompt."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.requests: list[dict[str, Any]] = []
        self.times: dict[str, int] = {}
        self.now = self.most = 0
        self.gate = threading.Event()
        """Slow answers wait for it."""
        self.behave: Callable[[int, dict[str, Any]], Behaviour] = lambda number, body: echo
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Stop answering; the port is closed."""
        self.gate.set()
        if not self.thread.is_alive():
            return
        self.shutdown()
        self.server_close()
        self.thread.join()


def asked(body: dict[str, Any]) -> str:
    return str(body["prompt"] if "prompt" in body else body["messages"][0]["content"])


def answer(text: str, finish: str = "stop") -> dict[str, Any]:
    return {
        "model": "the-model-2026",
        "choices": [{"message": {"content": text}, "text": text, "finish_reason": finish}],
        "usage": {"completion_tokens": len(text.split())},
    }


def echo(handler: Handler, body: dict[str, Any]) -> None:
    """The well-behaved answer: the prompt in capitals."""
    handler.send(200, json.dumps(answer(asked(body).upper())).encode())


def cut(handler: Handler, body: dict[str, Any]) -> None:
    handler.send(200, json.dumps(answer("half a", "length")).encode())


def garbage(handler: Handler, body: dict[str, Any]) -> None:
    handler.send(200, b"<html>\xff\x00 maintenance")


def drop(handler: Handler, body: dict[str, Any]) -> None:
    """Close the connection without a word, rudely."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()
    handler.close_connection = True


def half(handler: Handler, body: dict[str, Any]) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.close_connection = True


def silent(handler: Handler, body: dict[str, Any]) -> None:
    """Never answer."""
    handler.server.gate.wait()
    handler.close_connection = True


def error(status: int, said: str = "no", **headers: str) -> Behaviour:
    content = json.dumps({"error": {"message": said}}).encode()
    return lambda handler, body: handler.send(status, content, **headers)


def stream(*pieces: bytes, whole: bool = True) -> Behaviour:
    """Server-sent events as given; broken off at the end unless whole."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        for piece in pieces:
            handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            handler.wfile.flush()
        if whole:
            handler.wfile.write(b"0\r\n\r\n")
        else:
            drop(handler, body)

    return behave


def event(text: str | None, finish: str | None = None) -> bytes:
    choice = {"delta": {"content": text}, "text": text, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"
