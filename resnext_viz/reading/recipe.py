"""Reading -> recipe: how each tensor of our network of the same function is made of the tensors that were read.

A tensor is taken as it is, joined of the pieces of parallel paths, or filled with one number. A convolution whose norm
was folded into it gets an identity norm that carries its bias; a bias before a norm is taken off the running mean.
Whoever carries a recipe out computes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from resnext_viz.errors import UserError
from resnext_viz.layers import Layer, walk
from resnext_viz.reading.ends import FEATURES, HeadOp, HeadStep, named_layers
from resnext_viz.reading.parts import WHOLE, FilePart
from resnext_viz.reading.plan import Plan, PlanStep
from resnext_viz.reading.reader import Reading, in_words, part_words
from resnext_viz.reading.relatives import SAME_NETWORK, Trait
from resnext_viz.reading.specs import exact_spec, meant_spec, usual_plan
from resnext_viz.reading.tensor_names import first_mismatch, norm_name, shape_words, tensors_of, whose_names
from resnext_viz.reading.tensors import ROLES, Joined, Piece, Roles, Shape, Shapes, TensorSource
from resnext_viz.spec import BlockKind, ResNeXtSpec, Stem

_EPSILON = 1e-5  # that batch norm adds to the variance: torch's default
_IDENTITY = {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "running_var": 1.0 - _EPSILON}
_SHOWN = 80
_WITHOUT_HEAD = "predict --head features"
_EXPECTED = "what is run here is a ResNeXt or ResNet of the paper's layers, whatever its tensors are called"


class HeadChoice(StrEnum):
    """What of a stranger's head is run."""

    USUAL = "usual"  # all of it, with the usual layers where none left a tensor
    FEATURES = "features"  # nothing: what it would get


class NoRecipeError(UserError):
    """What was read is no network that can be run here."""


class MisfitError(NoRecipeError):
    """Tensors that are not those of the network that they are said to be."""


class Taken(NamedTuple):
    """How one tensor of our network is made."""

    name: str
    shape: Shape
    pieces: tuple[Piece, ...] = ()  # joined along `axis`; if there are none, all elements are `fill`
    axis: int = 0
    fill: float = 0.0
    padding: int = 0  # zeros around a kernel
    minus: tuple[Piece, ...] = ()  # joined, and taken off


@dataclass(frozen=True)
class WeightRecipe:
    """Our network, and how its tensors are made.

    Attributes:
        tensors: one for each tensor of our network, in its order.
        head: the layers behind the blocks, where they are other than one linear layer on averages.
        left_over: tensors that were read and are not needed, by name.
        notes: what was done or assumed, in words.
        part: which of several networks it is of.
    """

    spec: ResNeXtSpec
    tensors: tuple[Taken, ...]
    head: tuple[HeadStep, ...] = ()
    left_over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    part: FilePart = WHOLE


def own_recipe(spec: ResNeXtSpec, shapes: Shapes) -> WeightRecipe:
    """The recipe for tensors that are said to be a spec's own: each is taken as it is.

    Raises:
        MisfitError: one is missing, is too many, or has another shape.
    """
    problem = first_mismatch(spec, shapes)
    if problem:
        raise MisfitError(problem)
    return WeightRecipe(spec, tuple(Taken(name, shape, (Piece(name),)) for name, shape in tensors_of(spec).items()))


def recipe_of(reading: Reading, head: HeadChoice = HeadChoice.USUAL) -> WeightRecipe:
    """The recipe for what was read.

    Args:
        reading: of the tensors.
        head: what of its head is run.

    Raises:
        NoRecipeError: it is no network that can be run here; names what is another way in it.
    """
    if reading.plan is None:
        words = f"it is {reading.kin}" if reading.kin else f"it is no network of the ResNet family: {reading.why_not}"
        raise NoRecipeError(f"{words}; {_EXPECTED}")
    _refuse_relatives(reading)
    if head is HeadChoice.FEATURES:
        return replace(_recipe(reading, reading.plan._replace(head=None)), head=FEATURES)
    return _recipe(reading, reading.plan)


