"""The drawing of an audit: deviating cells marked with what they should be, findings with their cost, names escaped."""

import re

import pytest

from resnext_viz.auditing import audit_inventory, inventory_of_shapes
from resnext_viz.auditing.examples import example, example_names
from resnext_viz.auditing.stage_rows import COLUMNS, StageCell, stage_rows
from resnext_viz.errors import SpecError
from resnext_viz.figures.counting.audit_drawing import audit_drawing
from resnext_viz.names import parse
from tests.auditing.test_audit import shapes_of

X50 = parse("resnext50_32x4d")


def marked(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<td class="rx-audit-off"><b>([^<]*)</b><small>≠ ([^<]*)</small>', html)


def test_deviating_cells_are_marked_with_what_they_should_be() -> None:
    html = audit_drawing(example("Groups forgotten", X50), "subject")
    assert marked(html)[:3] == [("1", "32"), ("128", "4"), ("634,368", "205,824")]
    assert len(marked(html)) == 12  # C, d and params of four stages
    assert "68,883,240" in html  # torchvision's wide_resnet50_2
    assert "+43,854,336 params" in html
    assert "+7,167,541,248 MACs" in html
    assert "layer1.0.conv2, layer1.1.conv2, layer1.2.conv2 and 13 more" in html


def test_a_network_that_is_right_has_no_mark() -> None:
    html = audit_drawing(example("Nothing wrong", X50), "subject")
    assert not marked(html)
    assert "<ol" not in html
    assert "This is ResNeXt-50 (32×4d), 1,000 classes, to the last tensor." in html
    assert "every cell is as it should be" in html


@pytest.mark.parametrize(("name", "mistake"), [
    ("Groups forgotten", "groups forgotten"), ("Groups on the first 1×1", "groups on the 1×1"),
    ("C and d swapped", "cardinality and width swapped"), ("Groups grow with the stage", "groups grow with the stage"),
    ("Width does not double", "width does not double"), ("Output 2·C·d", "output follows 2·C·d"),
    ("Stride on the 1×1", "stride on the 1×1"), ("Bias before batch norm", "bias before batch norm"),
    ("Two batch norms", "two batch norms"),
])  # fmt: skip
@pytest.mark.parametrize("network", ["resnext50_32x4d", "resnext29_8x64d_cifar10"])
def test_every_example_is_found_to_be_what_it_is(name: str, mistake: str, network: str) -> None:
    spec = parse(network)
    if name not in example_names(spec):
        assert (name, network) == ("Output 2·C·d", "resnext50_32x4d")  # there 2·C·d is 256
        return
    found = example(name, spec)
    assert [finding.mistake.value for finding in found.findings] == [mistake]
    assert found.fully_mended
    assert not found.unaccounted


def test_a_second_batch_norm_is_found_behind_every_convolution() -> None:
    (finding,) = example("Two batch norms", X50).findings
    assert finding.here == "2 batch norms in a row"
    assert len(finding.where) == 1 + 3 * 16 + 4  # of the stem, 16 bottlenecks and 4 projections


def test_examples_that_cannot_be_made_are_not_offered() -> None:
    assert example_names(parse("resnet34")) == [
        "Width does not double",
        "Bias before batch norm",
        "Two batch norms",
        "Nothing wrong",
    ]
    assert "C and d swapped" not in example_names(parse("resnet50"))
    with pytest.raises(SpecError, match="use one of Groups forgotten"):
        example("nonsense", X50)


def test_one_odd_block_is_named_in_its_stage() -> None:
    shapes = shapes_of(X50) | {"layer3.2.conv2.weight": (512, 8, 3, 3)}
    rows = stage_rows(audit_inventory(inventory_of_shapes(shapes)))
    assert [row.name for row in rows] == ["stage 1", "stage 2", "stage 3", "stage 4"]
    cells = dict(zip(COLUMNS, rows[2].cells, strict=True))
    assert cells["groups of the 3×3, C"] == StageCell("32; 64 in block 3", "32")
    assert cells["d"] == StageCell("16; 8 in block 3", "16")
    assert cells["C·d"] == StageCell("512")
    assert cells["stride"] == StageCell("not told")


def test_a_strangers_names_are_text() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    shapes = {key.replace("layer3", hostile): shape for key, shape in shapes_of(X50).items()}
    shapes[f"{hostile}.2.conv2.weight"] = (512, 8, 3, 3)
    shapes[f"{hostile}.extra"] = (3,)
    html = audit_drawing(audit_inventory(inventory_of_shapes(shapes)), hostile)
    assert "<img" not in html
    assert html.count("&lt;img") >= 3


def test_another_family_gets_its_reason_and_no_table() -> None:
    html = audit_drawing(audit_inventory(inventory_of_shapes({"fc.weight": (10, 20)})), "mlp.safetensors")
    assert "This is no network of the ResNet family: it has no convolution over maps." in html
    assert "<table" not in html
