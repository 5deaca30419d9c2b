"""Every page in a real browser: cold deep links, both themes, narrow windows, drawings with hands, downloads."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page, expect

from resnext_viz.bench.app import session
from resnext_viz.bench.app.served_apps import our_app
from tests.browser.kit.letters import smaller_letters
from tests.browser.kit.visit import Visit, barriers, wait_idle

Opener = Callable[..., Visit]
ROOT = Path(__file__).parents[2]
TITLES = {
    "/": "ResNeXt-50 (32×4d)",
    "/design-space": "Design space",
    "/counting": "Counting",
    "/block-forms": "One block, three forms",
    "/paper": "The paper, recomputed",
    "/study": "Do more paths help?",
    "/code": "ResNeXt-50 (32×4d), as code",
    "/train": "Train",
    "/predict": "Predict",
    "/lessons": "Lessons",
}


@pytest.fixture(scope="module")
def fresh_app_url() -> Iterator[str]:
    """A server on which no test has visited a page before this file's first ones."""
    with our_app() as address:
        yield address


def test_the_first_visitor_of_a_server_may_come_by_a_deep_link(visit: Opener, cold_app_url: str) -> None:
    opened(visit, cold_app_url, "/predict").assert_clean()


def test_every_page_is_visited() -> None:
    names = {path.stem.removesuffix("_page").replace("_", "-") for path in (ROOT / "pages").glob("*_page.py")}
    assert {path.removeprefix("/") or "anatomy" for path in TITLES} == names


def opened(visit: Opener, server: str, path: str) -> Visit:
    visited = visit(f"{server}{path}?net=resnext50_32x4d&size=224&vs=resnet50")
    expect(visited.page.get_by_role("heading", name=TITLES[path], exact=True)).to_be_visible()
    expect(visited.page.get_by_text("ResNeXt Explorer")).to_be_visible()
    wait_idle(visited.page)
    assert visited.page.evaluate("history.length") == 2, "a blank page and this one"
    return visited


@pytest.mark.parametrize("path", TITLES)
def test_a_page_opens_before_anybody_was_there_and_fits_in_both_themes(
    visit: Opener, fresh_app_url: str, path: str
) -> None:
    """No page scrolls sideways or whispers. The browser's own change to dark, at dusk say, is followed, too."""
    visited = opened(visit, fresh_app_url, path)
    page = visited.page
    for scheme, ground in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(16, 19, 23)")):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator(".stApp")).to_have_css("background-color", ground)
        for width in (1920, 1440, 800, 390):
            page.set_viewport_size({"width": width, "height": 900})
            wait_idle(page)
            assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth"), width
            assert not smaller_letters(page, 13 if width >= 1440 else 12), width
        assert not barriers(page)
    visited.assert_clean()


@pytest.mark.parametrize("path", ["/counting", "/block-forms"])
def test_a_long_page_links_to_each_of_its_sections(visit: Opener, app_url: str, path: str) -> None:
    page = visit(f"{app_url}{path}").page
    contents = page.get_by_role("navigation", name="On this page")
    expect(contents).to_be_visible()
    links = contents.get_by_role("link")
    wait_idle(page)
    titles = links.all_inner_texts()
    assert titles == page.locator("h2").all_inner_texts()
    assert len(titles) >= 5
    link = contents.get_by_role("link", name=titles[-1], exact=True)
    last = page.get_by_role("heading", name=titles[-1], exact=True)
    # At once: what still loads above it may push it away again.
    seen = "(link, heading) => { link.click(); return heading.getBoundingClientRect().top }"
    top = link.evaluate(seen, last.element_handle())
    assert 0 < top < page.viewport_size["height"]


def test_at_800_px_the_dials_are_behind_a_button(visit: Opener, app_url: str) -> None:
    page = visit(app_url, width=800).page
    expect(page.get_by_role("slider", name="Cardinality C")).not_to_be_in_viewport()
    expect(page.get_by_text("blocks 3, 4, 6, 3")).to_be_visible()
    page.get_by_role("button", name="Dials", exact=True).click()
    expect(page.get_by_role("slider", name="Cardinality C")).to_be_in_viewport()


def test_at_1024_px_drawings_fill_the_width_and_the_table_has_both_networks(visit: Opener, app_url: str) -> None:
    page = visit(app_url, width=1024).page
    expect(page.get_by_role("slider", name="Cardinality C")).not_to_be_in_viewport()  # the dials have folded
    for key in ("network-drawing", "block-drawing"):
        share = page.locator(f".st-key-{key} svg:visible").first.evaluate("""svg =>
            svg.getBoundingClientRect().width / svg.getRootNode().host.getBoundingClientRect().width""")
        assert share == pytest.approx(1, abs=0.01), key
    for network in ("ResNet-50", "ResNeXt-50 (32×4d)"):
        expect(page.locator(".rx-table thead").get_by_text(network, exact=True)).to_be_visible()


