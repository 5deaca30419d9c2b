"""A tool of a row, run from the page. The number expected is twice our multiply-adds, torch's own rule."""

from collections.abc import Callable

from playwright.sync_api import expect

from resnext_viz import complexity, parse
from tests.browser.kit.visit import Visit

Opener = Callable[..., Visit]
SMALL = "resnext11_4x4d_cifar10"


def test_a_row_runs_its_own_tool(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/counting?net={SMALL}")
    page = visited.page
    row = page.locator(".rx-tools tbody tr").filter(has_text="torch FlopCounterMode")
    stop = page.get_by_test_id("stMain").get_by_role("button", name="Stop")  # not the header's, which is Streamlit's
    row.get_by_role("button", name="Run torch FlopCounterMode").press("Enter")
    expect(stop).to_be_focused()
    expect(row).to_contain_text(f"printed {2 * complexity(parse(SMALL)).macs:,} here: equal", timeout=180_000)
    expect(row.get_by_role("button", name="Run torch FlopCounterMode")).to_be_enabled()
    expect(stop).to_have_count(0)
    expect(row.get_by_role("button", name="Run torch FlopCounterMode")).to_be_focused()
    visited.assert_clean()
