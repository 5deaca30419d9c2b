"""On Predict what the visitor just did is what is shown: the newest photo, a pressed sample, a row of the table."""

from __future__ import annotations

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from resnext_viz.ui.predict.batch_section import BatchSession
from resnext_viz.ui.predict.why.why_state import WhySession
from tests.app.predict.test_batch import CIFAR10
from tests.app.test_pages import PREDICT, drawn, kept, link_of, opened

FIRST, SECOND, THIRD = sorted(CIFAR10.glob("ship/*.jpg"))[:3]
BROKEN = b"%PDF-1.7 not a picture"


def settled(app: AppTest) -> AppTest:
    """After the photos were answered."""
    app.run()
    kept(app, BatchSession).answers.job.wait(60)
    app.run()
    assert not app.exception
    return app


def holding(app: AppTest, *files: Path | tuple[str, bytes]) -> AppTest:
    """With these files in the uploader; one that was there keeps its identity, as in a browser."""
    named = [(file.name, file.read_bytes()) if isinstance(file, Path) else file for file in files]
    app.file_uploader(key="photos")._files = [(name, name, data, "image/jpeg") for name, data in named]
    return settled(app)


def chosen_in(app: AppTest, drawing: str, what: str) -> AppTest:
    app.session_state[drawing] = {"chosen": {"what": what, "at": len(what), "from": "?"}}
    return settled(app)


def switched_off(app: AppTest, path: int) -> AppTest:
    turn = kept(app, WhySession).questions.turn
    return chosen_in(app, "why-paths", f"path:{path}={turn}")


def shown(app: AppTest) -> str:
    """Name of the photo that is shown large."""
    found = re.search(r"(?:Your photo|A sample), ([^,]+),", drawn(app))
    return found[1] if found else ""


def row_of(app: AppTest, file: Path) -> str:
    photos = kept(app, BatchSession).answers.photos
    return next(f"show:{photo.id}" for photo in photos if photo.name == file.name)


def test_the_photo_that_comes_is_shown_until_another_is_chosen_or_comes() -> None:
    app = holding(opened(PREDICT), FIRST)
    assert shown(app) == FIRST.name
    holding(app, FIRST, SECOND)
    assert shown(app) == SECOND.name
    first = row_of(app, FIRST)
    chosen_in(app, "files", f"{first}=0")
    assert shown(app) == FIRST.name
    app.slider(key="top_k").set_value(7).run()
    assert shown(app) == FIRST.name
    holding(app, FIRST, SECOND, THIRD)
    assert shown(app) == THIRD.name
    chosen_in(app, "files", f"{first}=1")  # the same row once more
    assert shown(app) == FIRST.name


def test_of_many_at_once_the_first_is_shown_and_one_without_an_answer_is_told_above() -> None:
    app = holding(opened(PREDICT), SECOND, FIRST)
    assert shown(app) == SECOND.name
    holding(app, SECOND, FIRST, ("notes.png", BROKEN), THIRD)
    assert shown(app) == THIRD.name
    assert "notes.png has no answer." in drawn(app)
    assert f"Below is {THIRD.name}." in drawn(app)


def test_of_several_without_an_answer_all_are_named_and_one_alone_is_told_too() -> None:
    app = holding(opened(PREDICT), ("notes.png", BROKEN))
    assert "notes.png has no answer." in drawn(app)
    assert "Below is" not in drawn(app)
    app = holding(opened(PREDICT), FIRST)
    several = [(f"{number}.png", BROKEN + bytes([number])) for number in range(8)]
    holding(app, FIRST, *several)
    assert "8 files have no answer:" in drawn(app)
    assert "0.png, 1.png, 2.png, 3.png, 4.png, 5.png and 2 more." in drawn(app)
    assert f"Below is {FIRST.name}." in drawn(app)


def test_where_the_shown_photo_goes_the_next_one_is_shown() -> None:
    app = holding(opened(PREDICT), FIRST, SECOND, THIRD)
    chosen_in(app, "files", f"{row_of(app, SECOND)}=0")
    assert shown(holding(app, FIRST, THIRD)) == THIRD.name
    assert shown(holding(app, FIRST)) == FIRST.name
    holding(app)
    assert shown(app) == ""
    assert "chelsea.png" in drawn(app)


def test_samples_stay_offered_and_a_photo_that_comes_takes_the_place_of_one() -> None:
    app = opened(PREDICT, photo="chelsea.png", **{"class": "5"})
    assert shown(settled(app)) == "chelsea.png"
    assert link_of(app)["class"] == "5"
    holding(app, FIRST)
    assert shown(app) == FIRST.name
    assert not {"photo", "class"} & link_of(app).keys()
    assert 'data-choose="coffee.png"' in drawn(app)
    chosen_in(app, "samples", "coffee.png")
    assert shown(app) == "coffee.png"
    assert link_of(app)["photo"] == "coffee.png"
    chosen_in(app, "files", f"{row_of(app, FIRST)}=0")
    assert shown(app) == FIRST.name
    app.session_state["samples"] = {"chosen": {"what": "coffee.png", "at": 2, "from": "?"}}  # the same once more
    assert shown(settled(app)) == "coffee.png"
    assert shown(holding(app)) == "coffee.png"


def test_one_s_own_class_in_a_link_outlives_the_photo_that_comes_to_it() -> None:
    assert link_of(holding(opened(PREDICT, weights="cifar10", **{"class": "3"}), FIRST))["class"] == "3"


def test_a_photo_that_comes_or_is_chosen_begins_with_all_paths_on() -> None:
    app = settled(opened(PREDICT, weights="cifar10", photo="chelsea.png", off="3.1-3", within="3.1"))
    assert "path 3 off" in drawn(app)
    assert link_of(app)["off"] == "3.1-3"
    holding(app, FIRST)
    assert (shown(app), "off" in link_of(app)) == (FIRST.name, False)
    assert "path 3 off" not in drawn(app)
    assert link_of(switched_off(app, 2))["off"] == "3.1-2"
    holding(app, FIRST, SECOND)
    assert (shown(app), "off" in link_of(app)) == (SECOND.name, False)
    assert link_of(switched_off(app, 2))["off"] == "3.1-2"
    chosen_in(app, "files", f"{row_of(app, FIRST)}=0")
    assert (shown(app), "off" in link_of(app)) == (FIRST.name, False)
    assert link_of(switched_off(app, 2))["off"] == "3.1-2"
    chosen_in(app, "samples", "coffee.png")
    assert "off" not in link_of(app)


def test_the_block_whose_path_was_off_is_shown_of_the_next_photo_too() -> None:
    app = holding(opened(PREDICT, weights="cifar10", within="3.2"), FIRST)
    switched_off(app, 2)
    holding(app, FIRST, SECOND)
    assert "off" not in link_of(app)
    assert app.selectbox(key="why_block_2_2_2").value == (3, 2)


def test_own_paths_off_in_a_link_outlive_the_photo_that_comes_to_it() -> None:
    assert link_of(holding(opened(PREDICT, weights="cifar10", off="3.1-3"), FIRST))["off"] == "3.1-3"
