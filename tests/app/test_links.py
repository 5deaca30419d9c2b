"""Links on every page through Streamlit's own test runner: what strangers wrote is no error and no HTML.

And a page that stays open while its server starts anew goes on with the visitor's next choice.
"""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from resnext_viz import complexity, parse
from resnext_viz.source_code import Target
from resnext_viz.ui.anatomy import NETWORK
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.controls import DialSession
from resnext_viz.ui.kit.link_keys import KEYS
from resnext_viz.ui.predict import weights
from tests.app.test_pages import ANATOMY, PAGES, ROOT, drawn, kept, link_of, opened

HOSTILE = "<img src=x onerror=alert(1)>"
DIALLED = {"net", "size", "vs", "lock"}  # what cannot be dialled is refused in words


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("value", [HOSTILE, "99999999999999999", "-1", "0.0"])
def test_a_page_passes_over_what_it_does_not_understand(page: str, value: str) -> None:
    app = opened(page, **dict.fromkeys(KEYS.keys() - DIALLED, value))
    assert not app.exception
    assert "<img src=x" not in drawn(app)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"vs": "vgg16"}, "Comparing with ResNet-50 instead."),
        ({"net": "banana"}, "Showing ResNeXt-50 (32×4d) instead."),
        ({"size": "99999"}, "Showing 224×224 pixels instead."),
        ({"lock": "time"}, "Nothing is kept near ResNet-101."),
    ],
)
def test_one_wrong_word_of_a_link_costs_no_other(wrong: dict[str, str], said: str) -> None:
    meant = {"net": "resnext101_32x8d", "size": "224x320", "vs": "resnet101"}
    app = opened(ANATOMY, **meant | wrong)
    assert said in drawn(app)
    shown = link_of(app)
    assert {key: shown[key] for key in meant.keys() - wrong.keys()} == {
        key: text for key, text in meant.items() if key not in wrong
    }


def test_every_wrong_word_of_a_link_is_told() -> None:
    page = drawn(opened(ANATOMY, net="seresnext50", size="0", vs="banana", lock="time"))
    assert page.count('class="rx-complaint"') == 4


NOTHING = "mean nothing here; the rest of it holds."
ASIDE = 'class="rx-caption rx-aside"'


@pytest.mark.parametrize(
    ("page", "wrong", "right"),
    [
        ("predict", {"photo": "nonsense"}, {"top": "3"}),
        ("predict", {"class": "unicorn"}, {}),
        ("predict", {"class": "12345", "off": "3.1-99", "within": "7.7"}, {"photo": "chelsea.png"}),
        ("predict", {"off": "9.9-99"}, {}),
        ("predict", {"weights": "xyz"}, {"photo": "chelsea.png"}),
        ("predict", {"engine": "warp"}, {"photo": "chelsea.png", "class": "3", "off": "3.1-3", "within": "3.1"}),
        ("paper", {"table": "99"}, {}),
        ("counting", {"stride": "5x5", "batch": "many"}, {"rows": "kinds"}),
        ("block_forms", {"form": "z", "fault": "none-such"}, {"mode": "eval"}),
        ("code", {"library": "keras"}, {"seed": "7"}),
        ("train", {"epochs": "ten"}, {"rate": "0.07"}),
        ("study", {"study": "none-such"}, {}),
        ("design_space", {"hold": "hands"}, {}),
        ("anatomy", {"block": "first"}, {"path": "2"}),
    ],
)
def test_what_of_a_link_means_nothing_is_told_once_in_one_quiet_line(
    page: str, wrong: dict[str, str], right: dict[str, str]
) -> None:
    weights = {"weights": "cifar10"} if page == "predict" and "weights" not in wrong else {}
    app = opened(f"pages/{page}_page.py", **wrong, **right, **weights, foo="bar")
    told = re.findall(r'rx-aside" role="status">([^<]+)<', drawn(app))
    assert len(told) == 1
    assert all(f"{name}={value}" in told[0] for name, value in wrong.items())
    assert told[0].count("=") == len(wrong)
    assert {name: link_of(app)[name] for name in (*right, "foo")} == {**right, "foo": "bar"}


def test_a_link_that_can_be_followed_is_passed_over_in_silence_and_a_long_one_is_cut() -> None:
    assert ASIDE not in drawn(
        opened("pages/predict_page.py", weights="cifar10", photo="chelsea.png", top="99", seed="x")
    )
    assert ASIDE not in drawn(opened("pages/paper_page.py", photo="nonsense", foo="bar"))
    page = drawn(opened("pages/predict_page.py", **dict.fromkeys(KEYS.keys() - DIALLED, HOSTILE * 20)))
    told = re.search(r'rx-aside" role="status">([^<]+)<', page)[1]
    assert told.endswith(f" more, which {NOTHING}")
    assert len(told) < 600


def test_what_meant_nothing_is_told_until_something_else_is_chosen_in_its_place() -> None:
    app = opened("pages/paper_page.py", table="99")
    assert "table=99, which means nothing here" in drawn(app)
    app.segmented_control(key="table").set_value("3").run()
    assert ASIDE not in drawn(app)


def test_other_words_stay_where_they_are() -> None:
    app = opened("pages/paper_page.py", lesson="3", utm="mail", table="4")
    app.segmented_control(key="table").set_value("7").run()
    assert link_of(app) == {
        "net": "resnext50_32x4d", "size": "224", "vs": "resnet50", "table": "7", "lesson": "3", "utm": "mail",
    }  # fmt: skip


