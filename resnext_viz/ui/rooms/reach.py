"""Where a class finds the app: as its teacher does, or at this machine's own address."""

from __future__ import annotations

from urllib.parse import urlsplit

from streamlit import get_option

from resnext_viz.kit.own_address import EVERYBODY, is_own_alone, outward_address


def own_address(seen: str | None) -> str:
    """The address of the app for this very browser, as `http://127.0.0.1:8501`; empty where it is not known."""
    parts = urlsplit(seen or "")
    return f"{parts.scheme}://{parts.netloc}{_base()}" if parts.netloc else _base()


def _base() -> str:
    return f"/{get_option('server.baseUrlPath').strip('/')}".rstrip("/")


def class_address(seen: str | None) -> str | None:
    """The address of the app for phones, as `http://192.168.1.20:8501`; None if only this machine is answered.

    Args:
        seen: the address of the page that the teacher has open (`st.context.url`). It counts where it is no loopback:
            a proxy may have given the server a name that it does not know itself.
    """
    base = _base()
    if seen:
        parts = urlsplit(seen)
        if parts.hostname and not is_own_alone(parts.hostname):
            return f"{parts.scheme}://{parts.netloc}{base}"
    listens = get_option("server.address") or EVERYBODY[0]
    if is_own_alone(listens):
        return None
    host = outward_address() if listens in EVERYBODY else listens
    host = f"[{host}]" if ":" in host else host
    scheme = "https" if get_option("server.sslCertFile") else "http"
    return f"{scheme}://{host}:{get_option('server.port')}{base}"
