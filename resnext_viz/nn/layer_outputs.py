"""What every layer of a block puts out, in the order and the shape that form C has, however the block is wired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from resnext_viz.nn.device import reproducible
from resnext_viz.nn.network import Residual

IN_PATHS = ("conv1", "bn1", "conv2", "bn2")  # layers that forms A and B have once for each path
Outputs = Mapping[str, Tensor]


def layer_outputs(form: Residual, x: Tensor) -> Outputs:
    """Outputs of conv1, bn1, conv2, bn2, conv3, bn3 and, as "output", of the block for `x` `(N, c_in, H, W)`.

    Paths lie side by side, path 1 first; conv3 is what comes to the last batch norm, the sum of the paths in form A. A
    block that normalises its paths, and so has an identity for bn3, has no conv3 to compare.
    """
    kept: dict[str, list[Tensor]] = defaultdict(list)

    def keep(name: str, value: Tensor) -> None:
        kept[name].append(value)

    def listen(module: nn.Module, name: str) -> torch.utils.hooks.RemovableHandle:
        return module.register_forward_hook(lambda _module, _inputs, y: keep(name, y))

    last = form.get_submodule("bn3")
    names = ((module, path.rpartition(".")[2]) for path, module in form.named_modules())
    handles = [listen(module, name) for module, name in names if name in (*IN_PATHS, "bn3")]
    if not isinstance(last, nn.Identity):
        handles.append(last.register_forward_pre_hook(lambda _module, inputs: keep("conv3", inputs[0])))
    with torch.no_grad(), reproducible():
        keep("output", form(x))
    for handle in handles:
        handle.remove()
    return {name: torch.cat(kept[name], dim=1) for name in (*IN_PATHS, "conv3", "bn3", "output") if name in kept}
