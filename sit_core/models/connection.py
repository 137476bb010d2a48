"""How an endpoint is reached: address, key, requests; and what its refusals mean."""

import json
import os
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from sit_core.errors import SitError
from sit_core.models.interface import GenerationSettings, ModelSpec
from sit_core.models.replies import CHAT, request_body, said_in
from sit_core.models.retries import is_worth_another, told_to_wait

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

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

    def session(self) -> "ClientSession":
        """For many requests; connections stay open between them, and there is no limit to them.

        Neither cookies nor a password file (``.netrc``) get into a request.
        """
        import aiohttp

        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=_trusted(self.url)),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self.headers(),
            proxy=_proxy_for(self.url),
            timeout=aiohttp.ClientTimeout(sock_connect=_CONNECT, sock_read=self.timeout),
        )

    def ask(self, session: "ClientSession", body: bytes) -> Any:
        """One request; follows no redirects, which might lead the key astray."""
        return session.post(self.url, data=body, allow_redirects=False)

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
        import aiohttp

        if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
            return Failure(
                f"No endpoint answers at {self.spec.base_url}; see that it runs there.",
                True,
                fatal=True,
            )
        if isinstance(error, aiohttp.ServerTimeoutError):
            return Failure(f"No answer came within {self.timeout:g} s.", again=True)
        if isinstance(error, aiohttp.ClientError):
            return Failure(f"The connection broke ({type(error).__name__}).", again=True)
        raise error

    def refusal(self, response: "ClientResponse", content: bytes) -> Failure:
        """What an answer other than 200 means."""
        status, said = response.status, self.without_key(said_in(content))
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


def _trusted(url: str) -> Any:
    """Whose certificates are believed: those of certifi, or (True) what the environment names."""
    if not url.startswith("https:") or any(map(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR"))):
        return True
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def _proxy_for(url: str) -> str | None:
    """The proxy that the environment (or the system) names for this address."""
    parts, named = urlsplit(url), getproxies()
    proxy = named.get(parts.scheme) or named.get("all")
    if not proxy or proxy_bypass(parts.hostname or ""):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
