"""The Counting page's costs where networks lack what others have: no groups, no head, the baseline itself."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

FRAME = Path(__file__).parents[2] / "resnext_viz/ui/frame.py"


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
