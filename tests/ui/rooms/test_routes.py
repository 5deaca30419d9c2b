"""The routes of rooms as strangers meet them: pages, states, votes, and whatever a hostile client sends."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from resnext_viz.rooms import Rooms
from resnext_viz.ui.addresses import PageAddresses
from resnext_viz.ui.rooms import asked
from resnext_viz.ui.rooms.documents import room_document
from resnext_viz.ui.rooms.routes import room_routes
from resnext_viz.ui.server import SecurityHeaders
from tests.rooms.made import name, question

MOST_PAGE_BYTES = 30_000


class Phones:
    """A client of rooms whose clock stands, with one room open."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rooms = Rooms(clock=lambda: self.now)

        async def streamlits(_request: Any) -> PlainTextResponse:
            return PlainTextResponse("Streamlit's own")

        self.web = TestClient(
            Starlette(
                routes=[*room_routes(self.rooms), Route("/{path:path}", streamlits)],
                middleware=[Middleware(SecurityHeaders), Middleware(PageAddresses)],
            ),
            base_url="http://class.example",
            follow_redirects=False,
        )
        opened = self.web.post("/c", json={}).json()
        self.room, self.driver = f"/c/{opened['code']}", opened["driver"]
        self.code = opened["code"]

    def drive(self, act: str, **more: Any) -> Any:
        return self.web.post(f"{self.room}/drive", json={"act": act, **more}, headers={"room-driver": self.driver})

    def vote(self, person: int, choice: Any, number: int = 1, asked: int = 1) -> Any:
        message = {"asked": asked, "round": number, "choice": choice}
        return self.web.post(f"{self.room}/vote", json=message, headers={"room-person": name(person)})

    def state(self, person: int, **headers: str) -> Any:
        return self.web.get(f"{self.room}/state", headers={"room-person": name(person), **headers})


@pytest.fixture
def phones() -> Phones:
    return Phones()


def test_a_vote_from_the_question_to_both_histograms(phones: Phones) -> None:
    assert phones.drive("ask", question=question()).status_code == 200
    assert phones.vote(1, "A").json()["state"]["mine"] == ["A", None]
    assert phones.vote(2, "B").status_code == 200
    assert phones.drive("close").json()["state"]["right"] == 1
    late = phones.vote(3, "B")
    assert (late.status_code, late.json()["refused"]) == (409, "late")
    assert "too late" in late.json()["words"]
    phones.drive("talk")
    phones.drive("ask again")
    assert phones.vote(1, "B", number=2).status_code == 200
    assert phones.state(1).json()["state"]["shown"] is None
    phones.drive("close")
    phones.drive("show")
    state = phones.state(1).json()["state"]
    assert state["shown"]["votes"] == [{"A": 1, "B": 1, "N": 0}, {"A": 0, "B": 1, "N": 0}]
    assert state["mine"] == ["A", "B"]


def test_a_reload_finds_the_own_vote_and_cannot_vote_after_the_end(phones: Phones) -> None:
    phones.drive("ask", question=question())
    phones.vote(1, "A")
    assert phones.state(1).json()["state"]["mine"] == ["A", None]
    phones.drive("close")
    assert phones.vote(1, "B").status_code == 409
    assert phones.state(1).json()["state"]["mine"] == ["A", None]
    assert phones.state(2).json()["state"]["mine"] == [None, None]


def test_a_state_that_is_known_is_not_sent_again(phones: Phones) -> None:
    first = phones.state(1)
    for written in (first.headers["etag"], f"W/{first.headers['etag']}"):
        again = phones.state(1, **{"if-none-match": written})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    phones.drive("ask", question=question())
    assert phones.state(1, **{"if-none-match": first.headers["etag"]}).status_code == 200


