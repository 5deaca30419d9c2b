"""The drawing of where a number comes from."""

import re

from resnext_viz.explanations import explain_number
from resnext_viz.figures.counting.explanation_view import explanation_view


def cells(html: str, table: str) -> list[list[str]]:
    """The cells of each row of the first table of that class, as text."""
    body = html.split(f'<table class="{table}">', 1)[1].split("</table>", 1)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def test_the_sum_adds_up_line_by_line() -> None:
    *terms, total = cells(explanation_view(explain_number("22.84 GFLOPs")), "rx-e-sum")
    values = [int(row[-1].replace(",", "")) for row in terms]
    for row, value in zip(terms, values, strict=True):
        assert int(row[1].replace(",", "")) * int(row[2].removeprefix("× ")) == value
    assert int(total[-1].replace(",", "")) == sum(values) == 22_838_641_664
    assert "rounds to 22.84 G" in total[1]


def test_negative_terms_have_a_true_minus() -> None:
    rows = cells(explanation_view(explain_number("89,700,288")), "rx-e-sum")
    assert rows[3][1:] == ["−10", "× 1", "−10"]
    assert rows[4][-1] == "89,700,288"


def test_the_nearest_are_drawn_to_scale_with_their_distances() -> None:
    html = explanation_view(explain_number("22.6 M params", "resnet50"))
    rows = cells(html, "rx-e-list")
    assert [row[-1] for row in rows] == ["0.8 % more", "4.1 % more", "13 % more"]
    dots = [float(x) - 84 for x in re.findall(r'<circle cx="([\d.]+)"', html)]  # from the middle
    shares = [22_780_456 / 22.6e6 - 1, 23_528_522 / 22.6e6 - 1, 25_557_032 / 22.6e6 - 1]
    scale = (84 - 5.5) / 0.25  # a quarter more or less is at the edge
    assert all(abs(dot - scale * share) < 0.02 for dot, share in zip(dots, shares, strict=True))
    assert "22.6\u00a0M\u00a0params" in html


def test_a_distance_beyond_the_edge_stays_inside() -> None:
    html = explanation_view(explain_number("9.99 T"))
    assert [float(x) for x in re.findall(r'<circle cx="([-\d.]+)"', html)] == [5.5, 5.5, 5.5]
    assert "times less" in html
