"""The base models in memory: one per (files, dtype, device) for the whole process.

Whoever uses a base holds it; one that nobody holds stays until another needs its room.

A lock that is handed on in the order in which it was asked for.

Several visitors generate with one base, token by token. With an ordinary lock, whoever has just
let go of it usually gets it again, and the others stand still.
"""

import gc
import threading
from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from sit_core.models.interface import ModelSpec
from sit_core.models.local.adapters import Adapters
from sit_core.models.local.load import INSTALL, LoadPlan, choose_fit, does_not_fit, fits, open_base
from sit_core.models.local.memory import let_go
from sit_core.models.local.weights import Weights, weights_in
from sit_core.models.require import need
from sit_core.models.resolve import ModelLocation


class FairLock:
    """Use as ``with turns:``; not reentrant."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        try:
            gate.acquire()
        except BaseException:  # interrupted while waiting: leave the queue, or pass the turn on
            with self._mutex:
                queued = gate in self._waiting
                if queued:
                    self._waiting.remove(gate)
            if not queued:
                self._hand_on()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hand_on()

    def _hand_on(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


_Key = tuple[object, ...]


@dataclass
class LoadedBase:
    """A loaded base with what its users share."""

    place: ModelLocation
    weights: Weights
    fit: LoadPlan
    model: Any
    tokenizer: Any
    adapters: Adapters
    turns: FairLock = field(default_factory=FairLock)
    """Held for each step of the model: it works for one user at a time, token by token."""
    tokenizing: AbstractContextManager[bool] = field(default_factory=threading.Lock)
    """Held for each use of the tokenizer, whose settings are part of its state."""
    joins: bool = True
    """Whether prompts may join a batch on its way: not with sliding windows or recurrent states."""


class BaseModelCache:
    """A cache with a lock; the program has one, `BASE_MODELS`, tests make their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._loaded: dict[_Key, LoadedBase] = {}  # the one held last comes last
        self._holders: dict[_Key, int] = {}

    def hold(self, spec: ModelSpec, place: ModelLocation) -> LoadedBase:
        """The base for a spec; loaded if it is not there. Let it go with `release`.

        Raises:
            SitError: it can't be loaded, or does not fit although all unused ones were dropped.
        """
        need("torch", INSTALL)
        weights = weights_in(place.folder)
        with self._lock:
            key, fit = self._find(spec, place, weights)
            if key in self._loaded:
                return self._held(key)
        with self._loading:  # not the lock: loading takes long, and others want what is there
            with self._lock:
                key, fit = self._find(spec, place, weights)
                if key in self._loaded:
                    return self._held(key)
                self._make_room(spec, fit)
            model, tokenizer = open_base(spec, place, fit)
            with self._lock:
                self._loaded[key] = LoadedBase(
                    place, weights, fit, model, tokenizer, Adapters(model)
                )
                return self._held(key)

    def release(self, base: LoadedBase) -> None:
        """Say that one holder less needs it."""
        with self._lock:
            for key, loaded in self._loaded.items():
                if loaded is base:
                    self._holders[key] -= 1

    def drop_unused(self) -> None:
        """Free the memory of all bases that nobody holds."""
        with self._lock:
            for key in [k for k in self._loaded if not self._holders[k]]:
                self._drop(key)

    def __len__(self) -> int:
        return len(self._loaded)

    def _held(self, key: _Key) -> LoadedBase:
        base = self._loaded[key] = self._loaded.pop(key)
        self._holders[key] = self._holders.get(key, 0) + 1
        return base

    def _find(
        self, spec: ModelSpec, place: ModelLocation, weights: Weights
    ) -> tuple[_Key, LoadPlan]:
        """Where the base is or will be kept, and on what it runs."""
        files: _Key = (place.folder, weights.state)
        asked = (spec.dtype, spec.device, spec.device_map)
        for key, base in self._loaded.items():
            # What "auto" means depends on the free memory, so a loaded base goes before choosing.
            if key[:2] == files and (key[2:5] == asked):
                return key, base.fit
        fit = choose_fit(spec, weights)
        for key, base in self._loaded.items():
            if key[:2] == files and key[4] == spec.device_map and _same(base.fit, fit):
                return key, base.fit
        return (*files, *asked), fit

    def _make_room(self, spec: ModelSpec, fit: LoadPlan) -> None:
        if spec.device_map:
            return  # accelerate spreads it over what there is
        unused = [key for key in self._loaded if not self._holders[key]]
        while not fits(fit):
            if not unused:
                raise does_not_fit(spec.model, fit)
            self._drop(unused.pop(0))

    def _drop(self, key: _Key) -> None:
        del self._loaded[key], self._holders[key]
        gc.unfreeze()  # the app freezes what it has loaded
        gc.collect()
        let_go(need("torch", INSTALL))


def _same(one: LoadPlan, other: LoadPlan) -> bool:
    return one.device == other.device and one.dtype == other.dtype


BASE_MODELS = BaseModelCache()
"""All bases of this process."""
