"""Audit a network in a real browser: a classic mistake, a faulty file by its first bytes alone, a file that is none."""

from collections.abc import Callable
from pathlib import Path

import torch
from playwright.sync_api import expect
from safetensors.torch import save_file

from tests.browser.kit.visit import Visit, cell, wait_idle
from tests.nn.strangers import Handmade

Opener = Callable[..., Visit]


def test_a_classic_mistake_then_a_faulty_file_then_none(visit: Opener, app_url: str, tmp_path: Path) -> None:
    visited = visit(f"{app_url}/counting?net=resnext50_32x4d&size=224")
    page = visited.page
    drawing = page.locator(".rx-audit")
    # Groups forgotten, the first example: torchvision's wide_resnet50_2.
    expect(drawing).to_contain_text("68,883,240")
    expect(drawing).to_contain_text("+43,854,336 params")
    expect(cell(drawing.locator("table"), "Stage 3", "3×3, C")).to_have_text("1≠ 32")

    whole, head = tmp_path / "whole.safetensors", tmp_path / "<b>mine.safetensors"
    faulty = Handmade(depths=(1, 1, 1, 1), groups=[32, 64, 128, 256], classes=10)
    save_file(faulty.state_dict(), whole)
    head.write_bytes(whole.read_bytes()[:100_000])
    upload = page.locator(".st-key-audit_file input[type=file]")
    upload.set_input_files(head)
    expect(drawing).to_contain_text("<b>mine.safetensors")
    expect(drawing).to_contain_text("1 thing is wrong against ResNeXt-14 (32×4d).")
    expect(drawing).to_contain_text(f"{sum(value.numel() for value in faulty.parameters()):,}")
    expect(drawing.locator("h4")).to_have_text(["Groups grow with the stage"])
    expect(drawing.locator("code")).to_have_text("trunk.1.0.mix, trunk.2.0.mix, trunk.3.0.mix")
    page.get_by_role("radio", name="The dialled network").click()
    expect(drawing.locator("h4")).to_have_text(["Groups grow with the stage", "Number of blocks", "Classes"])
    expect(drawing).to_contain_text("1, 1, 1, 1 blocks instead of 3, 4, 6, 3.")

    none = tmp_path / "none.safetensors"
    torch.save({"a": torch.zeros(1)}, none)
    remove = page.locator(".st-key-audit_file").get_by_role("button", name=f"Remove {head.name}")
    remove.click()
    expect(remove).to_have_count(0)
    expect(drawing.filter(has_text="mine.safetensors")).to_have_count(0)  # the run that forgets it is over
    wait_idle(page)
    upload.set_input_files(none)
    expect(page.get_by_text("This file cannot be audited.")).to_be_visible()
    expect(page.get_by_text("only safetensors is taken here")).to_be_visible()
    visited.assert_clean()
