"""The Study page on the server: the verdict first, every run, rows that dial, several studies, hostile links."""

from pathlib import Path

import pytest

from resnext_viz.study import shipped_studies
from resnext_viz.study.finished_runs import runs_text
from resnext_viz.ui.kit.controls import DialSession
from tests.app.test_pages import drawn, kept, opened
from tests.app.test_paper_page import plots
from tests.study.made import made

PAGE = "pages/study_page.py"
BETTER = made({"1": [30.0, 31.0, 32.0], "2": [29.0, 30.1, 31.0], "4": [28.0, 29.0, 30.1], "paths": [26.0, 27.0, 28.5]})
WORSE = made({"1": [30.0, 31.0], "8": [33.0, 34.0]}, machine="<b>a GPU</b>")


@pytest.fixture
def two_studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped_studies, "RESULTS", tmp_path)
    for name, runs in {"made-better": BETTER, "made-worse": WORSE}.items():
        (tmp_path / f"{name}.jsonl").write_text(runs_text(runs))


@pytest.mark.usefixtures("two_studies")
def test_each_study_has_its_verdict_its_errors_and_its_runs() -> None:
    app = opened(PAGE)
    page = drawn(app)
    for words in ("each doubling of C takes 0.98 points off the test error", "What it does not show",
                  "Against C = 1, C = 4 is 1.97 points better", "Against C = 1, more paths are 3.83 points better",
                  "A small version: 3 seeds × 4 settings, 2 epochs each of 512 pictures. Some pictures, on a machine.",
                  "623,350", "26,654,208", "994,282", "30.00 %", "28.50 %", "peak rate 0.25"):  # fmt: skip
        assert words in page
    charts = plots(app)
    assert "31.0" in charts["study-errors-0"]  # at equal MACs
    assert "27.2" in charts["study-errors-1"]  # the mean of more paths, at twice the MACs
    assert "more paths" in charts["study-costs-0"]
    assert "C = 2" in charts["study-costs-1"]
    assert "22.2" in charts["study-paper-0"]  # Table 3, cited
    app.segmented_control(key="study").set_value("made-worse").run()
    page = drawn(app)
    assert not app.exception
    assert "Against C = 1, C = 8 is 3.00 points worse" in page
    assert "&lt;b&gt;a GPU&lt;/b&gt;" in page
    assert "<b>a GPU" not in page
    assert len(plots(app)) == 5  # nothing at twice the MACs
    assert "This study has no runs at twice the MACs" in page
    assert "stand to the right" not in page
    assert "--extend made-worse --seeds 3 --settings 1,8 --data DIR" in "".join(each.value for each in app.code)


@pytest.mark.usefixtures("two_studies")
def test_a_link_opens_a_study_and_a_link_to_none_opens_the_first() -> None:
    assert "Against C = 1, C = 8 is 3.00 points worse" in drawn(opened(PAGE, study="made-worse"))
    for name in ("<script>alert(1)</script>", "", "../made-worse"):
        page = drawn(opened(PAGE, study=name))
        assert "takes 0.98 points off" in page
        assert "<script>" not in page


@pytest.mark.usefixtures("two_studies")
def test_a_chosen_run_is_dialled_and_marked_and_nothing_else_is() -> None:
    app = opened(PAGE)
    app.session_state["study-runs"] = {"chosen": f"resnext11_4x21d_cifarpool10_x1={kept(app, DialSession).epoch}"}
    app.run()
    assert (kept(app, DialSession).dialled.spec.cardinality, kept(app, DialSession).dialled.image_size) == (4, 32)
    assert "4×21d, this network" in drawn(app)
    for nonsense in ("<b>=1", "vgg16=1", "x" * 10_000, "=", "resnext11_0x4d=1"):
        app.session_state["study-runs"] = {"chosen": nonsense}
        app.run()
        assert not app.exception
        assert kept(app, DialSession).dialled.spec.cardinality == 4
