"""The dials in a real browser: numbers while they move, the link, Back, the lock, and what does not fit."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from resnext_viz import PRESETS, complexity, parse, title_of
from resnext_viz.kit.number_format import exact, signed, signed_percent
from resnext_viz.spec import ImageSize
from resnext_viz.ui.kit.dialled import Dialled
from tests.browser.kit.visit import Visit

Opener = Callable[..., Visit]


def shown(page: Page, name: str) -> str:
    return page.locator(f"[data-count={name}]").inner_text()


def expect_counts_of(page: Page, name: str, size: ImageSize | None = None) -> None:
    """All headline numbers are those that Python counts, and so is the title."""
    counts = complexity(parse(name), size)
    expect(page.locator("h1")).to_have_text(title_of(parse(name)))
    for count, value in (("params", counts.params), ("macs", counts.macs), ("acts", counts.acts)):
        expect(page.locator(f"[data-count={count}]")).to_have_text(exact(value))
    expect(page.locator("[data-count=bytes]")).to_have_text(f"{exact(counts.memory_bytes)} bytes")


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (["ArrowRight"], "resnext50_33x4d"),
        (["ArrowLeft", "ArrowDown"], "resnext50_30x4d"),
        (["PageUp", "PageUp"], "resnext50_128x4d"),
        (["Home"], "resnet50_1x4d"),
        (["End"], "resnext50_64x4d"),
    ],
)
def test_the_keyboard_moves_cardinality_and_the_numbers_are_pythons(
    visit: Opener, app_url: str, keys: list[str], name: str
) -> None:
    page = visit(app_url).page
    expect_counts_of(page, "resnext50_32x4d")
    page.get_by_role("slider", name="Cardinality C").focus()
    for key in keys:
        page.keyboard.press(key)
    expect_counts_of(page, name)
    expect(page).to_have_url(re.compile(f"net={name}&"))


def turned_at_once(page: Page) -> str:
    """The headline's params in the same task as d goes up by one: no round trip to the server fits in."""
    changed: str = page.evaluate("""() => {
        const find = (root) => [...root.querySelectorAll('*')]
            .flatMap((e) => e.shadowRoot ? [e.shadowRoot, ...find(e.shadowRoot)] : [])
        const roots = find(document), pick = (selector) => roots.map((r) => r.querySelector(selector)).find(Boolean)
        const range = pick('[type=range][aria-label="Bottleneck width d"]')
        range.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}))
        return pick('[data-count=params]').textContent }""")
    return changed


def test_numbers_change_before_the_server_hears_of_it(visit: Opener, app_url: str) -> None:
    page = visit(app_url).page
    expect_counts_of(page, "resnext50_32x4d")
    page.context.set_offline(True)
    assert turned_at_once(page) == exact(complexity(parse("resnext50_32x5d")).params)


def test_dials_hear_and_are_heard_after_reruns_and_page_changes(visit: Opener, app_url: str) -> None:
    visited = visit(app_url)
    page = visited.page
    page.get_by_role("slider", name="Cardinality C").press("ArrowRight")
    expect(page).to_have_url(re.compile("net=resnext50_33x4d&"))  # Python has answered
    page.get_by_role("link", name="Predict").click()  # there the dials are made anew, in a fold
    expect(page.get_by_role("heading", name="Predict", exact=True)).to_be_visible()
    page.get_by_role("link", name="Design space").click()  # and here again
    page.locator("#network:visible").select_option("resnext101_32x4d")
    page.get_by_role("button", name="Dial 4×24d").click()
    expect(page.locator("#field-cardinality")).to_have_value("4")
    expect(page.locator("#field-base_width")).to_have_value("24")
    expect(page).to_have_url(re.compile("net=resnext101_4x24d&"))
    page.get_by_role("link", name="Anatomy").click()
    expect_counts_of(page, "resnext101_4x24d")
    assert turned_at_once(page) == exact(complexity(parse("resnext101_4x25d")).params)
    page.get_by_role("slider", name="Bottleneck width d").press("ArrowRight")
    expect_counts_of(page, "resnext101_4x26d")
    expect(page).to_have_url(re.compile("net=resnext101_4x26d&"))
    visited.assert_clean()


@pytest.mark.parametrize(
    ("link", "name", "size"),
    [
        ("net=resnext2402_1024x1024d_b200-200-200-200&size=4095", "resnext2402_1024x1024d_b200-200-200-200", 4095),
        ("net=resnext50_1021x1023d_bias_out2cd&size=4093", "resnext50_1021x1023d_bias_out2cd", 4093),
    ],
)
def test_counts_beyond_what_a_double_holds_are_exact(
    visit: Opener, app_url: str, link: str, name: str, size: int
) -> None:
    assert complexity(parse(name), size).macs > 2**53
    expect_counts_of(visit(f"{app_url}/?{link}").page, name, size)


