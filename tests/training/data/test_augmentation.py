import numpy as np
import pytest
import torch

from resnext_viz.training.data.augmentation import plan_epoch, shifted
from resnext_viz.training.recipe.recipe import Recipe


def pictures(count: int, height: int = 8, width: int = 6) -> torch.Tensor:
    generator = torch.Generator().manual_seed(count)
    return torch.randint(256, (count, 3, height, width), generator=generator, dtype=torch.uint8)


def test_a_shift_is_a_window_of_numpys_reflected_padding() -> None:
    images, reach = pictures(25), 2
    shifts = torch.cartesian_prod(torch.arange(5), torch.arange(5))
    result = shifted(images, shifts[:, 0], shifts[:, 1], reach)
    for image, (top, left), window in zip(images, shifts.tolist(), result, strict=True):
        padded = np.pad(image.numpy(), ((0, 0), (reach, reach), (reach, reach)), mode="reflect")
        assert (window.numpy() == padded[:, top : top + 8, left : left + 6]).all()


def test_the_middle_window_and_no_reach_leave_pictures_alone() -> None:
    images, middle = pictures(4), torch.full((4,), 3)
    assert torch.equal(shifted(images, middle, middle, 3), images)
    assert torch.equal(shifted(images, middle, middle, 0), images)


def test_each_picture_is_mirrored_in_every_other_epoch() -> None:
    images, recipe = pictures(200), Recipe(epochs=9, translate=0, seed=5)
    everyone = torch.arange(200)
    even, odd, again = (plan_epoch(200, recipe, epoch).batch(images, everyone) for epoch in (0, 1, 2))
    assert torch.equal(even.flip(3), odd)
    assert torch.equal(even, again)
    kept = (even == images).flatten(1).all(1).sum()
    assert 60 < kept < 140  # half of 200, six deviations either way


def test_without_flips_nothing_is_mirrored() -> None:
    images = pictures(50)
    plan = plan_epoch(50, Recipe(epochs=1, translate=0, flip=False), 1)
    assert torch.equal(plan.batch(images, torch.arange(50)), images)


@pytest.mark.parametrize("other", [{"seed": 1}, {"epoch": 4}])
def test_draws_depend_on_seed_and_epoch_alone(other: dict[str, int]) -> None:
    def order(seed: int = 0, epoch: int = 3) -> list[int]:
        torch.rand(1)  # the global generator has no say
        order: list[int] = plan_epoch(100, Recipe(epochs=9, seed=seed), epoch).order.tolist()
        return order

    assert order() == order()
    assert sorted(order()) == list(range(100))
    assert order(**other) != order()


def test_a_square_of_the_mean_is_cut_from_each_picture_where_the_draw_says() -> None:
    recipe = Recipe(epochs=2, cutout=3, seed=1)
    batch, everyone = torch.ones(300, 3, 8, 6), torch.arange(300)
    plan = plan_epoch(300, recipe, 0)
    holes = plan.cut(batch, everyone) == 0
    assert torch.equal(holes[:, 0], holes[:, 1])
    for hole, (down, across) in zip(holes[:, 0].numpy(), plan.centres.tolist(), strict=True):
        expected = np.zeros((10, 8), bool)  # a border of one, into which squares about pixels at the border reach
        row, column = int(down * 8), int(across * 6)
        expected[row : row + 3, column : column + 3] = True
        assert (hole == expected[1:-1, 1:-1]).all()
    rows = holes[:, 0].any(2).float().mean(0)
    assert rows.min() > 0.15  # anywhere in the picture
    assert not torch.equal(plan.cut(batch, everyone), plan_epoch(300, recipe, 1).cut(batch, everyone))


def test_nothing_is_cut_unless_asked() -> None:
    batch = torch.ones(4, 3, 8, 6)
    assert plan_epoch(4, Recipe(epochs=1), 0).cut(batch, torch.arange(4)) is batch
