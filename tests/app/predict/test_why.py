"""What Predict says of paths and channels is what is measured of them."""

import re

from tests.app.predict.test_batch import CIFAR10, upload
from tests.app.predict.test_chosen_photo import FIRST, SECOND, holding, shown
from tests.app.test_pages import PREDICT, drawn, opened


def test_nothing_is_said_to_look_for_anything() -> None:
    app = upload(opened(PREDICT), CIFAR10 / "cat" / "0010.jpg")
    app.toggle(key="show_stage_maps").set_value(True).run()
    page = drawn(app)
    assert "Each is switched off in turn" in page  # which `PathsJob` does
    assert "one channel of what the stage puts out" in page
    assert "looks for" not in page


def test_with_a_path_off_answers_classes_and_sentence_have_the_same_numbers() -> None:
    photo = CIFAR10 / "cat" / "0008.jpg"  # of which the engine of 8 bits says another number than exact arithmetic
    app = holding(opened(PREDICT, weights="cifar10", engine="int8"), photo)
    engines = first_share(drawn(app))
    app = holding(opened(PREDICT, weights="cifar10", engine="int8", off="3.1-3"), photo)
    page = drawn(app)
    before, after = re.search(r"“cat” (?:falls|rises) from ([\d.]+ %) to ([\d.]+ %)", page).groups()
    assert first_share(page) == before
    assert re.search(r'class="rx-p-off">([^<]+)<', page)[1] == after
    assert set(re.findall(r"<span>cat</span><small>([^<]+)</small>", page)) == {before}
    assert ("Both numbers are computed by the exact network" in page) == (engines != before)


def first_share(page: str) -> str:
    return re.search(r'class="rx-p-share">([^<]+)<', page)[1]


def test_where_there_are_several_photos_the_answer_and_the_table_name_the_one_that_is_shown() -> None:
    app = holding(opened(PREDICT, weights="cifar10"), FIRST)
    assert "rx-p-which" not in drawn(app)
    holding(app, FIRST, SECOND)
    assert f"<b>{SECOND.name}</b>, photo 2 of 2" in drawn(app)
    assert f"<span>{SECOND.name}</span><small>shown above</small>" in drawn(app)
    assert shown(app) == SECOND.name
