"""Exact counts, equivalent forms and predictions for the networks of the ResNeXt paper (arXiv 1611.05431)."""

from resnext_viz.complexity import complexity
from resnext_viz.names import PRESETS, name_of, parse, preset, title_of
from resnext_viz.spec import ResNeXtSpec

__version__ = "0.2.0"
__all__ = ["PRESETS", "ResNeXtSpec", "complexity", "name_of", "parse", "preset", "title_of"]
