"""A phone and the teacher's remote in a real Chromium: a whole vote, reload, a lost connection, small windows, keys."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from resnext_viz.lessons import DialledNetwork, answer, lesson_of
from resnext_viz.rooms import question_of

Open = Callable[..., Page]


class OpenRoom:
    """A room of the served app, driven without a browser."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.driver = ""
        opened = self._post("/c", {})
        self.driver = opened["driver"]
        self.path = f"/c/{opened['code']}"

    def drive(self, act: str, **more: Any) -> dict[str, Any]:
        state: dict[str, Any] = self._post(f"{self.path}/drive", {"act": act, **more})["state"]
        return state

    def ask(self) -> None:
        asked = question_of(answer(lesson_of(2), DialledNetwork()), picture="Width against cardinality, one point.")
        self.drive("ask", question=asked)

    def _post(self, path: str, message: dict[str, Any]) -> Any:
        headers = {"content-type": "application/json", "room-driver": self.driver}
        request = urllib.request.Request(self.address + path, json.dumps(message).encode(), headers)
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)


@pytest.fixture
def room(app_url: str) -> OpenRoom:
    return OpenRoom(app_url)


@pytest.fixture
def phone(chromium: Browser, app_url: str) -> Iterator[Open]:
    """Opens a path of the app as a phone that nobody else is; its console must stay silent."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def open_page(path: str, width: int = 390, scheme: Literal["light", "dark"] = "light") -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, has_touch=True)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(app_url + path)
        return page

    yield open_page
    for context in contexts:
        assert context.cookies() == []
        context.close()
    refused = re.compile("ERR_INTERNET_DISCONNECTED|the server responded with a status of 40[349]")
    assert [words for words in said if not refused.search(words)] == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (320, "light"), (320, "dark")])
def test_a_phone_through_a_whole_vote(
    room: OpenRoom, phone: Open, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = phone(room.path, width, scheme)
    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    room.ask()
    expect(page.get_by_role("heading", name="C goes from 1 to 32")).to_be_visible()
    choices = page.get_by_role("button")
    expect(choices).to_have_count(5)
    for choice in choices.all():
        box = choice.bounding_box()
        assert box
        assert box["height"] >= 56
        assert box["width"] >= width - 40
    fits(page, width)
    expect(page.get_by_role("status")).to_contain_text("Nobody sees who voted")
    choices.filter(has_text="d = 2").tap()
    expect(page.get_by_role("status")).to_contain_text("✓ Vote sent: d = 2.")
    expect(choices.filter(has_text="d = 2")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(choices.filter(has_text="d = 2")).to_have_attribute("aria-pressed", "true")
    assert room.drive("close")["votes"][0]["A"] == 1
    expect(page.get_by_role("status")).to_contain_text("The vote is closed. You said d = 2.")
    choices.filter(has_text="d = 4").tap(force=True)
    room.drive("talk")
    room.drive("ask again")
    expect(page.get_by_role("status")).to_contain_text("Vote again")
    choices.filter(has_text="d = 4").tap()
    expect(page.get_by_role("status")).to_contain_text("✓ Vote sent: d = 4.")
    assert "computed" not in page.inner_text("main")
    fits(page, width)
    room.drive("close")
    room.drive("show")
    expect(page.get_by_role("heading", name="Computed: d = 4")).to_be_visible()
    rows = page.get_by_role("listitem")
    expect(rows).to_have_count(5)
    expect(rows.nth(0)).to_contain_text(re.compile(r"you, first vote\s*first vote: 100 %\s*second vote: 0 %"))
    expect(rows.nth(1)).to_contain_text(
        re.compile(r"✓ computed\s*you, second vote\s*first vote: 0 %\s*second vote: 100 %")
    )
    expect(page.get_by_text("Equal cost is a curve")).to_be_visible()
    link = page.get_by_role("link", name="Open this network").get_attribute("href")
    assert link
    assert link.startswith("/design-space?net=resnext50_32x4d&size=224&vs=resnet50")
    fits(page, width)


def fits(page: Page, width: int) -> None:
    """Nothing is wider than the window, and text stands out from its ground."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, ground = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    light = [sum(map(int, re.findall(r"\d+", each)[:3])) for each in (ink, ground)]
    assert abs(light[0] - light[1]) > 550


