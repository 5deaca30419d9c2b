"""What our components hear on the document: as long as they are mounted, and not one listener longer."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import resnext_viz.ui
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.kit.dialled import Dialled, browser_model, offer_text
from resnext_viz.ui.kit.words import words_text
from tests.browser.kit.visit import Visit, hold_dials_back
from tests.browser.test_pages import TITLES

Opener = Callable[..., Visit]
FRONTEND = Path(resnext_viz.ui.__file__).parent / "kit" / "frontend"
HEARD_BY = {".dials": "resnext-dial", ".headline": "resnext-dialled", ".drawing": "resnext-follow"}
# What `pressed.js` hears for all pages, whatever is mounted: once each, however many pages were opened.
OF_THE_PAGE = ("click", "focusin", "keydown", "pointerdown", "pointerdown", "resize", "touchmove", "wheel")
HELP = ("help/help", "help/start")
# Ten page changes. On Predict the dials are made anew, in a fold, and once more behind it.
TOUR = ("Design space", "Counting", "Block forms", "Paper", "Study", "Code", "Anatomy", "Train", "Predict", "Anatomy")

# Keeps the type of each listener that stands on the document or the window and was added by a script of ours.
KEEP_LISTENERS = """() => {
  const standing = window.rxStanding = []
  for (const target of [document, window]) {
    const add = target.addEventListener, remove = target.removeEventListener
    target.addEventListener = (type, listener, ...more) => {
      if (new Error().stack.includes("/components/")) standing.push({ target, type, listener })
      return add.call(target, type, listener, ...more)
    }
    target.removeEventListener = (type, listener, ...more) => {
      const same = (each) => each.target === target && each.type === type && each.listener === listener
      const at = standing.findIndex(same)
      if (at >= 0) standing.splice(at, 1)
      return remove.call(target, type, listener, ...more)
    }
  }
}"""

# The types that stand, and those of the page and of our mounted components: once they agree for a while, or after 60 s.
STANDING = """([heardBy, ofThePage]) => new Promise((give) => {
  const shadows = () => [...document.querySelectorAll("*")].map((element) => element.shadowRoot).filter(Boolean)
  const mounted = () => Object.entries(heardBy).flatMap(([selector, type]) =>
    shadows().filter((root) => root.querySelector(selector)).map(() => type)).concat(ofThePage).sort()
  const standing = () => window.rxStanding.map(({ type }) => type).sort()
  let agreed = 0
  const until = performance.now() + 60000
  const look = () => {
    agreed = String(mounted()) === String(standing()) ? agreed + 1 : 0
    agreed === 5 || performance.now() > until ? give([standing(), mounted()]) : setTimeout(look, 50)
  }
  look()
})"""


def assert_only_the_mounted_listen(page: Page) -> Counter[str]:
    """How many components listen to what; each that is mounted listens once, and so does the page."""
    standing, expected = page.evaluate(STANDING, [HEARD_BY, OF_THE_PAGE])
    assert Counter(standing) == Counter(expected)
    return Counter(expected) - Counter(OF_THE_PAGE)


def test_after_ten_page_changes_as_many_listen_as_are_there(visit: Opener, app_url: str) -> None:
    visited = visit()
    page = visited.page
    page.add_init_script(f"({KEEP_LISTENERS})()")
    visited.go(app_url)
    at_first = assert_only_the_mounted_listen(page)
    assert at_first.keys() == set(HEARD_BY.values())
    for key in ("ArrowRight", "ArrowLeft"):  # new data for all that is mounted
        page.get_by_role("slider", name="Cardinality C").press(key)
    expect(page.locator("h1")).to_have_text("ResNeXt-50 (32×4d)")
    for title in TOUR:
        page.get_by_role("link", name=title, exact=True).click()
        path = "/" if title == "Anatomy" else f"/{title.lower().replace(' ', '-')}"
        expect(page.get_by_role("heading", name=TITLES[path], exact=True)).to_be_visible()
        assert_only_the_mounted_listen(page)
    assert assert_only_the_mounted_listen(page) == at_first
    visited.assert_clean()


# Runs a component as Streamlit does: "run" with new data, a number for what that run returned.
RUN = """async ([scripts, html, bytes, steps]) => {
  const parentElement = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" })
  parentElement.innerHTML = html
  const module = await import(URL.createObjectURL(new Blob([scripts], { type: "text/javascript" })))
  const cleanups = [], data = new Uint8Array(bytes)
  for (const step of steps) {
    if (step === "run") cleanups.push(module.default({ parentElement, data, setStateValue: () => {} }))
    else cleanups[step]?.()
  }
  return window.rxStanding.length
}"""


@pytest.mark.parametrize("name", ["dials", "headline", "drawing"])
@pytest.mark.parametrize(
    ("steps", "listening"),
    [
        (["run", "run", "run"], 1),  # new data
        (["run", "run", 1], 0),  # at unmount only what the last run returned is called
        (["run", "run", 0], 1),  # a run that is overtaken is cleaned up at once, even behind the one that overtook it
        (["run", 0, "run"], 1),
        (["run", 0, "run", 1], 0),  # unmounted while a run is still under way
    ],
)
def test_an_overtaken_run_takes_no_ears_from_the_next(
    visit: Opener, name: str, steps: list[str | int], listening: int
) -> None:
    page = visit().page
    page.evaluate(KEEP_LISTENERS.replace("/components/", "blob:"))
    model = {"model": browser_model(Dialled(ResNeXtSpec())), "epoch": 1, "seq": 1}
    data = b"<svg></svg>" if name == "drawing" else json.dumps(model).encode()
    files = [frontend(f"{script}.js") for script in ("styling", "counts", "listening", *HELP, name)]
    scripts = "\n".join(["const STYLE = ''", f"const OFFER = {offer_text()}", f"const WORDS = {words_text()}", *files])
    assert page.evaluate(RUN, [scripts, frontend(f"{name}.html"), list(data), steps]) == listening


def frontend(name: str) -> str:
    return (FRONTEND / name).read_text(encoding="utf-8")


def test_a_network_clicked_before_the_dials_are_there_is_dialled_when_they_come(visit: Opener, app_url: str) -> None:
    page = visit().page
    let_dials_come = hold_dials_back(page)
    page.goto(f"{app_url}/design-space")
    page.get_by_role("button", name="Dial 4×24d").click()
    assert page.locator("#field-cardinality").count() == 0
    let_dials_come()
    expect(page.locator("#field-cardinality")).to_have_value("4")
    expect(page).to_have_url(re.compile("net=resnext50_4x24d"))