@pytest.mark.parametrize(
    "name",
    [
        "resnet34",
        "resnext101_64x4d",
        "resnext29_8x64d_cifar10",
        "resnext50_32x4d_bias_out2cd",
    ],
)
def test_presets_and_differences_to_the_baseline(visit: Opener, app_url: str, name: str) -> None:
    page = visit(app_url).page
    page.locator("#network").select_option(name)
    expect_counts_of(page, name)
    spec = parse(name)
    here, there = complexity(spec), complexity(parse("resnet50"), spec.default_image_size)
    params, macs = (page.locator(".number", has=page.locator(f"[data-count={name}]")) for name in ("params", "macs"))
    expect(params.locator(".percent")).to_have_text(signed_percent(here.params / there.params - 1))
    expect(macs.locator(".difference")).to_have_text(signed(here.macs - there.macs))


def names_offered(page: Page, select: str) -> list[str]:
    names: list[str] = page.locator(select).evaluate("(each) => [...each.options].map((option) => option.value)")
    return names


def test_every_preset_can_be_chosen_and_a_baseline_that_came_with_a_link(visit: Opener, app_url: str) -> None:
    page = visit(app_url).page
    expect_counts_of(page, "resnext50_32x4d")
    assert set(names_offered(page, "#network")) == {"", *PRESETS}
    assert set(names_offered(page, "#baseline")) == set(PRESETS)
    page.goto(f"{app_url}/?vs=resnet26")
    expect(page.locator(".sub")).to_contain_text("Compared with ResNet-26.")
    expect(page.locator("#baseline")).to_have_value("resnet26")
    page.locator("#network").select_option("resnet26")
    expect_counts_of(page, "resnet26")


def test_an_image_of_any_shape_can_be_typed(visit: Opener, app_url: str) -> None:
    page = visit(app_url).page
    expect_counts_of(page, "resnext50_32x4d")
    field = page.locator("#field-image_size")
    field.fill("224 × 320")
    page.keyboard.press("Enter")
    expect_counts_of(page, "resnext50_32x4d", (224, 320))
    expect(page.locator("[data-count=macs]")).to_have_text("6,042,664,960")
    expect(field).to_have_value("224×320")
    expect(page).to_have_url(re.compile("size=224x320"))
    expect(page.locator(".sub")).to_contain_text("224×320 image")
    expect(page.get_by_text("3 × 224×320")).to_be_visible()
    page.get_by_role("slider", name="Image size").press("ArrowRight")
    expect_counts_of(page, "resnext50_32x4d", 225)


def test_any_name_is_taken_from_the_keyboard_and_refused_beside_the_field(visit: Opener, app_url: str) -> None:
    visited = visit(app_url)
    page = visited.page
    expect_counts_of(page, "resnext50_32x4d")
    network = page.get_by_role("textbox", name="Network, by any name")
    page.locator("#network").focus()
    page.keyboard.press("Tab")
    expect(network).to_be_focused()
    page.keyboard.type("ResNeXt-101 (64 × 4d)")
    page.keyboard.press("Enter")
    expect_counts_of(page, "resnext101_64x4d")
    expect(page).to_have_url(re.compile("net=resnext101_64x4d&"))
    expect(network).to_have_value("")
    page.keyboard.type("seresnext50_32x4d")
    page.keyboard.press("Enter")
    said = page.get_by_text("That is a ResNeXt with squeeze-and-excitation, which this program does not count")
    expect(said).to_contain_text("25,028,904 params and 4,230,479,872 MACs. Still showing ResNeXt-101 (64×4d).")
    expect(network).to_have_attribute("aria-invalid", "true")
    expect(network).to_have_value("seresnext50_32x4d")
    expect_counts_of(page, "resnext101_64x4d")
    page.keyboard.press("Escape")
    expect(said).to_have_count(0)
    baseline = page.get_by_role("textbox", name="Compare with, by any name")
    baseline.focus()
    page.evaluate("""(text) => { let field = document.activeElement
        while (field.shadowRoot) field = field.shadowRoot.activeElement
        const data = new DataTransfer()
        data.setData('text', text)
        field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})) }""",
        "type: ResNeXt\ndepth: 101\ngroups: 32\nbase_width: 16",
    )  # fmt: skip
    expect(baseline).to_have_value("type: ResNeXt depth: 101 groups: 32 base_width: 16")
    baseline.blur()
    expect(page.locator(".sub")).to_contain_text("Compared with ResNeXt-101 (32×16d).")
    expect(page.locator("#baseline")).to_have_value("resnext101_32x16d")
    expect(page).to_have_url(re.compile("vs=resnext101_32x16d"))
    visited.assert_clean()


def test_every_dial_counts_as_python_does(visit: Opener, app_url: str) -> None:
    page = visit(app_url).page
    page.get_by_label("More blocks in stage 3").click()
    expect_counts_of(page, "resnext53_32x4d_b3-4-7-3")
    page.locator("#field-image_size").fill("97")
    page.keyboard.press("Enter")
    expect_counts_of(page, "resnext53_32x4d_b3-4-7-3", 97)
    page.get_by_role("radio", name="3×3, pool").click()
    expect_counts_of(page, "resnext53_32x4d_cifarpool1000_b3-4-7-3", 97)
    page.get_by_role("radio", name="1×1").click()
    expect_counts_of(page, "resnext53_32x4d_cifarpool1000_b3-4-7-3_stride1x1", 97)
    page.locator("#baseline").select_option("resnet101")
    expect(page.locator(".sub")).to_contain_text("Compared with ResNet-101.")
    page.get_by_role("button", name="Reset").click()
    expect_counts_of(page, "resnext50_32x4d")


