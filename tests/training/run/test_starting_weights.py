"""Fine-tuning: the body keeps its weights to the bit, the head fits the new classes, and what is frozen stays."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from resnext_viz.errors import UserError
from resnext_viz.inference.weights.catalogue import BUNDLED_FILE
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.data.labelled_images import LabelledImages
from resnext_viz.training.recipe.recipe import Recipe, RecipeError
from resnext_viz.training.run.starting_weights import StartingWeights, load_start
from resnext_viz.training.run.training_run import Run

CPU = torch.device("cpu")
SPEC = ResNeXtSpec(depths=(1, 1), cardinality=2, base_width=8, expansion=1, stem=Stem.CIFAR_POOL, num_classes=4)
RECIPE = Recipe(epochs=2, batch_size=8, translate=1, flip=False, label_smoothing=0.0, peak_rate=0.02, seed=3)
SLOPES, OTHER_SLOPES = (0, 60, 120, 30), (90, 150, 75)  # of the stripes, in degrees
MEAN, STD = (0.5, 0.4, 0.6), (0.25, 0.25, 0.2)


def stripes(slopes: tuple[int, ...], each: int, seed: int) -> LabelledImages:
    """Noisy stripes of any phase; their slope is the class."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:16, :16]
    pictures, labels = [], []
    for label, slope in enumerate(slopes):
        for _ in range(each):
            along = x * np.cos(np.radians(slope)) + y * np.sin(np.radians(slope))
            wave = np.sin(1.6 * along + random.uniform(0, 2 * np.pi))
            picture = 128 + 40 * wave + random.normal(0, 60, (3, 16, 16))
            pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
            labels.append(label)
    names = tuple(f"slope {slope:03}" for slope in slopes)
    return LabelledImages(torch.from_numpy(np.stack(pictures)), torch.tensor(labels), names)


