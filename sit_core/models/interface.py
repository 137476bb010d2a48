"""What a model is to the rest of the program: a few records and one small protocol.

    with closing(load_model(ModelSpec("some-org/some-model"))) as model:
        for index, made in model.generate(examples, GenerationSettings(max_new_tokens=64)):
            ...

Nothing here imports torch or talks to a network; see `sit_core.models.load_model`.

From a `ModelSpec` to a `Model`, by the registry of backends.
"""

import importlib
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlsplit

from sit_core.errors import UsageError
from sit_core.records import Example, Outcome
from sit_core.registry import Registry, unknown

Prompt: TypeAlias = Example | str
"""An example, which the model puts into its own prompt format, or a prompt exactly as sent."""

Stop: TypeAlias = Callable[[], bool]
"""Asked at every token (or reply); True ends the work."""


BATCH_TOKENS = 65536
"""What `GenerationSettings.batch_tokens` is unless it is said."""

APART, KEEP = THOUGHTS = ("apart", "keep")
"""What may become of a model's thoughts; the first is the default, and then no part of any hash."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which model, and how it is to be loaded. Holds no secret, so it may be stored and shown."""

    model: str
    """Hub id, folder, or the name by which an endpoint knows it."""
    backend: str = "transformers"
    """``transformers`` or ``openai`` (any endpoint that speaks its API)."""
    adapter: str | None = None
    """Folder (or hub id) of a PEFT adapter; transformers only."""
    revision: str | None = None
    """Branch, tag or commit on the hub; None: the newest."""
    prompt_format: str = "auto"
    """``auto``, ``chat``, ``alpaca``, ``plain``, or the path of a template (``….txt``)."""
    dtype: str = "auto"
    """``auto``, ``float32``, ``bfloat16`` or ``float16``."""
    device: str = "auto"
    """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
    device_map: str | None = None
    """``auto``, ``balanced``, …: spread over several devices by accelerate, instead of `device`."""
    base_url: str | None = None
    """Where the endpoint is, up to and with ``/v1``; openai only."""
    key_env: str | None = None
    """NAME of the environment variable that holds the endpoint's key; never the key."""

    def __post_init__(self) -> None:
        """Refuse what can't work, all faults at once.

        Raises:
            UsageError: a field is off; a key or password never gets into the message.
        """
        faults = list(_faults_of_spec(self))
        if faults:
            raise UsageError(" ".join(faults))


@dataclass(frozen=True, slots=True)
class GenerationSettings:
    """How outputs are made; stored with every run."""

    max_new_tokens: int = 256
    temperature: float = 0.0
    """0: the likeliest token each time (greedy)."""
    top_p: float = 1.0
    top_k: int = 0
    """0: no limit."""
    seed: int = 0
    """The same seed and prompt give the same output, whatever else is in the batch."""
    stop: tuple[str, ...] = ()
    """The output ends before the first of these."""
    batch_tokens: int = BATCH_TOKENS
    """At most so many tokens (prompts, outputs and padding) in one batch, fewer where memory is
    short; transformers only."""
    in_flight: int = 16
    """At most so many requests at the same time; openai only."""
    thoughts: str = APART
    """What a reasoning model thinks before it answers: ``apart`` from the output (judged and
    scored by nobody), or ``keep``: part of it."""

    def __post_init__(self) -> None:
        """Refuse what is out of range, all faults at once.

        Raises:
            UsageError: a setting is out of range.
        """
        checks = {
            "max_new_tokens must be at least 1": self.max_new_tokens >= 1,
            "temperature must be between 0 and 5": 0 <= self.temperature <= 5,
            "top_p must be above 0 and at most 1": 0 < self.top_p <= 1,
            "top_k must be 0 (no limit) or more": self.top_k >= 0,
            "seed must be between 0 and 2**63 - 1": 0 <= self.seed < 2**63,
            "a stop text must not be empty": all(self.stop),
            "batch_tokens must be at least 1": self.batch_tokens >= 1,
            "in_flight must be between 1 and 1000": 1 <= self.in_flight <= 1000,
            f"thoughts must be one of {', '.join(THOUGHTS)}": self.thoughts in THOUGHTS,
        }
        faults = [rule for rule, kept in checks.items() if not kept]
        if faults:
            raise UsageError("; ".join(faults) + ".")


