"""A network compiled for training by torch.compile, which pays on some devices only."""

from __future__ import annotations

import os
import shutil

import torch
from torch import nn

from resnext_viz.training.recipe.recipe import RecipeError

INDUCTOR = "inductor"  # torch's own compiler, which needs one for C++
_COMPILERS = ("c++", "g++", "clang++", "cl")


def compiled(model: nn.Module, compiler: str | None) -> nn.Module:
    """What to call in the place of `model`, whose parameters and names it leaves as they are; `model` for None.

    Raises:
        RecipeError: torch's own compiler finds none for C++.
    """
    if compiler is None:
        return model
    if compiler == INDUCTOR and not _finds_compiler():
        raise RecipeError("compile needs a C++ compiler such as g++, and there is none; install one, or train without")
    module: nn.Module = torch.compile(model, backend=compiler)  # type: ignore[assignment]  # of a module, a module
    return module


def _finds_compiler() -> bool:
    return any(shutil.which(name) for name in (os.environ.get("CXX", ""), *_COMPILERS) if name)
