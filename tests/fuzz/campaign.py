"""Many spoiled files through `decode_image`: each must end as a picture or a refusal, in bounded time and memory."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.decode import DECODER, MAX_PIXELS, decode_image
from resnext_viz.inference.photos.decode_worker import MAX_MEMORY_BYTES
from resnext_viz.inference.photos.decoder import WALL_S
from resnext_viz.inference.photos.sizes import HANDED_PIXELS
from tests.fuzz.mutations import mutate
from tests.fuzz.seeds import large_seeds, seeds

SCALES = (1, 2, 4, 8)
LARGE_EVERY = 50  # cases
# Over the wall time, for a fresh process to start on a busy machine.
_START_S = 10.0
# What this process may have grown by at the end: the allocator keeps some of its largest picture.
_GROWTH_BYTES = 512 * 1024**2


@dataclass
class Report:
    """What came out of a campaign; memory is 0 where the system does not tell."""

    cases: int = 0
    decoded: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    replaced: int = 0
    slowest_ms: float = 0.0
    seconds: float = 0.0
    memory_before: int = 0
    memory_after: int = 0
    worker_peak: int = 0
    broken: list[str] = field(default_factory=list)

    def in_words(self) -> str:
        rate = self.cases / max(self.seconds, 1e-9)
        lines = [
            f"{self.cases:,} cases in {self.seconds:.0f} s, {rate:.0f} a second",
            f"{self.decoded:,} decoded, {sum(self.refused.values()):,} refused:",
            *(f"  {number:7,}  {reason}" for reason, number in self.refused.most_common()),
            f"{self.replaced} workers replaced, slowest case {self.slowest_ms:.0f} ms",
            f"this process {self.memory_before / 1e6:.0f} MB before, {self.memory_after / 1e6:.0f} MB after; "
            f"largest worker {self.worker_peak / 1e6:.0f} MB",
            *(f"BROKEN: {words}" for words in self.broken),
        ]
        return "\n".join(lines)


def run(cases: int, seed: int, folder: Path) -> Report:
    """Decodes so many spoiled files; those that broke a promise, or a worker, are saved in `folder`."""
    chance, files, large, report = Random(seed), list(seeds().values()), list(large_seeds().values()), Report()
    decode_image(files[0])
    report.memory_before, replaced = memory_bytes("self", "VmRSS"), DECODER.replaced
    began = time.monotonic()
    for number in range(cases):
        data = mutate(chance, large if number % LARGE_EVERY == LARGE_EVERY - 1 else files)
        before = DECODER.replaced
        broken = _run_one(data, report)
        if broken or DECODER.replaced > before:
            path = _saved(data, folder, "broken" if broken else "ended-worker")
            report.broken += [f"{broken} ({path})"] if broken else []
        if report.cases % 50 == 0:
            _look_at_workers(report)
    report.seconds = time.monotonic() - began
    _look_at_workers(report)
    report.replaced = DECODER.replaced - replaced
    report.memory_after = memory_bytes("self", "VmRSS")
    if report.memory_after - report.memory_before > _GROWTH_BYTES:
        report.broken.append("this process grew too much")
    if report.worker_peak > MAX_MEMORY_BYTES:
        report.broken.append("a worker grew over its bound")
    return report


def _run_one(data: bytes, report: Report) -> str:
    """Decodes one file and says which promise was broken, or nothing."""
    began = time.monotonic()
    try:
        decoded = decode_image(data)
    except ImageError as refused:
        broken = refusal_fault(str(refused))
        report.refused[re.sub(r"\d[\d,.]*", "N", str(refused)).split(". ")[0]] += 1
    except Exception as error:  # The one thing that must never happen, whatever it is.
        broken = f"{type(error).__name__}: {error}"
    else:
        report.decoded += 1
        full, got = (decoded.width, decoded.height), decoded.image.size
        fits = decoded.image.mode == "RGB" and any(got == tuple(-(-side // scale) for side in full) for scale in SCALES)
        bounded = 0 < full[0] * full[1] <= MAX_PIXELS and decoded.pixels <= HANDED_PIXELS
        broken = "" if fits and bounded else "a picture that does not add up"
    elapsed_s = time.monotonic() - began
    report.cases += 1
    report.slowest_ms = max(report.slowest_ms, 1000 * elapsed_s)
    return broken or ("too slow" if elapsed_s > WALL_S + _START_S else "")


def refusal_fault(words: str) -> str:
    """What is wrong with a refusal: it says what happened and what to do, two sentences of one line."""
    if not words.endswith(".") or len(words.split(". ")) < 2 or len(words) > 300 or not words.isprintable():
        return f"a refusal that does not say what to do: {words!r}"
    return ""


def _look_at_workers(report: Report) -> None:
    for process in DECODER.process_ids:
        report.worker_peak = max(report.worker_peak, memory_bytes(str(process), "VmHWM"))


def memory_bytes(process: str, line: str) -> int:
    """A line of Linux's status of a process, in bytes; 0 where there is none."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(rf"^{line}:\s+(\d+) kB", status, re.MULTILINE)
    return 1024 * int(found[1]) if found else 0


def _saved(data: bytes, folder: Path, kind: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}-{len(list(folder.iterdir()))}.bin"
    path.write_bytes(data)
    return path
