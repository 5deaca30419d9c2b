"""What a large uploaded checkpoint takes of the server's memory: python -m scripts.measure_upload_peak [NETWORK].

Writes the network with random weights, serves the app, uploads the file on Predict, and prints the server's memory
before, at most, once the network stands, and after one more run of the page. Linux only.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from resnext_viz.bench.app import upload
from resnext_viz.bench.app.served_apps import our_app
from resnext_viz.inference.predictor.network_export import export_network
from resnext_viz.names import parse
from tests.fuzz.campaign import memory_bytes

USUAL = "resnext101_32x8d"
_WARM_S = 30.0


def main() -> int:
    """Measures, prints, returns the exit status."""
    upload._TIMEOUT_S = 900  # noqa: SLF001  # proving a large network takes minutes on a busy machine
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "own.safetensors")
        export_network(path, "safetensors", parse(sys.argv[1] if len(sys.argv) > 1 else USUAL))
        data = path.read_bytes()
    say("the file", len(data))
    with our_app() as address:
        (server,) = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        visitor = upload.open_uploader(address, "weights=own", upload.CHECKPOINT)
        time.sleep(_WARM_S)
        say("before", memory_bytes(server, "VmRSS"))
        file = visitor.upload("own.safetensors", data)
        say("most", memory_bytes(server, "VmHWM"))
        say("with the network", memory_bytes(server, "VmRSS"))
        visitor.run_with(file)
        say("after one more run", memory_bytes(server, "VmRSS"))
        visitor.close()
    return 0


def say(words: str, size: int) -> None:
    """A line of the report."""
    sys.stdout.write(f"{words}: {size / 2**20:,.0f} MB\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
