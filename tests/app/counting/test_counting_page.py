"""The Counting page's costs where networks lack what others have: no groups, no head, the baseline itself."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from resnext_viz import complexity, parse
from resnext_viz.ui.kit.jobs.refreshing import SessionJobs
from tests.app.test_pages import drawn as shown
from tests.app.test_pages import kept, link_of, opened

FRAME = Path(__file__).parents[3] / "resnext_viz/ui/frame.py"


def drawn(**query: str) -> str:
    app = AppTest.from_file(str(FRAME), default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    app.switch_page("../../pages/counting_page.py").run()
    assert not app.exception
    given = [part.proto.bytes.decode() for part in app.get("bidi_component")]
    return " ".join([*given, *(part.proto.body for part in app.get("html")), *(part.value for part in app.caption)])


@pytest.mark.parametrize(("query", "words"), [
    ({"net": "resnet50", "vs": "resnet50"},
     ["ResNet-50 and ResNet-50 cost the same.", "there is nothing to measure", "Nothing is grouped here"]),
    # torchvision documents 11,689,512 and 21,797,672 params.
    ({"net": "resnet18", "vs": "resnet34"}, [f"−{21_797_672 - 11_689_512:,}", "MACs are not time"]),
    # Without 2,048·1,000 + 1,000 params.
    ({"net": "resnext50_32x4d_features", "vs": "resnext50_32x4d"}, ["−2,049,000", "Same cost, why slower?"]),
])  # fmt: skip
def test_networks_of_every_kind_are_compared(query: dict[str, str], words: list[str]) -> None:
    page = drawn(**query)
    for word in words:
        assert word in page


def test_fields_of_a_drawing_are_kept_in_the_link_but_for_what_is_usual() -> None:
    app = opened("pages/counting_page.py", net="resnet18")
    app.session_state["training-cost"] = {"chosen": "batch=48&epoch=1281167&optimizer=adam&precision=float32&net=x"}
    app.run()
    assert not app.exception
    there = link_of(app)
    assert (there["batch"], there["optimizer"], there["net"]) == ("48", "adam", "resnet18")
    assert {"epoch", "precision"}.isdisjoint(there)
    assert "two moments for each learned element" in shown(app)
    app.session_state["training-cost"] = {"chosen": "batch=&epoch=1000&optimizer=wild&precision=float32"}
    app.run()
    assert not app.exception
    assert "batch" not in link_of(app)
    assert "1,000 images, 32 steps" in shown(app)


def test_a_tool_is_run_on_the_dialled_network_when_its_row_asks() -> None:
    app = opened("pages/counting_page.py", net="resnext11_4x4d_cifar10")
    assert "Run torch FlopCounterMode" in shown(app)
    app.session_state["tool-counts"] = {"chosen": {"what": "run:torch", "at": 1}}
    app.run()
    assert not app.exception
    job = kept(app, SessionJobs).by_name["tool_run"]
    job.wait(60)
    app.run()
    assert not app.exception
    # Two for each multiply-add: `FlopCounterMode` itself has printed it.
    assert f"printed {2 * complexity(parse('resnext11_4x4d_cifar10')).macs:,} here: equal" in shown(app)
