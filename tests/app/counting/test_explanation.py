"""The box for a number on the Counting page, through Streamlit's own test runner."""

import re

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox, TextInput

from tests.app.test_pages import drawn, link_of, opened

PAGE = "pages/counting_page.py"


def box(app: AppTest) -> TextInput:
    return next(each for each in app.text_input if each.label == "A number you got")


def network(app: AppTest) -> Selectbox[str]:
    return next(each for each in app.selectbox if each.label == "Network meant")


def asked(app: AppTest, number: str) -> AppTest:
    return box(app).set_value(number).run()


def test_a_number_is_explained_and_kept_in_the_link() -> None:
    app = asked(opened(PAGE), "22.84 GFLOPs")
    assert not app.exception
    assert "22,838,641,664" in drawn(app)
    assert link_of(app)["number"] == "22.84 GFLOPs"
    network(app).set_value("resnet50").run()
    assert "No match: ResNet-50" in drawn(app)
    assert link_of(app)["of"] == "resnet50"
    asked(app, "")
    assert {"number"}.isdisjoint(link_of(app))
    assert "rx-e-finding" not in drawn(app)


def test_the_dialled_network_may_be_meant_on_its_image() -> None:
    app = opened(PAGE, net="resnet50", size="256")
    network(app).set_value("dialled")
    page = drawn(asked(app, "5.340 GMACs"))
    assert "5,340,348,416" in page
    assert "not 224" not in page


def test_examples_fill_the_box() -> None:
    app = opened(PAGE)
    app.session_state["explanation"] = {"chosen": "example:4"}
    app.run()
    assert box(app).value == "22.6 M params"
    assert network(app).value == "resnet50"
    page = drawn(app)
    assert "No match" in page
    assert "misprint" in page


def test_a_link_with_a_number_explains_it() -> None:
    app = opened(PAGE, number="3.86 G", of="resnet50")
    assert "3,857,973,248" in drawn(app)
    assert box(app).value == "3.86 G"


def test_a_whole_printout_is_read_as_far_as_a_link_holds() -> None:
    lines = ["Total params: 25,028,904", *["Trainable params: 25,028,904"] * 12, "=" * 90, "Input size (MB): 0.60"]
    app = opened(PAGE)
    assert box(app).proto.max_chars == 0  # a browser passes over in silence what is longer
    asked(app, " ".join(lines))
    assert "25,028,904 is ResNeXt-50 (32×4d)." in drawn(app)
    kept = link_of(app)["number"]
    assert len(kept) <= 200
    assert re.fullmatch(r"(?:(?:Total|Trainable) params: 25,028,904 ?)+(?:Trainable(?: params:)?)?", kept)
    asked(app, "=" * 14_000)
    assert "That cannot be explained." in drawn(app)


def test_strangers_numbers_are_refused_in_words() -> None:
    app = asked(opened(PAGE), "<script>alert(1)</script>")
    page = drawn(app)
    assert not app.exception
    assert "That cannot be explained." in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    page = drawn(opened(PAGE, number="4.1 G", of="<img onerror=alert(1)>"))
    assert "is no option" in page
    assert "<img" not in page
