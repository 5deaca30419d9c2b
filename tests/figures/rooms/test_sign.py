"""The sign is read by a machine of its own: the modules that are drawn are those of the address."""

from __future__ import annotations

import re

import pytest
import segno

from resnext_viz.figures.rooms.sign import QUIET, qr_svg, remote_address, room_sign


def drawn(svg: str) -> set[tuple[int, int]]:
    """Every dark module, from the runs of the path."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg)
    return {(int(x) + step, int(y)) for x, y, length in runs for step in range(int(length))}


@pytest.mark.parametrize("text", ["http://192.168.1.20:8501/c/KRTM", "https://lab.example/viz/c/BCDF"])
def test_the_drawn_modules_are_those_of_the_address(text: str) -> None:
    svg = qr_svg(text)
    matrix = segno.make(text, error="m", micro=False, boost_error=False).matrix
    assert drawn(svg) == {(x + QUIET, y + QUIET) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}
    (side,) = {int(each) for each in re.findall(r'viewBox="0 0 (\d+) \d+"', svg)}
    assert side == len(matrix) + 2 * QUIET


def test_a_sign_has_code_and_address() -> None:
    sign = room_sign("http://192.168.1.20:8501/", "KRTM")
    assert ">KRTM<" in sign
    assert ">192.168.1.20:8501/c/KRTM<" in sign
    assert "https://lab.example/c/KRTM" in room_sign("https://lab.example", "KRTM")


def test_a_server_that_answers_itself_alone_says_what_opens_it() -> None:
    sign = room_sign(None, "KRTM")
    assert "<code>--address 0.0.0.0</code>" in sign
    assert "<svg" not in sign


def test_the_drivers_secret_stands_where_no_browser_sends_it() -> None:
    address = remote_address("http://a:1", "KRTM", "secret")
    assert address.partition("#") == ("http://a:1/c/KRTM/remote", "#", "driver=secret")


def test_an_address_is_written_as_text() -> None:
    assert "<b>" not in room_sign("http://<b>", "KRTM")
