"""Networks on their way into memory: each loads on a thread of its own, once for everybody who wants it.

No page computes meanwhile, and none waits inside its gate: `awaited` shows what is waited for, and is where Streamlit
ends a run that its visitor wants no more. Whoever leaves stops nobody's load; one that has not begun when all who
wanted it have left does not begin.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakValueDictionary

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.inference.gate import aside
from resnext_viz.inference.weights.catalogue import names_here
from resnext_viz.ui.kit.jobs.job import Job

if TYPE_CHECKING:
    from resnext_viz.inference.engines.engine import EngineChoice
    from resnext_viz.inference.predictor.predictor import Predictor

AT_ONCE = 2  # networks that load at the same time: a small one passes a large one, and memory is bounded
UNWANTED_S = 5.0  # since somebody last waited for a load
_LOOK_S = 0.1

_ROOM = threading.BoundedSemaphore(AT_ONCE)
_SomeJob = TypeVar("_SomeJob", bound=Job)

Load = Callable[[], "Predictor"]


class LoadJob(Job):
    """One network that is being loaded: read, built, proven and warmed up.

    Attributes:
        predictor: the network, once it is there.
    """

    unwatched_s = UNWANTED_S

    def __init__(self, about: Hashable, load: Load, ended: Callable[[LoadJob], None] | None = None) -> None:
        """Prepares the job.

        Args:
            about: what tells this network from others and from other versions of itself.
            load: reads the weights and builds the network.
            ended: called with this job when it ends, however that is.
        """
        super().__init__(about)
        self.predictor: Predictor | None = None
        self._load: Load | None = load
        self._ended = ended

    def wait(self, seconds: float | None) -> None:
        self.watch()
        super().wait(seconds)

    @property
    def given_up(self) -> bool:
        """Whether it ended without loading anything, because nobody wanted the network when its turn came."""
        return not self.running and self.predictor is None and self.problem is None

    def steps(self) -> Generator[None, None, None]:
        """Waits for room, then loads in one step."""
        with self.turn(_ROOM):
            load, self._load = self._load, None
            if load:
                self.predictor = load()
        yield

    def let_go(self) -> None:
        self._load = None  # it may hold an upload's bytes
        if self._ended:
            self._ended(self)


class SharedNetworks:
    """Networks that all visitors share, one copy of each: the last used are kept, others while somebody uses them.

    Args:
        kept: how many are kept though nobody may use them at the moment.
    """

    def __init__(self, kept: int) -> None:
        self._most = kept
        self._lock = threading.Lock()
        self._loading: dict[Hashable, LoadJob] = {}
        self._alive: WeakValueDictionary[Hashable, Predictor] = WeakValueDictionary()
        self._kept: OrderedDict[Hashable, Predictor] = OrderedDict()

    def ask(self, key: Hashable, load: Load) -> Predictor | LoadJob:
        """The network called `key`, or the job that loads it, begun by whoever asks first.

        A load that failed is forgotten when those who wait for it have heard of it; the next to ask begins anew.
        """
        with self._lock:
            predictor = self._alive.get(key)
            if predictor is not None:
                self._keep(key, predictor)
                return predictor
            job = self._loading.get(key)
            if job is None:
                job = self._loading[key] = LoadJob(key, load, self._take)
                job.start()
            job.watch()
            return job

    def network(self, key: Hashable, load: Load, words: str) -> Predictor:
        """The network called `key`, waited for if it is not in memory.

        Raises:
            UserError: it cannot be loaded.
        """
        found = self.ask(key, load)
        while isinstance(found, LoadJob):
            awaited(found, words)
            if found.problem:
                raise UserError(found.problem)
            found = found.predictor or self.ask(key, load)  # again, if it was given up just before this visitor came
        return found

    def _take(self, job: LoadJob) -> None:
        with self._lock:
            self._loading.pop(job.about, None)
            if job.predictor is not None:
                self._alive[job.about] = job.predictor
                self._keep(job.about, job.predictor)

    def _keep(self, key: Hashable, predictor: Predictor) -> None:
        self._kept[key] = predictor
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


class EngineJob(Job):
    """An engine of a network that is made and proven."""

    def __init__(self, predictor: Predictor, choice: EngineChoice) -> None:
        super().__init__()
        self._predictor, self._choice = predictor, choice

    def steps(self) -> Generator[None, None, None]:
        self._predictor.check_of(self._choice)
        yield


class DevicesJob(Job):
    """What a network could run on; looking loads torch, and all else that every load needs.

    Attributes:
        devices: torch's names of the devices that are here, the fastest first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.devices: tuple[str, ...] = ()

    def steps(self) -> Generator[None, None, None]:
        """One step."""
        import torch

        import resnext_viz.inference.predictor.predictor  # noqa: F401

        names_here()  # asks torchvision, which takes a second to load
        found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
        self.devices = tuple(name for name, here in found.items() if here)
        yield


def awaited(job: _SomeJob, words: str) -> _SomeJob:
    """`job` when it has ended; `words` stand on the page meanwhile, and others' pages run."""
    with aside():
        job.wait(_LOOK_S)  # what is there by then needs no words
        if job.running:
            _show_until_ended(job, words)
    return job


def _show_until_ended(job: Job, words: str) -> None:
    with st.spinner(words, show_time=True):
        while job.running:
            job.wait(_LOOK_S)
            st.session_state.get("weights")  # any such look is where Streamlit ends a run that is not wanted


def loaded(job: LoadJob, words: str) -> Predictor:
    """The network that `job` loads, waited for.

    Raises:
        UserError: it cannot be loaded.
    """
    predictor = awaited(job, words).predictor
    if predictor is None:
        raise UserError(job.problem or "Loading was ended. Choose the weights again.")
    return predictor


def load_version(path: Path, version: Hashable, device: str) -> Predictor:
    """The network in a file.

    Raises:
        UserError: it cannot be used, is gone, or is another one by now: whoever chooses it again gets that.
    """
    from resnext_viz.inference.predictor.by_name import load_predictor

    if version_of(path) != version:
        raise UserError(f"{path.name} was replaced meanwhile. Choose it again.")
    return load_predictor(path, device)


def version_of(path: Path) -> Hashable:
    """What tells a file from those that lay there before, without reading it.

    Raises:
        UserError: it is gone.
    """
    try:
        found = path.stat()
    except OSError:
        raise UserError(f"{path.name} is not there any more. Choose other weights.") from None
    return path, found.st_mtime_ns, found.st_size, found.st_ino