def test_the_lock_lets_d_follow_c(visit: Opener, app_url: str) -> None:
    page = visit(app_url).page
    page.get_by_role("switch").click()
    page.locator("#field-cardinality").fill("16")
    page.keyboard.press("Enter")
    expect_counts_of(page, "resnext50_16x7d")
    expect(page.locator(".note", has_text="Exact d is 7.32; d = 7 gives −4.3 % MACs.")).to_be_visible()
    expect(page.get_by_role("slider", name="Bottleneck width d")).to_be_disabled()
    expect(page).to_have_url(re.compile("net=resnext50_16x7d.*lock=macs"))
    page.get_by_role("radio", name="params", exact=True).click()
    expect_counts_of(page, f"resnext50_16x{Dialled(parse('resnext50_16x7d'), lock='params').spec.base_width}d")


MOST = (143, 144)  # paths with which d = 1 costs at most a tenth more than ResNet-50, and one more


def test_a_lock_that_no_d_can_keep_says_so_and_a_typed_d_opens_it(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/?net=resnext50_1000x1d&lock=macs").page
    costs = [complexity(parse(f"resnext50_{paths}x1d")).macs / complexity(parse("resnet50")).macs - 1 for paths in MOST]
    assert costs[0] <= 0.1 < costs[1]
    off = complexity(parse("resnext50_1000x1d")).macs / complexity(parse("resnet50")).macs - 1
    told = (
        f"No d keeps them near at C = 1,000: even d = 1 gives {signed_percent(off)} MACs. Up to C = {MOST[0]} one does."
    )
    expect(page.locator(".note", has_text="No d keeps")).to_have_text(told)
    page.locator("#field-base_width").fill("3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    expect(page).to_have_url(re.compile(r"net=resnext50_1000x3d(?!.*lock=)"))


def test_digits_of_any_width_are_numbers(visit: Opener, app_url: str) -> None:
    page = visit(app_url).page
    page.locator("#field-cardinality").fill("８")
    page.locator("#field-cardinality").press("Enter")
    expect(page.locator("[data-count=params]")).to_have_text(f"{complexity(parse('resnext50_8x4d')).params:,}")
    expect(page.locator("#field-cardinality")).to_have_value("8")
    page.locator("#field-image_size").fill("２２４ｘ３２０")
    page.locator("#field-image_size").press("Enter")
    expect(page).to_have_url(re.compile("size=224x320"))


def test_an_impossible_value_keeps_the_last_good_network(visit: Opener, app_url: str) -> None:
    visited = visit(app_url)
    page = visited.page
    for typed in ("0", "-4", "1025", "2.5", "many", "", "9" * 40):
        page.locator("#field-cardinality").fill(typed)
        page.keyboard.press("Enter")
        words = f"Cardinality is {typed or 'empty'}. Use a whole number from 1 to 1024. Still showing C = 32."
        expect(page.locator(".note", has_text=words)).to_be_visible()
        expect_counts_of(page, "resnext50_32x4d")
    visited.assert_clean()


def test_a_link_restores_the_state_on_every_page_and_back_returns(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/?net=resnext101_64x4d&size=320&vs=resnet101").page
    expect_counts_of(page, "resnext101_64x4d", 320)
    page.get_by_role("link", name="Block forms").click()
    expect(page.get_by_text("Stage 1, block 2 of ResNeXt-101 (64×4d)")).to_be_visible()
    expect(page).to_have_url(re.compile("block-forms.net=resnext101_64x4d&size=320&vs=resnet101"))
    page.get_by_role("link", name="Anatomy").click()
    expect_counts_of(page, "resnext101_64x4d", 320)
    page.locator("#network").select_option("resnext50_8x14d")
    expect(page).to_have_url(re.compile("net=resnext50_8x14d&size=224"))
    page.go_back()
    expect_counts_of(page, "resnext101_64x4d", 320)


def test_copy_link_says_so(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/?net=resnext50_2x40d").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    assert "net=resnext50_2x40d" in page.evaluate("navigator.clipboard.readText()")


def test_on_a_phone_the_counts_stand_above_the_dials_that_change_them(visit: Opener, app_url: str) -> None:
    page = visit(app_url, width=390, height=844).page
    page.get_by_test_id("stExpandSidebarButton").click()
    counts = page.locator(".dials .now")
    expect(counts).to_have_text("25.03 M params −2.1 %4.23 G MACs +3.5 %")
    page.locator("#field-cardinality").fill("1000")
    page.locator("#field-cardinality").press("Enter")
    expect(counts).to_contain_text(f"{complexity(parse('resnext50_1000x4d')).params / 1e6:.2f} M params")
    assert counts.evaluate("each => each.scrollWidth <= each.clientWidth")
    page.locator(".dials .reset").scroll_into_view_if_needed()
    expect(counts).to_be_in_viewport()  # however far down the dial is
