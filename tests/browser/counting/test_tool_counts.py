"""Every tool's number on the Counting page. The numbers expected are the tools' own."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.kit.visit import Visit, cell

Opener = Callable[..., Visit]
RESNEXT_50 = {
    "torchinfo": "4,230,549,096",
    "fvcore, timm, mmengine": "4,259,381,248",
    "mmcv": "4,273,079,296",
    "ptflops (pytorch)": "4,286,878,696",
    "thop": "4,288,184,320",
    "calflops, DeepSpeed": "8,503,559,168",
}
RESNEXT_29 = {  # 8x64d on an image of 32 px
    "torchinfo": "5,387,323,530",
    "fvcore, timm, mmengine": "5,404,502,016",
    "mmcv": "5,412,628,480",
    "ptflops (pytorch)": "5,420,820,490",
    "thop": "5,421,673,472",
    "calflops, DeepSpeed": "10,799,894,528",
}


def expect_numbers(page: Page, numbers: dict[str, str]) -> None:
    for tool, number in numbers.items():
        expect(cell(page.locator(".rx-tools"), tool, "Its number")).to_contain_text(number)


def test_every_tools_number_of_two_networks(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/counting?net=resnext50_32x4d")
    page = visited.page
    expect(page.get_by_text("Ours: 4,230,479,872 MACs")).to_be_visible()
    expect_numbers(page, RESNEXT_50)
    row = page.locator(".rx-tools tbody tr").filter(has_text="ptflops (pytorch)")
    expect(row).to_contain_text("+56,398,824")
    expect(row).to_contain_text("+1.33 %")
    expect(row).to_contain_text("our MACs + 1,000 bias of the linear layer + 2 × 14,400,512 batch norm")
    expect(row).to_contain_text("Skips 16 additions: 5.5 M elements, 0.13 %.")
    row.get_by_text("ReLU ×2").hover()
    expect(page.locator(".readout:visible")).to_have_text("ReLU: 12,895,232 × 2 = 25,790,464")
    with page.expect_download() as download:
        page.locator("[class*='heading-every-tool']").get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))
    assert {row["tool"]: f"{int(row['total']):,}" for row in rows}.items() >= RESNEXT_50.items()
    visited.assert_clean()

    visited = visit(f"{app_url}/counting?net=resnext29_8x64d_cifar10&size=32", width=800, scheme="dark")
    expect_numbers(visited.page, RESNEXT_29)
    strip = visited.page.locator("[data-tip^='calflops, DeepSpeed:'].rx-tools-strip")
    strip.focus()
    visited.page.keyboard.press("Shift+Tab")  # a readout is for those who come by keyboard
    visited.page.keyboard.press("Tab")
    expect(visited.page.locator(".readout:visible")).to_contain_text("our MACs again: 5,387,266,048, not to scale")
    frame = visited.page.locator(".rx-tools-frame")
    assert frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth")
    visited.assert_clean()
