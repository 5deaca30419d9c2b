"""The picture of the photo that is shown: decoded once, one a session, and not too many of all sessions together."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.decode import DecodedImage, decode_image
from resnext_viz.ui.predict import shown_picture
from resnext_viz.ui.predict.shown_picture import Photo, ShownPicture


def photo(key: str, side: int = 4) -> Photo:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "red").save(out, "PNG")
    return Photo(key, f"{key}.png", out.getvalue())


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the photos that were decoded."""
    names: list[str] = []

    def counting(data: bytes, name: str, crop: int = 0) -> DecodedImage:
        names.append(name)
        return decode_image(data, name, crop)

    monkeypatch.setattr("resnext_viz.inference.photos.decode.decode_image", counting)
    return names


def test_a_photo_is_decoded_once_while_it_is_shown(decoded: list[str]) -> None:
    shown, (one, two) = ShownPicture(), (photo("one"), photo("two", 6))
    assert shown.of(one) is shown.of(one)
    assert [shown.of(each).width for each in (two, two, one)] == [6, 6, 4]
    assert decoded == ["one.png", "two.png", "one.png"]


def test_a_photo_that_cannot_be_decoded_takes_no_others_place(decoded: list[str]) -> None:
    shown, one = ShownPicture(), photo("one")
    shown.of(one)
    with pytest.raises(ImageError):
        shown.of(replace(one, id="bad", name="bad.png", data=b"%PDF"))
    shown.of(one)
    assert decoded == ["one.png", "bad.png"]


def test_what_was_decoded_elsewhere_is_taken_only_in_place_of_what_is_no_longer_wanted(decoded: list[str]) -> None:
    shown, (one, two) = ShownPicture(), (photo("one"), photo("two"))
    picture = decode_image(two.data, two.name)
    shown.offer(two, picture, {"one", "two"})
    assert shown.of(two) is picture
    shown.of(one)
    shown.offer(two, picture, {"one", "two"})
    assert shown.kept(one)
    shown.offer(two, picture, {"two"})
    assert shown.of(two) is picture
    assert decoded == ["one.png"]


def test_a_picture_goes_with_its_photo() -> None:
    shown, one = ShownPicture(), photo("one")
    shown.of(one)
    shown.only({"one", "two"})
    assert shown.kept(one)
    shown.only({"two"})
    assert shown.kept(one) is None


def test_all_sessions_together_keep_no_more_than_fits(decoded: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    sessions, one = [ShownPicture() for _ in range(5)], photo("one", 10)
    for each in sessions:
        each.of(one)
    sessions[0].of(one)
    monkeypatch.setattr(shown_picture, "MAX_BYTES", 2 * 400)  # 4 bytes for each of 100 pixels
    sessions[4].of(one)
    sessions[1].offer(photo("two"), sessions[4].of(one), {"two"})
    assert [each.picture is not None for each in sessions] == [False, True, False, False, True]
    assert sessions[0].of(one).width == 10
    assert len(decoded) == 6


def test_a_session_that_has_gone_takes_no_room(decoded: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_picture, "MAX_BYTES", 2 * 400)
    one, gone, stays = photo("one", 10), ShownPicture(), ShownPicture()
    stays.of(one)
    gone.of(one)
    del gone
    ShownPicture().of(one)
    assert stays.of(one)
    assert len(decoded) == 3
