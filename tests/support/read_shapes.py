"""A file's names and shapes, read as every door reads them."""

from resnext_viz.reading.inventory import inventory_of_shapes
from resnext_viz.reading.reader import read
from resnext_viz.reading.recipe import recipe_of
from resnext_viz.reading.tensors import Shapes
from resnext_viz.spec import ResNeXtSpec


def recognise(shapes: Shapes) -> tuple[ResNeXtSpec, tuple[str, ...]]:
    """The spec that runs these tensors, and what was assumed."""
    recipe = recipe_of(read(inventory_of_shapes(shapes)))
    return recipe.spec, recipe.notes