@pytest.mark.parametrize("path", ["", "/remote"])
def test_a_page_is_small_and_whole_and_allows_only_itself(phones: Phones, path: str) -> None:
    answer = phones.web.get(phones.room + path)
    assert answer.status_code == 200
    assert len(answer.content) <= MOST_PAGE_BYTES
    (script,) = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    policy = answer.headers["content-security-policy"]
    for kind, text in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.findall(r"(?:src|href)=\"(?!data:,)", answer.text)
    assert "style=" not in answer.text
    assert f"<b>{phones.code}</b>" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.get_list("content-security-policy") == [policy]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_nothing_sets_a_cookie_or_may_be_stored_or_read_by_another_site(phones: Phones) -> None:
    answers = [phones.web.get(f"/c{path}") for path in ("", f"/{phones.code}", "/ZZZZ")]
    answers += [phones.state(1), phones.vote(1, "A"), phones.drive("next"), phones.web.post("/c", json={})]
    for answer in answers:
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
        assert not [header for header in answer.headers if header.startswith("access-control")]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/c/ZZZZ", "/c/KRT", "/c/ZZZZ/remote", "/c/%3Cscript%3E", "/c/a/b/d", "/c//", "/c/%00"]
)
def test_a_wrong_code_gets_a_page_in_words_that_leads_on(phones: Phones, path: str) -> None:
    answer = phones.web.get(path)
    assert answer.status_code == 404
    assert "There is no such room" in answer.text
    assert "a letter is wrong" in answer.text
    assert "<script" not in answer.text
    (action,) = re.findall(r'action="([^"]+)"', answer.text)
    assert str(answer.url.join(action).path) == "/c"


def test_the_door_leads_to_the_room_that_is_typed(phones: Phones) -> None:
    for door in ("/c", "/c/", "/behind/a/proxy/c"):
        answer = phones.web.get(door)
        assert answer.status_code == 200
        (action,) = re.findall(r'action="([^"]+)"', answer.text)
        assert answer.url.join(action).path == door.rstrip("/")
        led = phones.web.get(door, params={"code": f" {phones.code.lower()} "})
        assert led.status_code == 303
        assert led.url.join(led.headers["location"]).path == f"{door.rstrip('/')}/{phones.code}"
    assert phones.web.get("/c", params={"code": "//evil.example"}).status_code == 200


def test_a_room_is_found_by_small_letters_and_below_another_base(phones: Phones) -> None:
    for path in (phones.room.lower(), f"/behind/a/proxy{phones.room}"):
        assert f"Room <b>{phones.code}</b>" in phones.web.get(path).text
        assert phones.web.get(f"{path}/state").json()["state"]["code"] == phones.code


def test_the_remote_alone_hears_who_is_right(phones: Phones) -> None:
    phones.drive("ask", question=question())
    phones.vote(1, "B")
    driver = {"room-driver": phones.driver}
    assert phones.web.get(f"{phones.room}/state", headers=driver).json()["state"]["right"] == 1
    assert "right" not in phones.web.get(f"{phones.room}/state").json()["state"]
    wrong = phones.web.get(f"{phones.room}/state", headers={"room-driver": "guess"})
    assert (wrong.status_code, wrong.json()["refused"]) == (403, "driver")
    second = phones.web.post(f"{phones.room}/drive", json={"act": "close"}, headers={"room-driver": "guess"})
    assert second.status_code == 403
    assert phones.web.post(f"{phones.room}/drive", json={"act": "close"}).status_code == 403
    assert phones.state(1).json()["state"]["phase"] == "ask"
    assert phones.driver not in phones.web.get(f"{phones.room}/remote").text


def post(phones: Phones, body: bytes | str, path: str = "/vote", **headers: str) -> Any:
    given = {"content-type": "application/json", "room-person": name(1), "room-driver": phones.driver}
    return phones.web.post(phones.room + path, content=body, headers={**given, **headers})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400), ("{", 400), ("[]", 400), ("7", 400), ("null", 400), ('"x"', 400), ("[" * 900, 400),
        (b"\xff\xfe", 400), ('{"asked": ' + "9" * 900 + "}", 409), ("x" * 1_001, 413), ('{"choice": {}}', 409),
        ('{"asked": 1, "round": 1, "choice": ["A"]}', 400), ('{"asked": 1, "round": 1, "choice": "\\ud800"}', 400),
        ('{"asked": 1, "round": 1, "choice": "' + "A" * 500 + '"}', 400), ('{"asked": 1, "round": 1}', 400),
        ('{"asked": NaN, "round": Infinity, "choice": null}', 409), ('{"asked": 1, "round": 1, "choice": "Ａ"}', 400),
        ('{"asked": 1, "round": 1, "choice": "A", "do": "end", "code": "x", "driver": "y"}', 200),
    ],
)  # fmt: skip
def test_a_hostile_vote_is_refused_in_words(phones: Phones, body: bytes | str, status: int) -> None:
    phones.drive("ask", question=question())
    answer = post(phones, body)
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["words"].endswith(".")
        assert phones.web.get(f"{phones.room}/state").json()["state"]["voted"] == 0


