"""The verdict on a block's check: one sentence that its rows bear out, whatever they are."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from resnext_viz.block_forms.check_verdict import check_verdict
from resnext_viz.block_forms.terms import ACCEPTED_EPSILONS, EPSILON, Mode
from resnext_viz.figures.block_forms.differences import PAIRS, QUANTITIES, verdict_words
from resnext_viz.glossary import term

DTYPES = ("float64", "float32")
TOTAL = len(DTYPES) * len(Mode) * len(QUANTITIES) * len(PAIRS)


def rows(**apart: dict[str, Any]) -> list[dict[str, Any]]:
    """A whole check whose rows are 0 apart but those of the pairs `A_B=...`, in float64 outputs of train mode."""
    every = [
        {"forms": pair, "dtype": dtype, "mode": str(mode), "what": what, "max_abs": 0.0, "max_rel": 0.0, "equal": True}
        for dtype in DTYPES for mode in Mode for what in QUANTITIES for pair in PAIRS
    ]  # fmt: skip
    first = ("float64", "train", "output")
    return [
        row | apart.get(row["forms"].replace("-", "_"), {})
        if (row["dtype"], row["mode"], row["what"]) == first
        else row
        for row in every
    ]


def said(measured: list[dict[str, Any]], total: int = TOTAL) -> list[str]:
    """The sentence, and what stands under it."""
    return list(check_verdict(measured, total))


def test_equal_forms_are_said_to_be_with_the_largest_difference_of_all_rows() -> None:
    measured = rows(A_C={"max_rel": 18 * EPSILON["float64"]})
    measured[-1] = measured[-1] | {"max_rel": 2.5 * EPSILON["float32"]}  # larger as a number, but fewer units
    sentence, behind = said(measured)
    assert sentence == (
        "All three give the same answer, up to rounding: the largest difference is 18 units in the last place of "
        "float64."
    )
    assert behind == (
        "That is 18 ε, 4.0·10⁻¹⁵ of the largest value: outputs of (a) and (c), batch norm in train mode. Up to "
        f"{ACCEPTED_EPSILONS} units count as equal. {TOTAL} comparisons, in float64 and float32."
    )


def test_the_exact_term_is_behind_the_words() -> None:
    measured = rows(A_B={"max_rel": EPSILON["float64"]})
    root = ET.fromstring(f"<div>{verdict_words(measured, TOTAL)}</div>")
    assert ["".join(part.itertext()) for part in root] == said(measured)
    (words,) = [each for each in root.iter() if each.get("data-tip")]
    assert "".join(words.itertext()) == "units in the last place"
    assert words.get("tabindex") == "0"
    epsilon = term("epsilon")
    assert (words.get("data-tip") or "").split("|") == [epsilon.name, epsilon.sentence, epsilon.exactly]


def test_no_difference_at_all_is_bit_for_bit() -> None:
    assert said(rows())[0] == "All three give the same answer, bit for bit."


def test_part_of_a_check_claims_no_more_than_it_has() -> None:
    measured = rows(A_B={"max_rel": 3.42 * EPSILON["float64"]})
    sentence, behind = said(measured[:5])
    assert sentence.startswith("The same answer so far, up to rounding: the largest difference is 3.4 units")
    assert behind.endswith(f"5 of {TOTAL} comparisons, in float64.")
    assert said(measured[3:5])[0] == "The same answer so far, bit for bit."
    assert verdict_words([], TOTAL) == ""


@pytest.mark.parametrize(
    ("apart", "sentence"),
    [
        ("AB AC", "Form (a) gives another answer than (b) and (c)"),
        ("AB BC", "Form (b) gives another answer than (a) and (c)"),
        ("AC BC", "Form (c) gives another answer than (a) and (b)"),
        ("BC", "Forms (b) and (c) give different answers"),
        ("AB AC BC", "Each form gives another answer"),
    ],
)
def test_a_form_that_differs_is_named_with_how_far(apart: str, sentence: str) -> None:
    pairs = {f"{pair[0]}_{pair[1]}": {"max_rel": 0.41, "equal": False} for pair in apart.split()}
    for total in (TOTAL, TOTAL + 1):
        assert said(rows(**pairs), total)[0] == f"{sentence}: by up to 0.41 of the largest value, in float64."


def test_an_overflow_is_called_one() -> None:
    measured = rows(A_B={"max_rel": None, "equal": False}, A_C={"max_rel": None, "equal": False})
    sentence, behind = said(measured)
    assert sentence == "Form (a) gives another answer than (b) and (c): by no finite number, in float64."
    assert "ε" not in behind
