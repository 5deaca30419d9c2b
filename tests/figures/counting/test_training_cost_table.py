"""The drawing of a training step: rows that sum, torch's counter beside what is right, and words that hold."""

import re
import xml.etree.ElementTree as ET

import pytest

from resnext_viz import parse
from resnext_viz.figures.counting.training_cost_table import (
    MEMORY_NAMES,
    counter_finding,
    memory_rows,
    training_drawing,
    work_rows,
)
from resnext_viz.kit.number_format import exact
from resnext_viz.training_cost import Memory, Optimizer, Precision, TrainingCost, training_cost


def cost_of(name: str, batch: int = 32) -> TrainingCost:
    return training_cost(parse(name), None, batch)


def tables(cost: TrainingCost) -> list[list[list[str]]]:
    tree = ET.fromstring(training_drawing(cost, 1_281_167))
    return [[["".join(cell.itertext()) for cell in row] for row in table.iter("tr")] for table in tree.iter("table")]


def whole(text: str) -> int:
    return int(text.replace(",", ""))


def test_the_memory_and_the_work_sum_to_their_last_rows() -> None:
    memory, work, _ = tables(cost_of("resnext50_32x4d"))
    assert sum(whole(row[3]) for row in memory[1:-1]) == whole(memory[-1][3])
    for column in range(1, 5):
        assert sum(whole(row[column]) for row in work[1:-1]) == whole(work[-1][column])
    assert [whole(cell) for cell in work[-1][1:5]] == [
        32 * 4_230_479_872,
        32 * 4_112_465_920,
        32 * 4_230_479_872,
        32 * 12_573_425_664,
    ]


# Measured with torch 2.15, one image: GFLOPs of FlopCounterMode and the right ones.
@pytest.mark.parametrize(
    ("name", "right", "printed", "words"),
    [
        ("resnext50_32x4d", "25.15 G operations", "39.48 G operations", ["1.57 times", "counts 32 times"]),
        ("resnext101_32x8d", "98.25 G operations", "216.51 G operations", ["2.20 times", "6.595 times"]),
        ("resnet50", "24.30 G operations", "24.30 G operations", ["Nothing is grouped"]),
    ],
)
def test_torchs_counter_stands_beside_what_is_right(name: str, right: str, printed: str, words: list[str]) -> None:
    cost = cost_of(name)
    counter = tables(cost)[2]
    assert (counter[1][-2], counter[2][-2]) == (right, printed)
    assert all(word in counter_finding(cost) for word in words)


def test_the_bar_shows_every_byte_once() -> None:
    html = training_drawing(cost_of("resnext50_32x4d"), 100)
    widths = [float(width) for width in re.findall(r'rx-cost-\w+" style="width:([\d.]+)%" data-tip', html)]
    assert sum(widths) == pytest.approx(100, abs=0.01)


def test_the_file_of_layers_has_the_mistake_beside_the_work() -> None:
    rows = work_rows(cost_of("resnext50_32x4d"))
    grouped = [row for row in rows[:-1] if row["miscounted"]]
    assert {row["groups"] for row in grouped} == {32}
    assert len(grouped) == 16
    assert rows[-1]["forward"] == 4_230_479_872
    # One image: twice the MACs of the step and of the mistake are what FlopCounterMode prints.
    assert round(2 * (int(rows[-1]["step"]) + int(rows[-1]["miscounted"])) / 1e9, 2) == 39.48


def test_every_kind_of_memory_has_a_name_and_a_row_in_the_file() -> None:
    cost = training_cost(parse("resnet50"), None, 4, Optimizer.ADAM, Precision.MIXED_BFLOAT16)
    assert set(MEMORY_NAMES) == set(Memory._fields)
    rows = memory_rows(cost)
    assert sum(int(row["bytes"]) for row in rows[:-1]) == rows[-1]["bytes"]
    html = training_drawing(cost, 100)
    assert all(exact(size) in html for size in cost.memory if size)
    assert "two moments for each learned element" in html
