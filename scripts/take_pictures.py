"""Takes the pictures of the app into docs/pictures: `.venv/bin/python -m scripts.take_pictures [NAME...]`.

The app is started for it and looked at in a headless Chromium. Most pictures show a whole page: the window is made as
high as the page is long, and the README's thumbnail is cut from its top. The picture `dial` moves.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PIL import Image

from resnext_viz.bench.app.browser import chromium
from resnext_viz.bench.app.served_apps import ROOT, our_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = ROOT / "docs" / "pictures"
THUMBNAILS = FOLDER / "thumbnails"
MAX_BYTES = 250_000
COLOURS = (256, 128, 64, 32)  # of a picture; the first number that fits into MAX_BYTES
HEIGHT = 1080  # of a window, in px: the first screen, down to the shares on Anatomy
LONG_MS = 240_000  # torch loads, the network loads, the check runs
REST_MS = 600  # for what fades in and for charts that redraw after the window grew
THUMBNAIL = (480, 320)  # px, twice the size at which it is shown
FILM = "dial"
FILM_WINDOW = (1440, 940)  # px
FILM_WIDTH = 1080  # px, of the moving picture
FILM_BYTES = 1_000_000
# From 32 paths to one and back, d following: the keys of the dial, one for each frame.
FILM_KEYS = ("ArrowLeft",) * 8 + ("PageDown",) * 2 + ("ArrowLeft",) * 5 + ("ArrowRight",) * 3 + ("PageUp",) * 3
FRAME_MS, HELD_MS = 160, 1400  # of a frame, and of those where the dial rests

_IDLE = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
_PAGE_HEIGHT = """() => Math.max(...['[data-testid=stMain]', '[data-testid=stSidebarContent]']
  .map((part) => document.querySelector(part)?.scrollHeight ?? 0))"""


def nothing(_page: Page) -> None:
    """What opening the page has done is enough."""


def run_the_check(page: Page) -> None:
    """The check of the three forms, to its end."""
    page.get_by_role("button", name="Run the check").click()
    page.get_by_role("button", name="Run again").wait_for(timeout=LONG_MS)


def break_it(page: Page) -> None:
    """The check, and one mistake made on purpose."""
    run_the_check(page)
    page.get_by_text("BN inside each path", exact=True).click()
    page.get_by_text("no longer equals").wait_for(timeout=LONG_MS)


def ask_a_sample(page: Page) -> None:
    """One of the photos to try, answered."""
    page.locator("[data-choose='chelsea.png']").click(timeout=LONG_MS)
    page.locator(".rx-p-answers").wait_for(timeout=LONG_MS)


def train_it(page: Page) -> None:
    """The page's own small network, trained to the end on the sample."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Try it in Predict").wait_for(timeout=LONG_MS)


def answer_it(page: Page) -> None:
    """A lesson whose question was answered, wrongly."""
    page.get_by_role("radio").first.check(force=True)
    page.get_by_role("button", name="Answer", exact=True).click()
    page.get_by_text("You said").wait_for(timeout=LONG_MS)


@dataclass(frozen=True)
class Shot:
    """One picture: its file's name, the link it shows, what is done there first, the window, and how far it goes.

    `height` cuts a long page; without one, the whole page is shown. `thumbnail`: whether the README shows it small.
    """

    name: str
    path: str
    act: Callable[[Page], None] = nothing
    width: int = 1440
    scheme: Literal["light", "dark"] = "light"
    height: int | None = None
    thumbnail: bool = True


SHOTS = (
    Shot("explorer-dark", "/", scheme="dark", height=HEIGHT, thumbnail=False),
    Shot("anatomy", "/"),
    Shot("anatomy-800", "/", width=800, thumbnail=False),
    Shot("design-space", "/design-space"),
    Shot("counting", "/counting?number=22.84+GFLOPs", height=2000),
    Shot("block-forms", "/block-forms", break_it, height=2560),
    Shot("paper", "/paper?table=3"),
    Shot("study", "/study", height=1500),
    Shot("code", "/code"),
    Shot("train", "/train?net=resnext11_4x16d_cifarpool10_x2&size=32", train_it),
    Shot("predict", "/predict", ask_a_sample),
    Shot("lessons", "/lessons", thumbnail=False),
    Shot("lesson", "/design-space?lesson=2&step=vote", answer_it, height=HEIGHT, thumbnail=False),
)


