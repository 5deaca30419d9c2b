"""`app`: the pages in a browser, served from wherever it is called."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import runpy
import signal
import socket
import sys
import threading
import time
import tomllib
import webbrowser
from importlib import import_module
from importlib.util import find_spec
from typing import NoReturn

from resnext_viz.commands.options.parser import Parser, as_whole_number, complain
from resnext_viz.errors import ErrorCode, UserError
from resnext_viz.kit.app_files import APP, SETTINGS
from resnext_viz.kit.own_address import EVERYBODY, outward_address

PORTS = range(8501, 8601)  # the first free one of them, where none is asked for; 8501 is Streamlit's own
# What has an option of ours must be known here too: it is tried before the server starts.
_OURS = {"--server.port": "--port", "--server.address": "--address", "--server.headless": "--no-browser"}
_YES = {"1", "on", "t", "true", "y", "yes"}  # as Streamlit reads a variable

_DESCRIPTION = """Serves the app and opens it in a browser; Ctrl-C ends it. Only this machine is answered, unless
--address says otherwise."""
_EPILOG = """Streamlit's own options stand behind "--", as in "app -- --server.maxUploadSize=1000"; "app -- --help"
lists them. They win over its environment variables (STREAMLIT_SERVER_PORT, ...), these over the settings that come
with the app, and those over a config.toml of yours.

exit status: 0 when Ctrl-C has ended it, 2 if it cannot listen at that port or address

examples:
  python -m resnext_viz app
  python -m resnext_viz app --port 8600 --no-browser
  python -m resnext_viz app --address 0.0.0.0 -- --server.maxUploadSize=1000"""

_LOG = logging.getLogger("uvicorn.error")  # the server's own


class _Ended(BaseException):
    """Ctrl-C: the way in which a server is meant to end. Not a `KeyboardInterrupt`, which Streamlit answers itself."""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `app` into the parser."""
    parser = commands.add_parser(
        "app",
        help="the pages in a browser",
        usage="%(prog)s [--port N] [--address A] [--no-browser] [-- OPTION ...]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    # Also by Streamlit's names, without "--": so `make run ARGS=...` was used when it called Streamlit itself.
    parser.add_argument(
        "--port",
        "--server.port",
        type=as_whole_number(1, 65_535),
        metavar="N",
        default=os.environ.get("STREAMLIT_SERVER_PORT") or None,
        help=f"where to listen; default: the first free one from {PORTS[0]} on",
    )
    parser.add_argument(
        "--address",
        "--server.address",
        metavar="A",
        default=os.environ.get("STREAMLIT_SERVER_ADDRESS") or None,
        help="an address of this machine; 0.0.0.0 answers everybody who reaches it; default: "
        "127.0.0.1, this machine alone",
    )
    parser.add_argument(
        "--no-browser",
        action="store_true",
        default=os.environ.get("STREAMLIT_SERVER_HEADLESS", "").lower() in _YES,
        help="serve only, open nothing",
    )
    parser.add_argument("options", nargs="*", metavar="-- OPTION", help="more options for Streamlit")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serves the app until Ctrl-C; then exit status 0.

    Raises:
        UserError: Streamlit is missing, an option is not understood, or the server cannot listen there.
    """
    if find_spec("streamlit") is None:
        raise UserError("the app needs Streamlit, which this Python has not; pip install streamlit")
    _check_options(arguments.options)
    address = _default_address() if arguments.address is None else arguments.address
    port = _free_port(address, arguments.port)
    signal.signal(signal.SIGINT, _end)
    threading.Thread(target=_welcome, args=(address, port, not arguments.no_browser), daemon=True).start()
    try:
        _serve(address, port, arguments.options)
    except _Ended:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # once more would only spoil the goodbye
        complain("stopped", ErrorCode.STOPPED)
        sys.stderr.flush()
        # While Python takes itself down, libraries of torch's write dozens of lines about what they leak.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    return 0


def _check_options(options: list[str]) -> None:
    """Raises a `UserError` for what is no option of Streamlit's, or one that has a name of ours."""
    if options and not options[0].startswith("--"):
        raise UserError(f"{options[0]!r} is no option of `app`; its own are --port, --address and --no-browser")
    for word in options:
        if ours := _OURS.get(word.partition("=")[0]):
            raise UserError(f"{word} is not for Streamlit here; use {ours}")


def _default_address() -> str:
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    return str(settings["server"]["address"])


def _free_port(address: str, asked: int | None) -> int:
    """The port to listen on: the one asked for, or the first free one.

    Raises:
        UserError: that one is taken, or may not be used, or the address is none of this machine's.
    """
    for port in [asked] if asked else PORTS:
        try:
            _try_to_listen(address, port)
            return port
        except (OSError, UnicodeError) as problem:  # Unicode: no name of a machine can be written so
            why = getattr(problem, "errno", None)
            if why == errno.EACCES:
                raise UserError(f"port is {port}, which this user may not listen on; use one from 1024 on") from problem
            if why != errno.EADDRINUSE:
                raise UserError(
                    f"address is {address!r}, which is none of this machine's; use 127.0.0.1 to answer this machine "
                    "alone, or 0.0.0.0 to answer everybody who reaches it"
                ) from problem
    taken = f"port is {asked}, which is taken" if asked else f"ports {PORTS[0]} to {PORTS[-1]} are all taken"
    raise UserError(f"{taken}; use --port with a free one")


def _try_to_listen(address: str, port: int) -> None:
    """Listens as Streamlit will, and lets go; an empty address would mean everybody, and is refused."""
    if not address:
        raise OSError(errno.EADDRNOTAVAIL, "no address")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    place = socket.getaddrinfo(address, port, family, socket.SOCK_STREAM)[0][4]
    with socket.socket(family) as trial:
        if os.name != "nt":  # there it would allow a port that another listens on
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(place)
        trial.listen()


def _serve(address: str, port: int, options: list[str]) -> None:
    """Runs `python -m streamlit run` here, so that it reads the settings beside the app as it does in a checkout."""
    sys.argv = [
        "streamlit", "run", str(APP), f"--server.port={port}", f"--server.address={address}",
        "--server.headless=true", "--logger.hideWelcomeMessage=true", *options,
    ]  # fmt: skip
    runpy.run_module("streamlit", run_name="__main__")


def _end(*_: object) -> NoReturn:
    _LOG.disabled = True  # whoever presses Ctrl-C twice cuts the goodbye short, and wants no account of that
    raise _Ended


def _welcome(address: str, port: int, opens: bool) -> None:
    """Says where the app is once it listens, and opens it there."""
    here = "localhost" if address in EVERYBODY else address
    while not _listens(here, port):
        time.sleep(0.05)
    url = _url(here, port)
    more = f"; others reach it at {_url(outward_address(), port)}" if address in EVERYBODY else ""
    print(f"ResNeXt Explorer is at {url}{more}. Ctrl-C ends it.", flush=True)
    if opens and _has_screen():
        webbrowser.open(url)


def _listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


def _url(address: str, port: int) -> str:
    """Where the app is, by what Streamlit has made of its options, its variables and all files of settings."""
    get_option = import_module("streamlit").get_option  # it serves in this very process
    host = f"[{address}]" if ":" in address else address
    scheme = "https" if get_option("server.sslCertFile") else "http"
    return f"{scheme}://{host}:{port}/{get_option('server.baseUrlPath').strip('/')}".rstrip("/")


def _has_screen() -> bool:
    """Whether a browser would get a window; without one, Python would start a browser of text in this terminal."""
    if not sys.platform.startswith(("linux", "freebsd")):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