@pytest.mark.parametrize("depth", [100, 30_000])
def test_a_huge_or_deep_question_is_refused(phones: Phones, depth: int) -> None:
    deep = '{"act": "ask", "question": ' + "[" * depth + "]" * depth + "}"
    assert post(phones, deep, "/drive").status_code == 400
    huge = json.dumps({"act": "ask", "question": question(text="x" * 70_000)})
    assert post(phones, huge, "/drive").status_code == 413
    lying = post(phones, huge, "/drive", **{"content-length": "10"})
    assert lying.status_code in {400, 413}


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"])
def test_what_is_not_sent_as_json_is_refused(phones: Phones, kind: str) -> None:
    assert post(phones, "{}", **{"content-type": kind}).status_code == 415
    assert post(phones, "{}", **{"content-type": "Application/JSON; charset=utf-8"}).status_code == 409


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://class.example"}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "https://by.a.proxy"}, 200),
        ({}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://class.example.evil.example"}, 403),
        ({"origin": "http://class.example:81"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[::1"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://class.example"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_another_sites_page_cannot_post(phones: Phones, headers: dict[str, str], status: int) -> None:
    phones.drive("ask", question=question())
    body = json.dumps({"asked": 1, "round": 1, "choice": "A"})
    assert post(phones, body, **headers).status_code == status
    assert phones.web.post("/c", json={}, headers=headers).status_code == status
    assert post(phones, '{"act": "close"}', "/drive", **headers).status_code == status


@pytest.mark.parametrize(
    "token", ["", "x", "a" * 65, "a" * 5000, "é" * 20, "../../etc/passwd00", "<b>aaaaaaaaaaaaaaaa"]
)
def test_a_token_that_no_phone_of_ours_makes_is_refused(phones: Phones, token: str) -> None:
    headers = {"room-person": token.encode("latin-1")}
    assert phones.web.get(f"{phones.room}/state", headers=headers).status_code == 400


@pytest.mark.parametrize("tag", ["", '"', "*", '"*"', "é", "W/", "x" * 5000, '"a", "b"'])
def test_a_strange_tag_gets_the_whole_state(phones: Phones, tag: str) -> None:
    headers = {"if-none-match": tag.encode("latin-1"), "room-person": name(1).encode()}
    assert phones.web.get(f"{phones.room}/state", headers=headers).status_code == 200


def test_a_flood_is_refused_until_it_ebbs(phones: Phones) -> None:
    answers = [phones.web.post("/c", json={}) for _ in range(25)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == "2"
    phones.now += 61
    assert phones.web.post("/c", json={}).status_code == 200


def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from starlette.requests import Request

    monkeypatch.setattr(asked, "PATIENCE_S", 0.05)

    async def receive() -> Any:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    headers = [(b"content-type", b"application/json"), (b"host", b"a")]
    request = Request({"type": "http", "method": "POST", "path": "/c", "headers": headers}, receive)
    with pytest.raises(asked.RoomRefusalError) as refused:
        asyncio.run(asked.read_object(request, 1000))
    assert refused.value.status == 408


def test_texts_of_a_question_reach_no_page_as_html(phones: Phones) -> None:
    """They travel as JSON, and the page writes them as text; its own words are escaped."""
    phones.drive("ask", question=question(text="<img src=x onerror=alert(1)>"))
    assert phones.state(1).headers["content-type"] == "application/json"
    assert "innerHTML =" not in room_document("phone").template + room_document("remote").template
    assert b"&lt;b&gt;" in room_document("door").filled(TITLE="<b>", WORDS="", ACTION="c")


def test_other_addresses_stay_streamlits(phones: Phones) -> None:
    for path in ("/cc", "/C", "/static/c", "/code", "/"):
        assert phones.web.get(path).text.startswith(("Streamlit's own", "<")) or phones.web.get(path).status_code == 307
    assert phones.web.get("/cc").text == "Streamlit's own"
