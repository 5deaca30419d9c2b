import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz.training.recipe.recipe import RANGES, SETTINGS, Recipe, RecipeError, Schedule


@given(st.floats(0, 1), st.floats(0, 0.9))
def test_the_rate_never_leaves_zero_to_peak(progress: float, warm_up: float) -> None:
    recipe = Recipe(epochs=1, peak_rate=0.3, warm_up=warm_up)
    assert 0 <= recipe.rate_at(progress) <= 0.3 * (1 + 1e-12)


@pytest.mark.parametrize(("progress", "rate"), [(0, 0), (0.1, 0.2), (0.2, 0.4), (0.6, 0.2), (1, 0), (1.5, 0)])
def test_the_rate_rises_and_falls_in_straight_lines(progress: float, rate: float) -> None:
    assert Recipe(epochs=1, peak_rate=0.4, warm_up=0.2).rate_at(progress) == pytest.approx(rate)


@pytest.mark.parametrize(("progress", "rate"), [(0.1, 0.2), (0.2, 0.4), (0.6, 0.2), (1, 0), (1.5, 0)])
def test_a_cosine_falls_along_half_a_period(progress: float, rate: float) -> None:
    recipe = Recipe(epochs=1, peak_rate=0.4, warm_up=0.2, schedule=Schedule.COSINE)
    assert recipe.rate_at(progress) == pytest.approx(rate, abs=1e-12)
    assert recipe.rate_at(0.2 + 0.8 / 3) == pytest.approx(0.3)  # cos 60° = 1/2


@pytest.mark.parametrize(
    ("progress", "rate"), [(0, 0.1), (0.49, 0.1), (0.5, 0.01), (0.74, 0.01), (0.75, 0.001), (1, 0.001)]
)
def test_the_papers_steps_are_at_a_half_and_three_quarters(progress: float, rate: float) -> None:
    recipe = Recipe(epochs=300, peak_rate=0.1, warm_up=0, schedule=Schedule.STEPS)
    assert recipe.rate_at(progress) == pytest.approx(rate)  # epochs 150 and 225 of 300, section 5.3


def test_a_schedule_that_is_none_is_named_with_those_there_are() -> None:
    with pytest.raises(RecipeError, match="schedule is 'square'; use linear, cosine, steps"):
        Recipe(epochs=1, schedule="square")  # type: ignore[arg-type]


def test_without_warm_up_the_rate_starts_at_its_peak() -> None:
    assert Recipe(epochs=1, peak_rate=0.4, warm_up=0).rate_at(0) == 0.4


def test_a_run_is_bounded_by_epochs_or_by_minutes() -> None:
    assert Recipe(epochs=4).share_done(1, elapsed_s=1e9) == 0.25
    assert Recipe(minutes=2).share_done(99, elapsed_s=30) == 0.25


@pytest.mark.parametrize("bounds", [{}, {"epochs": 3, "minutes": 3}])
def test_no_bound_and_two_bounds_are_refused(bounds: dict[str, int]) -> None:
    with pytest.raises(RecipeError, match="by epochs or by minutes"):
        Recipe(**bounds)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, "3", True, 10**9])
def test_a_setting_out_of_its_range_is_named(name: str, value: object) -> None:
    settings: dict[str, object] = {name: value} if name in ("epochs", "minutes") else {"epochs": 1, name: value}
    with pytest.raises(RecipeError, match=rf"^{name} is .*; use a (whole )?number from"):
        Recipe(**settings)  # type: ignore[arg-type]


def test_a_recipe_comes_back_from_json() -> None:
    recipe = Recipe(minutes=1.5, flip=False, seed=7, schedule=Schedule.STEPS)
    assert Recipe(**json.loads(json.dumps(recipe.to_dict()))) == recipe
    assert set(recipe.to_dict()) == set(SETTINGS)
