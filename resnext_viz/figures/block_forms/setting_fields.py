"""The fields of the Block forms page: the mistake that is made on purpose, and what the whole network gets."""

from __future__ import annotations

from collections.abc import Iterable

from resnext_viz.block_forms.faults import Fault
from resnext_viz.figures.kit.fields import fields, segments, selection, switch
from resnext_viz.figures.kit.svg import Markup, markup, tag

SIDES = (8, 16, 32, 64, 96, 128, 160, 224)
STEPS = (0, 1, 3, 5, 10)
DTYPES = {"both": ("float64", "float32"), "float64": ("float64",), "float32": ("float32",)}
MODES = ("train", "eval")
_MODE = "Mode of batch norm"
Obstacle = tuple[Fault, str | None]


def fault_switches(obstacles: Iterable[Obstacle], chosen: Fault | None, mode: str) -> Markup:
    """One switch for each mistake, of which one can be on; what the block cannot have says why. Below, the mode."""
    switches = [
        switch(
            f"{fault.heading}: {reason}" if reason else fault.heading,
            "fault",
            str(fault),
            is_on=chosen is fault and not reason,
            is_refused=bool(reason),
        )
        for fault, reason in obstacles
    ]
    modes = segments(_MODE, "faultmode", _same(MODES), mode, label=f"{_MODE} in the broken form", beside=True)
    return tag("div", *switches, modes, class_="rx-fault-switches")


def check_fields(mode: str) -> Markup:
    """What is shown of the check of a block."""
    return fields(segments(_MODE, "mode", _same(MODES), mode, label="Batch norm mode", beside=True))


def network_fields(
    pictures: tuple[tuple[str, str], ...], picture: str, side: int, steps: int, dtypes: str, mode: str, words: str = ""
) -> Markup:
    """What the whole network gets.

    Args:
        pictures: value and title of each.
        picture: the one that is chosen.
        side: of it, in pixels.
        steps: of SGD.
        dtypes: a key of `DTYPES`.
        mode: of batch norm, in what is shown.
        words: what stands below.
    """
    asked = fields(
        selection("Image", "image", dict(pictures), picture),
        selection("Image side", "side", {str(each): f"{each} px" for each in SIDES}, str(side)),
        segments("Steps of SGD", "sgd", _same(STEPS), str(steps)),
        selection("Dtype", "dtypes", {key: " and ".join(names) for key, names in DTYPES.items()}, dtypes),
        segments(_MODE, "netmode", _same(MODES), mode, label=f"{_MODE} in the network"),
    )
    return markup(asked, tag("p", words, class_="rx-caption")) if words else asked


def _same(values: Iterable[object]) -> dict[str, str]:
    """Values that are their own words."""
    return {str(each): str(each) for each in values}
