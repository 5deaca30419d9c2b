"""The same networks as torch modules. Importing this loads torch."""

from resnext_viz.nn.network import ResidualBlock, ResNeXt, build

__all__ = ["ResNeXt", "ResidualBlock", "build"]
