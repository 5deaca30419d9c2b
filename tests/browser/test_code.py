"""The Code page in a real browser: choosing, copying, downloading, running code and making a file."""

import re
from collections.abc import Callable
from pathlib import Path

import safetensors.torch
import torch
from playwright.sync_api import Page, expect

from resnext_viz.names import parse
from resnext_viz.nn.seeded import build_seeded
from resnext_viz.source_code import source_code
from tests.browser.kit.visit import Visit

NAME = "resnext11_4x16d_cifar10"


def downloaded(page: Page, label: str | re.Pattern[str]) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    return Path(waiting.value.path())


def test_code_is_copied_downloaded_and_run(visit: Callable[..., Visit], app_url: str) -> None:
    visited = visit(f"{app_url}/code?net={NAME}&size=32&vs=resnet50")
    page = visited.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("radio", name="Plain PyTorch").click()
    expect(page.get_by_test_id("stCode")).to_contain_text("class ResNeXt11(nn.Module):")
    code = source_code(parse(NAME)).code
    page.get_by_test_id("stCode").hover()
    page.get_by_test_id("stCode").get_by_role("button").click()
    assert page.evaluate("navigator.clipboard.readText()").rstrip() == code.rstrip()
    assert downloaded(page, "Download .py").read_text(encoding="utf-8") == code
    page.get_by_role("button", name="Run it and compare").click()
    expect(page.get_by_role("button", name="Run it again")).to_be_visible(timeout=180_000)
    table = page.locator(".rx-code-table")
    expect(table.get_by_text("= equal")).to_have_count(4)
    params = sum(value.numel() for value in build_seeded(parse(NAME)).parameters())
    expect(table.get_by_text(f"{params:,}", exact=True)).to_have_count(2)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    visited.assert_clean()


def test_a_file_is_made_and_is_the_one_of_the_seed(visit: Callable[..., Visit], app_url: str) -> None:
    visited = visit(f"{app_url}/code?net={NAME}&size=32&vs=resnet50", width=800, scheme="dark")
    page = visited.page
    seed = page.get_by_label("Seed", exact=True)
    seed.fill("7")
    seed.press("Enter")
    expect(page.get_by_text("--seed 7")).to_be_visible()
    row = page.locator(".st-key-file-safetensors")
    row.get_by_role("button", name="Make").click()
    expect(row.get_by_role("button", name="Download")).to_be_visible(timeout=180_000)
    expect(row).to_contain_text("largest difference 0 of values")
    state = safetensors.torch.load(downloaded(page, re.compile(r"Download \d")).read_bytes())
    expected = build_seeded(parse(NAME), 7).state_dict()
    assert state.keys() == expected.keys()
    assert all(torch.equal(state[name], value) for name, value in expected.items())
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
    visited.assert_clean()
