"""What Predict says of paths and channels is what is measured of them."""

from tests.app.predict.test_batch import CIFAR10, upload
from tests.app.test_pages import PREDICT, drawn, opened


def test_nothing_is_said_to_look_for_anything() -> None:
    app = upload(opened(PREDICT), CIFAR10 / "cat" / "0010.jpg")
    app.toggle(key="show_stage_maps").set_value(True).run()
    page = drawn(app)
    assert "Each is switched off in turn" in page  # which `PathsJob` does
    assert "one channel of what the stage puts out" in page
    assert "looks for" not in page
