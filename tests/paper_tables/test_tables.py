"""The nine tables: what the paper prints, typed in here a second time, and counts made with other tools."""

import csv
import io
from collections import Counter

import pytest
import torch
from torch import nn

from resnext_viz.errors import UserError
from resnext_viz.paper_tables import KEYS, paper_table, paper_tables, tally
from resnext_viz.paper_tables.cells import Cell, rounded, rounded_agreement, whole, whole_agreement, words
from resnext_viz.paper_tables.wide_resnet import wide_resnet_params

# arXiv 1611.05431v2, as printed. "|" stands between cells, for there are commas in them.
PRINTED = {
    "1": """\
conv1|112×112|7×7, 64, stride 2|7×7, 64, stride 2
conv2|56×56|3×3 max pool, stride 2; [1×1, 64; 3×3, 64; 1×1, 256] ×3\
|3×3 max pool, stride 2; [1×1, 128; 3×3, 128, C=32; 1×1, 256] ×3
conv3|28×28|[1×1, 128; 3×3, 128; 1×1, 512] ×4|[1×1, 256; 3×3, 256, C=32; 1×1, 512] ×4
conv4|14×14|[1×1, 256; 3×3, 256; 1×1, 1024] ×6|[1×1, 512; 3×3, 512, C=32; 1×1, 1024] ×6
conv5|7×7|[1×1, 512; 3×3, 512; 1×1, 2048] ×3|[1×1, 1024; 3×3, 1024, C=32; 1×1, 2048] ×3
head|1×1|global average pool, 1000-d fc, softmax|global average pool, 1000-d fc, softmax
params||25.5×10⁶|25.0×10⁶
multiply-adds||4.1×10⁹|4.2×10⁹
""",
    "2": """\
1|64|64|∼70k|∼0.22×10⁹
2|40|80|∼70k|∼0.22×10⁹
4|24|96|∼70k|∼0.22×10⁹
8|14|112|∼70k|∼0.22×10⁹
32|4|128|∼70k|∼0.22×10⁹
""",
    "3": """\
ResNet-50|1×64d|∼4.1×10⁹|23.9
ResNeXt-50|2×40d|∼4.1×10⁹|23.0
ResNeXt-50|4×24d|∼4.1×10⁹|22.6
ResNeXt-50|8×14d|∼4.1×10⁹|22.3
ResNeXt-50|32×4d|∼4.1×10⁹|22.2
ResNet-101|1×64d|∼7.8×10⁹|22.0
ResNeXt-101|2×40d|∼7.8×10⁹|21.7
ResNeXt-101|4×24d|∼7.8×10⁹|21.4
ResNeXt-101|8×14d|∼7.8×10⁹|21.3
ResNeXt-101|32×4d|∼7.8×10⁹|21.2
""",
    "4": """\
ResNet-101|1×64d|1×||22.0|6.0
ResNeXt-101|32×4d|1×||21.2|5.6
ResNet-200|1×64d|2×|∼15×10⁹|21.7|5.8
ResNet-101, wider|1×100d|2×|∼15×10⁹|21.3|5.7
ResNeXt-101|2×64d|2×|∼15×10⁹|20.7|5.5
ResNeXt-101|64×4d|2×|∼15×10⁹|20.4|5.3
""",
    "5": """\
ResNet-101|22.0|6.0|||
ResNet-200|21.7|5.8|320×320|20.1|4.8
Inception-v3|||299×299|21.2|5.6
Inception-v4|||299×299|20.0|5.0
Inception-ResNet-v2|||299×299|19.9|4.9
ResNeXt-101 (64×4d)|20.4|5.3|320×320|19.1|4.4
""",
    "6": """\
ResNet-50|1×64d|45.5|19.4|27.1|8.2
ResNeXt-50|32×4d|42.3|16.8|24.4|6.6
ResNet-101|1×64d|42.4|16.9|24.2|6.8
ResNeXt-101|32×4d|40.1|15.1|22.2|5.7
""",
    "7": """\
Wide ResNet|36.5M|4.17|20.50
ResNeXt-29, 8×64d|34.4M|3.65|17.77
ResNeXt-29, 16×64d|68.1M|3.58|17.31
""",
    "8": """\
ResNet-50|1×64d|47.6|26.5
ResNeXt-50|32×4d|49.7|27.5
ResNet-101|1×64d|51.1|29.8
ResNeXt-101|32×4d|51.9|30.0
""",
    "shortcuts": """\
ResNet-50|1×64d|23.9|31.2
ResNeXt-50|32×4d|22.2|26.1
""",
}
# Measured with torchvision and fvcore: network, params, multiply-adds.
MEASURED = {
    "resnet50": (25557032, 4089184256), "resnext50_2x40d": (25425000, 4124508160),
    "resnext50_4x24d": (25292968, 4159832064), "resnext50_8x14d": (25603016, 4267409408),
    "resnext50_32x4d": (25028904, 4230479872), "resnet101": (44549160, 7801405440),
    "resnext101_2x40d": (44456296, 7843553280), "resnext101_4x24d": (44363432, 7885701120),
    "resnext101_8x14d": (45104328, 8076871680), "resnext101_32x4d": (44177704, 7969996800),
    "resnet101_1x100d": (85611336, 15272862720), "resnext101_2x64d": (84198184, 15123087360),
    "resnext101_64x4d": (83455272, 15460270080), "resnet200": (64673832, 15007481856),
    "resnext29_8x64d_cifar10": (34426698, 5387266048), "resnext29_16x64d_cifar10": (68155210, 10688866304),
}  # fmt: skip


