"""The bench of the three forms measures three forms of one block, and memory as the shapes have it."""

import pytest

from resnext_viz.bench import forms
from resnext_viz.bench.result import BenchError
from resnext_viz.cli import main
from resnext_viz.errors import UserError
from resnext_viz.nn import form_timing
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_timing, "FORM_ROUNDS", 2)


@pytest.mark.usefixtures("few")
def test_every_form_has_a_row_for_each_pass_against_form_c() -> None:
    rows = forms.measure(["resnext11_4x4d_cifar10"], "cpu")
    names = [
        f"{what}, {form}"
        for what in ("forward", "forward and backward")
        for form in ("(a) sum of paths", "(b) early concatenation", "(c) grouped convolution")
    ]
    assert [row.engine for row in rows] == names
    assert [row.against for row in rows] == [names[2], names[2], None, names[5], names[5], None]
    assert all(row.batch == 2 and row.median_ms > 0 for row in rows)
    megabytes = [row.extra_mb or 0.0 for row in rows]
    assert all(0 < forward < both for forward, both in zip(megabytes[:3], megabytes[3:], strict=True))


@pytest.mark.parametrize(
    ("names", "error", "words"),
    [
        (["resnet34"], UserError, "only a bottleneck has three forms"),
        (["resnet50", "resnet101"], BenchError, "give one network"),
    ],
)
def test_what_cannot_be_measured_is_refused(names: list[str], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        forms.measure(names, "cpu")


@pytest.mark.usefixtures("few")
def test_people_get_memory_beside_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "forms", "resnext11_4x4d_cifar10", "--device", "cpu"]) == 0
    out = capsys.readouterr().out
    assert "MB beyond weights" in out
    assert "forms: forward and backward, (a) sum of paths" in out
