"""How many photos a second go through when a class asks at once: by the network's queue, and by the app's own uploads.

1. The engine alone, batch after batch; every other throughput is a share of that (the ratio).
2. 64 clients at the network's queue, each asking again as soon as it has its answer.
3. Ten times as many pictures as the queue holds: who is refused waits a moment and asks again.
4. Memory before and after 1,000 predictions more.
5. The app: 64 visitors of Predict upload photos in turn, while somebody else dials on the first page.
6. Predict: one visitor runs it again and again while another loads a large network for the first time (`loading.py`).

Clients, server and network share one machine, so what the clients cost is in the figures.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

from resnext_viz.bench.app.beside_loads import beside_loads
from resnext_viz.bench.app.load import Load, memory_reader, photo, row, together
from resnext_viz.bench.app.served_apps import our_app
from resnext_viz.bench.app.session import Session, visit
from resnext_viz.bench.app.upload import Uploader, open_uploader
from resnext_viz.bench.inference import RANDOM, write_random
from resnext_viz.bench.result import BenchError, BenchRow, four_digits
from resnext_viz.inference.engines.batching import MAX_WAITING
from resnext_viz.inference.engines.engine import fixed_pictures
from resnext_viz.inference.errors import BusyError
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.inference.weights.catalogue import FOLDER_VARIABLE

CLIENTS = 64
TIMES_TOO_MANY = 10
AGAIN_S = 0.5  # that a refused client waits
PART_S = 10.0  # for each part at the queue
APP_S = 45.0
MORE_PREDICTIONS = 1000
RERUNS = 40
PAUSE_S = 0.1  # a rerun asked for at once after the last answer waits 40 ms in Streamlit
_AGAINST = "the engine alone"


def measure(weights: str = RANDOM) -> list[BenchRow]:
    """A row for each part.

    Args:
        weights: a name or a file as for `predict`, or "random": ResNeXt-50 32x4d, with which the network and not the
            web server is what everybody waits for.

    Raises:
        UserError: psutil is not installed, no such weights, or the app could not be started.
    """
    memory_reader()  # said before anything is measured
    with tempfile.TemporaryDirectory() as folder:
        name = weights
        if weights == RANDOM:
            name = str(Path(folder) / "random.safetensors")
            write_random(Path(name))
        rows = [*_at_the_queue(name), *_at_the_app(name), *beside_loads()]
    return [rows[0], *(_shared(each, rows[0].per_second or 1.0) for each in rows[1:])]


def _shared(each: BenchRow, base: float) -> BenchRow:
    """The row with its throughput as a share of the engine's own."""
    return (
        each if each.per_second is None else replace(each, ratio=four_digits(each.per_second / base), against=_AGAINST)
    )


def _at_the_queue(name: str) -> Iterator[BenchRow]:
    memory_mb = memory_reader()
    predictor = load_predictor(name, "cpu", allow_pickle_files=True)
    yield _alone(predictor)
    yield _crowd(predictor, CLIENTS, 1).row(f"{CLIENTS} clients at the queue", memory_mb())
    size = predictor.max_batch
    clients = TIMES_TOO_MANY * MAX_WAITING // size
    crowd = _crowd(predictor, clients, size)
    yield crowd.row(f"{clients} clients at the queue, {size} pictures each", memory_mb())
    if crowd.refusals_s:
        yield row("to be refused by the full queue", crowd.refusals_s)
    before = memory_mb()
    times_s = [_predicted(predictor, number) for number in range(MORE_PREDICTIONS)]
    yield row(f"{MORE_PREDICTIONS:,} predictions, memory before", times_s, memory_mb=round(before))
    yield row(f"{MORE_PREDICTIONS:,} predictions, memory after", times_s, memory_mb=round(memory_mb()))


def _alone(predictor: Predictor) -> BenchRow:
    size = predictor.max_batch
    inputs = fixed_pictures((predictor.spec.in_channels, predictor.image_size, predictor.image_size), size)
    times_s = []
    ends = time.perf_counter() + PART_S
    while time.perf_counter() < ends:
        began = time.perf_counter()
        predictor.logits(inputs)
        times_s.append(time.perf_counter() - began)
    return row(_AGAINST, times_s, size, per_second=four_digits(size * len(times_s) / sum(times_s)))


def _crowd(predictor: Predictor, clients: int, pictures: int) -> Load:
    """Clients that each ask for the same few pictures again and again; an answer counts once for each picture."""
    inputs = fixed_pictures((predictor.spec.in_channels, predictor.image_size, predictor.image_size), pictures)
    load, ends = Load(), time.perf_counter() + PART_S

    def ask() -> None:
        while time.perf_counter() < ends:
            began = time.perf_counter()
            try:
                found = predictor.logits(inputs)
            except BusyError:
                load.refused(time.perf_counter() - began)
                time.sleep(AGAIN_S)
            else:
                load.answered(time.perf_counter() - began, len(found))

    load.elapsed_s = together([ask] * clients)
    return load


def _predicted(predictor: Predictor, number: int) -> float:
    """Seconds from a photo's bytes to its answer."""
    data = photo(number % CLIENTS)
    began = time.perf_counter()
    predictor.predict([data])
    return time.perf_counter() - began


def _at_the_app(name: str) -> Iterator[BenchRow]:
    """Uploads of many visitors, and the reruns of one who dials: while nobody else is there, and while they upload."""
    memory_mb = memory_reader()
    with ExitStack() as stack:
        address = stack.enter_context(our_app({FOLDER_VARIABLE: str(Path(name).parent)} if _is_file(name) else {}))
        query = f"weights=file:{Path(name).name}" if _is_file(name) else f"weights={name}"
        dialling = stack.enter_context(visit(address))
        with ThreadPoolExecutor(CLIENTS) as pool:
            visitors = list(pool.map(partial(open_uploader, address), [query] * CLIENTS))
        for visitor in visitors:
            stack.callback(visitor.close)
        visitors[0].answer("first.jpg", photo(0))  # loads the network
        idle_s = _reruns(dialling, RERUNS)
        before = memory_mb()
        load, numbers, busy_s = Load(), count(1), list[float]()
        ends = time.perf_counter() + APP_S
        uploads = [partial(_uploads, visitor, load, numbers, ends) for visitor in visitors]
        load.elapsed_s = together([*uploads, lambda: busy_s.extend(_reruns(dialling, ends=ends))])
        yield row("memory before the uploads", idle_s, memory_mb=round(before))
        yield load.row(f"{CLIENTS} visitors who upload", memory_mb())
        yield row("a rerun of Anatomy, nobody else there", idle_s)
        yield row("a rerun of Anatomy meanwhile", busy_s)


def _uploads(visitor: Uploader, load: Load, numbers: Iterator[int], ends: float) -> None:
    """One visitor: a photo that nobody sent before, its answer, the next one."""
    while time.perf_counter() < ends:
        data = photo(next(numbers))
        began = time.perf_counter()
        try:
            answer_s = visitor.answer("photo.jpg", data)
        except BenchError:
            load.lose()
        else:
            load.refused(time.perf_counter() - began) if answer_s is None else load.answered(answer_s)


def _reruns(visitor: Session, most: int | None = None, ends: float = float("inf")) -> list[float]:
    """Seconds of reruns of the first page, until there are so many or it is so late."""
    found: list[float] = []
    while (most is None or len(found) < most) and time.perf_counter() < ends:
        found.append(visitor.rerun() / 1000)
        time.sleep(PAUSE_S)
    return found


def _is_file(name: str) -> bool:
    return name.endswith(".safetensors")
