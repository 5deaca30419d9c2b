"""torchvision's and timm's networks by name, without weights and without storage, to be looked at."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from resnext_viz.errors import UserError

if TYPE_CHECKING:
    from torch import nn

_INSTALL = "pip install timm"


def torchvision_module(name: str) -> nn.Module:
    """The network of that name in torchvision.

    Raises:
        UserError: there is none, or it cannot be built.
    """
    from torchvision.models import get_model, list_models

    plain = name.strip().lower()
    return _built(plain, "torchvision", list_models(), lambda: get_model(plain, weights=None))


def timm_module(name: str) -> nn.Module:
    """The network of that name in timm; a tag behind a dot, as `resnext50_32x4d.a1_in1k`, is left out.

    Raises:
        UserError: timm is not installed, there is no such network, or it cannot be built.
    """
    try:
        import timm
    except ImportError:
        raise UserError(f"timm is not installed; install it with: {_INSTALL}") from None
    plain = name.strip().partition(".")[0] or name
    return _built(plain, "timm", timm.list_models(), lambda: timm.create_model(plain, pretrained=False))


def _built(name: str, whose: str, names: Sequence[str], make: Callable[[], Any]) -> nn.Module:
    import torch

    if name not in names:
        close = ", ".join(get_close_matches(name, names, 3)) or "one of its names"
        raise UserError(f"{whose} has no network {name[:80]!r}; use {close}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with torch.device("meta"):
                module: nn.Module = make()
        except (NotImplementedError, RuntimeError):  # some look at their values while they are built
            module = make()
    return module
