"""The lower half of the Block forms page through Streamlit's own test runner: mistakes, sums and the neuron."""

import re

import torch  # loaded, so that numbers are shown at once
from streamlit.testing.v1 import AppTest

from resnext_viz.ui.block_forms.check_job import CheckJob
from resnext_viz.ui.kit.jobs.refreshing import SessionJobs
from tests.app.test_pages import drawn, kept, opened

PAGE = "pages/block_forms_page.py"
SMALL = {"net": "resnext11_4x4d_cifar10", "size": "8"}


def switched(app: AppTest, fields: str) -> None:
    app.session_state["faults"] = {"chosen": fields}
    app.run()


def test_a_hidden_mistake_is_told_and_shows_in_eval_mode() -> None:
    app = opened(PAGE, **SMALL)
    switched(app, "fault=bias-in-paths&faultmode=train")
    app.run()
    assert not app.exception
    assert "gives the same output, and is wrong all the same" in drawn(app)
    switched(app, "fault=bias-in-paths&faultmode=eval")
    app.run()
    assert "Form (a) no longer equals (c): outputs are up to " in drawn(app)


def test_the_check_ends_in_one_sentence_that_its_rows_bear_out() -> None:
    app = opened(PAGE, **SMALL)
    assert "rx-verdict" not in drawn(app)
    app.button(key="run_check").click().run()
    job = kept(app, SessionJobs).by_name["check_job"]
    assert isinstance(job, CheckJob)
    job.wait(None)
    app.run()
    assert not app.exception
    worst = max(job.rows, key=lambda row: row["max_rel"] / torch.finfo(getattr(torch, row["dtype"])).eps)
    units = worst["max_rel"] / torch.finfo(getattr(torch, worst["dtype"])).eps
    page = drawn(app)
    assert "All three give the same answer, up to rounding: the largest difference is " in page
    assert re.search(f"difference is {units:.1f} <span [^>]*>units in the last place</span> of {worst['dtype']}", page)
    assert f"{len(job.rows)} comparisons, in float64, float32 and bfloat16." in page
    assert page.index("All three give") < page.index("rx-d-table")


def test_a_switch_that_goes_on_turns_the_other_off_and_off_leaves_nothing() -> None:
    app = opened(PAGE, **SMALL)
    switched(app, "fault=path-order")
    switched(app, "fault=relu-on-paths")
    assert re.findall('role="switch" aria-checked="true"[^>]*data-value="([a-z-]+)"', drawn(app)) == ["relu-on-paths"]
    switched(app, "fault=")
    assert "no longer equals" not in drawn(app)


def test_a_mistake_that_the_block_cannot_have_is_refused_with_the_reason() -> None:
    page = drawn(opened(PAGE, **SMALL, block="1.1", fault="stride-on-1x1"))
    assert 'aria-checked="false" disabled="disabled" data-field="fault" data-value="stride-on-1x1"' in page
    assert ": this block has no stride</button>" in page


def test_the_numbers_of_a_block_add_up_and_a_wild_choice_stays_within_it() -> None:
    app = opened(PAGE, **SMALL)
    assert "path i = 3" in drawn(app)
    assert "Output channel 1 of layer1.0.conv1 at row 1, column 1" in drawn(app)
    app.session_state["neuron-drawing"] = {"chosen": "next-place=999999,9999"}
    app.run()
    assert not app.exception
    assert "Output channel 16 of layer1.0.conv1 at row 7, column 7" in drawn(app)


def test_two_layer_blocks_show_only_what_such_paths_collapse_to() -> None:
    page = drawn(opened(PAGE, net="resnet18"))
    assert "Sum of two-layer paths" in page
    assert "32 paths of 4 channels, as in the paper" in page
    assert "Break it on purpose" not in page
    assert "rx-neuron" not in page


def test_large_blocks_compute_only_when_asked() -> None:
    app = opened(PAGE, net="resnext50_64x32d")
    assert "rx-neuron" not in drawn(app)
    app.button(key="neuron-drawing-ask").click().run()
    assert "rx-neuron" in drawn(app)
