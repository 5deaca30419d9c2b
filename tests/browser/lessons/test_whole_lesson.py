"""A whole lesson in a real browser, by keys alone: nothing of the answer before the reveal, Back undoes a step."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.kit.visit import Visit, wait_idle

Opener = Callable[..., Visit]
# What can be seen or heard of the page below the bar and of the dials, through the components' shadows.
SEEN = """() => {
  const seen = []
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE && node.data.trim()) {
      const place = node.parentElement
      if (!place || place.checkVisibility({ visibilityProperty: true })) seen.push(node.data.trim())
    }
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches("style, script, .st-key-lesson-bar, .readout")) return
    if (node.matches("input, select") && node.checkVisibility({ visibilityProperty: true })) seen.push(node.value)
    for (const child of (node.shadowRoot || node).childNodes) walk(child)
  }
  document.querySelectorAll("[data-testid=stMain], [data-testid=stSidebarUserContent]").forEach(walk)
  return seen.join("\\n")
}"""
START = "net=resnext50_32x4d&size=224&vs=resnet50"


def link(page: Page) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(urlsplit(page.url).query).items()}


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the button of that name has the focus."""
    for _ in range(40):
        if page.evaluate("document.activeElement?.textContent") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached: {page.evaluate('document.activeElement?.outerHTML')}")


def press(page: Page, name: str) -> None:
    expect(page.get_by_role("button", name=name, exact=True)).to_be_enabled()
    tab_to(page, name)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("number", "path", "title", "answer", "telling"),
    [
        (1, "", "What a block costs", "93.4\u00a0%", r"4\.23|32×4d|25\.03"),
        (2, "design-space", "Same cost, other shapes", "d = 4", r"3\.973|32×4d|70,144"),
    ],
)
def test_a_lesson_is_taken_by_keys_alone(
    visit: Opener, app_url: str, number: int, path: str, title: str, answer: str, telling: str
) -> None:
    opened = visit(f"{app_url}/lessons?{START}")
    page = opened.page
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    page.locator(f".st-key-begin_lesson_{number} button").focus()
    page.keyboard.press("Enter")
    bar = page.locator(".st-key-lesson-bar")
    expect(bar.get_by_text(f"Lesson {number} of 6")).to_be_visible()
    assert urlsplit(page.url).path == f"/{path}"
    wait_idle(page)
    choices = bar.get_by_role("radiogroup")
    expect(choices.get_by_role("radio")).to_have_count(5)
    expect(choices.get_by_role("radio", checked=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Answer", exact=True)).to_be_disabled()
    assert not re.search(telling, page.evaluate(SEEN)), page.evaluate(SEEN)
    bar.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")  # the first one
    expect(choices.get_by_role("radio").first).to_be_checked()
    expect(page.get_by_role("button", name="Answer", exact=True)).to_be_enabled()
    assert not re.search(telling, page.evaluate(SEEN))
    page.get_by_label("Because").focus()
    page.keyboard.type("I think so")
    press(page, "Answer")
    expect(bar.get_by_text("You said")).to_be_visible()
    expect(bar.get_by_text(answer, exact=True)).to_be_visible()
    expect(bar.get_by_text("because I think so")).to_be_visible()
    wait_idle(page)
    assert re.search(telling, page.evaluate(SEEN)), "the picture is there again"
    assert {"lesson": str(number), "step": "reveal"}.items() <= link(page).items()
    assert "I" not in "".join(link(page).values()), "no answer stands in the link"
    press(page, "To the takeaway")
    expect(bar.get_by_text("Takeaway")).to_be_visible()
    press(page, "Harder question")
    press(page, "Show its answer")
    expect(bar.get_by_text("Answer", exact=True)).to_be_visible()
    page.get_by_label("What do you think now?").focus()
    page.keyboard.type("Something else")
    page.keyboard.press("Enter")
    expect(bar.get_by_text("What you think now", exact=True)).to_be_visible()
    expect(bar.get_by_text("because I think so")).to_be_visible()
    page.go_back()
    expect(bar.get_by_text("Takeaway")).to_be_visible()
    address = page.url
    fresh = visit(address).page  # a session of its own
    expect(fresh.locator(".st-key-lesson-bar").get_by_text("You did not answer.")).to_be_visible()
    expect(fresh.locator(".st-key-lesson-bar").get_by_text(answer, exact=True)).to_be_visible()
    page.go_back()
    expect(bar.get_by_role("button", name="To the takeaway")).to_be_visible()
    page.go_back()
    expect(bar.get_by_role("radiogroup")).to_be_visible()
    expect(bar.get_by_role("radio").first).to_be_checked()  # the answer is still known in this tab
    opened.assert_clean()


@pytest.mark.parametrize(("path", "number"), [("block-forms", 3), ("counting", 4), ("predict", 5), ("study", 6)])
def test_a_page_shows_its_title_alone_and_some_headings_while_it_asks(
    visit: Opener, app_url: str, path: str, number: int
) -> None:
    page = visit(f"{app_url}/{path}?{START}&lesson={number}&step=vote").page
    expect(page.locator(".st-key-lesson-bar").get_by_role("radiogroup")).to_be_visible()
    expect(page.locator(".rx-title h1, .rx-heading h2").first).to_be_visible()
    wait_idle(page)
    seen = page.evaluate(SEEN)
    assert not re.search(r"\d|slower|equal", seen), seen
    for width in (1920, 800, 390):
        page.set_viewport_size({"width": width, "height": 900})
        wait_idle(page)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth"), width


@pytest.mark.parametrize(
    ("path", "number", "heading"),
    [("design-space", 2, "Equal cost"), ("study", 6, "Error at the end")],
)
def test_the_answer_leads_to_where_the_page_shows_it_below_the_bar(
    visit: Opener, app_url: str, path: str, number: int, heading: str
) -> None:
    page = visit(f"{app_url}/{path}?{START}&lesson={number}&step=reveal").page
    page.get_by_role("link", name="See it on the page").click()
    place = page.get_by_role("heading", name=heading, exact=True)
    expect(place).to_be_in_viewport()
    page.wait_for_function(
        """name => {
          const heading = [...document.querySelectorAll("h2")].find((each) => each.textContent === name)
          const bar = document.querySelector(".st-key-lesson-bar").getBoundingClientRect()
          return heading.getBoundingClientRect().top >= bar.bottom && bar.top >= 59
        }""",
        arg=heading,
    )
