import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz.training.recipe import RANGES, SETTINGS, Recipe, RecipeError


@given(st.floats(0, 1), st.floats(0, 0.9))
def test_the_rate_never_leaves_zero_to_peak(progress: float, warm_up: float) -> None:
    recipe = Recipe(epochs=1, peak_rate=0.3, warm_up=warm_up)
    assert 0 <= recipe.rate_at(progress) <= 0.3 * (1 + 1e-12)


@pytest.mark.parametrize(("progress", "rate"), [(0, 0), (0.1, 0.2), (0.2, 0.4), (0.6, 0.2), (1, 0), (1.5, 0)])
def test_the_rate_rises_and_falls_in_straight_lines(progress: float, rate: float) -> None:
    assert Recipe(epochs=1, peak_rate=0.4, warm_up=0.2).rate_at(progress) == pytest.approx(rate)


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
    recipe = Recipe(minutes=1.5, flip=False, seed=7)
    assert Recipe(**recipe.to_dict()) == recipe
    assert set(recipe.to_dict()) == set(SETTINGS)
