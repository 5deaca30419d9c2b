"""A tool run in a process of its own: what it printed, and what is refused."""

from resnext_viz.names import parse
from resnext_viz.ui.counting.tool_run_job import ToolRunJob


def test_a_tool_prints_what_we_say() -> None:
    job = ToolRunJob(parse("resnext11_4x4d_cifar10"), 8, "torch")
    assert job.shown.prints == ()
    job.run()
    assert job.problem is None
    (printed,) = job.shown.prints
    assert printed.printed == printed.expected > 0
    assert printed.version


def test_a_network_too_large_is_refused_before_anything_is_built() -> None:
    job = ToolRunJob(parse("resnext101_32x48d"), 224, "torch")
    job.run()
    assert job.problem
    assert "828.41 M params; tools are run on up to 200.00 M" in job.problem
    assert job.shown.prints == ()