@dataclass(frozen=True, slots=True)
class Generated:
    """One output, or the reason why there is none."""

    text: str
    cut: bool = False
    """Whether a limit (of tokens, context, size or time) ended it."""
    tokens: int | None = None
    """Tokens of the output; None where an endpoint does not say."""
    seconds: float = 0.0
    """From the beginning of its batch or request to its end."""
    error: str | None = None
    """One sentence; then `text` is what had come so far, and is no output."""
    prompt_tokens: int | None = None
    """Tokens of the prompt as sent; None where an endpoint does not say."""
    refused: bool = False
    """Whether this is the model's refusal, or what a content filter left of its output."""
    thoughts: str = ""
    """What a reasoning model thought before it answered; no part of `text`."""
    reason: str | None = None
    """What is to be said of an output that is cut, refused or empty: why, as a sentence's end."""

    @property
    def outcome(self) -> Outcome:
        """How the call ended.

        >>> Generated("half", cut=True).outcome, Generated("", error="It broke.").outcome
        (<Outcome.CUT: 'cut'>, <Outcome.FAILED: 'failed'>)
        """
        if self.error is not None:
            return Outcome.FAILED
        if self.refused:
            return Outcome.REFUSED
        return Outcome.CUT if self.cut else Outcome.COMPLETE


class Thought(str):
    """A piece of a stream that is no part of the output, but of what the model thinks before."""

    __slots__ = ()


class Model(Protocol):
    """A loaded model or a reachable endpoint. Safe to use from several threads."""

    @property
    def spec(self) -> ModelSpec:
        """What it was loaded from."""

    def identity(self) -> dict[str, Any]:
        """Where outputs come from, as JSON: revision or hash, format, dtype, device, versions."""

    def prompt(self, example: Example) -> str:
        """The text that is sent for an example (an endpoint's chat template comes on top)."""

    def generate(
        self,
        prompts: Sequence[Prompt],
        settings: GenerationSettings,
        stop: Stop | None = None,
    ) -> Iterator[tuple[int, Generated]]:
        """Outputs with the index of their prompt, as they come, in any order.

        Once ``stop`` says True nothing more is yielded; what is missing was not made.

        Raises:
            SitError: nothing can be made at all (memory, endpoint refused the key, …). What
                concerns one prompt alone is its `Generated.error`.
        """

    def stream(
        self, prompt: Prompt, settings: GenerationSettings, stop: Stop | None = None
    ) -> Generator[str, None, Generated]:
        """Pieces of the output as they come; the generator's return value is the whole.

        Pieces of thoughts are of the type `Thought`. Where thoughts show themselves only at their
        end, the whole says which pieces they were.

        Ended by ``stop`` or by closing the generator.

        Raises:
            SitError: it can't be made.
        """

    def close(self) -> None:
        """Say that it is no longer used; may be called twice."""


BACKENDS: Registry[str] = Registry("backend")
"""Backend → the ``module:function`` that makes a `Model` of a `ModelSpec`."""
BACKENDS.add("transformers", "sit_core.models.local.backend:load")
BACKENDS.add("openai", "sit_core.models.endpoint.backend:load")
DTYPES = ("auto", "float32", "bfloat16", "float16")


def _faults_of_spec(spec: ModelSpec) -> Iterator[str]:
    if spec.backend not in BACKENDS:
        yield unknown("backend", spec.backend, list(BACKENDS))
    if not spec.model.strip():
        yield "Name a model: a hub id, a folder, or what the endpoint calls it."
    if spec.dtype not in DTYPES:
        yield f"The dtype is one of {', '.join(DTYPES)}, not {spec.dtype!r}."
    if spec.key_env is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", spec.key_env):
        yield "key_env takes the name of an environment variable, never the key itself."
    if spec.backend == "openai":
        if spec.adapter:
            yield "An endpoint takes no adapter; name the model that the endpoint serves with it."
        yield from _faults_of_url(spec.base_url)
    elif spec.base_url or spec.key_env:
        yield "base_url and key_env belong to the backend openai."


def _faults_of_url(url: str | None) -> Iterator[str]:
    if not url:
        yield "An endpoint needs its base_url, for example http://localhost:8000/v1."
        return
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
        secret = bool(parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        good, secret = False, False
    if secret:
        yield "base_url must hold no user, password or query: keys come from key_env."
    elif not good:
        yield "base_url must begin with http:// or https:// and name a host."


def load_model(spec: ModelSpec) -> Model:
    """Load it, or connect to it; a base that is in memory already is used again.

    Raises:
        SitError: a package, a file or memory is missing; the sentence says what to do.
    """
    module, name = BACKENDS.get(spec.backend).split(":")
    load = getattr(importlib.import_module(module), name)
    model: Model = load(spec)
    return model
