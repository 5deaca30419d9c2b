"""What stands on the screen so that a class finds its room: a QR code, the four letters, the address.

The QR code is dark on white in both themes, with the four modules of quiet zone that readers want (ISO/IEC 18004).
"""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

import segno

from resnext_viz.figures.kit.palette import colour

QUIET = 4  # modules
OPENING_OPTION = "--address 0.0.0.0"


@cache
def _sheet() -> str:
    return Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def room_sign(address: str | None, code: str) -> str:
    """The sign of a room as HTML.

    Args:
        address: where phones find the app, as `http://192.168.1.20:8501`; None if only this machine is answered.
        code: the room's.
    """
    style = f"<style>{_sheet()}</style>"
    letters = f'<div class="rx-code" role="img" aria-label="Code {" ".join(escape(code))}">{escape(code)}</div>'
    if address is None:
        words = (
            "No phone reaches this room: the server answers this machine alone. Start it with "
            f"<code>{OPENING_OPTION}</code> and it answers everybody on the same network."
        )
        return f'<div class="rx-sign">{style}{letters}<p class="rx-alone">{words}</p></div>'
    place = room_address(address, code)
    shown = place.removeprefix("http://")
    return f'<div class="rx-sign">{style}{qr_svg(place)}{letters}<div class="rx-address">{escape(shown)}</div></div>'


def room_address(address: str, code: str) -> str:
    """Where phones find a room."""
    return f"{address.rstrip('/')}/c/{code}"


def remote_address(address: str, code: str, driver: str) -> str:
    """Where the teacher's phone finds the remote; no browser sends what stands behind the #."""
    return f"{room_address(address, code)}/remote#driver={driver}"


def qr_svg(text: str) -> str:
    """A QR code of an address as an SVG that scales."""
    code = segno.make(text, error="m", micro=False, boost_error=False)
    side = code.symbol_size(border=QUIET)[0]
    rows = enumerate(code.matrix, QUIET)
    path = "".join(_runs(bytes(row), y) for y, row in rows)
    return (
        f'<svg class="rx-qr" viewBox="0 0 {side} {side}" width="340" height="340" role="img" '
        f'shape-rendering="crispEdges" aria-label="QR code of {escape(text)}">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path fill="{colour("ink", "light")}" d="{path}"/></svg>'
    )


def _runs(row: bytes, y: int) -> str:
    """The dark modules of a row, those that touch drawn as one."""
    found, x = "", 0
    while x < len(row):
        length = len(row[x:]) - len(row[x:].lstrip(b"\x01"))
        if length:
            found += f"M{x + QUIET} {y}h{length}v1h-{length}z"
        x += max(1, length)
    return found