def cells_of(key: str, name: str) -> list[Cell]:
    """One column of a table."""
    table = paper_table(key)
    index = [column.name for column in table.columns].index(name)
    return [row.cells[index] for row in table.rows]


def signs(key: str, name: str) -> str:
    return "".join(cell.sign or " " for cell in cells_of(key, name))


@pytest.mark.parametrize("key", PRINTED)
def test_every_cell_is_printed_as_in_the_paper(key: str) -> None:
    expected = list(csv.reader(io.StringIO(PRINTED[key]), delimiter="|", quoting=csv.QUOTE_NONE))
    table = paper_table(key)
    papers = [not column.is_ours for column in table.columns]
    shown = [
        [cell.printed for cell, is_papers in zip(row.cells, papers, strict=True) if is_papers] for row in table.rows
    ]
    assert shown == expected


@pytest.mark.parametrize("key", KEYS)
def test_every_printed_number_is_marked_and_nothing_else(key: str) -> None:
    # Left without a mark are names that are not numbers: stages, and networks of other families.
    names = {
        "conv1",
        "conv2",
        "conv3",
        "conv4",
        "conv5",
        "head",
        "params",
        "multiply-adds",
        "Inception-v3",
        "Inception-v4",
        "Inception-ResNet-v2",
        "Wide ResNet",
    }
    for row in paper_table(key).rows:
        for cell in row.cells:
            assert (cell.sign is not None) == (cell.printed not in {"", *names}), cell
            assert bool(cell.why) == (cell.sign == "~"), cell
            assert cell.sign is None or (cell.computed is None) == (cell.sign == "○"), cell
            assert not cell.why or cell.why.endswith("."), cell


def test_the_counts_are_those_of_other_tools() -> None:
    seen = set()
    for key in ("3", "4", "5", "7", "8", "shortcuts"):
        table = paper_table(key)
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if row.network_name and column.name == "Params":
                    assert cell.computed == MEASURED[row.network_name][0]
                    seen.add(row.network_name)
                if row.network_name and column.name in {"Multiply-adds", "MACs", "MACs at 32×32"}:
                    assert cell.computed == MEASURED[row.network_name][1]
    assert seen == set(MEASURED)


def test_what_agrees_in_table_1() -> None:
    assert signs("1", "Output") == "======  "
    assert signs("1", "ResNet-50") == "======~≈"
    assert signs("1", "ResNeXt-50 (32×4d)") == "======≈≈"
    params = cells_of("1", "ResNet-50")[6]
    # 53,120 learned elements of batch norm: twice its 26,560 channels.
    assert "25,503,912, which rounds to 25.5" in params.why
    assert 25_557_032 - 2 * 26_560 == 25_503_912


def test_what_agrees_in_table_2() -> None:
    assert [cell.computed for cell in cells_of("2", "Params of the block")] == [69632, 69760, 69888, 71456, 70144]
    assert signs("2", "Params of the block") == "≈≈≈~≈"
    assert signs("2", "Multiply-adds of the block") == "≈≈≈≈≈"
    assert [cell.computed_text for cell in cells_of("2", "d, exact")] == [
        "64.000", "39.948", "23.932", "13.701", "3.973",
    ]  # fmt: skip
    assert any("C = 16 is skipped. Its exact d is 7.51: d = 8 costs 7.4 %" in note for note in paper_table("2").notes)