def _recipe(reading: Reading, plan: Plan) -> WeightRecipe:
    usual = usual_plan(plan)
    spec = exact_spec(usual) or meant_spec(usual)
    if spec is None:
        raise NoRecipeError(f"its stages are none that a network here can have; {_EXPECTED}")
    head = reading.head.steps if reading.head and plan.head else ()
    if head and reading.left_in_head:
        where = in_words(reading.left_in_head)
        raise NoRecipeError(f"{where} of its head is no layer that is run here; without its head: {_WITHOUT_HEAD}")
    maker = _Maker(reading, plan, spec, head)
    tensors = tuple(maker.tensors())
    if maker.doubled:
        raise NoRecipeError(f"it has a second batch norm in a row ({in_words(maker.doubled)}); {_EXPECTED}")
    if exact_spec(usual) is None:
        raise NoRecipeError(f"its layers are none that a network here can have; {_EXPECTED}")
    used = {name for taken in tensors for piece in (*taken.pieces, *taken.minus) for name in piece.names}
    left = tuple(_names_left(reading, used))
    if reading.left_inside:
        raise NoRecipeError(f"{in_words(reading.left_inside)} has no place in it; {_EXPECTED}")
    return WeightRecipe(spec, tensors, head, left, tuple(_notes(reading, plan, spec, left)), reading.part)


def _refuse_relatives(reading: Reading) -> None:
    for trait, paths in reading.relatives:
        if trait not in SAME_NETWORK | {Trait.HEAD}:
            raise NoRecipeError(f"it has {trait.value} ({in_words(paths)}); {_EXPECTED}")


def _names(reading: Reading) -> Iterator[str]:
    for roles in reading.inventory.tensors.values():
        for source in roles.values():
            yield from (name for piece in source.pieces for name in piece.names)


def _names_left(reading: Reading, used: set[str]) -> Iterator[str]:
    yield from (name for name in _names(reading) if name not in used)
    yield from (other.path for other in reading.inventory.others if other.path not in used)


def _notes(reading: Reading, plan: Plan, spec: ResNeXtSpec, left: tuple[str, ...]) -> Iterator[str]:
    whose = whose_names(_names(reading))
    if whose:
        yield whose
    if reading.head and plan.head:
        yield from reading.head.words
    if reading.part.others:
        yield next(part_words(reading.part))
    if plan.stem[0].kernel == 1:
        yield "Its 1×1 stem is run as a 3×3 whose border is zero: the same numbers, counted as 3×3."
    folded = [step.path for step in plan.steps if not step.norms]
    if folded:
        yield f"Batch norm is folded into its convolutions ({in_words(folded)}): each gets a norm that changes nothing."
    for trait, paths in reading.relatives:
        if trait is not Trait.HEAD:
            yield f"It has {trait.value} ({in_words(paths)}), run as one grouped convolution."
    if left:
        yield f"Left over, and not run: {in_words(left)}."
    if not reading.strides_known:
        yield from _assumed(spec)


def _assumed(spec: ResNeXtSpec) -> Iterator[str]:
    stem = ("no pooling behind the 3×3 stem",) if spec.stem is Stem.CIFAR else ()
    stride = ("stride on the 3×3",) if spec.block is BlockKind.BOTTLENECK and len(spec.depths) > 1 else ()
    if stem or stride:
        yield f"Shapes do not tell, so this is assumed: {', '.join(stem + stride)}."


