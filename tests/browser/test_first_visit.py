"""Whoever comes first: the idea in a sentence, what every dial and number means, and where to start."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

import resnext_viz.ui
from resnext_viz import PRESETS, complexity, parse
from resnext_viz.glossary import term
from resnext_viz.kit.number_format import exact
from resnext_viz.names import idea_of
from resnext_viz.spec import BlockKind, ResNeXtSpec
from resnext_viz.ui.kit.dialled import Dialled, browser_model, headline_text
from resnext_viz.ui.kit.words import words_text
from tests.browser.kit.visit import Visit

Opener = Callable[..., Visit]
FRONTEND = Path(resnext_viz.ui.__file__).parent / "kit" / "frontend"
EXPLAINED = ("resnext", "cardinality", "base_width", "lock", "depths", "image_size", "stem", "stride", "baseline")
COUNTS = ("params", "macs", "acts", "bytes")
NOWHERE = "http://127.0.0.1:9/"  # a page without a server


def question(page: Page, key: str) -> Locator:
    return page.get_by_role("button", name=term(key).question, exact=True)


def assert_explained(page: Page, keys: tuple[str, ...]) -> None:
    """Pressed, each button tells its term within the window, and is large enough to be hit."""
    for key in keys:
        button = question(page, key)
        button.click()
        words = page.locator(".help-words:visible")
        expect(words.get_by_text(term(key).sentence, exact=True)).to_be_visible()
        expect(button).to_have_attribute("aria-expanded", "true")
        left, top, right, bottom = edges(words)
        assert 0 <= left <= right <= page.evaluate("innerWidth")
        assert 0 <= top <= bottom <= page.evaluate("innerHeight")
        left, top, right, bottom = edges(button)
        assert min(right - left, bottom - top) >= 24
    page.keyboard.press("Escape")
    expect(page.locator(".help-words:visible")).to_have_count(0)


def edges(mark: Locator) -> tuple[float, ...]:
    """Left, top, right and bottom, within the window."""
    box: dict[str, float] = mark.evaluate("(each) => each.getBoundingClientRect().toJSON()")
    return tuple(box[side] for side in ("left", "top", "right", "bottom"))


def test_every_dial_and_number_is_explained_and_the_start_leads_on(visit: Opener, app_url: str) -> None:
    visited = visit()
    page, sent = visited.page, list[object]()

    def note(frame: object) -> None:
        sent.append(frame)

    page.on("websocket", lambda socket: socket.on("framesent", note))
    visited.go(app_url)
    expect(page.locator(".idea")).to_have_text(idea_of(parse("resnext50_32x4d")))
    start = page.get_by_role("region", name="Start here")
    expect(start).to_be_visible()
    slider, words = page.get_by_role("slider", name="Cardinality C"), page.locator(".help-words:visible")
    said, before, length = len(sent), slider.bounding_box(), page.evaluate("history.length")

    question(page, "cardinality").hover()
    expect(words).to_contain_text(term("cardinality").sentence)
    assert slider.bounding_box() == before
    page.locator("h1").hover()
    expect(words).to_have_count(0)
    page.locator("#field-cardinality").focus()
    page.keyboard.press("Shift+Tab")
    expect(question(page, "cardinality")).to_be_focused()
    expect(words).to_contain_text(term("cardinality").sentence)
    page.keyboard.press("Escape")
    expect(words).to_have_count(0)
    question(page, "macs").click()
    expect(words).to_contain_text(term("macs").exactly)
    page.locator(".foot").click()
    expect(words).to_have_count(0)

    for width in (1440, 800, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert_explained(page, COUNTS)
        if width == 800:  # from here on the dials are folded away
            page.get_by_role("button", name="Dials", exact=True).click()
            expect(slider).to_be_in_viewport()
        if width > 390:
            assert_explained(page, EXPLAINED)
    expect(start).to_be_visible()
    assert edges(start)[2] <= 390
    assert (len(sent), page.evaluate("history.length")) == (said, length), "no server was asked"

    page.set_viewport_size({"width": 1440, "height": 900})
    start.get_by_role("button", name="Turn C to 1").click()  # what is left is ResNet-50
    expect(page.locator("[data-count=macs]")).to_have_text(exact(complexity(parse("resnet50")).macs))
    expect(page.locator(".idea")).to_have_text(idea_of(parse("resnet50")))
    page.evaluate("window.rxSame = true")
    start.get_by_role("link", name="three forms").click()
    expect(page.get_by_role("heading", name="One block, three forms", exact=True)).to_be_visible()
    assert page.evaluate("window.rxSame"), "the session goes on"
    visited.assert_clean()


# The headline alone, on a page of its own.
MOUNT = """async ([scripts, html, bytes]) => {
  document.body.replaceChildren()
  const parentElement = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" })
  parentElement.innerHTML = html
  const module = await import(URL.createObjectURL(new Blob([scripts], { type: "text/javascript" })))
  module.default({ parentElement, data: new Uint8Array(bytes) })
}"""


def mount_headline(page: Page) -> None:
    names = ("styling", "listening", "counts", "help/help", "help/start", "headline")
    scripts = ["const STYLE = ''", f"const WORDS = {words_text()}", *(frontend(f"{name}.js") for name in names)]
    data = f'{{"model":{headline_text(Dialled())},"epoch":1,"seq":1}}'.encode()
    page.evaluate(MOUNT, ["\n".join(scripts), frontend("headline.html"), list(data)])
    expect(page.locator("h1")).to_have_text("ResNeXt-50 (32×4d)")


def frontend(name: str) -> str:
    return (FRONTEND / name).read_text(encoding="utf-8")


@pytest.fixture
def nowhere(visit: Opener) -> Callable[[str], Page]:
    """Opens an empty page at an address that no server answers."""
    page = visit().page

    def answer(route: Route) -> None:
        route.fulfill(body="<!doctype html><title>Nowhere</title>", content_type="text/html")

    page.route(f"{NOWHERE}**", answer)

    def go(query: str) -> Page:
        page.goto(f"{NOWHERE}?{query}")
        mount_headline(page)
        return page

    return go


def test_the_start_is_shown_until_it_is_closed_to_who_has_chosen_nothing(nowhere: Callable[[str], Page]) -> None:
    for query, count in (
        ("", 1),
        ("net=resnext50_32x4d&size=224&vs=resnet50", 1),  # what the page itself writes
        ("embed=true", 1),
        ("net=resnet50", 0),
        ("net=resnext50_32x4d&size=224&vs=resnet50&block=3.2", 0),
    ):
        expect(nowhere(query).locator(".start")).to_have_count(count)
    page = nowhere("")
    page.get_by_role("button", name="Close “Start here”, for good").click()
    expect(page.locator(".start")).to_have_count(0)
    mount_headline(page)  # as on coming back from another page
    expect(page.locator(".start")).to_have_count(0)
    expect(nowhere("").locator(".start")).to_have_count(0)


def test_where_storage_is_refused_the_start_stays_closed_as_long_as_the_page_is_open(visit: Opener) -> None:
    page = visit().page
    page.goto("about:blank")
    assert page.evaluate("() => { try { return localStorage && false } catch { return true } }")
    mount_headline(page)
    page.get_by_role("button", name="Close “Start here”, for good").click()
    expect(page.locator(".start")).to_have_count(0)
    mount_headline(page)
    expect(page.locator(".start")).to_have_count(0)


def test_the_browser_says_the_idea_as_python_does(visit: Opener) -> None:
    specs = [*PRESETS.values(), *random_specs(300)]
    pairs = [json.dumps(browser_model(Dialled(spec, 32))) for spec in specs]
    said = visit().page.evaluate(
        f"""(models) => {{ const WORDS = {words_text()}; {frontend("counts.js")}
        return models.map(JSON.parse).map((model) => headlineOf(model, model.dialled).idea) }}""",
        pairs,
    )
    assert said == [idea_of(spec) for spec in specs]


def random_specs(count: int) -> list[ResNeXtSpec]:
    chance = random.Random(1)
    made = []
    for _ in range(count):
        block = chance.choice(list(BlockKind))
        paths = 1 if block is BlockKind.BASIC else chance.choice([1, 2, 32, 1024])
        depths = tuple(chance.choices(range(1, 5), k=chance.randint(1, 4)))
        made.append(ResNeXtSpec(depths, paths, chance.choice([1, 2, 64, 1024]), block))
    return made
