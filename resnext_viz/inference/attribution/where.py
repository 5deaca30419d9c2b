"""Where in the picture a class gets its score from: Grad-CAM, as Captum computes it.

Grad-CAM weighs each channel of a stage's last map by the mean slope of the class's logit along it, adds the channels up
and keeps what is above zero. Source: Selvaraju et al., arXiv 1610.02391, Eq. 1 and 2.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor

from resnext_viz.errors import UserError
from resnext_viz.nn.device import exact_float32
from resnext_viz.nn.network import ResNeXt


@dataclass(frozen=True)
class Heat:
    """A map of where a class gets its score from.

    Attributes:
        values: `(H', W')` on the stage's own grid, 0 to 1 of the largest.
        largest: what 1 stands for, in the logit's units times the map's; 0 where nothing speaks for the class.
    """

    values: Tensor
    largest: float


def grad_cam(model: ResNeXt, image: Tensor, class_index: int, stage: int | None = None) -> Heat:
    """The Grad-CAM map of a class for `image` `(channels, side, side)`, prepared as the predictor does.

    Args:
        model: a network in eval mode; only read: the hooks are set on a copy that shares its tensors.
        image: the network's input.
        class_index: of the class, from 0.
        stage: at whose end the map is taken, from 1; the last if None.

    Raises:
        UserError: the network has no such stage.
    """
    from captum.attr import LayerGradCam  # with matplotlib, which it loads, about a second

    last = len(model.stage_names)
    if stage is not None and not 1 <= stage <= last:
        raise UserError(f"stage is {stage}; this network has stages 1 to {last}")
    own = _sharing_tensors(model)
    layer = own.get_submodule(own.stage_names[(stage or last) - 1])
    device = next(model.parameters()).device
    inputs = image.to(device)[None].detach().clone().requires_grad_()
    with exact_float32(device):
        attributed = LayerGradCam(own, layer).attribute(inputs, class_index, relu_attributions=True)
    values = attributed[0, 0].detach().cpu()
    largest = float(values.max())
    return Heat(values / largest if largest > 0 else torch.zeros_like(values), largest)


def _sharing_tensors(model: ResNeXt) -> ResNeXt:
    """A module of one's own, to set hooks on, around the very tensors of `model`."""
    tensors = (*model.parameters(), *model.buffers())
    return copy.deepcopy(model, {id(tensor): tensor for tensor in tensors})  # known already: not copied
