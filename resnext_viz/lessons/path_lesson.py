"""Lesson 5, what one path sees: what a class's probability loses without the path that speaks most for it (ablation).

Probabilities are compared as they are shown, in hundredths of a percentage point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from resnext_viz.kit.link_values import paths_off
from resnext_viz.kit.number_format import exact, percent
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.lessons.lesson import Choice, Dial, Lesson, LessonPage, MeasuredState, Move, Obstacle, RuleValue, Step
from resnext_viz.lessons.measured import PathMeasured
from resnext_viz.lessons.messages import ENGLISH
from resnext_viz.names import preset

WEIGHTS, PHOTO = "cifar10", "chelsea.png"  # the bundled network and a sample photo that set the stage
NETWORK = "resnext20_4x32d_cifarpool10_x1"  # the bundled network's canonical name
_HUNDREDTHS = 10_000  # of a point in a probability of 1
_LEAST = 100  # hundredths of a point, one point: what an equal share has to be, to be told from nothing


@dataclass(frozen=True)
class OnePath:
    """Facts: how many paths share the work, and what was lost without one, if that was measured."""

    cardinality: int
    measured: PathMeasured | None

    @property
    def before(self) -> int:
        return round(_HUNDREDTHS * self.measured.with_all) if self.measured else 0

    @property
    def lost(self) -> int:
        """In hundredths of a point; below 0 where the probability rose."""
        return self.before - round(_HUNDREDTHS * self.measured.without) if self.measured else 0

    @property
    def measurement(self) -> MeasuredState:
        return MeasuredState.DONE if self.measured else MeasuredState.MISSING

    @property
    def right(self) -> frozenset[str]:
        if self.measured is None:
            return frozenset()
        if self.lost <= 0:
            return frozenset({"D" if self.lost < 0 else "C"})
        return frozenset({"A" if self.lost * self.cardinality >= self.before else "B"})

    @property
    def variants(self) -> Mapping[str, str]:
        if self.measured is None:
            return {}
        direction = {"reveal": "rose"} if self.lost < 0 else {}
        left = {} if self.measured.none_left is not None else {"more_answer": "not_measured"}
        return {"question": "measured", **direction, **left}

    @cached_property
    def words(self) -> Mapping[str, str]:
        known = {}
        if self.measured:
            known = {
                "class_name": self.measured.class_name,
                "path": exact(self.measured.path),
                "stage": exact(self.measured.stage),
                "block": exact(self.measured.block),
                "before": percent(self.measured.with_all, 2),
                "after": percent(self.measured.without, 2),
                "lost": f"{abs(self.lost) / 100:.2f}",
                "share_points": f"{self.before / self.cardinality / 100:.1f}",
                "left": percent(self.measured.none_left or 0.0, 2),
            }
        return known | {"cardinality": exact(self.cardinality), "share": percent(1 / self.cardinality)}

    def link(self, step: Step) -> Mapping[str, str]:
        """Photo and weights; from the reveal on, the class and the path that is off."""
        if self.measured is None:
            return {"photo": PHOTO, "weights": WEIGHTS}
        taken = self.measured
        stage = {"photo": taken.photo, "weights": taken.weights, "class": str(taken.class_index)}
        if step is Step.VOTE:
            return stage
        place = (taken.stage, taken.block)
        return stage | {"within": f"{taken.stage}.{taken.block}", "off": paths_off().write({place: (taken.path,)})}


def _facts(_dialled: DialledNetwork, measured: object) -> OnePath | Obstacle:
    if not isinstance(measured, PathMeasured):
        return OnePath(preset(NETWORK).cardinality, None)
    if measured.cardinality == 1:
        return Obstacle("one_path_of_weights", {"weights": measured.weights})
    facts = OnePath(measured.cardinality, measured)
    if facts.before < _LEAST * facts.cardinality:
        words = {"class_name": measured.class_name, "before": percent(measured.with_all, 2)}
        return Obstacle("unsure_network", words)
    return facts


def _moves(dialled: DialledNetwork) -> Iterator[Move]:
    yield Move(Dial.PHOTO, PHOTO, dialled)


def _it_was_the_path_of_the_class(_: OnePath) -> RuleValue:
    return RuleValue("share", {})


def _all_carry_it(_: OnePath) -> RuleValue:
    return RuleValue("less", {})


def _one_is_too_few(_: OnePath) -> RuleValue:
    return RuleValue("same", {})


def _it_was_in_the_way(_: OnePath) -> RuleValue:
    return RuleValue("more", {})


LESSON: Lesson[OnePath] = Lesson(
    "path", 5, LessonPage.PREDICT,
    (
        Choice("A", _it_was_the_path_of_the_class, "implus/PytorchInsight#5"),
        Choice("B", _all_carry_it),
        Choice("C", _one_is_too_few),
        Choice("D", _it_was_in_the_way),
    ),
    _facts, _moves, ENGLISH, PathMeasured,
)  # fmt: skip