def test_what_agrees_in_tables_3_and_4() -> None:
    assert signs("3", "Multiply-adds") == "≈≈~~~≈≈~~~"
    assert signs("4", "Complexity, of ResNet-101") == "≈≈≈≈≈≈"
    ratios = [round(float(cell.computed), 3) for cell in cells_of("4", "Complexity, of ResNet-101")]  # type: ignore[arg-type]
    assert ratios == [1.0, 1.022, 1.924, 1.958, 1.939, 1.982]
    assert signs("4", "Multiply-adds") == "  ≈≈≈≈"
    notes = " ".join(paper_table("4").notes)
    assert "“32×4d ResNet-101 (21.2%)” should read ResNeXt-101" in notes
    assert "21.2%/5.6% stand in Table 3" in notes


def test_what_agrees_in_table_7() -> None:
    assert signs("7", "Params") == "≈≈~"
    assert "which rounds to 68.1" in cells_of("7", "Params")[2].why
    notes = " ".join(paper_table("7").notes)
    assert "a head with 100 adds 92,250" in notes  # 34,518,948 − 34,426,698
    assert "Fig. 7" in notes
    assert "cannot be recovered" in notes


def test_errors_are_cited_and_never_computed() -> None:
    for table in paper_tables():
        for column, index in ((column, i) for i, column in enumerate(table.columns) if column.unit == "%"):
            for row in table.rows:
                cell = row.cells[index]
                assert (cell.sign, cell.computed) == (("○" if cell.printed else None), None), (table.key, column)


def test_a_sign_follows_from_the_two_numbers() -> None:
    assert whole(64, 64, "unread").sign == "="
    assert whole(64, 65, "Because.") == Cell("64", 65, "~", "Because.")
    assert words("7×7", "14×14", "Because.").sign == "~"
    assert rounded("25.0×10⁶", 25.0, 10**6, 25_028_904, "unread") == Cell("25.0×10⁶", 25_028_904, "≈")
    assert rounded("25.5×10⁶", 25.5, 10**6, 25_557_032, "Because.").verdict == "differs"
    assert whole_agreement(4, 4).sign == "="
    assert rounded_agreement(70_501, 70, 1000, 0, "k") == ("~", "70 k; 71 k here")


def test_tallies_add_up_and_every_verdict_occurs() -> None:
    counted = Counter(cell.verdict for table in paper_tables() for row in table.rows for cell in row.cells)
    total = tally(paper_tables())
    assert (total.equal, total.rounds, total.differ, total.cited) == (
        counted["equal"], counted["rounds to it"], counted["differs"], counted["cited"],
    )  # fmt: skip
    assert min(total) > 0
    assert paper_table("1").tally == (18, 3, 1, 0)
    assert paper_table("1").tally.words == "22 cells: 18 equal, 3 round to it, 1 differs, 0 cited"
    # 77 cited: 10 errors in Table 3, 2·6 in 4, 2·3 and 2·5 in 5 with 5 sizes of crops, 4·4 in 6, 2·3 in 7, 2·4 in 8, 4.
    assert total.cited == 10 + 12 + 6 + 10 + 5 + 16 + 6 + 8 + 4


def test_a_reason_is_told_once() -> None:
    for table in paper_tables():
        assert len(set(table.reasons)) == len(table.reasons)
        assert {cell.why for row in table.rows for cell in row.cells if cell.why} == set(table.reasons)


def test_a_table_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="table is '9'; use 1, 2, .* or shortcuts"):
        paper_table("9")


class _WideBlock(nn.Module):
    """A block of Wide ResNet, written after its paper: batch norm and ReLU before each convolution."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.parts = nn.ModuleList([
            nn.BatchNorm2d(c_in), nn.Conv2d(c_in, c_out, 3, bias=False),
            nn.BatchNorm2d(c_out), nn.Conv2d(c_out, c_out, 3, bias=False),
        ])  # fmt: skip
        if c_in != c_out:
            self.parts.append(nn.Conv2d(c_in, c_out, 1, bias=False))


@pytest.mark.parametrize(("layers", "widening", "classes"), [(28, 10, 10), (28, 10, 100), (16, 4, 10), (10, 1, 7)])
def test_wide_resnets_params_are_those_of_a_module(layers: int, widening: int, classes: int) -> None:
    with torch.device("meta"):
        widths = [16 * widening, 32 * widening, 64 * widening]
        parts: list[nn.Module] = [nn.Conv2d(3, 16, 3, bias=False)]
        c_in = 16
        for width in widths:
            for _ in range((layers - 4) // 6):
                parts.append(_WideBlock(c_in, width))
                c_in = width
        module = nn.Sequential(*parts, nn.BatchNorm2d(c_in), nn.Linear(c_in, classes))
    assert wide_resnet_params(layers, widening, classes) == sum(each.numel() for each in module.parameters())


def test_the_wide_resnet_of_table_7_has_the_params_that_its_repositories_report() -> None:
    assert wide_resnet_params(28, 10, 10) == 36_479_194
