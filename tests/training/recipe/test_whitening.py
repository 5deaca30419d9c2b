import pytest
import torch
from torch import nn

from resnext_viz.training.recipe import whitening
from resnext_viz.training.recipe.whitening import whiten


def correlated_pictures() -> torch.Tensor:
    noise = torch.randn(40, 3, 18, 18, generator=torch.Generator().manual_seed(0))
    smooth = nn.functional.avg_pool2d(noise, 3, 1)  # neighbours look alike
    return smooth @ torch.eye(16) + 0.5 * smooth.mean(1, keepdim=True)  # and so do colours


def test_what_the_first_filters_see_is_uncorrelated_and_of_even_size() -> None:
    torch.manual_seed(1)
    conv, pictures = nn.Conv2d(3, 64, 3, bias=False), correlated_pictures()
    before = torch.corrcoef(conv(pictures).transpose(0, 1).flatten(1))
    whiten(conv, pictures)
    seen = conv(pictures).transpose(0, 1).flatten(1)[:27]
    after = torch.corrcoef(seen)
    off_diagonal = ~torch.eye(27, dtype=torch.bool)
    assert after[off_diagonal].abs().max() < 0.05 < before[:27, :27][off_diagonal].abs().max()
    assert seen[:9].std(1).max() < 2 * seen[:9].std(1).min()  # what carries most is brought to one size


def test_filters_come_in_pairs_and_keep_the_scale_and_the_others_stay() -> None:
    torch.manual_seed(1)
    conv = nn.Conv2d(3, 64, 3, bias=False)
    weight = conv.weight.detach().clone()
    whiten(conv, correlated_pictures())
    assert torch.equal(conv.weight[:27], -conv.weight[27:54])
    assert torch.equal(conv.weight[54:], weight[54:])
    torch.testing.assert_close(conv.weight[:54].flatten(1).norm(dim=1).mean(), weight.flatten(1).norm(dim=1).mean())


def test_pictures_are_taken_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 2,000 pictures of 224 px all patches at once would be 10 GB."""
    torch.manual_seed(1)
    at_once, in_parts = nn.Conv2d(3, 64, 3, bias=False), nn.Conv2d(3, 64, 3, bias=False)
    in_parts.load_state_dict(at_once.state_dict())
    whiten(at_once, correlated_pictures())
    monkeypatch.setattr(whitening, "_PIXELS_AT_ONCE", 7 * 16 * 16)
    largest, unfold = [0], torch.Tensor.unfold

    def seen(pictures: torch.Tensor, *place: int) -> torch.Tensor:
        largest.append(len(pictures))
        return unfold(pictures, *place)

    monkeypatch.setattr(torch.Tensor, "unfold", seen)
    whiten(in_parts, correlated_pictures())
    assert max(largest) == 7
    torch.testing.assert_close(in_parts.weight.abs(), at_once.weight.abs(), rtol=1e-3, atol=1e-4)  # of either sign


def test_a_large_kernel_fills_all_filters_with_what_carries_most() -> None:
    conv = nn.Conv2d(3, 8, 7, bias=False)
    whiten(conv, correlated_pictures())
    assert torch.equal(conv.weight[:4], -conv.weight[4:])