def take(browser: Browser, address: str, shot: Shot) -> bytes:
    """The page as a PNG file, in a browser with nothing remembered."""
    page = browser.new_page(viewport={"width": shot.width, "height": shot.height or HEIGHT}, color_scheme=shot.scheme)
    try:
        page.goto(f"{address}{shot.path}")
        page.locator("h1").first.wait_for(timeout=LONG_MS)
        page.wait_for_selector(_IDLE, timeout=LONG_MS)
        shot.act(page)
        page.mouse.move(0, 0)
        _rest(page)
        for _ in range(0 if shot.height else 2):  # in a window of another height the page may take another length
            page.set_viewport_size({"width": shot.width, "height": page.evaluate(_PAGE_HEIGHT)})
            _rest(page)
        return page.screenshot()
    finally:
        page.close()


def _rest(page: Page) -> None:
    page.wait_for_selector(_IDLE, timeout=LONG_MS)
    page.wait_for_timeout(REST_MS)


def film(browser: Browser, address: str) -> bytes:
    """The dial that moves, with what follows it, as an animated WebP file.

    Raises:
        SystemExit: it does not fit into FILM_BYTES.
    """
    page = browser.new_page(viewport=dict(zip(("width", "height"), FILM_WINDOW, strict=True)))
    try:
        page.goto(f"{address}/?net=resnext50_32x4d&size=224&vs=resnet50&lock=macs")
        page.locator("h1").first.wait_for(timeout=LONG_MS)
        _rest(page)
        frames = [_frame(picture) for picture in _dialled(page)]
    finally:
        page.close()
    for quality in (80, 60, 40, 20):
        file = io.BytesIO()
        times = [HELD_MS, *[FRAME_MS] * (len(frames) - 2), HELD_MS]
        frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], duration=times, loop=0, quality=quality,
                       method=6)  # fmt: skip
        if file.tell() <= FILM_BYTES:
            return file.getvalue()
    raise SystemExit(f"{len(frames)} frames do not fit into {FILM_BYTES:,} bytes")


def _dialled(page: Page) -> Iterator[bytes]:
    """A screenshot at rest, and one after each key."""
    dial = page.get_by_role("slider", name="Cardinality C")
    dial.focus()
    yield page.screenshot()
    for key in FILM_KEYS:
        page.keyboard.press(key)
        _rest(page)  # the drawing has followed too
        yield page.screenshot()


def _frame(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return picture.resize((FILM_WIDTH, FILM_WIDTH * picture.height // picture.width), Image.Resampling.LANCZOS)


def thumbnail(png: bytes) -> bytes:
    """The top of a page, small, as a WebP file."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    top = picture.crop((0, 0, picture.width, picture.width * THUMBNAIL[1] // THUMBNAIL[0]))
    file = io.BytesIO()
    top.resize(THUMBNAIL, Image.Resampling.LANCZOS).save(file, "WEBP", quality=85, method=6)
    return file.getvalue()


def smaller(png: bytes) -> bytes:
    """The picture with as many colours as MAX_BYTES allow.

    Raises:
        SystemExit: even the fewest are too many.
    """
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in COLOURS:
        file = io.BytesIO()
        picture.quantize(colours).save(file, "PNG", optimize=True)
        if file.tell() <= MAX_BYTES:
            return file.getvalue()
    raise SystemExit(f"a picture of {picture.width}x{picture.height} px does not fit into {MAX_BYTES:,} bytes")


def main(names: list[str]) -> None:
    """Takes the named pictures, or all."""
    known = {shot.name: shot for shot in SHOTS}
    if unknown := [name for name in names if name not in {*known, FILM}]:
        raise SystemExit(f"no picture is called {unknown[0]!r}; use {FILM}, {', '.join(known)}")
    THUMBNAILS.mkdir(parents=True, exist_ok=True)
    with our_app() as address, chromium() as browser:
        for name in names or (*known, FILM):
            if name == FILM:
                (FOLDER / f"{FILM}.webp").write_bytes(film(browser, address))
            else:
                _write(known[name], take(browser, address, known[name]))


def _write(shot: Shot, png: bytes) -> None:
    (FOLDER / f"{shot.name}.png").write_bytes(smaller(png))
    if shot.thumbnail:
        (THUMBNAILS / f"{shot.name}.webp").write_bytes(thumbnail(png))


if __name__ == "__main__":
    main(sys.argv[1:])
