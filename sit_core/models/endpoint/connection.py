"""How an endpoint is reached: address, key, requests; and what its refusals mean."""

import json
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from sit_core.errors import SitError
from sit_core.models.endpoint.bounded_bodies import ENCODINGS
from sit_core.models.endpoint.error_bodies import ErrorBody, read_error
from sit_core.models.endpoint.prefill import continued, way_of
from sit_core.models.endpoint.responses import CHAT, OPTIONAL, EndpointReply, request_body
from sit_core.models.endpoint.retries import is_worth_another, told_to_wait
from sit_core.models.interface import GenerationSettings, ModelSpec

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

_CONNECT = 10.0
_LIMITS = ("max_tokens", "max_completion_tokens")
"""How the limit of tokens is called: at first, and by OpenAI's newer models."""
_OF_FIELDS = frozenset({400, 422, 501})
"""With these a server says that it does not know a field of the request."""
_QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "insufficient_balance"})


@dataclass(frozen=True, slots=True)
class RequestFailure:
    """Why an attempt failed."""

    reason: str
    again: bool = False
    """Whether the same request may succeed later."""
    wait: float | None = None
    """Seconds to wait before, where the endpoint says so."""
    fatal: bool = False
    """Whether no other request can succeed either."""
    adapted: bool = False
    """Whether the next request will be another one: without a field that was refused."""


class Connection:
    """One endpoint and one way of asking it. Holds no key."""

    def __init__(self, spec: ModelSpec, api: str, timeout: float) -> None:
        self.spec = spec
        self.api = api
        self.timeout = timeout
        self.url = f"{(spec.base_url or '').rstrip('/')}/{api}"
        self.left_out: dict[str, str] = {}
        """Fields that this endpoint refused for this model → how it said so; sent no more."""
        self.limit_name = _LIMITS[0]
        self._refused_limits: set[str] = set()

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
            headers=self.headers() | {"accept-encoding": ENCODINGS},
            auto_decompress=False,  # `bodies` unpacks, no further than a limit
            proxy=_proxy_for(self.url),
            timeout=aiohttp.ClientTimeout(sock_connect=_CONNECT, sock_read=self.timeout),
        )

    def ask(self, session: "ClientSession", body: Mapping[str, Any]) -> Any:
        """One request; follows no redirects, which might lead the key astray."""
        packed = json.dumps(body).encode("ascii")
        return session.post(self.url, data=packed, allow_redirects=False)

    def body(
        self, prompt: str, settings: GenerationSettings, stream: bool = False, given: str = ""
    ) -> dict[str, Any]:
        """The request, without what the endpoint is known to refuse.

        Args:
            prompt: as sent.
            settings: how the output is made.
            stream: whether it comes in pieces.
            given: the beginning of the output, to be continued.
        """
        name = self.limit_name if self.api == CHAT else _LIMITS[0]
        body = request_body(
            self.api, self.spec.model, prompt, settings, stream=stream, limit_name=name
        )
        if given:
            body = continued(body, given, way_of(self.spec))
        return {name: value for name, value in body.items() if name not in self.left_out}

    def adapt(self, sent: Mapping[str, Any], error: ErrorBody) -> bool:
        """Leave out what the endpoint says that it refuses; whether another request will differ.

        The limit of tokens is never left out: it goes by its other name. Many requests may learn
        the same at the same time.
        """
        changed = False
        for name in OPTIONAL:
            if name in sent and error.refuses(name):
                self.left_out.setdefault(name, self.without_key(error.said))
                changed = True
        for name, other in (_LIMITS, _LIMITS[::-1]):
            if self.api == CHAT and name in sent and error.refuses(name):
                self._refused_limits.add(name)
                if other not in self._refused_limits:
                    self.limit_name = other
                    changed = True
        return changed

    def changed(self) -> dict[str, Any]:
        """What is sent otherwise than asked, for the provenance of what comes of it."""
        found: dict[str, Any] = {"left_out": dict(self.left_out)} if self.left_out else {}
        if self.limit_name != _LIMITS[0]:
            found["max_tokens_sent_as"] = self.limit_name
        return found

    def failure(self, error: Exception) -> RequestFailure:
        """What an exception of the connection means.

        Raises:
            Exception: the error itself, where it is none of the connection's.
        """
        import aiohttp

        if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
            return RequestFailure(
                f"No endpoint answers at {self.spec.base_url}; see that it runs there.",
                True,
                fatal=True,
            )
        if isinstance(error, aiohttp.ServerTimeoutError):
            return RequestFailure(f"No answer came within {self.timeout:g} s.", again=True)
        if isinstance(error, aiohttp.ClientError):
            return RequestFailure(f"The connection broke ({type(error).__name__}).", again=True)
        raise error

    def refusal(
        self, response: "ClientResponse", content: bytes, sent: Mapping[str, Any]
    ) -> RequestFailure | EndpointReply:
        """What an answer other than 200 means; that the prompt is refused is a `EndpointReply`."""
        status, error = response.status, read_error(content)
        said = self.without_key(error.said)
        where, name = self.spec.base_url, self.spec.key_env
        if error.declined and status < 500:
            return EndpointReply("", "content_filter", reason=said or None)
        if status in (401, 403):
            wish = f"refuses the key in {name}" if name else "wants a key (name its variable)"
            reason = _sentence(f"The endpoint {where} {wish}: HTTP {status}", said)
            return RequestFailure(reason, fatal=True)
        if status == 404:
            missing = f"no {self.api} or no model {self.spec.model!r}"
            reason = _sentence(f"The endpoint {where} has {missing}: HTTP 404", said)
            return RequestFailure(reason, fatal=True)
        reason = _sentence(f"The endpoint answers HTTP {status}", said)
        if status in _OF_FIELDS and self.adapt(sent, error):
            return RequestFailure(reason, again=True, adapted=True)
        return RequestFailure(
            reason,
            again=is_worth_another(status) and error.code not in _QUOTA,
            wait=told_to_wait(response.headers),
            fatal=error.code in _QUOTA,
        )

    def without_key(self, said: str) -> str:
        """A server may repeat the key in what it says."""
        key = os.environ.get(self.spec.key_env or "", "").strip()
        return said.replace(key, "…") if key else said


def _sentence(beginning: str, said: str) -> str:
    """With what the server says, if it says anything."""
    return (f"{beginning}: {said}" if said else beginning).rstrip(".") + "."


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
