"""The link in a real browser: each page's choices made by hand, found again by the address alone, undone by Back."""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from resnext_viz.bench.app.served_apps import free_port, our_app
from resnext_viz.figures.counting.training_cost_table import PRECISION_NAMES
from resnext_viz.inference.weights.catalogue import ONE_PATH_NAME, find_weights
from resnext_viz.training_cost import Precision
from tests.browser.kit.visit import PATIENCE_MS, Visit, choose, wait_idle

Opener = Callable[..., Visit]
Choice = Callable[[Page], None]
NET = "resnext11_4x4d_cifar10"
SMALL = f"net={NET}&size=8&vs=resnet11_cifar10"
# All that the main area shows, through the components' shadows: text, what is checked or open, what stands in fields.
SHOWN = """() => {
  const seen = []
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE && node.data.trim()) seen.push(node.data.trim())
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches("style, script, .readout")) return
    for (const name of ["aria-checked", "aria-pressed", "aria-current", "aria-expanded", "open"]) {
      if (node.hasAttribute(name)) seen.push(`${name}=${node.getAttribute(name)}`)
    }
    const isMark = /checkbox|radio/.test(node.type)
    if (node.matches("input, select")) seen.push(`field: ${isMark ? node.checked : node.value}`)
    for (const child of (node.shadowRoot || node).childNodes) walk(child)
  }
  document.querySelectorAll("[data-testid=stMain], .st-key-page_controls").forEach(walk)
  return seen.join("\\n")
}"""
UNDER_WAY = (
    "[data-testid=stProgress], [data-testid=stSpinner], [data-testid=stSkeleton], "
    "[data-testid=stPlotlyChart]:not(:has(.main-svg))"
)
ANY = "any"
TIMES = re.compile(r"[\d.,]+\s(ms|s)\b")


def shown(page: Page) -> str:
    """All that is shown once nothing is under way and nothing changes any more."""
    before = ""
    for _ in range(600):
        wait_idle(page)
        now = "" if page.locator(UNDER_WAY).count() else TIMES.sub("some time", page.evaluate(SHOWN))
        if now and now == before:
            return now
        before = now
        page.wait_for_timeout(60)
    raise AssertionError("something is still under way")


def link(page: Page) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(urlsplit(page.url).query).items()}


def radio(key: str, name: str) -> Choice:
    return lambda page: page.locator(f".st-key-{key}").get_by_role("radio", name=name, exact=True).click()


def drawn(selector: str) -> Choice:
    return lambda page: page.locator(f"{selector}:visible").first.press("Enter")


def listed(name: str, option: str | re.Pattern[str]) -> Choice:
    return lambda page: choose(page, name, option)


def picked(name: str, option: str) -> Choice:
    def pick(page: Page) -> None:
        page.get_by_label(name, exact=True).select_option(option)

    return pick


def typed(label: str, value: str) -> Choice:
    def fill(page: Page) -> None:
        field = page.get_by_label(label, exact=True)
        field.fill(value)
        field.press("Enter")

    return fill


def switched(name: str) -> Choice:
    return lambda page: page.get_by_role("switch", name=name).press("Space")


def opened(name: str) -> Choice:
    return lambda page: page.locator("summary", has_text=name).click()


def pressed(name: str) -> Choice:
    return lambda page: page.get_by_role("button", name=name, exact=True).press("Enter")


