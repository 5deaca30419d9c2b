"""What a study trains: a ladder of cardinalities at equal MACs, and three ways to spend twice as many.

Only C and d differ between the rungs of the ladder; depth too in the deeper network. Source: arXiv 1611.05431, Tables 3
and 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from resnext_viz.complexity import Complexity, complexity
from resnext_viz.design_space import (
    Quantity,
    equal_cost_row,
    nearest_base_width,
    solve_base_width,
    total_polynomial,
)
from resnext_viz.errors import UserError
from resnext_viz.names import name_of
from resnext_viz.spec import LIMITS, ResNeXtSpec

TOLERANCE = 0.02  # of the MACs that a setting should have
LADDER = (1, 2, 4, 8, 16)
DEFAULT_BASE = "resnext11_16x8d_cifarpool10_x1"  # paths 8 wide: a CPU runs narrower ones as slowly as a dense layer
_LEEWAY = range(-50, 51)  # thousandths of the base's MACs in which the common target is looked for


class StudyError(UserError):
    """A study that cannot be planned, run or read."""


class Role(StrEnum):
    """What a setting is for."""

    LADDER = "ladder"  # as many MACs as all the others of the ladder
    DEEPER = "deeper"  # twice as many, by more blocks of one path
    WIDER = "wider"  # twice as many, by one wider path
    PATHS = "paths"  # twice as many, by more paths of the same width


TWICE = (Role.DEEPER, Role.WIDER, Role.PATHS)
KEYS = (*map(str, LADDER), *TWICE)
_WORDS = {Role.LADDER: "", Role.DEEPER: "deeper: ", Role.WIDER: "wider: ", Role.PATHS: "more paths: "}


@dataclass(frozen=True)
class Setting:
    """One network of a study.

    Attributes:
        target: the MACs that it should have.
    """

    role: Role
    spec: ResNeXtSpec
    target: int
    image_size: int

    @property
    def key(self) -> str:
        """What it is asked for by: its C on the ladder, else its role."""
        return str(self.spec.cardinality) if self.role is Role.LADDER else self.role.value

    @property
    def name(self) -> str:
        return name_of(self.spec)

    @property
    def title(self) -> str:
        """`4×21d`, `wider: 1×78d`, `deeper: 1×53d, 6 blocks`."""
        blocks = f", {sum(self.spec.depths)} blocks" if self.role is Role.DEEPER else ""
        return f"{_WORDS[self.role]}{self.spec.cardinality}×{self.spec.base_width}d{blocks}"

    @property
    def counts(self) -> Complexity:
        return complexity(self.spec, self.image_size)

    @property
    def off(self) -> float:
        """MACs over (or, negative, under) the target, as a share of it."""
        return self.counts.macs / self.target - 1


def plan(keys: Sequence[str], base: ResNeXtSpec, image_size: int) -> tuple[Setting, ...]:
    """The settings of those keys, each once: the ladder from few paths to many, then twice the cost.

    Raises:
        StudyError: a key that is none, or a network for which no whole d comes within `TOLERANCE` of its target.
        SpecError: `base` cannot have so many paths.
    """
    rungs = sorted({_cardinality(key) for key in keys if key not in TWICE})
    settings = [*(rung(base, c, image_size) for c in rungs), *_at_twice(keys, base, image_size)]
    if not settings:
        raise StudyError(f"a study needs a setting; use some of {', '.join(KEYS)}")
    for setting in settings:
        if abs(setting.off) > TOLERANCE:
            raise StudyError(
                f"setting {setting.key} comes no nearer to its MACs than {setting.name}, {100 * setting.off:+.1f} %, "
                f"and a study keeps within {100 * TOLERANCE:g} %; leave it out, or name a larger --base"
            )
    return tuple(settings)


@lru_cache(maxsize=64)
def target_macs(base: ResNeXtSpec, image_size: int) -> int:
    """The MACs that the ladder has in common: near those of `base`, where whole d fit best for all of `LADDER`.

    It depends on nothing else, so that a study can get more settings later.
    """
    own = complexity(base, image_size).macs
    polynomial = total_polynomial(base, Quantity.MACS, image_size)

    def worst(target: int) -> float:
        widths = ((c, nearest_base_width(solve_base_width(polynomial, target, c))) for c in LADDER)
        return max(abs(polynomial.at(c, d) / target - 1) for c, d in widths)

    return min((own + own * step // 1000 for step in _LEEWAY), key=lambda target: (worst(target), abs(target - own)))


def rung(base: ResNeXtSpec, cardinality: int, image_size: int) -> Setting:
    """`base` with that many paths and the d that keeps the ladder's MACs best."""
    target = target_macs(base, image_size)
    width = equal_cost_row(base, Quantity.MACS, target, cardinality, image_size).base_width
    return Setting(Role.LADDER, replace(base, cardinality=cardinality, base_width=width), target, image_size)


def _at_twice(keys: Sequence[str], base: ResNeXtSpec, image_size: int) -> Iterator[Setting]:
    twice = 2 * target_macs(base, image_size)
    makers = {Role.DEEPER: _deeper, Role.WIDER: _wider, Role.PATHS: _more_paths}
    for role, make in makers.items():
        if role in keys:
            yield Setting(role, make(base, image_size, twice), twice, image_size)


def _deeper(base: ResNeXtSpec, image_size: int, target: int) -> ResNeXtSpec:
    """One path, as many more blocks as come nearest, dealt out stage by stage; then d makes up for the rest."""
    one = rung(base, 1, image_size).spec
    limit = 3 * sum(one.depths)  # blocks cost no less than a third of what stem and first blocks do
    deeper = (replace(one, depths=_with_blocks(one.depths, more)) for more in range(1, limit + 1))
    nearest = min(deeper, key=lambda spec: abs(complexity(spec, image_size).macs - target))
    return _wider(nearest, image_size, target)


def _with_blocks(depths: tuple[int, ...], more: int) -> tuple[int, ...]:
    each, rest = divmod(more, len(depths))
    return tuple(depth + each + (place < rest) for place, depth in enumerate(depths))


def _wider(base: ResNeXtSpec, image_size: int, target: int) -> ResNeXtSpec:
    width = equal_cost_row(base, Quantity.MACS, target, 1, image_size).base_width
    return replace(base, cardinality=1, base_width=width)


def _more_paths(base: ResNeXtSpec, image_size: int, target: int) -> ResNeXtSpec:
    """The ladder's last rung with more paths of the width that it has."""
    last = rung(base, LADDER[-1], image_size).spec
    polynomial = total_polynomial(last, Quantity.MACS, image_size)
    counts = range(last.cardinality, 4 * last.cardinality)
    nearest = min(counts, key=lambda c: abs(polynomial.at(c, last.base_width) - target))
    return replace(last, cardinality=nearest)


def _cardinality(key: str) -> int:
    low, high = LIMITS["cardinality"]
    if key.isdecimal() and len(key) <= 4 and low <= int(key) <= high:
        return int(key)
    raise StudyError(f"setting is {key[:40]!r}; use a number of paths from {low} to {high}, or {', '.join(TWICE)}")