def test_a_table_that_goes_on_beyond_its_edge_shows_a_shadow_there(visit: Opener, app_url: str) -> None:
    frame = visit(f"{app_url}/paper?table=1", width=390).page.locator(".rx-paper-scroll")
    left, right = edges(frame)
    assert right < left - 5
    frame.evaluate("frame => { frame.scrollLeft = frame.scrollWidth }")
    left, right = edges(frame)
    assert left < right - 5


def edges(frame: Locator) -> tuple[float, float]:
    """How bright the left and the right edge are, 0 to 255: the lightest tenth, between letters and lines."""
    picture = Image.open(io.BytesIO(frame.screenshot())).convert("L")
    width, height = picture.size
    columns = [sorted(picture.crop((x, 0, x + 1, height)).tobytes())[-height // 10 :] for x in (1, width - 2)]
    left, right = (fmean(column) for column in columns)
    return left, right


def test_a_block_is_chosen_by_keyboard_and_by_pointer(visit: Opener, app_url: str) -> None:
    page = visit(app_url).page
    page.locator("[data-group=plates] [data-choose='1.2']:visible").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Stage 1, block 3", exact=True)).to_be_visible()
    page.locator("[data-group=plates] [data-choose='3.1']:visible").click()
    expect(page.get_by_text("Stage 3, block 1", exact=True)).to_be_visible()
    # Stage 3, first block, 32x4d: 512 -> 512 on 28x28, then stride 2.
    weights = page.locator(".st-key-block-drawing").get_by_text("262,144", exact=True)
    expect(weights.filter(visible=True)).to_have_count(1)  # drawn wide and narrow, one of them shown


def test_a_readout_names_the_mark_under_the_pointer(visit: Opener, app_url: str) -> None:
    page = visit(app_url).page
    page.locator("[data-group=plates] [data-choose='2.1']:visible").hover()
    readout = page.locator(".readout:visible")
    expect(readout).to_contain_text("425,492,480")
    expect(readout).to_contain_text("MACs")


def test_type_and_drawings_grow_with_the_window_and_what_opens_stands_where_it_belongs(
    visit: Opener, app_url: str
) -> None:
    page = visit(app_url).page
    title, drawing = page.get_by_role("heading", level=1), page.locator(".st-key-network-drawing svg:visible").first
    for width, growth in ((1440, 1), (1600, 1.1), (1920, 1.35), (2560, 1.35)):
        page.set_viewport_size({"width": width, "height": 1080})
        height = title.evaluate("(each) => each.getBoundingClientRect().height")
        assert height == pytest.approx(39 * growth, rel=0.01), width
        assert box(drawing)["width"] >= 1000 * growth, width
    plate = page.locator("[data-group=plates] [data-choose='2.1']:visible")
    plate.hover()
    mark, readout = box(plate), box(page.locator(".readout:visible"))
    assert 0 < mark["y"] - readout["y"] - readout["height"] <= 8 * growth
    assert readout["x"] + readout["width"] / 2 == pytest.approx(mark["x"] + mark["width"] / 2, abs=4)
    page.get_by_role("link", name="Predict").click()
    weights = page.get_by_role("combobox", name="Weights")
    weights.click()
    options = page.get_by_role("listbox")
    expect(options).to_be_visible()
    field, listed = box(weights), box(options)
    assert 0 <= listed["y"] - field["y"] - field["height"] <= 12
    assert listed["x"] == pytest.approx(field["x"], abs=12)


@pytest.mark.parametrize("width", [390, 1440, 1680, 1920])
def test_a_page_ends_within_the_window_when_it_is_scrolled_to_its_end(visit: Opener, app_url: str, width: int) -> None:
    page = visit(f"{app_url}/block-forms", width=width).page
    end = page.evaluate("""() => {
        const main = document.querySelector('[data-testid=stMain]')
        main.scrollTop = main.scrollHeight
        const content = main.querySelector('[data-testid=stMainBlockContainer]')
        return content.getBoundingClientRect().bottom - innerHeight }""")
    assert -60 < end <= 1


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found


def test_a_path_is_followed_through_all_three_forms(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/block-forms").page
    page.locator("button[data-choose='path:4']").click()
    expect(page.locator(".st-key-forms-drawing .rx-f-number", has_text="i = 4")).to_have_count(3)


def downloaded(page: Page, label: str) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    return Path(waiting.value.path()).read_text(encoding="utf-8")


def test_what_is_downloaded_is_what_is_shown(visit: Opener, app_url: str) -> None:
    page = visit(app_url).page
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "Download CSV"))))
    total = rows[-1]
    assert (total["params"], total["macs"]) == ("25028904", "4230479872")
    assert sum(int(row["params"]) for row in rows[:-1]) == 25_028_904
    picture = ET.fromstring(downloaded(page, "Download SVG"))
    assert picture.tag.endswith("svg")