# By page: what is in the address when it is opened, and each choice with what it puts there.
PAGES: Mapping[str, tuple[str, tuple[tuple[Choice, dict[str, str]], ...]]] = {
    "": (SMALL, (
        (drawn("[data-group=plates] [data-choose='2.1']"), {"block": "2.1"}),
        (drawn("[data-choose='path:4']"), {"path": "4"}),
    )),
    "design-space": ("vs=resnet50", (
        (radio("hold_equal", "network MACs"), {"hold": "macs"}),
        (typed("Budget, MACs", "5000000000"), {"budget": "5000000000"}),
    )),
    "counting": (SMALL, (
        (pressed("22.6 M params"), {"number": "22.6 M params", "of": "resnet50"}),
        (radio("comparison", "by kind"), {"rows": "kinds"}),
        (radio("comparison", "1×1 (v1) in both"), {"stride": "1x1"}),
        (radio("movement", "bfloat16"), {"moved": "bfloat16"}),
        (typed("Images of a step", "48"), {"batch": "48"}),
        (typed("Images of an epoch", "1000"), {"epoch": "1000"}),
        (radio("training-cost", "SGD"), {"optimizer": "sgd"}),
        (radio("training-cost", PRECISION_NAMES[Precision.BFLOAT16]), {"precision": "bfloat16"}),
        (radio("audit", "Groups on the first 1×1"), {"mistake": "groups-on-the-first-1-1"}),
    )),
    "block-forms": (SMALL, (
        (drawn("[data-choose='path:2']"), {"path": "2"}),
        (radio("differences", "eval"), {"mode": "eval"}),
        (switched("BN inside each path"), {"fault": "bn-in-paths"}),
        (radio("faults", "eval"), {"faultmode": "eval"}),
        (radio("network-settings", "eval"), {"netmode": "eval"}),
        (picked("Image", "Random numbers"), {"image": "random"}),
        (picked("Image side", "16 px"), {"side": "16"}),
        (radio("network-settings", "1"), {"sgd": "1"}),
        (picked("Dtype", "float32"), {"dtypes": "float32"}),
        (pressed("Next output channel"), {"neuron": "2.1"}),
    )),
    "paper": (SMALL, ((radio("table", "7"), {"table": "7"}),)),
    "code": (SMALL, (
        (radio("code_target", "Plain PyTorch"), {"library": "torch"}),
        (typed("Seed", "7"), {"seed": "7"}),
    )),
    "train": ("net=resnext11_4x16d_cifarpool10_x2&size=32", (
        (typed("Epochs", "3"), {"epochs": "3"}),
        (typed("Peak rate", "0.07"), {"rate": "0.07"}),
        (typed("Batch, pictures", "40"), {"pictures": "40"}),
        (typed("Seed", "5"), {"runseed": "5"}),
        (radio("train_data", "Your folder"), {"data": "own"}),
    )),
    "predict": ("", (
        (drawn("[data-choose='coffee.png']"), {"photo": "coffee.png"}),
        (opened("Explain the nearest class all the same"), {"why": "true"}),
        (drawn("[data-choose='chelsea.png']"), {"photo": "chelsea.png"}),
        (drawn("[data-choose^='class:'][aria-checked=false]"), {"class": ANY}),
        (drawn("[data-choose^='path:3=']"), {"off": "3.1-3"}),
        (listed("Block", "Stage 2, block 1"), {"within": "2.1"}),
        (listed("Stage", "Stage 1"), {"stage": "1"}),
        (switched("Show"), {"maps": "true"}),
        (opened("What cardinality changes"), {"cardinality": "true"}),
        (opened("How good is this network?"), {"quality": "true"}),
        (lambda page: page.get_by_role("slider", name="Answers shown").press("ArrowLeft"), {"top": "4"}),
        (listed("Engine", re.compile("^Exact")), {"engine": "exact"}),
        (listed("Beside it", find_weights(ONE_PATH_NAME).title), {"beside": ONE_PATH_NAME}),
        (radio("photo_way", "A folder"), {"way": "folder"}),
    )),
}  # fmt: skip


