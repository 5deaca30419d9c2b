"""A bottleneck block wired in the three ways of the paper's Fig. 3, and the exact mapping of weights between them.

Form C is the block as the network has it (`ResidualBlock`): three convolutions over C·d channels, the middle one in C
groups. Path i owns channels i·d to (i+1)·d of it. So form B cuts the first two layers into rows, and form A also cuts
the expanding 1x1 into columns. With T_i = 1x1, BN, ReLU, 3x3, BN, ReLU:

    A: relu(x + BN(Σ_i W3[:, i] · T_i(x) + b))    B: relu(x + BN(W3 · concat_i T_i(x) + b))

Tensors are cut and joined, never computed with, so a round trip gives every bit back.
Source: arXiv 1611.05431, section 3.3, Fig. 3; batch norm once, after the sum, by footnote 6.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from resnext_viz.block_forms.terms import Form
from resnext_viz.errors import UserError
from resnext_viz.layers import Block
from resnext_viz.nn.network import Residual, ResidualBlock, conv_of, shortcut_of

State = dict[str, Tensor]

_CUT = ("conv1", "bn1", "conv2", "bn2")  # layers whose output channels belong to the paths


class Path(nn.Module):
    """T_i: 1x1, BN, ReLU, 3x3, BN, ReLU, d channels wide; in form A also this path's columns of the expanding 1x1."""

    def __init__(self, block: Block, expands: bool) -> None:
        super().__init__()
        reduce, transform, expand = block.main
        width = transform.c_out // transform.groups
        self.conv1 = conv_of(reduce._replace(c_out=width))
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv_of(transform._replace(c_in=width, c_out=width, groups=1))
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = conv_of(expand._replace(c_in=width, bias=False)) if expands else None

    def forward(self, x: Tensor) -> Tensor:
        """`(N, c_in, H, W)` -> `(N, d, H', W')`, or `(N, c_out, H', W')` where the path expands."""
        x = torch.relu(self.bn1(self.conv1(x)))  # (N, d, H, W)
        x = torch.relu(self.bn2(self.conv2(x)))  # (N, d, H', W')
        return x if self.conv3 is None else self.conv3(x)


class SumOfPaths(Residual):
    """Form A: every path expands for itself, the paths are summed, one batch norm follows the sum.

    A bias of the expanding 1x1 is added once, to the sum: in every path it would count C times.
    """

    def __init__(self, block: Block) -> None:
        super().__init__(block)
        expand = block.main[-1]
        self.paths = nn.ModuleList(Path(block, expands=True) for _ in range(cardinality_of(block)))
        self.bias = nn.Parameter(torch.zeros(expand.c_out)) if expand.bias else None
        self.bn3 = nn.BatchNorm2d(expand.c_out)
        self.downsample = shortcut_of(block)

    def main_path(self, x: Tensor) -> Tensor:
        """Paths, sum, batch norm."""
        total = self.paths[0](x)
        for path in self.paths[1:]:
            total = total + path(x)
        if self.bias is not None:
            total = total + self.bias[:, None, None]
        normed: Tensor = self.bn3(total)
        return normed


class ConcatenatedPaths(Residual):
    """Form B: the paths end behind the 3x3 and are concatenated; one 1x1 expands them all."""

    def __init__(self, block: Block) -> None:
        super().__init__(block)
        expand = block.main[-1]
        self.paths = nn.ModuleList(Path(block, expands=False) for _ in range(cardinality_of(block)))
        self.conv3 = conv_of(expand)
        self.bn3 = nn.BatchNorm2d(expand.c_out)
        self.downsample = shortcut_of(block)

    def main_path(self, x: Tensor) -> Tensor:
        """Paths, concatenation, 1x1, batch norm."""
        joined = torch.cat([path(x) for path in self.paths], dim=1)  # (N, C·d, H', W')
        normed: Tensor = self.bn3(self.conv3(joined))
        return normed


def cardinality_of(block: Block) -> int:
    """C of a bottleneck of the walk.

    Raises:
        UserError: a two-layer block, which has no three forms.
    """
    if len(block.main) != 3:
        raise UserError(
            "block is 'basic'; only a bottleneck has three forms: C paths of two layers collapse to one wide block "
            "(section 3.3, Fig. 4), so choose a bottleneck network, such as resnext50_32x4d"
        )
    return block.main[1].groups


def build_form(block: Block, form: Form) -> Residual:
    """The `block` of a walk wired in `form`, freshly initialised by torch's defaults.

    Raises:
        UserError: a two-layer block.
    """
    cardinality_of(block)
    return _WIRING[form](block)


def form_of(module: Residual) -> Form:
    """How `module` is wired."""
    return next(form for form, wiring in _WIRING.items() if isinstance(module, wiring))


def to_form(module: Residual, form: Form) -> Residual:
    """A copy of `module` wired in `form`: the same weights, batch-norm statistics, dtype, device and mode.

    Raises:
        UserError: a two-layer block.
    """
    paths = cardinality_of(module.block)
    with torch.device("meta"):
        copy = build_form(module.block, form)
    grouped = grouped_state(dict(module.state_dict()), form_of(module), paths)
    copy.load_state_dict({name: value.clone() for name, value in form_state(grouped, form, paths).items()}, assign=True)
    return copy.train(module.training)


def grouped_state(state: State, form: Form, paths: int) -> State:
    """The tensors of a block in `form`, under the names and in the shapes of form C. Exact: tensors are only joined."""
    if form is Form.C:
        return dict(state)
    grouped = {name: value for name, value in state.items() if not name.startswith("paths.") and name != "bias"}
    for name in _names_in_path(state):
        slices = [state[f"paths.{i}.{name}"] for i in range(paths)]
        grouped[name] = slices[0] if slices[0].ndim == 0 else torch.cat(slices, dim=_axis(name))
    if "bias" in state:
        grouped["conv3.bias"] = state["bias"]
    return grouped


def form_state(grouped: State, form: Form, paths: int) -> State:
    """The tensors of form C under the names and in the shapes of `form`. Exact: tensors are only cut."""
    if form is Form.C:
        return dict(grouped)
    state: State = {}
    for name, value in grouped.items():
        if name.split(".")[0] in _CUT or (form is Form.A and name == "conv3.weight"):
            # A count of batches is one number for the layer, so each path has the same.
            slices = [value] * paths if value.ndim == 0 else value.chunk(paths, dim=_axis(name))
            state |= {f"paths.{i}.{name}": cut for i, cut in enumerate(slices)}
        else:
            state["bias" if form is Form.A and name == "conv3.bias" else name] = value
    return state


def _names_in_path(state: State) -> list[str]:
    first = "paths.0."
    return [name.removeprefix(first) for name in state if name.startswith(first)]


def _axis(name: str) -> int:
    """Paths are columns (input channels) of the expanding 1x1 and rows of everything before it."""
    return 1 if name == "conv3.weight" else 0


_WIRING: dict[Form, type[Residual]] = {Form.A: SumOfPaths, Form.B: ConcatenatedPaths, Form.C: ResidualBlock}
