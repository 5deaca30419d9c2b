"""The plan of a study: equal MACs, twice the MACs, by the module's own arithmetic and by hand."""

import pytest

from resnext_viz.complexity import complexity
from resnext_viz.errors import SpecError
from resnext_viz.names import parse
from resnext_viz.study.study_plan import DEFAULT_BASE, KEYS, LADDER, Role, StudyError, plan, target_macs

BASE = parse(DEFAULT_BASE)


def macs_by_hand(blocks: tuple[int, ...], cardinality: int, width: int) -> int:
    """MACs of expansion 1 on a pooled stem and ten classes: 1x1, grouped 3x3, 1x1, and the projections."""
    total, c_in, side = 3 * 9 * 64 * 32 * 32, 64, 16
    for stage, count in enumerate(blocks):
        out, inner, before = 64 << stage, cardinality * width << stage, side
        side = 16 >> stage
        for block in range(count):
            reduce_side = before if block == 0 else side
            total += c_in * inner * reduce_side**2
            total += (inner * inner // cardinality * 9 + inner * out) * side**2
            total += c_in * out * side**2 if block == 0 and (stage > 0) else 0
            c_in = out
    return total + c_in * 10


def test_the_default_ladder_is_within_two_percent_and_differs_in_c_and_d_only() -> None:
    settings = plan(KEYS, BASE, 32)
    ladder = [setting for setting in settings if setting.role is Role.LADDER]
    assert [(s.spec.cardinality, s.spec.base_width) for s in ladder] == [(1, 50), (2, 33), (4, 21), (8, 13), (16, 8)]
    for setting in settings:
        spec = setting.spec
        by_hand = macs_by_hand(spec.depths, spec.cardinality, spec.base_width)
        assert setting.counts.macs == by_hand
        twice = 1 if setting.role is Role.LADDER else 2
        assert abs(by_hand / (twice * ladder[0].target) - 1) <= 0.02
        assert spec.with_options(depths=BASE.depths, cardinality=16, base_width=8) == BASE


def test_twice_the_macs_go_into_depth_or_width_or_paths() -> None:
    deeper, wider, paths = plan(["deeper", "wider", "paths"], BASE, 32)
    assert (deeper.spec.cardinality, sum(deeper.spec.depths)) == (1, 6)
    assert (wider.spec.cardinality, wider.spec.depths) == (1, BASE.depths)
    assert (paths.spec.base_width, paths.spec.depths) == (8, BASE.depths)
    assert paths.spec.cardinality > 2 * LADDER[-1] - 1
    assert [s.key for s in (deeper, wider, paths)] == ["deeper", "wider", "paths"]


def test_more_settings_later_have_the_same_target() -> None:
    few, many = plan(["1", "2"], BASE, 32), plan(KEYS, BASE, 32)
    assert {s.target for s in few} == {s.target for s in many if s.role is Role.LADDER} == {target_macs(BASE, 32)}
    assert few == many[:2]
    assert abs(target_macs(BASE, 32) / complexity(BASE, 32).macs - 1) <= 0.05


@pytest.mark.parametrize(("keys", "base", "words"), [
    ([], DEFAULT_BASE, "needs a setting"),
    (["three"], DEFAULT_BASE, "setting is 'three'; use a number of paths from 1 to 1024, or deeper, wider, paths"),
    (["0"], DEFAULT_BASE, "setting is '0'"),
    (["2000"], DEFAULT_BASE, "setting is '2000'"),
    (["1", "64"], DEFAULT_BASE, "setting 64 comes no nearer"),
    (["8"], "resnext11_8x8d_cifarpool10_x1", "a study keeps within 2 %; leave it out, or name a larger --base"),
])  # fmt: skip
def test_what_cannot_be_planned_is_said_in_words(keys: list[str], base: str, words: str) -> None:
    with pytest.raises(StudyError, match=words):
        plan(keys, parse(base), 32)


def test_a_basic_block_has_no_ladder() -> None:
    with pytest.raises(SpecError, match="a basic block allows only 1"):
        plan(["1", "2"], parse("resnet18"), 224)