def test_a_click_in_the_solved_networks_dials_one(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/design-space").page
    page.get_by_role("button", name="Dial 4×24d").click()
    expect(page.locator("#field-cardinality")).to_have_value("4")
    expect(page.locator("#field-base_width")).to_have_value("24")
    page.get_by_role("link", name="Anatomy").click()
    expect(page.locator("[data-count=params]")).to_have_text("25,292,968")


@pytest.mark.parametrize(
    ("path", "presses"),
    [
        ("/", {"Download CSV": "Download CSV", "Close “Start here”, for good": "Download SVG"}),
        ("/design-space", {"Dial 4×24d": "Dial 4×24d"}),
        ("/paper", {"JSON": "JSON"}),
        ("/study", {"Download JSON": "Download JSON"}),
        ("/code", {"Download .py": "Download .py"}),
        ("/train", {"Dial ResNeXt-11 (4×16d) for CIFAR": "The sample"}),
    ],
)
def test_focus_stays_on_what_was_pressed_or_goes_to_what_is_behind_it(
    visit: Opener, app_url: str, path: str, presses: dict[str, str]
) -> None:
    page = visit(f"{app_url}{path}").page
    for pressed, focused in presses.items():
        button = page.get_by_role("button", name=pressed, exact=True)
        button.focus()
        wait_idle(page)
        page.keyboard.press("Enter")
        expect(page.locator("button:focus")).to_have_accessible_name(focused)


def test_a_click_on_a_point_of_the_paper_dials_it(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/design-space", width=1920).page  # where charts are larger than they were laid out
    page.locator("[class*=st-key-equal-cost-] .js-plotly-plot").wait_for()
    place = page.evaluate("""() => {
        const plot = document.querySelector('[class*=st-key-equal-cost-] .js-plotly-plot')
        const {xaxis, yaxis, _size, width} = plot._fullLayout
        plot.scrollIntoView({block: 'center'})
        const trace = plot._fullData.find((each) => each.customdata?.some(([c, d]) => c === 2 && d === 40))
        const point = trace.customdata.findIndex(([c, d]) => c === 2 && d === 40), at = plot.getBoundingClientRect()
        const scale = at.width / width
        return [at.left + scale * (_size.l + xaxis.d2p(trace.x[point])),
                at.top + scale * (_size.t + yaxis.d2p(trace.y[point]))] }""")
    page.mouse.move(*place)
    page.mouse.click(*place)
    expect(page.locator("#field-cardinality")).to_have_value("2")
    expect(page.locator("#field-base_width")).to_have_value("40")


def test_the_check_runs_and_finds_the_forms_equal(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/block-forms?net=resnext11_4x4d_cifar10&size=8").page
    table = page.locator(".rx-d-table:not(.rx-d-network)")
    expect(table.get_by_text("Not measured yet.")).to_be_visible()
    page.get_by_role("button", name="Run the check").click()
    expect(page.get_by_role("button", name="Run again")).to_be_visible(timeout=180_000)
    for mode in ("train", "eval"):
        page.locator(".st-key-differences").get_by_role("radio", name=mode, exact=True).click()
        expect(table.get_by_text("equal", exact=True)).to_have_count(6)  # three dtypes, output and gradient
        expect(table.get_by_text("–", exact=True)).to_have_count(0)


def test_the_server_is_ready_and_strict(visit: Opener, app_url: str) -> None:
    request = visit(app_url).page.request
    answer = request.get(app_url)
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert " 'unsafe-eval'" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    ready = request.get(f"{app_url}/readyz")
    assert ready.status in {200, 503}
    assert json.loads(ready.text()).keys() == {"ready"}


def test_nothing_is_sent_by_a_name_that_a_browser_may_have_forgotten(app_url: str) -> None:
    with session.visit(app_url) as visitor:
        assert len(visitor.pages) == len(TITLES)
        assert not visitor.kept


def test_on_a_phone_no_button_cuts_its_words_off(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/counting", width=390, height=844).page
    buttons = page.locator(".rx-tools-run button")
    expect(buttons.filter(has_text="fvcore")).to_be_visible()
    cut = buttons.evaluate_all("all => all.filter((each) => each.scrollHeight > each.clientHeight).length")
    assert cut == 0


def test_nothing_in_a_phones_drawer_lies_over_another_and_it_can_be_closed(visit: Opener, app_url: str) -> None:
    page = visit(app_url, width=390, height=844).page
    page.get_by_test_id("stExpandSidebarButton").click()
    drawer = page.get_by_test_id("stSidebar")
    expect(drawer.get_by_role("link", name="Predict")).to_be_visible()
    last, brand = (each.bounding_box() for each in (drawer.get_by_role("link").last, drawer.locator(".rx-brand")))
    assert last is not None
    assert brand is not None
    assert last["y"] + last["height"] <= brand["y"]
    page.get_by_role("button", name="Collapse sidebar").click()
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