class _Maker:
    """Makes the tensors of one network, layer by layer, each from the step in its place."""

    def __init__(self, reading: Reading, plan: Plan, spec: ResNeXtSpec, head: tuple[HeadStep, ...]) -> None:
        self.reading = reading
        self.plan = plan
        self.spec = spec
        self.head = head
        self.doubled: list[str] = []  # a second norm in a row
        self.found: Mapping[str, Roles] = reading.inventory.tensors

    def tensors(self) -> Iterator[Taken]:
        """Every tensor.

        Raises:
            NoRecipeError: one is missing or has another shape.
        """
        plan, network = self.plan, walk(self.spec)
        yield from self._conv(network.stem[0], plan.stem[0] if len(plan.stem) == 1 else None)
        for index, stage in enumerate(network.stages):
            blocks = plan.stages[index] if index < len(plan.stages) else ()
            for number, block in enumerate(stage.blocks):
                mine = blocks[number] if number < len(blocks) else None
                for place, layer in enumerate(block.main):
                    fits = mine and len(mine.main) == len(block.main)
                    yield from self._conv(layer, mine.main[place] if mine and fits else None)
                if block.projection:
                    yield from self._conv(block.projection, mine.projection if mine else None)
        if not plan.head:
            return
        try:
            yield from self._layers_of_head() if self.head else self._one_linear(network.head[-1], plan.head.path)
        except NoRecipeError as error:
            raise NoRecipeError(f"{error}; without its head its features can be had: {_WITHOUT_HEAD}") from None

    def _one_linear(self, layer: Layer, path: str) -> Iterator[Taken]:
        yield from self._linear(layer.name, (layer.c_out, layer.c_in), path)

    def _layers_of_head(self) -> Iterator[Taken]:
        for name, step in named_layers(self.head):
            if step.op is HeadOp.LINEAR:
                yield from self._linear(name, (step.c_out, step.c_in), step.path)
            elif step.op is HeadOp.NORM:
                yield from self._norm(name, (step.c_out,), self.found.get(step.path), None)

    def _conv(self, layer: Layer, step: PlanStep | None) -> Iterator[Taken]:
        shape = (layer.c_out, layer.c_in // layer.groups, layer.kernel, layer.kernel)
        roles = self.found.get(step.path, {}) if step else {}
        yield self._weight(f"{layer.name}.weight", shape, roles.get("weight"))
        bias = roles.get("bias")
        norms = self.reading.norms.get(step.path, ()) if step else ()
        if layer.bias:  # every convolution has one, and a norm behind it
            yield self._tensor(f"{layer.name}.bias", shape[:1], bias)
            bias = None
        if len(norms) > 1:
            self.doubled.append(norms[1].path)
        yield from self._norm(norm_name(layer.name), shape[:1], self.found.get(norms[0].path) if norms else None, bias)

    def _weight(self, name: str, shape: Shape, source: TensorSource | None) -> Taken:
        if source is not None and source.shape == (*shape[:2], 1, 1) != shape:  # a 1x1 stem, run as a 3x3
            taken = self._tensor(name, source.shape, source)
            return taken._replace(shape=shape, padding=shape[-1] // 2)
        return self._tensor(name, shape, source)

    def _norm(self, name: str, shape: Shape, roles: Roles | None, bias: TensorSource | None) -> Iterator[Taken]:
        """The tensors of a batch norm; of one that was folded into its convolution, an identity with its bias."""
        for role in ROLES:
            key = f"{name}.{role}"
            if roles is None and role == "bias" and bias is not None:
                yield self._tensor(key, shape, bias)
            elif roles is None or (role in ROLES[:2] and not {"weight", "bias"} & roles.keys()):  # affine=False
                yield Taken(key, shape, fill=_IDENTITY[role])
            else:
                taken = self._tensor(key, shape, roles.get(role))
                is_mean = role == "running_mean" and bias is not None
                yield taken._replace(minus=self._tensor(key, shape, bias).pieces) if is_mean else taken

    def _linear(self, name: str, shape: Shape, path: str) -> Iterator[Taken]:
        """The linear layer; a 1x1 convolution is one too, and one without bias gets zeros."""
        roles = self.found.get(path, {})
        weight, bias = roles.get("weight"), roles.get("bias")
        if weight is not None and weight.shape == (*shape, 1, 1):
            weight = weight._replace(shape=shape)
        yield self._tensor(f"{name}.weight", shape, weight)
        key = f"{name}.bias"
        yield self._tensor(key, shape[:1], bias) if bias is not None else Taken(key, shape[:1])

    def _tensor(self, name: str, shape: Shape, source: TensorSource | None) -> Taken:
        if source is None:
            raise NoRecipeError(f"{name} {shape_words(shape)} is missing; {_EXPECTED}")
        first = source.pieces[0]
        if source.shape != shape:
            words = f"has the shape {shape_words(source.shape)}, where {shape_words(shape)} was expected"
            raise NoRecipeError(f"{first.name[:_SHOWN]} {words}; {_EXPECTED}")
        if any(piece.how is Joined.SPECTRAL_NORM for piece in source.pieces):
            raise NoRecipeError(
                f"{first.name[:_SHOWN]} is divided by its spectral norm as it runs; take that off before you save it "
                "(torch.nn.utils.parametrize.remove_parametrizations)"
            )
        return Taken(name, shape, source.pieces, source.axis)
