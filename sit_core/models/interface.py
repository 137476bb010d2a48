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

from sit_core.config.fields import KEY_VARIABLE, Config, check, setting
from sit_core.errors import UsageError
from sit_core.records import Example, Outcome
from sit_core.registry import Registry, unknown


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A prompt whose output begins with a given text: the model writes what comes after that.

    `Generated.text` is what was written, without the given text.
    """

    prompt: Example | str
    given: str
    """The beginning of the output exactly as it stands there, its last line end included."""


Prompt: TypeAlias = Example | str | Prefilled
"""An example, which the model puts into its own prompt format, or a prompt exactly as sent; with
the beginning of its output or without."""

Stop: TypeAlias = Callable[[], bool]
"""Asked at every token (or reply); True ends the work."""


FAILURES_IN_A_ROW = 20
"""So many errors with no success between mean that more of the same would follow."""
BATCH_TOKENS = 65536
"""What `GenerationSettings.batch_tokens` is unless it is said."""

APART, KEEP = THOUGHTS = ("apart", "keep")
"""What may become of a model's thoughts; the first is the default, and then no part of any hash."""


DTYPES = ("auto", "float32", "bfloat16", "float16")
MOST_IN_FLIGHT = 1000
CONTINUE_BY = {
    "auto": "as far as the endpoint is known",
    "continue_final_message": "continue_final_message (vLLM, SGLang, TGI)",
    "prefix": "prefix (DeepSeek)",
    "prefix_repeated": "prefix, which the reply repeats (Mistral)",
    "last_message": "the last message alone (llama.cpp, Ollama)",
}
"""How a chat endpoint is asked to go on with a message of its own; see
`sit_core.models.endpoint.prefill`."""


@dataclass(frozen=True)
class ModelSpec(Config):
    """Which model, and how it is to be loaded. Holds no secret, so it may be stored and shown.

    The names of its fields, and of `GenerationSettings`, are part of the keys of kept replies
    (`sit_core.models.identity`): they stay.
    """

    model: str = setting(
        help="Hub id or folder; microlab: the embedded model; or what an endpoint calls it.",
        label="Hub id or folder",
        placeholder="organisation/model",
    )
    adapter: str | None = setting(
        None,
        "Folder or hub id of a PEFT adapter.",
        label="Adapter (PEFT)",
        placeholder="none: a folder or hub id",
    )
    backend: str = setting(
        "transformers",
        "transformers, or openai: any endpoint that speaks its API.",
        label="Backend",
    )
    base_url: str | None = setting(
        None,
        "Of the endpoint, such as http://localhost:8000/v1.",
        label="Address",
        placeholder="http://localhost:8000/v1",
        effect=False,
    )
    key_env: str | None = setting(
        None,
        "The environment variable that holds its key.",
        label="Variable that holds the key",
        placeholder="OPENAI_API_KEY",
        metavar="NAME",
        kind=KEY_VARIABLE,
        effect=False,
    )
    revision: str | None = setting(
        None, "Branch, tag or commit on the hub.", label="Revision", placeholder="the newest"
    )
    dtype: str = setting("auto", "Of the weights in memory.", label="Data type", choices=DTYPES)
    device: str = setting("auto", "auto, cpu, cuda, cuda:1, mps.", label="Device", effect=False)
    device_map: str | None = setting(
        None,
        "auto, balanced, …: spread the model over several devices, by accelerate.",
        label="Device map",
        placeholder="none",
        effect=False,
    )
    prompt_format: str = setting(
        "auto", "auto, chat, alpaca, plain or a file of your own (….txt).", label="Prompt format"
    )
    continue_by: str = setting(
        "auto",
        "How a chat endpoint is asked to go on after a given beginning of its output.",
        label="A given beginning is continued by",
        choices=CONTINUE_BY,
        effect=False,
        hidden=True,
    )

    def __post_init__(self) -> None:
        """Refuse what can't work, all faults at once.

        Raises:
            UsageError: a field is off; a key or password never gets into the message.
        """
        _refuse(self)

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if self.backend not in BACKENDS:
            yield unknown("backend", self.backend, list(BACKENDS))
        if not self.model.strip():
            yield "Name a model: a hub id, a folder, or what the endpoint calls it."
        if self.key_env is not None and not _VARIABLE.fullmatch(self.key_env):
            yield "key_env takes the name of an environment variable, never the key itself."
        if self.backend == "openai":
            if self.adapter:
                yield "An endpoint takes no adapter; name the model that it serves with it."
            yield from _faults_of_url(self.base_url)
        elif self.base_url or self.key_env:
            yield "base_url and key_env belong to the backend openai."


@dataclass(frozen=True, kw_only=True)
class GenerationSettings(Config):
    """How outputs are made; stored with every run."""

    max_new_tokens: int = setting(
        256, "Most tokens in an output.", label="New tokens at most", ge=1
    )
    temperature: float = setting(
        0.0,
        "0: the likeliest token each time (greedy).",
        label="Temperature (0: the likeliest token each time)",
        ge=0,
        le=5,
    )
    top_p: float = setting(
        1.0,
        "Sample from the likeliest tokens that make up this share of the probability.",
        label="Top p",
        gt=0,
        le=1,
    )
    top_k: int = setting(
        0, "Sample from the k likeliest tokens; 0: no limit.", label="Top k (0: no limit)", ge=0
    )
    seed: int = setting(
        0,
        "The same seed and prompt give the same output, whatever else is in the batch.",
        label="Seed",
        ge=0,
        le=2**63 - 1,
    )
    stop: tuple[str, ...] = setting((), "The output ends before this text.", label="Stop texts")
    batch_tokens: int = setting(
        BATCH_TOKENS,
        "Tokens of prompts, outputs and padding in one batch, at most; fewer where memory is "
        "short. Of transformers.",
        label="Tokens in a batch",
        ge=1,
        effect=False,
    )
    in_flight: int = setting(
        16,
        "Concurrent requests to an endpoint.",
        label="Requests at once",
        ge=1,
        le=MOST_IN_FLIGHT,
        effect=False,
    )
    thoughts: str = setting(
        APART,
        "What a reasoning model thinks first: apart from its output (judged and scored by nobody), "
        "or kept as a part of it.",
        label="Thoughts of a reasoning model",
        choices={APART: "apart from the output", KEEP: "part of the output"},
    )

    def __post_init__(self) -> None:
        """Refuse what is out of range, all faults at once.

        Raises:
            UsageError: a setting is out of range.
        """
        _refuse(self)

    def faults(self) -> Iterator[str]:
        """What is wrong beyond limits."""
        if not all(self.stop):
            yield "A stop text must not be empty."


def _refuse(part: Config) -> None:
    if faults := check(part):
        raise UsageError(" ".join(faults))


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


@dataclass(slots=True)
class FailuresInARow:
    """Counts failures since the last success, to end work that has become useless.

    >>> failures = FailuresInARow(2)
    >>> [failures.add(reason) for reason in ("timeout", None, "timeout", "no such model")]
    [False, False, False, True]
    >>> failures.count, failures.last
    (2, 'no such model')
    """

    most: int = FAILURES_IN_A_ROW
    count: int = 0
    last: str = ""
    """Why the last one failed; empty after a success."""

    def add(self, failure: str | None) -> bool:
        """Count what came; whether there are too many now.

        Args:
            failure: why there is no output; None: there is one.
        """
        self.count, self.last = (0, "") if failure is None else (self.count + 1, failure)
        return self.count >= self.most


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
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


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
