"""The transformers backend: a base of this machine, with an adapter or without."""

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from sit_core.errors import SitError
from sit_core.models.interface import (
    KEEP,
    Generated,
    GenerationSettings,
    ModelSpec,
    Prefilled,
    Prompt,
    Stop,
    Thought,
)
from sit_core.models.local.adapters import AdapterFiles, adapter_files
from sit_core.models.local.base_model_cache import BASE_MODELS, BaseModelCache, LoadedBase
from sit_core.models.local.decoding import context_of, decode
from sit_core.models.local.memory import is_out_of_memory, let_go, tokens_that_fit
from sit_core.models.local.prompting import Prompter
from sit_core.models.local.sequence_state import SequenceState, new_row
from sit_core.models.local.weights import fingerprint
from sit_core.models.require import versions
from sit_core.models.resolve import find_place
from sit_core.records import Example
from sit_core.thoughts import ThoughtSplitter, leaves_open

_PACKAGES = ("torch", "transformers", "tokenizers", "peft", "accelerate")
_TOO_LARGE = "Memory ran out, with this prompt alone in the batch."


def load(spec: ModelSpec, bases: BaseModelCache = BASE_MODELS) -> "LocalModel":
    """Load a base (or use the one in memory) and put the adapter in.

    Raises:
        SitError: a package, a file or memory is missing, or the adapter is for another base.
    """
    place = find_place(spec.model, spec.revision, "model")
    files = None
    if spec.adapter:
        files = adapter_files(find_place(spec.adapter, None, "adapter"), spec.adapter)
    base = bases.hold(spec, place)
    try:
        if files is not None:
            with base.turns:
                base.adapters.attach(files, spec.model)
        return LocalModel(spec, base, files, bases)
    except BaseException:
        bases.release(base)
        raise


class LocalModel:
    """See `sit_core.models.interface.Model`."""

    def __init__(
        self, spec: ModelSpec, base: LoadedBase, adapter: AdapterFiles | None, bases: BaseModelCache
    ) -> None:
        self.spec = spec
        self._base: LoadedBase | None = base
        self._bases = bases
        self._adapter = adapter
        self._name = adapter.name if adapter else None
        self._prompter = Prompter(spec, base)

    def identity(self) -> dict[str, Any]:
        """Where its outputs come from; hashes the files when they are no hub's commit."""
        base, adapter = self._held(), self._adapter
        first = next(base.model.parameters())
        known: dict[str, Any] = {
            "backend": self.spec.backend,
            "model": self.spec.model,
            "revision": base.place.commit,
            "weights": None if base.place.commit else fingerprint(base.weights.files),
            "parameters": base.weights.parameters,
            "dtype": str(first.dtype).removeprefix("torch."),
            "device": str(first.device),
            "device_map": self.spec.device_map,
            **self._prompter.identity(),
            "versions": versions(*_PACKAGES),
        }
        if adapter is not None:
            known["adapter"] = {
                "name": adapter.shown,
                "revision": adapter.place.commit,
                "weights": fingerprint(adapter.weights.files),
                "made_for": adapter.made_for,
            }
        return known

    def prompt(self, example: Example) -> str:
        """The text that is sent for an example."""
        self._held()
        return self._prompter.text(example)

    def generate(
        self,
        prompts: Sequence[Prompt],
        settings: GenerationSettings,
        stop: Stop | None = None,
    ) -> Iterator[tuple[int, Generated]]:
        """Outputs as their rows end, longest prompts first."""
        base, rows = self._held(), list[SequenceState]()
        for index, prompt in enumerate(prompts):
            row = self._row(index, prompt, settings)
            if isinstance(row, str):
                yield index, Generated("", error=row)
            else:
                rows.append(row)
        budget = self._budget(settings)
        while rows and not (stop and stop()):
            rows.sort(key=lambda row: (-row.size, row.index))
            waiting = deque(rows)
            full = yield from self._some(base, waiting, settings, budget, stop)
            if not full:
                return
            outside = {row.index for row in waiting}
            rows = [row for row in rows if not row.ended]
            begun = [row for row in rows if row.index not in outside]
            budget = len(begun) * begun[0].size // 2
            let_go(_torch())
            if len(begun) == 1:
                yield begun[0].index, Generated("", error=_TOO_LARGE)
                rows.remove(begun[0])
            rows = [
                row if row.index in outside else self._anew(row, prompts, settings) for row in rows
            ]

    def stream(
        self, prompt: Prompt, settings: GenerationSettings, stop: Stop | None = None
    ) -> Generator[str, None, Generated]:
        """Pieces of one output, a token or a few at a time."""
        base, row = self._held(), self._row(0, prompt, settings)
        if isinstance(row, str):
            raise SitError(row)
        splitter = ThoughtSplitter(row.opened)
        keep = settings.thoughts == KEEP
        try:
            for _ in decode(base, self._name, deque([row]), settings):
                if piece := row.text.take():
                    yield from [piece] if keep else _pieces(*splitter.feed(piece))
                if stop and stop():
                    break
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise SitError(_TOO_LARGE) from None
        made = row.result()
        piece = row.text.take(last=True)
        if keep:
            yield from [piece] if piece else []
        else:
            yield from _pieces(*splitter.feed(piece))
            yield from _pieces(*splitter.finish())
        return made

    def close(self) -> None:
        """Let the base go; it stays in memory for the next user while there is room."""
        if self._base is not None:
            base, self._base = self._base, None
            self._bases.release(base)

    def _some(
        self,
        base: LoadedBase,
        waiting: deque[SequenceState],
        settings: GenerationSettings,
        budget: int,
        stop: Stop | None,
    ) -> Generator[tuple[int, Generated], None, bool]:
        """Yield rows as they end; returns whether memory ran out on the way."""
        try:
            for rows in decode(base, self._name, waiting, settings, budget):
                for row in rows:
                    if row.ended:
                        yield row.index, row.result()
                if stop and stop():
                    break
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return True
        return False

    def _budget(self, settings: GenerationSettings) -> int:
        """Tokens in a batch, to begin with. On a CPU a lack of memory would end the process."""
        base = self._held()
        most = None if self.spec.device_map else tokens_that_fit(base.model, base.fit.device)
        return settings.batch_tokens if most is None else min(settings.batch_tokens, max(1, most))

    def _row(self, index: int, prompt: Prompt, settings: GenerationSettings) -> SequenceState | str:
        base = self._held()
        asked, given = (
            (prompt.prompt, prompt.given) if isinstance(prompt, Prefilled) else (prompt, "")
        )
        prompter = self._prompter
        try:
            text = prompter.text(asked) if isinstance(asked, Example) else asked
            tokens = prompter.tokens(text)
        except SitError as error:
            return str(error)
        opened, begun = leaves_open(text), prompter.output_tokens(given)
        limit = context_of(base)
        return new_row(index, tokens, settings, limit, prompter.decode, opened, begun)

    def _anew(
        self, row: SequenceState, prompts: Sequence[Prompt], settings: GenerationSettings
    ) -> SequenceState:
        fresh = self._row(row.index, prompts[row.index], settings)
        assert isinstance(fresh, SequenceState), "it was a row before"
        return fresh

    def _held(self) -> LoadedBase:
        if self._base is None:
            raise SitError(f"The model {self.spec.model} was closed; load it again.")
        return self._base


def _pieces(thoughts: str, text: str) -> list[str]:
    """What there is of both, the thoughts marked."""
    return [*([Thought(thoughts)] if thoughts else []), *([text] if text else [])]


def _torch() -> Any:
    import torch

    return torch
