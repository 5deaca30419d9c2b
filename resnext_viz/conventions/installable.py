"""The counting tools that can be installed, under the rule that each follows, and which networks they are run on."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from resnext_viz.complexity import Complexity
from resnext_viz.errors import UserError
from resnext_viz.kit.number_format import short

MOST_PARAMS = 200_000_000  # of a network that tools are run on: each builds it, with its weights
MOST_MACS = 50_000_000_000


class Installable(NamedTuple):
    """A tool that can be installed.

    Attributes:
        name: as people know it.
        rule: key of the rule in `TOOLS` that it follows.
        package: its distribution, which tells the version.
    """

    name: str
    rule: str
    package: str

    @property
    def version(self) -> str | None:
        """Of the installed package; None if it is not installed."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None

    @property
    def how(self) -> str:
        """How to get it."""
        return f"pip install {self.package}"


INSTALLABLE = (
    Installable("ptflops (aten)", "ptflops-aten", "ptflops"),
    Installable("torchinfo", "torchinfo", "torchinfo"),
    Installable("fvcore", "fvcore", "fvcore"),
    Installable("timm's own model, by fvcore", "fvcore", "timm"),
    Installable("mmengine", "fvcore", "mmengine"),
    Installable("mmengine, no linear layer", "mmpretrain-flops", "mmengine"),
    Installable("mmcv", "mmcv", "mmcv-lite"),
    Installable("mmcv, no linear layer", "mmpretrain", "mmcv-lite"),
    Installable("ptflops (pytorch)", "ptflops-pytorch", "ptflops"),
    Installable("thop", "thop", "thop"),
    Installable("torch FlopCounterMode", "torch", "torch"),
    Installable("calflops", "calflops", "calflops"),
    Installable("DeepSpeed", "calflops", "deepspeed"),
)


def installable(rule: str) -> tuple[Installable, ...]:
    """The tools that follow a rule."""
    return tuple(tool for tool in INSTALLABLE if tool.rule == rule)


def check_runnable(counts: Complexity) -> None:
    """Nothing, if the tools can be run on that network.

    Raises:
        UserError: that takes more memory or work than a machine should be asked for.
    """
    for number, name, most in ((counts.params, "params", MOST_PARAMS), (counts.macs, "MACs", MOST_MACS)):
        if number > most:
            raise UserError(
                f"the network has {short(number)} {name}; tools are run on up to {short(most)}, so choose a smaller "
                "network or image_size, or do not ask for a check"
            )
