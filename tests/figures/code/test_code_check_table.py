from typing import Any

from resnext_viz.figures.code.code_check_table import code_check_table

RIGHT: dict[str, Any] = {
    "image_size": 40, "params": 1234567, "our_params": 1234567, "macs": 89012345, "our_macs": 89012345, "differing": "",
    "shape": [2, 3, 40, 40], "max_abs": 0.0, "largest": 0.25, "equal": True,
}  # fmt: skip


def test_each_figure_stands_beside_ours_with_its_verdict() -> None:
    table = code_check_table(RIGHT, "timm")
    for words in ("1,234,567", "89,012,345", "one image of 40×40", "input 2×3×40×40", "largest difference 0<", "timm"):
        assert words in table
    assert (table.count("= equal"), table.count("≠ differs")) == (4, 0)


def test_what_differs_says_so_and_nothing_else_does() -> None:
    counts = code_check_table(RIGHT | {"params": 1234568, "equal": False}, "timm")
    assert (counts.count("= equal"), counts.count("≠ differs")) == (3, 1)
    outputs = code_check_table(RIGHT | {"max_abs": 0.1, "equal": False}, "timm")
    assert (outputs.count("= equal"), outputs.count("≠ differs")) == (3, 1)
    names = code_check_table(RIGHT | {"differing": "<b>fc</b>", "max_abs": None, "shape": None, "equal": False}, "timm")
    assert (names.count("= equal"), names.count("≠ differs")) == (2, 1)
    assert "<b>fc" not in names
    assert "not run" in names
