"""What a visitor of Predict notices while another's network loads for the first time: reruns, before and meanwhile.

The network is ResNeXt-50 32x4d with random weights, from a folder of the server's own, so that nothing is downloaded.
Several copies of it are loaded one after the other: each is new to the server, and one load alone gives few reruns.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from resnext_viz.bench.app.load import row
from resnext_viz.bench.app.served_apps import our_app
from resnext_viz.bench.app.session import visit
from resnext_viz.bench.inference import write_random
from resnext_viz.bench.result import BenchRow, four_digits
from resnext_viz.inference.weights.catalogue import FOLDER_VARIABLE

LOADS = 4
IDLE_S = 6.0
PAUSE_S = 0.1  # a rerun asked for at once after the last answer waits 40 ms in Streamlit
_IDLE, _MEANWHILE = "a rerun of Predict, nobody else there", "a rerun of Predict while another loads ResNeXt-50"
_AGAINST = "the p95 with nobody else there"


def beside_loads() -> list[BenchRow]:
    """Reruns of Predict by one visitor, idle and during the loads; the ratio is the idle p95 over that of the others.

    Raises:
        UserError: the app could not be started.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        names = _copies(folder)
        address = stack.enter_context(our_app({FOLDER_VARIABLE: str(folder)}))
        loading, watching = stack.enter_context(visit(address)), stack.enter_context(visit(address))
        predict = watching.pages["Predict"]
        loading.rerun(predict)  # torch and the bundled network are there from here on
        idle_s = _reruns_during(partial(time.sleep, IDLE_S), partial(watching.rerun, predict))
        busy_s: list[float] = []
        for name in names:
            query = f"weights=file:{name}"
            busy_s += _reruns_during(partial(loading.rerun, predict, query), partial(watching.rerun, predict))
    idle, busy = row(_IDLE, idle_s), row(_MEANWHILE, busy_s)
    return [idle, replace(busy, ratio=four_digits(idle.p95_ms / busy.p95_ms), against=_AGAINST)]


def _copies(folder: Path) -> list[str]:
    """Names of files that all hold one network, each another file to the server."""
    names = [f"random-{number}.safetensors" for number in range(LOADS)]
    write_random(folder / names[0])
    for name in names[1:]:
        os.link(folder / names[0], folder / name)
    return names


def _reruns_during(work: Callable[[], object], rerun: Callable[[], float]) -> list[float]:
    """Seconds of each rerun, one after the other from the begin of the work to its end."""
    found: list[float] = []
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(work)
        while not under_way.done():
            found.append(rerun() / 1000)
            time.sleep(PAUSE_S)
        under_way.result()
    return found
