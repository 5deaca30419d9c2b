"""The Code page as the server draws it: each library's code, why not, and which files are offered."""

import pytest
from streamlit.testing.v1 import AppTest

from resnext_viz.inference.weights.catalogue import BUNDLED_FILE, bundled_spec
from resnext_viz.inference.weights.metadata import read_metadata
from resnext_viz.names import name_of
from tests.app.test_pages import drawn, opened

PAGE = "pages/code_page.py"


def code_of(app: AppTest) -> str:
    (block,) = app.code
    return str(block.value)


def choose(app: AppTest, key: str, choice: str) -> AppTest:
    (group,) = [each for each in app.get("button_group") if each.key == key]
    return group.set_value([choice]).run()  # type: ignore[no-any-return]


def test_each_library_gets_the_code_of_the_dialled_network() -> None:
    app = opened(PAGE, net="resnext101_64x4d")
    assert "torchvision.models.resnext101_64x4d()" in code_of(app)
    assert "83,455,272 params" in drawn(app)  # torchvision's num_params
    for target, words in (("timm", 'timm.create_model("resnext101_64x4d")'), ("torch", "depth=23, c_in=512"),
                          ("resnext_viz", "cardinality=64")):  # fmt: skip
        app.segmented_control(key="code_target").set_value(target)
        app.run()
        assert words in code_of(app)
        assert f"--for {target}" in drawn(app)
    assert not app.exception


def test_why_there_is_no_code_and_what_is_too_large_is_told_in_words() -> None:
    app = opened(PAGE, net="resnet101_1x128d_noshortcut")
    assert not app.code
    assert "torchvision cannot build this network." in drawn(app)
    assert "Its blocks always add a shortcut. The plain torch file builds it" in drawn(app)
    assert drawn(app).count("Not made here: the network has 124,110,120 params, 496 MB; up to 100,000,000") == 3
    assert all(button.disabled for button in app.button if button.label == "Make")


@pytest.mark.parametrize("net", ["resnext_1024x1024d_b200-200-200-200_k100000", "resnet_1x1d_b200-200-200-200"])
def test_the_largest_networks_of_a_link_have_code_at_once(net: str) -> None:
    app = opened(PAGE, net=net)
    assert "layers=[200, 200, 200, 200]" in code_of(app)
    made = {button.key: button.disabled for button in app.button if button.label == "Make"}
    assert made["make_onnx"] is made["make_pt2"] is True
    assert made["make_safetensors"] is ("1024" in net)


def test_trained_weights_are_offered_for_the_network_that_has_some() -> None:
    assert "The weights are random" in drawn(opened(PAGE))
    page = drawn(opened(PAGE, net=name_of(bundled_spec())))
    measured = read_metadata(BUNDLED_FILE).test_accuracy
    assert measured is not None
    assert f"trained on CIFAR-10, {100 * measured:.1f} % right" in page
    assert "--weights cifar10" in page
