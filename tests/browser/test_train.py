"""The Train page in a real browser: two runs on a small folder, stopped, found again, resumed, compared, and used."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.kit.visit import Visit, choose, wait_idle
from tests.support.pictures import CLASSES, picture_tree

Opener = Callable[..., Visit]
NET = "resnext5_2x4d_cifarpool10_b1_x1"  # a stem and one block: what takes time is that torch loads
TRAIN, TEST = 8, 4  # pictures of each class
LONG_MS = 600_000  # torch loads four times, in processes that let all others go first


def fill(page: Page, name: str, value: float) -> None:
    box = page.get_by_label(name, exact=True)
    wait_idle(page)  # what was clicked last may still change the page
    box.fill(str(value))
    box.press("Enter")
    wait_idle(page)


def choose_run(page: Page, name: str) -> None:
    page.get_by_role("radiogroup", name="Run").get_by_text(name, exact=True).click()
    titles = page.locator(".rx-run-state b")
    expect(titles.filter(has_not_text=name)).to_have_count(0)  # the former run's may stand for a moment beside it
    expect(titles).to_have_text(name)


def start_two(page: Page) -> None:
    """The first run has more epochs than it will get before it is stopped; the second waits for it."""
    state, train = page.locator(".rx-run-state"), page.get_by_role("button", name="Train", exact=True)
    expect(page.get_by_label("Batch, pictures", exact=True)).to_have_value("8")  # of 24 pictures
    fill(page, "Peak rate", 0.05)
    fill(page, "Epochs", 2)
    train.click()
    expect(state).to_contain_text("Run 1")
    fill(page, "Epochs", 1)
    train.click()
    expect(state).to_have_text(re.compile(r"Run 2\s*2nd in the queue"))
    train.click()
    expect(page.get_by_role("alert")).to_contain_text("2 of your runs are under way or waiting")


def upload_folder(page: Page, folder: Path) -> None:
    """A folder of three classes, with a file in it that is no picture."""
    expect(page.get_by_text("2,000 pictures to train on, 500 to test on, of 10 classes")).to_be_visible()
    page.get_by_role("radiogroup", name="Pictures").get_by_text("Your folder").click()
    picture_tree(folder, TRAIN, TEST)
    (folder / "train" / "dark" / "broken.png").write_bytes(b"<svg><script>alert(1)</script></svg>")
    page.locator(".st-key-train_folder input[type=file]").set_input_files(folder)
    expect(page.get_by_text("24 pictures to train on, 12 to test on, of 3 classes: bright, dark")).to_be_visible()
    expect(page.get_by_text("1 file was left out")).to_be_visible()


def stop_and_resume(page: Page, state: Locator) -> None:
    choose_run(page, "Run 1")
    page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
    expect(state).to_have_text(re.compile(r"Run 1\s*Stopped (before its first epoch ended|after epoch 1 of 2)\."))
    page.get_by_role("button", name=re.compile(r"Resume from epoch [12] of 2")).click()
    begun = "2nd in the queue|Loading torch|Reading|Building|Taking the first step|Epoch [12] of 2|Finished"
    expect(state).to_have_text(re.compile(rf"Run 1\s*({begun})"))


def leave_and_come_back(page: Page, state: Locator) -> None:
    """The runs go on without us: another page, and there a browser that forgets everything but the address."""
    page.get_by_role("link", name="Code", exact=True).click()
    for _ in range(2):
        expect(page.get_by_role("heading", name="as code")).to_be_visible()
        expect(page).to_have_url(re.compile(r"/code\?(.*&)?runs=[\w.-]{40,}"))
        page.reload()
    pass_on_a_link(page)
    page.get_by_role("link", name="Train", exact=True).click()
    expect(page.get_by_role("heading", name="Your runs")).to_be_visible()
    choose_run(page, "Run 2")
    expect(state).to_contain_text("Finished: ", timeout=LONG_MS)
    expect(state).to_contain_text("Finished: 1 epoch,")
    choose_run(page, "Run 1")
    expect(state).to_contain_text("Finished: ", timeout=LONG_MS)
    expect(state).to_contain_text("Finished: 2 epochs")


def pass_on_a_link(page: Page) -> None:
    """Whoever gets it has the network, but not the runs, which could be stopped and removed."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert f"net={NET}" in link
    assert "runs=" not in link


def checked_accuracy(page: Page) -> str:
    """The accuracy shown in %, which is that of the pictures said to be right and the mean over the classes."""
    figures = page.locator(".rx-t-figures").inner_text()
    right, accuracy = re.search(r"(\d+) of 12 pictures", figures), re.search(r"([\d.]+) %", figures)
    assert right
    assert accuracy
    assert accuracy[1] == f"{100 * int(right[1]) / (TEST * len(CLASSES)):.1f}"
    bars = page.get_by_role("list", name="Accuracy by class").get_by_role("listitem")
    expect(bars).to_have_count(len(CLASSES))
    shares = [float(re.findall(r"([\d.]+) %", text)[0]) for text in bars.all_inner_texts()]
    assert abs(sum(shares) / len(CLASSES) - float(accuracy[1])) < 0.1  # as many test pictures of each class
    return accuracy[1]


def compare(page: Page, accuracy: str) -> None:
    choose(page, "Second run", "with Run 2")
    beside = page.get_by_role("heading", name="Side by side")
    expect(beside).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]run=1&against=2"))
    address = page.url
    page.go_back()
    expect(beside).to_have_count(0)
    expect(page).not_to_have_url(re.compile("against="))
    page.goto(address)  # a browser that has forgotten everything but the address
    expect(beside).to_be_visible()
    expect(page.locator(".rx-run-state b")).to_have_text("Run 1")
    rows = page.locator(".rx-t-table tbody tr")
    expect(rows.filter(has_text=re.compile(r"^Epochs\s*\d"))).to_have_text(re.compile(r"^Epochs\s*2\s*1$"))
    expect(rows.filter(has_text="Test accuracy")).to_contain_text(f"{accuracy} %")


def use_in_predict(page: Page, accuracy: str) -> None:
    page.get_by_role("button", name="Try it in Predict").click()
    expect(page.get_by_role("heading", name="Predict", exact=True)).to_be_visible()
    told = page.get_by_text(re.compile(r"3 classes, test accuracy [\d.]+ %"))
    expect(told).to_be_visible()
    measured = float(re.findall(r"([\d.]+) %", told.inner_text())[0])
    assert abs(measured - float(accuracy)) < 9  # in half precision a picture on the edge may fall: one of twelve
    page.locator("[data-choose='chelsea.png']").click()
    expect(page.locator(".rx-p-answers")).to_be_visible()


def test_a_run_is_stopped_found_again_resumed_compared_and_used(visit: Opener, app_url: str, tmp_path: Path) -> None:
    visited = visit(f"{app_url}/train?net={NET}&size=16")
    page, state = visited.page, visited.page.locator(".rx-run-state")
    upload_folder(page, tmp_path / "levels")
    start_two(page)
    stop_and_resume(page, state)
    leave_and_come_back(page, state)
    accuracy = checked_accuracy(page)
    compare(page, accuracy)
    stranger = visit(f"{app_url}/train?net={NET}&size=16").page
    expect(stranger.get_by_role("heading", name="New run")).to_be_visible()
    wait_idle(stranger)
    expect(stranger.get_by_role("heading", name="Your runs")).to_have_count(0)
    use_in_predict(page, accuracy)
    visited.assert_clean()