Splits = tuple[LabelledImages, LabelledImages]


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that tells four slopes apart, in a file."""
    folder = tmp_path_factory.mktemp("learned")
    known = stripes(SLOPES, 100, seed=0)
    run = Run(SPEC, replace(RECIPE, epochs=5, batch_size=16, peak_rate=0.1), known, known, folder / "run", CPU)
    list(run.epochs())
    path = folder / "slopes.safetensors"
    save_checkpoint(path, run.model.state_dict(), SPEC, known.classes, MEAN, STD, 16, dtype=torch.float32)
    return path


@pytest.fixture(scope="module")
def others() -> Splits:
    """Few pictures of slopes that the network has not seen."""
    return stripes(OTHER_SLOPES, 8, seed=1), stripes(OTHER_SLOPES, 40, seed=2)


def tuned(out: Path, splits: Splits, start: StartingWeights | None, recipe: Recipe = RECIPE) -> Run:
    spec = start.spec_for(splits[0].classes) if start else SPEC.with_options(num_classes=len(splits[0].classes))
    return Run(spec, recipe, *splits, out, CPU, start=start)


def state_of(run: Run, head: bool) -> dict[str, Tensor]:
    return {
        name: value.clone()
        for name, value in run.model.state_dict().items()
        if name.startswith("fc.") == head and not name.endswith("num_batches_tracked")
    }


def assert_equal(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> None:
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        assert torch.equal(value, theirs[name]), name


def test_new_classes_are_learned_sooner_than_from_scratch(tmp_path: Path, learned: Path, others: Splits) -> None:
    accuracies = {}
    for name, start in (("scratch", None), ("tuned", load_start(learned)), ("frozen", load_start(learned, True))):
        run = tuned(tmp_path / name, others, start, replace(RECIPE, epochs=5, peak_rate=0.05))
        accuracies[name] = list(run.epochs())[-1]["test_accuracy"]
    assert accuracies["tuned"] > accuracies["scratch"] + 0.15
    assert accuracies["frozen"] > accuracies["scratch"] + 0.15


def test_the_body_starts_as_it_was_and_the_head_from_the_seed(tmp_path: Path, learned: Path, others: Splits) -> None:
    start = load_start(learned)
    first, again, other = (
        tuned(tmp_path / str(number), others, start, replace(RECIPE, seed=seed))
        for number, seed in enumerate((3, 3, 4))
    )
    body = {name: value for name, value in start.checkpoint.state_dict.items() if not name.startswith("fc.")}
    assert_equal(state_of(first, head=False), body)
    assert_equal(state_of(first, head=True), state_of(again, head=True))
    assert first.model.fc is not None
    assert other.model.fc is not None
    assert first.model.fc.weight.shape == (3, start.checkpoint.state_dict["fc.weight"].shape[1])
    assert not torch.equal(first.model.fc.weight, other.model.fc.weight)
    assert (first.normalisation.mean, first.normalisation.std, start.image_size) == (MEAN, STD, 16)
    assert "linear layer new for 3 classes in place of 4, all is trained" in start.in_words(others[0].classes)


def test_the_same_classes_keep_their_head_in_whatever_order(tmp_path: Path, learned: Path) -> None:
    start = load_start(learned)
    known = stripes(tuple(sorted(SLOPES)), 2, seed=0)  # the four that were learned, by name
    assert known.classes != start.checkpoint.classes
    run = tuned(tmp_path, (known, known), start)
    assert run.model.fc is not None
    for row, name in zip(run.model.fc.weight, known.classes, strict=True):
        assert torch.equal(row, start.checkpoint.state_dict["fc.weight"][start.checkpoint.classes.index(name)])
    assert "linear layer kept" in start.in_words(known.classes)


def test_a_stem_that_does_not_pool_takes_the_same_weights(tmp_path: Path, learned: Path) -> None:
    known = stripes(SLOPES, 20, seed=4)
    pooled = load_start(learned)
    start = pooled.in_network({"stem": "cifar"})
    assert start.spec_for(known.classes) == replace(SPEC, stem=Stem.CIFAR)
    run = tuned(tmp_path, (known, known), start)
    assert_equal(state_of(run, head=False) | state_of(run, head=True), pooled.checkpoint.state_dict)
    maps = run.model.eval().features(run.normalisation.apply(known.images[:1]))
    assert maps.shape[-2:] == (8, 8)  # of 16x16 pictures; 4x4 where the stem pools
    list(run.epochs())
    with pytest.raises(RecipeError, match="stem is cifar there and cifarpool here"):
        tuned(tmp_path, (known, known), pooled)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"base_width": "16"}, "slopes.safetensors does not fit a network with another base_width: layer1"),
        ({"stem": "imagenet"}, "another stem: conv1.weight has the shape"),
        ({"head": False}, "another head: fc.weight"),
        ({"num_classes": "7", "stem": "cifar"}, "another num_classes and stem: fc.weight"),
        ({"stem": "vgg"}, "stem is 'vgg'"),
    ],
)
def test_weights_that_do_not_fit_are_refused(learned: Path, options: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        load_start(learned).in_network(options)


def test_a_frozen_body_stays_to_the_bit(tmp_path: Path, learned: Path, others: Splits) -> None:
    run = tuned(tmp_path, others, load_start(learned, frozen=True), replace(RECIPE, ema=0.5))
    body, head = state_of(run, head=False), state_of(run, head=True)
    list(run.epochs())
    assert_equal(state_of(run, head=False), body)
    assert not torch.equal(state_of(run, head=True)["fc.weight"], head["fc.weight"])
    for name, value in body.items():
        assert torch.equal(run.result.state_dict()[name], value), name  # the averaged weights too


@pytest.mark.parametrize("frozen", [False, True])
def test_a_stopped_run_goes_on_as_if_it_never_had(tmp_path: Path, learned: Path, others: Splits, frozen: bool) -> None:
    start = load_start(learned, frozen)
    whole = tuned(tmp_path / "whole", others, start)
    list(whole.epochs())
    next(tuned(tmp_path / "stopped", others, start).epochs())
    again = tuned(tmp_path / "stopped", others, start)
    assert again.epoch == 1
    list(again.epochs())
    for head in (False, True):
        assert_equal(state_of(again, head), state_of(whole, head))


def test_a_run_from_elsewhere_is_refused(tmp_path: Path, learned: Path, others: Splits) -> None:
    start = load_start(learned)
    next(tuned(tmp_path, others, start).epochs())
    darker = tuple(replace(split, images=split.images // 2) for split in others)
    for began, splits, words in (
        (None, others, "it began from slopes.safetensors, and from fresh weights was asked for"),
        (replace(start, sha256="0"), others, "slopes.safetensors is another file than it began from"),
        (replace(start, frozen=True), others, "it trains the whole network; repeat its --from and --freeze"),
        (start, darker, "run on other pictures"),
    ):
        with pytest.raises(UserError, match=words):
            tuned(tmp_path, splits, began)  # type: ignore[arg-type]
    assert tuned(tmp_path, others, replace(start, name="renamed.safetensors")).epoch == 1  # the same weights
    with pytest.raises(RecipeError, match="whiten is True, which makes a new stem"):
        tuned(tmp_path / "new", others, start, replace(RECIPE, whiten=True))


def test_torchvisions_weights_give_their_features(tmp_path: Path, others: Splits) -> None:
    from torchvision.models.resnet import Bottleneck, ResNet

    torch.manual_seed(0)
    theirs = ResNet(Bottleneck, [1, 1, 1, 1], num_classes=5, groups=2, width_per_group=4).eval()
    for module in theirs.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)  # type: ignore[arg-type]
            torch.nn.init.uniform_(module.running_var, 0.5, 2)  # type: ignore[arg-type]
    path = tmp_path / "theirs.pth"
    torch.save(theirs.state_dict(), path)
    start = load_start(path)
    assert start.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert start.image_size == 224
    assert start.statistics == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))  # torchvision's for ImageNet
    run = tuned(tmp_path / "run", others, start)
    theirs.fc = torch.nn.Identity()
    pictures = run.normalisation.apply(others[1].images[:4])
    with torch.inference_mode():
        assert torch.allclose(run.model.eval().features(pictures).mean((2, 3)), theirs(pictures), rtol=1e-4, atol=1e-5)


def test_bundled_weights_are_started_from_by_name() -> None:
    start = load_start("cifar10")
    assert (start.name, start.image_size, start.checkpoint.classes[3]) == ("cifar10", 32, "cat")
    assert start.sha256 == hashlib.sha256(BUNDLED_FILE.read_bytes()).hexdigest()
    with pytest.raises(UserError, match="'no such weights'; use cifar10"):
        load_start("no such weights")
