"""What is measured is what the name says; how long it takes is never tested."""

from statistics import median

import pytest

from resnext_viz.bench import count
from resnext_viz.bench.app.served_apps import EMPTY_APP, SAME_SETTINGS, small_app
from resnext_viz.bench.app.session import visit
from resnext_viz.bench.result import BenchError


def test_counting_makes_everything_anew_and_gives_torchvisions_params() -> None:
    from torchvision.models import ResNeXt101_32X8D_Weights

    assert count._counted().params == ResNeXt101_32X8D_Weights.IMAGENET1K_V1.meta["num_params"]
    assert count._spec() is not count._spec()


def test_a_rerun_waits_for_the_script() -> None:
    app = EMPTY_APP + "import time\ntime.sleep(0.2)\n"
    with small_app(app, *SAME_SETTINGS) as address, visit(address) as session:
        assert median(session.rerun() for _ in range(3)) > 200


def test_a_page_with_an_exception_is_no_rerun_to_measure() -> None:
    with (
        pytest.raises(BenchError, match=r"exception: broken page \(the server's log: .*ValueError"),
        small_app("raise ValueError('broken page')") as address,
        visit(address),
    ):
        pass


def test_a_server_that_does_not_start_is_told_in_words() -> None:
    with pytest.raises(BenchError, match="did not start"), small_app(EMPTY_APP, "--server.port", "no number"):
        pass
