"""Addresses of pages: other spellings lead to them, and each document says where its server is."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit import config

from resnext_viz.ui.addresses import BASE_SCRIPT, PageAddresses, meant_path
from resnext_viz.ui.pages import PATHS
from resnext_viz.ui.server import content_security_policy


async def answer(request: Request) -> Response:
    if "static" in request.url.path:
        return PlainTextResponse("a script of Streamlit's")
    return HTMLResponse("<!DOCTYPE html><html><head><title>t</title></head>é</html>")


@pytest.fixture
def client() -> TestClient:
    app = Starlette(routes=[Route("/{path:path}", answer)], middleware=[Middleware(PageAddresses)])
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("/design_space?net=resnet50&size=64", "./design-space?net=resnet50&size=64"),
        ("/block_forms", "./block-forms"),
        ("/Block%20forms", "./block-forms"),
        ("/BLOCKFORMS", "./block-forms"),
        ("/predict/", "../predict"),
        ("/predict/xyz?net=resnet50", "../predict?net=resnet50"),
        ("/Block_forms/1/", "../../block-forms"),
        ("/paper/counting", "../paper"),
        ("/Predict.html", "./predict"),
        ("/anatomy?net=resnext50_32x4d", "./?net=resnext50_32x4d"),
        ("/Train?a=%26b&a=%C3%A9", "./train?a=%26b&a=%C3%A9"),
    ],
)
def test_another_spelling_leads_to_the_page_with_all_its_choices(client: TestClient, asked: str, told: str) -> None:
    answer = client.get(asked)
    assert (answer.status_code, answer.headers["location"]) == (307, told)


@pytest.mark.parametrize("path", PATHS)
def test_each_pages_document_says_first_where_its_server_is(client: TestClient, path: str) -> None:
    answer = client.get(f"/{path}?net=resnet50")
    assert answer.text == f"<!DOCTYPE html><html><head><script>{BASE_SCRIPT}</script><title>t</title></head>é</html>"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert client.head(f"/{path}").text == ""


@pytest.mark.parametrize(
    "path", ["/static/js/paper", "/nothing", "/predict/_stcore/health", "/predict/a.js", "/_stcore/health", "/-"]
)
def test_what_means_no_page_is_passed_on_as_it_is(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert BASE_SCRIPT not in answer.text
    assert client.post("/design_space").status_code == 405


def test_below_a_base_path_only_what_lies_there_is_a_page(client: TestClient) -> None:
    before = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "/net/")
    try:
        assert client.get("/net/design_space").headers["location"] == "./design-space"
        assert BASE_SCRIPT in client.get("/net/predict").text
        assert BASE_SCRIPT not in client.get("/predict").text
    finally:
        config.set_option("server.baseUrlPath", before)


def test_pages_are_told_apart_whatever_is_written() -> None:
    assert {title: meant_path(title) for title in PATHS.values()} == {title: path for path, title in PATHS.items()}
    assert [meant_path(words) for words in ("", "…", "anatomy2", "x" * 9999, "ｐａｐｅｒ")] == [
        "",
        None,
        None,
        None,
        None,
    ]


def test_the_policy_allows_the_script_that_is_put_there() -> None:
    assert content_security_policy().split("; ")[1].count("'sha256-") == 2
