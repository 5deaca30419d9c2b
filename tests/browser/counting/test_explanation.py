"""From a number somebody got to the reason for it, on the Counting page in a real browser."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.browser.kit.visit import Visit, wait_idle

Opener = Callable[..., Visit]


def sum_shown(page: Page) -> tuple[list[int], int]:
    """The lines of the sum and its total, as they stand on the page."""

    def value(text: str) -> int:
        return int(text.replace(",", "").replace("−", "-"))

    lines = page.locator(".rx-e-sum tbody tr td:last-child").all_inner_texts()
    return [value(line) for line in lines], value(page.locator(".rx-e-sum tfoot td:last-child").inner_text())


def link(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_from_a_link_to_the_reason_and_on_to_what_has_none(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/counting?number=22.84+GFLOPs")
    page = visited.page
    finding = page.locator(".rx-e-finding")
    expect(finding).to_contain_text("ResNeXt-50 (32×4d) with groups forgotten (the 3×3 in 1 group, not 32)")
    lines, total = sum_shown(page)
    assert lines == [8_460_959_744, 14_335_082_496, 28_801_024, 12_895_232, 802_816, 100_352]
    assert total == sum(lines) == 22_838_641_664
    expect(page.get_by_text("Wide ResNet-50-2")).to_be_visible()
    assert link(page)["number"] == ["22.84 GFLOPs"]

    page.get_by_role("button", name="22.6 M params").click()
    expect(finding).to_have_text("No match: ResNet-50, counted in any way known here, does not give 22.6 M params.")
    nearest = page.locator(".rx-e-list tr")
    expect(nearest).to_have_count(3)
    expect(nearest.filter(has_text="25,557,032 params")).to_contain_text("13 % more")
    expect(page).to_have_url(re.compile(r"[?&]number=22\.6\+M\+params"))
    assert link(page)["of"] == ["resnet50"]

    box = page.get_by_label("A number you got")
    expect(box).to_have_count(1)  # an example brings a box of its own, and the one before stays until the run is over
    box.fill("89,700,288")
    box.press("Enter")
    expect(finding).to_contain_text("No match")  # of ResNet-50
    page.get_by_role("button", name="89,700,288 params").click()
    expect(finding).to_contain_text("ResNeXt-29 (8×64d)")
    lines, total = sum_shown(page)
    assert lines == [34_426_698, 55_173_120, 100_480, -10]
    assert total == sum(lines) == 89_700_288
    visited.assert_clean()


def test_the_number_stays_while_the_dials_move_and_pages_change(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/counting?net=resnet50&number=4.12+GMac&of=dialled", scheme="dark")
    page = visited.page
    finding = page.locator(".rx-e-finding")
    expect(finding).to_contain_text("ResNet-50, counted by mmcv")
    field = page.locator("#field-cardinality")
    field.fill("2")
    field.press("Enter")
    expect(finding).to_contain_text("ResNeXt-50 (2×64d) with C = 1 and d = 64, as in ResNet-50")
    field = page.locator("#field-base_width")
    field.fill("40")
    field.press("Enter")
    expect(finding).to_contain_text("ResNeXt-50 (2×40d), counted by the paper")
    assert link(page)["net"] == ["resnext50_2x40d"]
    assert link(page)["number"] == ["4.12 GMac"]
    page.reload()
    wait_idle(page)
    expect(finding).to_contain_text("4.12\u00a0G is ResNeXt-50 (2×40d)")
    page.get_by_role("link", name="Anatomy").click()
    expect(page.locator("[data-count=params]")).to_have_text("25,425,000")
    page.get_by_role("link", name="Counting").click()
    expect(finding).to_contain_text("4.12\u00a0G is ResNeXt-50 (2×40d)")
    expect(page).to_have_url(re.compile(r"[?&]number=4\.12\+GMac"))
    page.set_viewport_size({"width": 800, "height": 900})
    expect(page.locator(".rx-e-sum")).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    visited.assert_clean()
