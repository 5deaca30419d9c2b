"""Package indexes on this machine: folders of wheels of a few hundred bytes, served over HTTP on loopback."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


def add_wheel(
    index: Path, name: str, version: str, requires: Sequence[str] = (), program: str = "", module: str = ""
) -> None:
    """Puts a wheel into a folder that is an index: one module, and a program of that name if one is given."""
    info, files = f"{name}-{version}.dist-info", {f"{name}.py": module or f"version = {version!r}\n"}
    if program:
        files[f"{name}-{version}.data/scripts/{name}"] = program
    needs = "".join(f"Requires-Dist: {need}\n" for need in requires)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    folder = index / name
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = (0o100755 if "/scripts/" in path else 0o100644) << 16
            wheel.writestr(entry, content)
    links = (f'<a href="{wheel.name.replace("+", "%2B")}">{wheel.name}</a>' for wheel in sorted(folder.glob("*.whl")))
    (folder / "index.html").write_text("\n".join(links))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_words: Any) -> None:
        """Nothing: what was asked for is the test's own matter."""


class _BreakingOff(_Quiet):
    def copyfile(self, source: Any, outputfile: Any) -> None:
        """All of a page, and of a wheel the beginning, though its whole length was promised."""
        outputfile.write(source.read(100) if self.path.endswith(".whl") else source.read())


@contextmanager
def served(folder: Path, breaking_off: bool = False) -> Iterator[str]:
    """The address of a folder of indexes, while it is served; `breaking_off` within each wheel, if wanted."""
    handler = _BreakingOff if breaking_off else _Quiet
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
