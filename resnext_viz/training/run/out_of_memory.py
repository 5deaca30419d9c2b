"""What torch says when memory is short, told in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from resnext_viz.errors import ErrorCode
from resnext_viz.inference.engines.fallback import is_out_of_memory
from resnext_viz.training.recipe.recipe import RecipeError


@contextmanager
def told_when_short(words: Callable[[], str]) -> Iterator[None]:
    """Inside, a device or machine that is out of memory is told by `words`, asked for at that moment.

    Raises:
        RecipeError: with those words.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:  # torch.OutOfMemoryError is the first
        if not is_out_of_memory(error):
            raise
        raise RecipeError(words(), ErrorCode.OUT_OF_MEMORY) from error