@pytest.fixture(scope="module")
def hands(chromium: Browser) -> Iterator[BrowserContext]:
    """Where choices are made by hand: one cache for all pages."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_an_address_shows_what_was_chosen_by_hand_and_back_undoes_one_choice(
    hands: BrowserContext, visit: Opener, app_url: str, name: str
) -> None:
    start, choices = PAGES[name]
    visited = Visit(hands.new_page())
    visited.go(f"{app_url}/{name}?{start}")
    page, states = visited.page, [shown(visited.page)]
    for make, put in choices:
        make(page)
        expect_link(page, put)
        states.append(shown(page))
    other = visit(page.url)
    expect_shown(other.page, states[-1])
    assert link(other.page) == link(page)
    for before in reversed(states[:-1]):
        page.go_back()
        expect_shown(page, before)
    make, put = choices[0]
    make(page)  # the same again
    expect_link(page, put)
    visited.assert_clean()
    other.assert_clean()
    page.close()


def expect_link(page: Page, put: Mapping[str, str]) -> None:
    for key, value in put.items():
        told = "" if value == ANY else re.escape(quote_plus(value))
        expect(page).to_have_url(re.compile(rf"[?&]{key}={told}"))


def expect_shown(page: Page, wanted: str) -> None:
    for _ in range(100):
        if (now := shown(page)) == wanted:
            return
        page.wait_for_timeout(50)
    assert now.splitlines() == wanted.splitlines()


def test_the_form_that_a_narrow_window_shows_is_in_the_address(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/block-forms?{SMALL}", width=700).page
    figures = page.locator("figure.rx-f-form")
    expect(figures.filter(visible=True)).to_contain_text("(a) Sum of paths")
    page.locator(".rx-f-tab", has_text="(b)").click()
    expect_link(page, {"form": "b"})
    expect(figures.filter(visible=True)).to_contain_text("(b) Early concatenation")
    page.reload()
    wait_idle(page)
    expect(figures.filter(visible=True)).to_contain_text("(b) Early concatenation")
    page.locator("#rx-form-b").press("ArrowRight")
    expect_link(page, {"form": "c"})
    page.go_back()
    expect(figures.filter(visible=True)).to_contain_text("(b) Early concatenation")


def test_a_copied_link_leaves_out_what_is_the_visitors_own(visit: Opener, app_url: str) -> None:
    own = "runs=abc&run=2&against=1&weights=run:abc&part=teacher&beside=run:def&image=own&data=own&camera=true"
    page = visit(f"{app_url}/paper?{SMALL}&{own}&table=3&block=2.1&foo=1").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    copied = parse_qs(urlsplit(page.evaluate("navigator.clipboard.readText()")).query)
    assert copied.keys() == {"net", "size", "vs", "table", "block", "foo"}


def test_an_open_page_goes_on_when_its_server_starts_anew(visit: Opener) -> None:
    port = free_port()
    with our_app(port=port) as address:
        visited, dialling = visit(f"{address}/code?{SMALL}&seed=7"), visit(f"{address}/?{SMALL}")
        radio("code_target", "timm")(visited.page)
        expect_link(visited.page, {"library": "timm"})
        cardinality(dialling.page).press("ArrowRight")
        expect_link(dialling.page, {"net": "resnext11_5x4d_cifar10"})
    with our_app(port=port):
        for each in (visited, dialling):
            wait_idle(each.page)
        radio("code_target", "Plain PyTorch")(visited.page)
        expect_link(visited.page, {"library": "torch", "seed": "7"})
        cardinality(dialling.page).press("ArrowRight")
        expect_link(dialling.page, {"net": "resnext11_6x4d_cifar10"})
        cardinality(dialling.page).press("ArrowRight")  # its session knows it now
        expect_link(dialling.page, {"net": "resnext11_7x4d_cifar10"})


def cardinality(page: Page) -> Locator:
    return page.get_by_role("slider", name="Cardinality C")


def test_opening_a_page_is_no_step_back_and_each_choice_is_one(visit: Opener, app_url: str) -> None:
    page = visit().page

    def steps() -> int:
        count: int = page.evaluate("history.length")
        return count

    page.goto("about:blank")
    for address in ("", "paper", "predict?top=4&foo=1&embed_options=light_theme"):
        before = steps()
        page.goto(f"{app_url}/{address}")
        expect_link(page, {"net": "resnext50_32x4d", "vs": "resnet50"})
        shown(page)
        assert steps() == before + 1
    assert link(page).items() >= {"top": "4", "foo": "1", "embed_options": "light_theme"}.items()
    page.goto(app_url)
    shown(page)
    before = steps()
    drawn("[data-choose='2.1']")(page)
    expect_link(page, {"block": "2.1"})
    page.get_by_role("link", name="Paper").click()
    expect(page.get_by_role("heading", name="The paper, recomputed")).to_be_visible()
    expect_link(page, {"block": "2.1"})
    radio("table", "7")(page)
    expect_link(page, {"table": "7"})
    shown(page)
    assert steps() == before + 3
    page.go_back()
    expect(page).not_to_have_url(re.compile("table="))
    shown(page)
    page.go_back()
    expect(page.get_by_role("heading", name="The paper, recomputed")).not_to_be_visible()
    expect_link(page, {"block": "2.1"})
    shown(page)
    page.go_back()
    expect(page).not_to_have_url(re.compile("block="))
