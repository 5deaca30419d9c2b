import pytest
from hypothesis import given, settings

from resnext_viz.complexity import complexity
from resnext_viz.figures.anatomy.stage_table import stage_table, stage_table_rows
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.figures.drawings import marks, parsed
from tests.support.specs import specs

RESNET_50 = complexity(ResNeXtSpec())
RESNEXT_50 = complexity(ResNeXtSpec(cardinality=32, base_width=4))
NO_NOTES: dict[str, str] = {}


def cells(table: str) -> dict[str, list[list[str]]]:
    """By the name in the first cell: the lines of text in each other cell."""
    rows = [list(row) for row in parsed(table).iter("tr")]
    return {next(row[0].itertext()): [list(cell.itertext()) for cell in row[1:]] for row in rows}


def test_it_is_table_1_with_exact_counts() -> None:
    rows = cells(stage_table(RESNEXT_50, RESNET_50, "ResNeXt-50 (32×4d)", "ResNet-50", NO_NOTES))
    assert list(rows) == ["Stage", "Stem", "Stage 1", "Stage 2", "Stage 3", "Stage 4", "Head", "Total"]
    assert rows["Stage 1"][:3] == [
        ["56×56"],
        ["1×1", "64", "3×3", "64", "1×1", "256", "× 3"],
        ["1×1", "128", "3×3", "128", "C = 32", "1×1", "256", "× 3"],
    ]
    assert rows["Stage 4"][3:] == [["14,544,896", "−419,840"], ["865,435,648", "+56,197,120"], ["20.5 %"]]
    assert rows["Stem"][2:] == [
        ["7×7, 64, stride 2", "then 3×3 max pool, stride 2"],
        ["9,536", "same"],
        ["118,013,952", "same"],
        ["2.8 %"],
    ]
    assert rows["Total"][-3:-1] == [["25,028,904", "−528,128"], ["4,230,479,872", "+141,295,616"]]


def test_the_paper_is_quoted_only_where_it_says_something() -> None:
    notes = {"network": "paper: 25.0 M params, 4.2 G MACs", "baseline": "paper: 25.5 M params, 4.1 G MACs"}
    quoted = cells(stage_table(RESNEXT_50, RESNET_50, "a", "b", notes))["Total"]
    assert quoted[1:3] == [["paper: 25.5 M params, 4.1 G MACs"], ["paper: 25.0 M params, 4.2 G MACs"]]
    assert cells(stage_table(RESNEXT_50, RESNET_50, "a", "b", NO_NOTES))["Total"][1:3] == [[], []]


def test_titles_cannot_bring_markup() -> None:
    table = stage_table(RESNEXT_50, RESNET_50, "<img src=x onerror=alert(1)>", "</table><script>", {"network": "<b>"})
    assert "<img" not in table
    assert "<script" not in table
    assert "<b>&lt;" not in table
    assert "&lt;img src=x" in table


def test_a_stage_that_one_network_lacks_is_a_dash_and_its_whole_cost_the_difference() -> None:
    short = complexity(ResNeXtSpec((3, 3, 3), 8, 64, stem=Stem.CIFAR, num_classes=10, head=False))
    rows = cells(stage_table(short, RESNEXT_50, "a", "b", NO_NOTES))
    assert rows["Stage 4"][2:] == [["–"], ["–", "−14,544,896"], ["–", "−865,435,648"], ["–"]]
    assert rows["Head"][2:] == [["–"], ["–", "−2,049,000"], ["–", "−2,048,000"], ["–"]]
    assert rows["Stage 1"][1][-1] == "at 56×56"
    longer = cells(stage_table(RESNEXT_50, short, "a", "b", NO_NOTES))
    assert longer["Stage 4"][1] == ["–"]
    assert longer["Stage 4"][3] == ["14,544,896", "+14,544,896"]


def test_bars_of_shares_start_at_zero_on_one_scale() -> None:
    table = parsed(stage_table(RESNEXT_50, RESNET_50, "a", "b", NO_NOTES))
    widths = [float(bar.attrib["style"][len("width:") : -1]) for bar in table.iter("i")]
    macs = [row.cost.macs for row in RESNEXT_50.by_stage]
    assert widths == pytest.approx([100 * count / max(macs) for count in macs], abs=0.01)
    assert not marks(table, "rx-absent")


@given(specs(), specs())
@settings(max_examples=40)
def test_rows_and_differences_add_up_to_the_total(spec: ResNeXtSpec, other: ResNeXtSpec) -> None:
    network, baseline = complexity(spec), complexity(other)
    *rows, total = stage_table_rows(network, baseline)
    for name in ("params", "macs", "acts"):
        assert sum(row[name] for row in rows) == total[name] == getattr(network, name)
        difference = getattr(network, name) - getattr(baseline, name)
        assert sum(row[f"{name}_difference"] for row in rows) == total[f"{name}_difference"] == difference
    assert sum(row["share_of_macs"] for row in rows) == pytest.approx(1)
    names = [row["stage"] for row in rows]
    longest = max(len(spec.depths), len(other.depths))
    head = ["head"] if spec.head or other.head else []
    assert names == ["stem", *(f"stage {number}" for number in range(1, longest + 1)), *head]
    parsed(stage_table(network, baseline, "a & b", "c < d", NO_NOTES))


def test_rows_for_a_file_say_what_a_stage_is_made_of() -> None:
    stem, stage, *_, head, total = stage_table_rows(RESNEXT_50, RESNET_50)
    assert stem["template"] == "7×7, 64, stride 2; 3×3 max pool, stride 2"
    assert stage["template"] == "[1×1 128, 3×3 128 (C = 32), 1×1 256] × 3"
    assert stage["baseline_template"] == "[1×1 64, 3×3 64, 1×1 256] × 3"
    assert head["template"] == "global average pool; 1,000-d fc"
    assert total["params"] == 25_028_904
    assert len({tuple(row) for row in stage_table_rows(RESNEXT_50, RESNET_50)}) == 1
