"""What runs in a worker process: it decodes one picture after another until its stdin ends.

It bounds itself: address space, seconds of processor for each picture, no core dumps, no files written, lower priority.
Where Python has no module `resource` (Windows), only the wall time that the parent keeps is left. Decoders written in C
print as they like; all they print goes nowhere.
"""

from __future__ import annotations

import math
import os
import signal
from contextlib import suppress
from typing import Any, BinaryIO

# The decoders of rarer formats, loaded here so that no picture pays for it.
from PIL import AvifImagePlugin, Image, MpoImagePlugin, PpmImagePlugin, TiffImagePlugin, WebPImagePlugin

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.decode import TOO_MUCH_MEMORY, decode_here
from resnext_viz.inference.photos.decode_frames import read_frame, write_frame
from resnext_viz.inference.photos.picture_formats import MAX_BYTES, make_ready

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

# The largest pictures were seen to take 452 MB, in floating point; libraries and other systems take more or less.
MAX_MEMORY_BYTES = 1024**3
CPU_S = 5
# Pages come first, but not by much: at 5, on two busy processors, the largest pictures took twelve seconds, not two.
_NICE = 2
_LOADED = (MpoImagePlugin, PpmImagePlugin, TiffImagePlugin, WebPImagePlugin)
_DAMAGED = "The picture is damaged. Copy it again from where it came, or save it anew."


def main() -> None:
    """Answers requests until there are no more."""
    # Ctrl-C in a terminal goes to every process; only the parent decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, replies = _own_pipes()
    Image.preinit()
    make_ready()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # a thread reserves address space
    _bound()
    try:
        write_frame(replies, {"ready": True})
        while True:
            header, data = read_frame(requests, MAX_BYTES)
            _renew_processor_time()
            write_frame(replies, *answer(data, int(header["crop"])))
            del data  # 50 MB that the next picture may need
    except (EOFError, OSError):
        return


def answer(data: bytes, crop: int = 0) -> tuple[dict[str, Any], bytes]:
    """The reply to one request, header and body."""
    try:
        decoded = decode_here(data, crop=crop)
        body = decoded.image.tobytes()
    except ImageError as refused:
        return {"refusal": str(refused)}, b""
    except MemoryError:
        return {"refusal": TOO_MUCH_MEMORY}, b""
    except Exception:  # What a made-up file can raise is in no list, and this process is disposable.
        return {"refusal": _DAMAGED}, b""
    full_size = decoded.width, decoded.height
    return {"size": decoded.image.size, "full_size": full_size, "notes": decoded.notes}, body


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent, moved away from stdin and stdout, where whatever is printed could reach them."""
    pipes = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    return pipes


def _bound() -> None:
    with suppress(AttributeError, OSError):
        os.nice(_NICE)
    if resource is not None:
        for kind, limit in (
            (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
        ):
            _, hard = resource.getrlimit(kind)
            bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            with suppress(ValueError, OSError):  # macOS has limits that it does not let be set
                resource.setrlimit(kind, (bound, bound))


def _renew_processor_time() -> None:
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        soft = math.ceil(used.ru_utime + used.ru_stime) + CPU_S
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


if __name__ == "__main__":
    main()
