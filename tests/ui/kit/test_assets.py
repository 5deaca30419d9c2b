"""The files of browser components: what is answered, under which address, and for how long it may be kept."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from resnext_viz.ui.kit.assets import ROUTES, asset

SCRIPT, STYLE = "export default function () {}", 'b::after { content: "×" }'


@pytest.fixture
def browser() -> TestClient:
    return TestClient(Starlette(routes=ROUTES))


@pytest.mark.parametrize("base", ["", "/some/where"])
def test_a_file_is_answered_as_a_script_that_never_changes(browser: TestClient, base: str) -> None:
    answer = browser.get(f"{base}/components/{asset(SCRIPT, STYLE).name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert SCRIPT in answer.text
    assert r"content: \"×\"" in answer.text  # JSON's string, which is JavaScript's


def test_another_content_has_another_address() -> None:
    names = {asset(SCRIPT, STYLE).name, asset(SCRIPT, STYLE + " ").name, asset(SCRIPT + " ", STYLE).name}
    assert len(names) == 3
    assert asset(SCRIPT, STYLE).name in asset(SCRIPT, STYLE).script


@pytest.mark.parametrize("name", ["nothing.js", "..%2F..%2Fetc%2Fpasswd"])
def test_nothing_else_is_answered(browser: TestClient, name: str) -> None:
    assert browser.get(f"/components/{name}").status_code == 404
