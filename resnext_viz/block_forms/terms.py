"""The three forms of a block by name, the modes they are run in, and how far apart equal results may be.

Source: arXiv 1611.05431, Fig. 3.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

FormLetter = Literal["a", "b", "c"]
FORM_NAMES: dict[FormLetter, str] = {"a": "Sum of paths", "b": "Early concatenation", "c": "Grouped convolution"}
# Distance from 1 to the next number.
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
ACCEPTED_EPSILONS = 64  # of a block's largest value: what is no further apart counts as equal
TIMES_ROUNDING = 16  # of what rounding alone does to a whole network: what is no further apart counts as equal


class Form(StrEnum):
    """The three ways to wire one block: Fig. 3a, b and c."""

    A = "A"  # C paths, summed
    B = "B"  # C paths, concatenated, one 1x1 over all
    C = "C"  # a grouped convolution


class Mode(StrEnum):
    """Which statistics batch norm uses."""

    TRAIN = "train"  # the batch's
    EVAL = "eval"  # the running ones
