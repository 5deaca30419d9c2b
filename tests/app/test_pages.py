"""Every page through Streamlit's own test runner: what the server draws, for good and for hostile links."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnext_viz.ui.kit.controls import DialSession
from resnext_viz.ui.kit.link import Link
from resnext_viz.ui.kit.record import Record, record_key

ROOT = Path(__file__).parents[2]
ANATOMY, DESIGN_SPACE = "pages/anatomy_page.py", "pages/design_space_page.py"
BLOCK_FORMS, PREDICT = "pages/block_forms_page.py", "pages/predict_page.py"
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*_page.py"))


def opened(page: str = ANATOMY, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "resnext_viz/ui/frame.py"), default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    if page != ANATOMY:
        app.switch_page(f"../../{page}").run()
    assert not app.exception
    return app


def drawn(app: AppTest) -> str:
    """All that the mounted components were given, and all HTML."""
    given = [part.proto.bytes.decode() for part in app.get("bidi_component")]
    return " ".join(given + [part.proto.body for part in app.get("html")])


def link_of(app: AppTest) -> dict[str, str]:
    """What the address holds; where the page was opened by less of it, the browser puts the rest there."""
    return {key: values[-1] for key, values in kept(app, Link).held.items()}


def kept(app: AppTest, kind: type[Record]) -> Record:
    """The session's record of that kind, which is there."""
    found: Record = app.session_state[record_key(kind)]
    return found


@pytest.mark.parametrize("page", PAGES)
def test_each_page_draws_without_an_exception(page: str) -> None:
    downloads = opened(page).get("download_button")
    # made when asked for: an address given now would be gone after the next run
    assert all(each.proto.deferred_file_id and not each.proto.url for each in downloads)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_draws_for_an_image_that_is_no_square(page: str) -> None:
    app = opened(page, size="224x320")
    assert link_of(app)["size"] == "224x320"
    assert "[224, 320]" not in drawn(app)
    assert "(224, 320)" not in drawn(app)


def test_pages_of_numbers_alone_do_without_torch() -> None:
    pages = [ANATOMY, DESIGN_SPACE, *(f"pages/{name}_page.py" for name in ("counting", "paper", "study", "code"))]
    script = (
        "import sys; from tests.app.test_pages import opened\n"
        f"for page in {pages!r}: opened(page)\n"
        "sys.exit(', '.join({'torch', 'torchvision', 'timm', 'pandas'} & sys.modules.keys()) or None)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]


def test_anatomy_shows_the_papers_counts() -> None:
    page = drawn(opened())
    for number in ("25,028,904", "4,230,479,872", "−528,128", "+141,295,616", "70,144", "219,971,584"):
        assert number in page


def test_a_link_is_dialled() -> None:
    app = opened(net="ResNeXt-29 (8x64d)", vs="resnet29_cifar10")
    assert "34,426,698" in drawn(app)
    assert link_of(app) == {"net": "resnext29_8x64d_cifar10", "size": "32", "vs": "resnet29_cifar10"}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"net": "<script>alert(1)</script>"}, "is not understood"),
        ({"net": "resnext50_0x4d"}, "use a whole number from 1 to 1024"),
        ({"net": "resnext50_999999x999999d"}, "use a whole number from 1 to 1024"),
        ({"size": "-3"}, "use a whole number from 1 to 4096"),
        ({"vs": "../../etc/passwd"}, "is not understood"),
        ({"lock": "everything"}, "use macs or params"),
    ],
)
def test_a_hostile_link_is_refused_in_words_and_the_app_goes_on(query: dict[str, str], words: str) -> None:
    page = drawn(opened(**query))
    assert words in page
    assert {
        "net": "Showing ResNeXt-50",
        "size": "Showing 224×224",
        "vs": "Comparing with ResNet-50",
        "lock": "Nothing",
    }[next(iter(query))] in page
    assert "25,028,904" in page
    assert "<script>" not in page


def sent(app: AppTest, **changes: Any) -> AppTest:
    """The dials send a change, as the browser does."""
    state = {
        "spec": kept(app, DialSession).dialled.spec.to_dict(),
        "image_size": 224,
        "baseline": "resnet50",
        "lock": None,
    }
    state["spec"] |= changes.pop("spec", {})
    number = kept(app, DialSession).seq + 1
    told = state | {"seq": number, "epoch": kept(app, DialSession).epoch} | changes
    app.session_state["dials"] = {"dialled": told}
    return app.run()


def test_the_drawings_follow_a_moving_dial_and_the_link_its_release() -> None:
    app = opened()
    assert "83,455,272" not in drawn(app)
    sent(app, spec={"cardinality": 64, "depths": [3, 4, 23, 3]}, moving=True)
    assert "83,455,272" in drawn(app)
    assert link_of(app)["net"] == "resnext50_32x4d"
    sent(app, spec={"cardinality": 64, "depths": [3, 4, 23, 3]}, moving=False)
    assert link_of(app)["net"] == "resnext101_64x4d"


def test_an_impossible_dial_keeps_the_last_good_network() -> None:
    app = sent(opened(), spec={"cardinality": 0})
    assert not app.exception
    assert "cardinality is 0" in drawn(app).lower()
    assert "Still showing ResNeXt-50 (32×4d)" in drawn(app)
    assert "25,028,904" in drawn(app)


@pytest.mark.parametrize("nonsense", [5, "dials", [], {"seq": "1"}, {"seq": 10**9, "spec": 3}, {"seq": 1, "epoch": {}}])
def test_a_browser_that_sends_nonsense_harms_nobody(nonsense: Any) -> None:
    app = opened()
    app.session_state["dials"] = {"dialled": nonsense}
    app.run()
    assert not app.exception
    assert "25,028,904" in drawn(app)


def test_design_space_shows_table_2_and_solves_for_d() -> None:
    app = opened(DESIGN_SPACE)
    page = drawn(app)
    for number in ("69,632", "39.948", "23.932", "13.701", "3.973", "219,971,584"):
        assert number in page
    chart = next(json.loads(each.proto.spec) for each in app.get("plotly_chart") if each.key == "equal-cost-0")
    assert [32, 4] in [point[:2] for trace in chart["data"] for point in trace.get("customdata") or []]
    app.number_input(key="budget-block_params-69632").set_value(139_264).run()
    # Twice the params: 512·C·d + 9·C·d² = 139,264 gives d = 99.16 for C = 1 and 7.51 for C = 32.
    assert "99.1" in drawn(app)
    assert "32×8d" in drawn(app)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (ANATOMY, "21,797,672"),
        (DESIGN_SPACE, "Two-layer blocks have one path only."),
        (BLOCK_FORMS, "A two-layer block has only one form."),
    ],
)
def test_two_layer_blocks_are_explained(page: str, words: str) -> None:
    assert words in drawn(opened(page, net="resnet34"))


def test_block_forms_are_those_of_the_dialled_block() -> None:
    page = drawn(opened(BLOCK_FORMS))
    for words in ("96 convolutions", "65 convolutions", "3 convolutions", "groups = 32"):
        assert words in page
    assert "groups = 64" in drawn(opened(BLOCK_FORMS, net="resnext101_64x4d"))


@pytest.mark.parametrize(("size", "words"), [("", "4.2 G MACs<"), ("224x320", "4.2 G MACs at 224×224 pixels")])
def test_the_papers_count_says_on_which_image_it_was_where_another_is_shown(size: str, words: str) -> None:
    assert f"paper: 25.0 M params, {words}" in drawn(opened(ANATOMY, **({"size": size} if size else {})))