def test_two_phones_have_two_votes_and_the_keyboard_votes(room: OpenRoom, phone: Open) -> None:
    first, second = phone(room.path), phone(room.path, 320, "dark")
    room.ask()
    first.get_by_role("button", name="d = 2").click()
    second.get_by_role("button", name="I am not sure").focus()
    second.keyboard.press("Shift+Tab")
    second.keyboard.press("Enter")
    expect(second.get_by_role("status")).to_contain_text("Vote sent: d = 64")
    expect(first.get_by_role("status")).to_contain_text("Vote sent: d = 2")
    expect(second.get_by_role("button", name="d = 64")).to_be_focused()
    assert room.drive("close")["votes"][0] == {"A": 1, "B": 0, "C": 0, "D": 1, "N": 0}
    expect(second.get_by_role("button", name="d = 64")).to_be_focused()  # nothing took the focus away


def test_a_lost_connection_is_said_and_a_vote_goes_out_when_it_is_back(room: OpenRoom, phone: Open) -> None:
    page = phone(room.path)
    room.ask()
    expect(page.get_by_role("button")).to_have_count(5)
    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("your host is gone")
    page.get_by_role("button", name="d = 4").click()
    expect(page.get_by_role("alert")).to_contain_text("Your vote goes out when the room answers.")
    page.wait_for_timeout(10_000)
    assert room.drive("blank", blank=True)["voted"] == 0
    page.context.set_offline(False)
    expect(page.get_by_role("status")).to_contain_text("✓ Vote sent: d = 4.")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert room.drive("close")["votes"][0]["B"] == 1


def test_a_vote_that_comes_too_late_is_told(room: OpenRoom, phone: Open) -> None:
    page = phone(room.path)
    room.ask()
    expect(page.get_by_role("button")).to_have_count(5)
    page.context.set_offline(True)
    page.get_by_role("button", name="d = 4").click()
    room.drive("close")
    page.context.set_offline(False)
    expect(page.get_by_role("status")).to_contain_text("Yours came too late and was not counted.")
    assert room.drive("blank", blank=True)["votes"][0]["B"] == 0


def test_an_ended_room_is_told_and_the_door_leads_to_one(room: OpenRoom, phone: Open) -> None:
    page = phone("/c/ZZZZ")
    expect(page.get_by_role("heading", name="There is no such room")).to_be_visible()
    page.get_by_role("textbox", name="four letters").fill(room.path[-4:].lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert page.url.endswith(room.path)


def test_the_remote_drives_and_its_secret_leaves_the_address(room: OpenRoom, phone: Open) -> None:
    page = phone(room.path)
    remote = phone(f"{room.path}/remote#driver={room.driver}")
    room.ask()
    expect(remote).to_have_url(re.compile(r"/remote$"))
    page.get_by_role("button", name="d = 4").click()
    expect(remote.get_by_text("100 %")).to_be_visible()
    expect(remote.get_by_text("This number is on no other screen.")).to_be_visible()
    for name, least in (("Next", 200), ("Back", 120), ("Show the answer", 54), ("Blank the screen", 54)):
        box = remote.get_by_role("button", name=name).bounding_box()
        assert box
        assert box["height"] >= least
    expect(remote.get_by_role("button", name="Show the answer")).to_have_attribute("aria-disabled", "true")
    remote.get_by_role("button", name="Next close the vote").tap()
    expect(remote.get_by_role("button", name="Next let them talk")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("The vote is closed.")
    remote.reload()
    remote.get_by_role("button", name="Back open the vote again").tap()
    expect(page.get_by_role("status")).to_contain_text("You can change it")
    remote.keyboard.press("PageDown")
    expect(remote.get_by_role("button", name="Next let them talk")).to_be_visible()
    remote.get_by_role("button", name="Blank the screen").tap()
    expect(remote.get_by_role("button", name="Show the screen")).to_be_visible()
    remote.get_by_role("button", name="Show the answer").tap()
    expect(page.get_by_role("heading", name="Computed: d = 4")).to_be_visible()
    assert remote.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_remote_without_the_secret_says_where_it_is(room: OpenRoom, phone: Open) -> None:
    remote = phone(f"{room.path}/remote", 320, "dark")
    expect(remote.get_by_role("status").filter(has_text="by the link on the page")).to_be_visible()
    remote.get_by_role("button", name="Next").tap(force=True)
    guess = phone(f"{room.path}/remote#driver=guess")
    expect(guess.get_by_role("status").filter(has_text="Only whoever opened this room")).to_be_visible()
    assert room.drive("blank", blank=False)["turns"] == 0


def test_the_own_vote_is_kept_in_the_window_alone(room: OpenRoom, phone: Open) -> None:
    page = phone(room.path)
    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    kept = page.evaluate("[Object.keys(sessionStorage), Object.keys(localStorage), document.cookie]")
    assert kept == [[f"room-{room.path[-4:]}"], [], ""]
