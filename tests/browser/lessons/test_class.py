"""A class in three windows: the teacher's page, a phone that votes, and the remote that drives."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.kit.visit import Visit, wait_idle

Opener = Callable[..., Visit]


def test_a_teacher_asks_a_phone_votes_and_the_remote_shows(visit: Opener, app_url: str) -> None:
    visited = visit(f"{app_url}/lessons")
    page = visited.page
    page.get_by_role("button", name="Start with a class").click()
    code = page.locator(".rx-sign .rx-code").inner_text()
    standing = page.locator(".rx-standing")
    expect(standing).to_contain_text("Nothing is asked yet")
    expect(page.get_by_text("the server answers this machine alone")).to_be_visible()
    phone = visit(width=390, height=844)
    phone.page.goto(f"{app_url}/c/{code}")
    expect(standing).to_contain_text("phones here: 1 · voted: 0")
    wait_idle(page)
    page.locator(".st-key-ask_lesson_2 button").click()
    expect(phone.page.get_by_text("C goes from 1 to 32.")).to_be_visible()
    phone.page.get_by_role("button", name="d = 2").click()
    expect(standing).to_contain_text("Same cost, other shapes First vote · phones here: 1 · voted: 1")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the remote").click()
    remote = opened.value
    expect(remote.locator("#percent")).to_have_text("0 %")
    assert "driver" not in remote.url
    remote.locator("#next").click()
    expect(standing).to_contain_text("First vote closed")
    expect(phone.page.locator("body")).not_to_contain_text("3.973")
    remote.locator("#show").click()
    expect(standing).to_contain_text("Answer shown")
    expect(phone.page.locator("body")).to_contain_text("3.973")
    page.get_by_role("button", name="End the room").click()
    expect(page.get_by_role("button", name="Start with a class")).to_be_visible()
    visited.assert_clean()
