"""The table of tools: its numbers, its strips and its rows for a file."""

import re

import pytest
from hypothesis import given, settings

from resnext_viz.complexity import complexity
from resnext_viz.conventions import tool_counts
from resnext_viz.figures.counting.tool_table import formula, skipped_words, tool_rows, tool_table
from resnext_viz.names import parse
from resnext_viz.spec import ResNeXtSpec
from tests.figures.drawings import marks, parsed, tips
from tests.support.specs import image_sizes, specs

COUNTS = tool_counts(parse("resnext50_32x4d"))
COUNT = {count.tool.key: count for count in COUNTS}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("paper", "our MACs"),
        ("torch", "2 × our MACs"),
        ("fvcore", "our MACs + 2 × 14,400,512 batch norm + 100,352 average pool"),
        ("mmpretrain-flops", "our MACs − 2,048,000 linear layer + 2 × 14,400,512 batch norm + 100,352 average pool"),
    ],
)
def test_a_formula_in_words(key: str, words: str) -> None:
    assert formula(COUNT[key]) == words


@settings(max_examples=40, deadline=None)
@given(specs(), image_sizes())
def test_the_formula_gives_the_number(spec: ResNeXtSpec, image_size: int) -> None:
    for count in tool_counts(spec, image_size):
        words = formula(count).replace("our MACs", str(complexity(spec, image_size).macs))
        arithmetic = re.sub(r"[A-Za-z, ]", "", words).replace("×", "*").replace("−", "-")
        assert eval(arithmetic) == count.total


def test_what_is_skipped_has_its_size() -> None:
    assert skipped_words(COUNT["ptflops-pytorch"]) == "16 additions: 5.5 M elements, 0.13 %"
    assert skipped_words(COUNT["fvcore"]).startswith("bias of the linear layer, ReLU, max pool, 16 additions: 19.2 M")


def test_the_table_has_each_number_once_and_its_strips_are_to_one_scale() -> None:
    tree = parsed(tool_table(COUNTS))
    body = next(tree.iter("tbody"))
    numbers = [next(row.iter("td")).text for row in body]
    assert numbers[4] == "4,259,381,248"
    assert len(numbers) == len(COUNTS)
    widths = []
    for strip in marks(tree, "rx-tools-strip"):
        pieces = [piece for piece in strip if "rx-tools-piece" in piece.get("class", "")]
        widths.append(sum(float(re.search(r"[\d.]+", piece.attrib["style"])[0]) for piece in pieces))
    # thop's 57,704,448 is the most; ptflops' 56,398,824 and calflops' 42,599,424 beyond its second 4,230,479,872.
    assert max(widths) == pytest.approx(100, abs=0.01)
    assert any(42_599_424 / 57_704_448 * 100 == pytest.approx(width, abs=0.01) for width in widths)
    assert any(56_398_824 / 57_704_448 * 100 == pytest.approx(width, abs=0.01) for width in widths)
    assert ["batch norm: 14,400,512 × 4 = 57,602,048"] in tips(tree)


def test_the_rows_of_the_file_add_up() -> None:
    for row in tool_rows(COUNTS):
        numbers = [value for value in row.values() if isinstance(value, int)]
        total, difference, *terms = numbers
        assert sum(terms) == total == 4_230_479_872 + difference


def test_what_is_beyond_ours_is_never_ours() -> None:
    assert not COUNT["paper"].beyond
    assert not COUNT["torch"].beyond
