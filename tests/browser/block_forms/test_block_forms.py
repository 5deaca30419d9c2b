"""The equivalence lab in a real browser: the whole network, what the forms cost, and a path followed everywhere."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from resnext_viz import parse
from resnext_viz.figures.block_forms.aggregation.path_shares_drawing import decimal
from resnext_viz.nn.proof.equivalence import block_of
from resnext_viz.nn.proof.path_shares import path_shares
from tests.browser.kit.letters import smaller_letters
from tests.browser.kit.visit import Visit, cell, wait_idle

Opener = Callable[..., Visit]
NET = "resnext11_4x4d_cifar10"
PHOTO = Path(__file__).parents[2] / "data" / "cifar10" / "cat" / "0010.jpg"


def test_the_whole_network_is_run_on_an_own_photo_and_equal_everywhere(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/block-forms?net={NET}&size=32")
    page = visited.page
    expect(page.get_by_text("add up to the product")).to_be_visible()  # torch is loaded, all runs are over
    page.get_by_label("Image", exact=True).select_option("Your photo")
    upload = page.locator(".st-key-network_photo")
    upload.locator("input[type=file]").set_input_files(PHOTO)
    expect(upload.get_by_role("button", name=f"Remove {PHOTO.name}")).to_be_visible()
    page.get_by_label("Image side", exact=True).select_option("8 px")
    page.get_by_role("radiogroup", name="Steps of SGD").get_by_text("1", exact=True).click()
    table = page.locator(".rx-d-network")
    expect(table).to_have_count(0)
    wait_idle(page)  # what was clicked last is drawn anew, and has its focus back
    page.evaluate("""() => { window.rxFocused = []
      document.addEventListener("focusin", (event) => window.rxFocused.push(event.target.innerText)) }""")
    page.get_by_role("button", name="Run the network").press("Enter")
    expect(table.locator("tbody tr")).to_have_count(2 * 7)  # stem, 3 stages, logits, gradients, weights after 1 step
    expect(page.locator(".st-key-run_network").get_by_role("button", name="Run again")).to_be_visible(timeout=180_000)
    expect(page.locator(".st-key-run_network").get_by_role("button")).to_be_focused()
    assert page.evaluate("window.rxFocused") == ["Run the network", "Stop", "Run again"]  # who uses keys stays there
    expect(table.get_by_text("equal", exact=True)).to_have_count(14)
    expect(table.get_by_text("–", exact=True)).to_have_count(0)
    expect(table).to_contain_text(f"input 4×3×8×8 from {PHOTO.name}")  # the last map is 2×2
    for row in table.locator("tr", has_text="stem").all():
        expect(row).to_contain_text("bit for bit")  # the same in all forms
    page.locator(".st-key-network-settings").get_by_role("radio", name="eval").click()
    expect(table.locator("tbody tr")).to_have_count(2 * 5)
    expect(table.get_by_text("equal", exact=True)).to_have_count(10)
    # Another network: nothing of the last one stays.
    page.locator("#field-cardinality").fill("2")
    page.keyboard.press("Enter")
    expect(page.get_by_text("6 convolutions", exact=True)).to_be_visible()
    expect(table.get_by_text("equal", exact=True)).to_have_count(0)
    visited.assert_clean()


def test_the_three_forms_stand_side_by_side_down_to_800_px(visit: Opener, app_url: str) -> None:
    page = visit(f"{app_url}/block-forms", width=800).page  # the dials fold where a page opens narrow
    forms = page.locator("figure.rx-f-form")
    for width in (800, 853, 960, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 720})
        wait_idle(page)
        boxes = [box for form in forms.all() if (box := form.bounding_box())]
        assert len(boxes) == 3, width
        assert len({box["y"] for box in boxes}) == 1, width
        for left, right in pairwise(sorted(box["x"] for box in boxes)):
            assert right - left > 230, width
        assert not smaller_letters(page, 12), width
    page.set_viewport_size({"width": 390, "height": 720})
    expect(forms.filter(visible=True)).to_have_count(1)


def test_what_the_forms_cost_is_measured_when_asked_and_gone_with_the_block(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/block-forms?net={NET}&size=8")
    page = visited.page
    table = page.locator(".rx-k-table")
    time_of_a = cell(table, "(a)", "Forward, ms")
    expect(time_of_a).to_have_text("–")
    expect(cell(table, "(a)", "Convolutions")).to_have_text("12")  # 3·4
    expect(page.get_by_text("because it is more succinct and faster")).to_be_visible()
    page.locator(".st-key-run_form_costs").get_by_role("button", name="Measure").click()
    expect(page.get_by_role("button", name="Measure again")).to_be_visible(timeout=180_000)
    expect(table.get_by_text("–", exact=True)).to_have_count(0)
    expect(cell(table, "(c)", "Times (c)")).to_contain_text("1.0×")
    expect(table.locator("caption")).to_contain_text("input 2×64×8×8 (batch 2)")
    page.locator("#field-base_width").fill("5")
    page.keyboard.press("Enter")
    expect(time_of_a).to_have_text("–")
    visited.assert_clean()


def followed(page: Page) -> dict[str, set[str]]:
    """The paths that are lit, in each form's wiring, in its tensors, and among the shares."""
    lit = {}
    for form in "abc":
        for kind, place in (("wiring", ".rx-f-diagram"), ("tensors", "svg[aria-label^='Weight tensors']")):
            marks = page.locator(f".rx-f-form-{form} {place} .rx-followed")
            lit[f"{kind} {form}"] = set(marks.evaluate_all("marks => marks.map((each) => each.dataset.path)"))
    shares = page.locator(".rx-s-frame .rx-wide .rx-followed")
    lit["shares"] = set(shares.evaluate_all("marks => marks.map((each) => each.dataset.path)"))
    return lit


def test_a_path_under_the_pointer_or_the_keyboard_is_followed_in_every_drawing(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/block-forms?net={NET}&size=32")
    page = visited.page
    found = path_shares(block_of(parse(NET), 1, 1, 32))

    def expect_followed(path: int) -> None:
        marks = page.locator(".rx-s-frame .rx-wide .rx-s-path.rx-followed .rx-s-accent")
        expect(marks).to_have_text([decimal(found.shares[path - 1]), f"path i = {path}"])
        for place, paths in followed(page).items():
            assert paths == {str(path)}, place

    expect_followed(3)
    expect(page.locator(".rx-s-frame .rx-wide").get_by_text(decimal(found.product), exact=True)).to_be_visible()
    for form in "abc":
        tensors: Locator = page.locator(f".rx-f-form-{form} svg[aria-label^='Weight tensors']")
        for path, layer in (("1", "reduce"), ("2", "transform"), ("4", "expand")):
            slices = tensors.locator(f"[data-path='{path}']:not(.rx-t-arrow)")
            expect(slices).to_have_count(3)
            slices.filter(has=page.locator(f".rx-t-{layer}")).hover()
            expect_followed(int(path))
    page.locator(".rx-f-form-a .rx-f-path[data-path='2']").hover()
    expect_followed(2)
    page.locator(".rx-s-frame .rx-wide .rx-s-share[data-path='4']").hover()
    expect_followed(4)
    page.mouse.move(5, 5)
    expect_followed(3)
    page.locator(".rx-f-form-c .rx-f-path[data-choose='path:3']").focus()
    page.keyboard.press("ArrowRight")
    expect_followed(4)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect_followed(2)
    page.keyboard.press("Enter")
    expect(page.get_by_label("path 2 of 4", exact=True)).to_have_text("2")
    expect_followed(2)
    visited.assert_clean()
