"""Mistakes on purpose, the collapse of two-layer paths and the neuron, on the Block forms page in a real browser."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from resnext_viz.block_forms.faults import Fault
from resnext_viz.kit.number_format import difference_text
from resnext_viz.names import parse
from resnext_viz.nn.proof.fault_trials import break_block
from tests.browser.kit.visit import Visit, cell

Opener = Callable[..., Visit]
NETWORK = "resnext11_4x4d_cifar10"
ADDRESS = f"/block-forms?net={NETWORK}&size=8"


def switch(page: Page, fault: Fault) -> Locator:
    return page.get_by_role("switch", name=fault.heading)


def expect_signs(page: Page, signs: list[str]) -> None:
    expect(page.locator(".rx-fault-sign")).to_have_text(signs)


def test_mistakes_are_switched_on_by_keyboard_and_located(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}{ADDRESS}")
    page = visited.page
    switch(page, Fault.BN_IN_PATHS).focus()
    page.keyboard.press("Space")
    verdict = page.get_by_text("Form (a) no longer equals (c)")
    expect(verdict).to_be_visible(timeout=180_000)
    located = break_block(parse(NETWORK), 1, 1, Fault.BN_IN_PATHS, image_size=8)
    assert located.output.max_abs
    largest, itself = map(difference_text, (located.output.max_abs, located.largest_output))
    expect(verdict).to_contain_text(f"outputs are up to {largest} apart, where the largest is {itself}.")
    expect_signs(page, ["=", "=", "≠", "≠"])
    starts = page.locator(".rx-fault-step", has=page.locator(".rx-fault-starts"))
    expect(starts).to_contain_text("layer1.0.bn3")
    expect(page.locator(".rx-fault-bar:visible")).to_have_count(256)
    expect(page.get_by_text("With C = 1, 7 of 8 mistakes change nothing")).to_be_visible()
    tried = page.locator(".rx-fault-tried")
    expect(cell(tried, "BN inside each path", "C = 1")).to_have_text("=bit for bit")
    expect(cell(tried, "BN inside each path", "C = 4")).to_have_text(re.compile(r"≠ \d"))
    switch(page, Fault.GROUPS_FORGOTTEN).focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Form (c) no longer equals (a) and (b)")).to_be_visible()
    expect_signs(page, ["=", "≠", "≠", "≠"])
    expect(switch(page, Fault.BN_IN_PATHS)).not_to_be_checked()
    expect(switch(page, Fault.STRIDE_ON_REDUCE)).to_be_disabled()
    visited.assert_clean()


def test_the_collapse_is_computed_and_the_neuron_steps(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}{ADDRESS}", width=800, scheme="dark")
    page = visited.page
    page.get_by_role("button", name="Compute it").click()
    counted = page.get_by_text("100.0 % and 100.0 % of the wide block’s two 3×3, 25.0 % of")
    expect(counted).to_be_visible(timeout=180_000)
    expect(page.locator(".rx-n-table").get_by_text("equal", exact=True)).to_have_count(4)
    page.get_by_role("button", name="Next output channel").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Output channel 2 of layer1.0.conv1 at row 1, column 1")).to_be_visible()
    page.keyboard.press("Enter")  # the focus stays on the button
    expect(page.get_by_text("Output channel 3 of layer1.0.conv1 at row 1, column 1")).to_be_visible()
    visited.assert_clean()
