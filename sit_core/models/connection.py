"""How an endpoint is reached: address, key, requests; and what its refusals mean."""

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sit_core.errors import SitError
from sit_core.models.interface import GenerationSettings, ModelSpec
from sit_core.models.replies import CHAT, request_body, said_in
from sit_core.models.retries import is_worth_another, told_to_wait

if TYPE_CHECKING:
    from ssl import SSLContext

    from httpx import AsyncClient, Response

_CONNECT = 10.0
_NEWER_LIMIT = "max_completion_tokens"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed."""

    reason: str
    again: bool = False
    """Whether the same request may succeed later."""
    wait: float | None = None
    """Seconds to wait before, where the endpoint says so."""
    fatal: bool = False
    """Whether no other request can succeed either."""


class Connection:
    """One endpoint and one way of asking it. Holds no key."""

    def __init__(self, spec: ModelSpec, api: str, timeout: float) -> None:
        self.spec = spec
        self.api = api
        self.timeout = timeout
        self.url = f"{(spec.base_url or '').rstrip('/')}/{api}"
        self._limit_name = "max_tokens"
        self._trust: SSLContext | None = None

    def headers(self) -> dict[str, str]:
        """With the key, where one is named.

        Raises:
            SitError: the variable is not set, or can't be a key.
        """
        plain = {"content-type": "application/json"}
        name = self.spec.key_env
        if name is None:
            return plain
        key = os.environ.get(name, "").strip()
        if not key:
            raise SitError(f"The environment variable {name} is not set; it should hold the key.")
        if not (key.isascii() and key.isprintable()):
            raise SitError(f"The key in {name} has characters that no key has; copy it again.")
        return plain | {"authorization": f"Bearer {key}"}

    def client(self) -> "AsyncClient":
        """A client for one request at a time; it keeps its connection open between them.

        One for each of many in flight: a pool's bookkeeping grows with their number's square. It
        follows no redirects, which might lead the key astray.
        """
        import httpx

        if self._trust is None:
            self._trust = httpx.create_ssl_context()  # reads all certificates: once is enough
        timeout = httpx.Timeout(self.timeout, connect=_CONNECT, pool=None)
        return httpx.AsyncClient(headers=self.headers(), timeout=timeout, verify=self._trust)

    def body(self, prompt: str, settings: GenerationSettings, stream: bool = False) -> bytes:
        """The request as it is sent."""
        name = self._limit_name if self.api == CHAT else "max_tokens"
        body = request_body(
            self.api, self.spec.model, prompt, settings, stream=stream, limit_name=name
        )
        return json.dumps(body).encode("ascii")

    def failure(self, error: Exception) -> Failure:
        """What an exception of the connection means.

        Raises:
            Exception: the error itself, where it is none of the connection's.
        """
        import httpx

        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
            return Failure(
                f"No endpoint answers at {self.spec.base_url}; see that it runs there.",
                True,
                fatal=True,
            )
        if isinstance(error, httpx.TimeoutException):
            return Failure(f"No answer came within {self.timeout:g} s.", again=True)
        if isinstance(error, httpx.HTTPError):
            return Failure(f"The connection broke ({type(error).__name__}).", again=True)
        raise error

    def refusal(self, response: "Response", content: bytes) -> Failure:
        """What an answer other than 200 means."""
        status, said = response.status_code, self.without_key(said_in(content))
        where, name = self.spec.base_url, self.spec.key_env
        if status in (401, 403):
            wish = f"refuses the key in {name}" if name else "wants a key (name its variable)"
            return Failure(f"The endpoint {where} {wish}: HTTP {status}.", fatal=True)
        if status == 404:
            missing = f"no {self.api} or no model {self.spec.model!r}"
            return Failure(f"The endpoint {where} has {missing}: HTTP 404.", fatal=True)
        if status == 400 and _NEWER_LIMIT in said:
            self._limit_name = _NEWER_LIMIT  # OpenAI's newer models know the limit by this name
            return Failure(said, again=True, wait=0.0)
        reason = f"The endpoint answers HTTP {status}" + (f": {said}" if said else "")
        return Failure(
            reason.rstrip(".") + ".",
            again=is_worth_another(status),
            wait=told_to_wait(response.headers),
        )

    def without_key(self, said: str) -> str:
        """A server may repeat the key in what it says."""
        key = os.environ.get(self.spec.key_env or "", "").strip()
        return said.replace(key, "…") if key else said