def test_a_budget_is_no_more_than_a_browsers_number_holds() -> None:
    huge = "resnext2402_1024x1024d_b200-200-200-200"
    assert complexity(parse(huge), 4096).macs > 2**53
    app = opened("pages/design_space_page.py", net="resnet50", vs=huge, size="4096", hold="macs")
    assert next(box for box in app.number_input if box.label == "Budget, MACs").value == 2**53 - 1
    assert "budget" not in link_of(app)


def test_a_device_that_is_here_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_devices", lambda: ("cuda", "cpu"))  # most machines have one
    app = opened("pages/predict_page.py", device="cpu")
    choice = app.segmented_control(key="device")
    assert (choice.options, choice.value) == (["GPU", "CPU"], "cpu")
    assert link_of(app)["device"] == "cpu"
    choice.set_value("cuda").run()
    assert "device" not in link_of(app)
    app.segmented_control(key="device").set_value("cpu").run()
    assert link_of(app)["device"] == "cpu"


def held_by_the_browser(app: AppTest, **components: Any) -> WidgetStates:
    """What a browser holds of the widgets that are shown, and of components, whose messages no test runner sends."""
    states = app._tree.get_widget_states()
    for key, state in components.items():
        states.widgets.add(id=f"$$ID-{'0' * 32}-{key}", json_value=json.dumps(state))
    return states


def restarted(app: AppTest, held: WidgetStates, **query: str) -> AppTest:
    """The page as a new server answers it, to which the browser sends all that it holds."""
    again = AppTest.from_file(str(ROOT / "resnext_viz/ui/frame.py"), default_timeout=120)
    for key, value in (query or link_of(app)).items():
        again.query_params[key] = value
    again._page_hash = app._finished_page_script_hash
    again._run(held)
    assert not again.exception
    return again


def test_the_first_choice_after_a_restart_counts_and_the_rest_is_as_it_was() -> None:
    app = opened("pages/code_page.py", seed="7")
    app.segmented_control(key="code_target").set_value(Target.TIMM)
    again = restarted(app, held_by_the_browser(app))
    assert again.segmented_control(key="code_target").value is Target.TIMM
    assert again.number_input(key="file_seed").value == 7
    assert {key: link_of(again).get(key) for key in ("library", "seed")} == {"library": "timm", "seed": "7"}
    again.number_input(key="file_seed").set_value(8).run()
    assert {key: link_of(again).get(key) for key in ("library", "seed")} == {"library": "timm", "seed": "8"}


def test_where_the_server_starts_anew_and_the_visitor_goes_back_the_address_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = opened("pages/paper_page.py", table="3")
    app.segmented_control(key="table").set_value("5")
    monkeypatch.setattr(link, "_is_history", lambda: True)
    again = restarted(app, held_by_the_browser(app))
    assert again.segmented_control(key="table").value == "3"
    assert link_of(again)["table"] == "3"


def test_another_streamlit_that_tells_nothing_of_the_browser_leaves_it_to_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = opened("pages/paper_page.py", table="3")
    app.segmented_control(key="table").set_value("5")
    monkeypatch.setattr("streamlit.runtime.state.SafeSessionState.get_widget_states", None)
    assert restarted(app, held_by_the_browser(app)).segmented_control(key="table").value == "3"


def told_by_the_dials(app: AppTest, told_from: Any, cardinality: int = 8) -> dict[str, Any]:
    state = kept(app, DialSession).dialled.to_browser()
    state["spec"] |= {"cardinality": cardinality}
    return {"dialled": state | {"seq": 7, "epoch": 12345, "moving": False, "from": told_from}}


def test_what_the_dials_told_no_server_counts_and_so_does_what_they_tell_next() -> None:
    app = opened(ANATOMY, net="resnext101_64x4d", size="64")
    told = told_by_the_dials(app, f"?{urlencode(link_of(app))}")
    again = restarted(app, held_by_the_browser(app, dials=told))
    assert link_of(again)["net"] == "resnext101_8x4d"
    assert link_of(again)["size"] == "64"
    assert (kept(again, DialSession).epoch, kept(again, DialSession).seq) == (12345, 7)


@pytest.mark.parametrize("told_from", ["?net=resnext101_32x4d", None, 5, "", "?net=%ff&" + "a&" * 3000])
def test_what_the_dials_told_at_another_address_a_server_has_heard(told_from: Any) -> None:
    app = opened(ANATOMY, net="resnext101_64x4d")
    again = restarted(app, held_by_the_browser(app, dials=told_by_the_dials(app, told_from)))
    assert link_of(again)["net"] == "resnext101_64x4d"


@pytest.mark.parametrize("nonsense", [5, [], {"dialled": 5}, {"dialled": {"epoch": "</script>", "seq": 1}}])
def test_a_browser_that_sends_nonsense_again_harms_nobody(nonsense: Any) -> None:
    app = opened()
    if isinstance(nonsense, dict) and isinstance(nonsense["dialled"], dict):
        nonsense["dialled"]["from"] = f"?{urlencode(link_of(app))}"
    again = restarted(app, held_by_the_browser(app, dials=nonsense, **{NETWORK: nonsense}))
    assert "25,028,904" in drawn(again)


def test_what_was_chosen_in_a_drawing_counts_if_no_server_has_heard_of_it() -> None:
    app = opened(ANATOMY, block="2.1")
    for told_from, block in ((f"?{urlencode(link_of(app))}", "3.1"), ("?block=1.1", "2.1")):
        told = {"chosen": {"what": "3.1", "at": 1, "from": told_from}}
        again = restarted(app, held_by_the_browser(app, **{NETWORK: told}))
        assert link_of(again)["block"] == block
