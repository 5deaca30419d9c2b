"""Answers equal the network's own, come in order, and one bad image spoils nothing but its own row."""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resnext_viz.errors import UserError
from resnext_viz.inference import load_predictor
from resnext_viz.inference.engines import selection as choice_module
from resnext_viz.inference.engines.engine import Engine, EngineChoice
from resnext_viz.inference.engines.selection import Chosen, Network, choose_engine
from resnext_viz.inference.errors import WeightsError
from resnext_viz.inference.photos.decode import decode_image
from resnext_viz.inference.photos.uploaded import Photo
from resnext_viz.inference.predictor import predictor as predictor_module
from resnext_viz.inference.predictor.prediction import Answer
from resnext_viz.inference.predictor.predictor import Predictor, largest_batch
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.inference.conftest import CLASSES, MEAN, STD, trained

ROUNDING = 1e-3  # of a probability: a batch of another size, or another place in it, may round otherwise


def probabilities(answers: Sequence[Answer]) -> dict[str, float]:
    """By label: where two are equal up to rounding, either may come first."""
    return {answer.label: answer.probability for answer in answers}


PATIENCE_S = 60


def photo(seed: int, side: int = 32) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8))


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def tiny(tiny_file: Path) -> Predictor:
    return load_predictor(tiny_file, device="cpu")


def test_probabilities_are_the_networks_own(tiny: Predictor, tiny_model: ResNeXt) -> None:
    images = [photo(seed) for seed in range(3)]
    pixels = np.stack([np.asarray(image, dtype=np.float64) for image in images]).transpose(0, 3, 1, 2) / 255
    normalised = (pixels - np.array(MEAN)[:, None, None]) / np.array(STD)[:, None, None]
    with torch.inference_mode():
        expected = tiny_model(torch.from_numpy(normalised).float()).softmax(1)
    for prediction, row in zip(tiny.predict(images, 5, EngineChoice.EXACT), expected, strict=True):
        assert [answer.label for answer in prediction.top] == [CLASSES[i] for i in row.argsort(descending=True)]
        assert [answer.probability for answer in prediction.top] == pytest.approx(
            row.sort(descending=True).values.tolist(), abs=1e-5
        )
        assert sum(answer.probability for answer in prediction.top) == pytest.approx(1, abs=1e-5)


def test_an_answer_says_which_class_it_is_where_two_have_one_name(tiny_file: Path, tiny_model: ResNeXt) -> None:
    """As "crane" and "maillot" in ImageNet; what is printed has labels alone, as ever."""
    twins = load_predictor(tiny_file, device="cpu", classes=("crane", "maillot", "crane", "maillot", "crane"))
    prediction = twins.predict([photo(3)], 5, EngineChoice.EXACT)[0]
    logits = tiny_model(twins.preprocess.tensor(photo(3))[None])[0]
    assert [each.class_index for each in prediction.top] == logits.argsort(descending=True).tolist()
    assert [each.label for each in prediction.top] == [twins.classes[each.class_index] for each in prediction.top]
    assert prediction.to_dict()["top"] == [
        {"label": each.label, "probability": each.probability} for each in prediction.top
    ]


def test_every_way_to_hand_over_a_photo_gives_the_same_answer(tiny: Predictor, tmp_path: Path) -> None:
    image = photo(5, 48)
    file = tmp_path / "photo.png"
    file.write_bytes(png(image))
    predictions = tiny.predict([image, file, str(file), png(image), decode_image(png(image), "mine")])
    first, *others = (probabilities(prediction.top) for prediction in predictions)
    assert others == [pytest.approx(first, abs=ROUNDING)] * 4
    assert [p.image_name for p in predictions] == ["image 1", str(file), str(file), "image 4", "mine"]
    assert {(p.width, p.height) for p in predictions} == {(48, 48)}


def test_bad_images_are_answered_in_words_and_the_others_in_order(tiny: Predictor, tmp_path: Path) -> None:
    (tmp_path / "notes.pdf").write_bytes(b"%PDF-1.7")
    images: list[Photo] = [
        png(photo(1)),
        b"",
        png(photo(2)),
        tmp_path / "notes.pdf",
        tmp_path / "none.jpg",
        tmp_path,
        png(photo(3)),
        "a\0b",
    ]
    predictions = tiny.predict(images, top_k=1)
    assert [p.error is None for p in predictions] == [True, False, True, False, False, False, True, False]
    words = [p.error for p in predictions if p.error]
    assert [
        word in error for word, error in zip(("empty", "PDF", "no such file", "no such file", ""), words, strict=True)
    ]
    for image, prediction in zip(images, predictions, strict=True):
        if prediction.error is None:
            assert prediction.top[0].label == tiny.predict([image], top_k=1)[0].top[0].label
        else:
            assert prediction.top == ()
            assert prediction.latency_ms is None


def test_only_bad_images_and_no_images(tiny: Predictor) -> None:
    assert [p.error is not None for p in tiny.predict([b"", b"x"])] == [True, True]
    assert tiny.predict([]) == []


def test_more_images_than_one_batch(tiny: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    fallback = tiny._ready(EngineChoice.AUTO).fallback
    run = fallback.run

    def counted(inputs: torch.Tensor) -> torch.Tensor:
        sizes.append(len(inputs))
        return run(inputs)

    monkeypatch.setattr(fallback, "run", counted)
    images = [photo(seed) for seed in range(35)]
    together = tiny.predict(images, top_k=1)
    assert sizes == [16, 16, 3]
    assert [p.batch for p in together] == [16] * 32 + [3] * 3
    alone = [tiny.predict([image], top_k=1)[0] for image in images]
    assert [p.top[0].label for p in together] == [p.top[0].label for p in alone]
    assert [p.image_name for p in together] == [f"image {n}" for n in range(1, 36)]


def test_a_network_with_large_maps_gets_smaller_batches() -> None:
    spec = ResNeXtSpec(depths=(1,), cardinality=1, base_width=64, stem=Stem.CIFAR, num_classes=2)
    # The largest map: 256 channels at 500 × 500 = 64 million elements, of which two are within 2^27.
    assert largest_batch(spec, 500) == 2
    assert largest_batch(spec, 2000) == 1
    assert largest_batch(spec, 32) == 16


def test_what_is_said_of_a_prediction(tiny: Predictor) -> None:
    prediction = tiny.predict([png(photo(1).convert("RGBA")), b""], top_k=2)
    answered, refused = prediction[0].to_dict(), prediction[1].to_dict()
    assert list(answered) == ["image", "top", "latency_ms", "device", "engine"]
    assert [list(answer) for answer in answered["top"]] == [["label", "probability"]] * 2
    assert answered["latency_ms"] > 0
    assert answered["engine"] == tiny.engine
    assert "core" in answered["device"]
    assert list(refused) == ["image", "error"]


def test_what_a_predictor_says_of_itself(tiny: Predictor, tiny_spec: ResNeXtSpec, tiny_model: ResNeXt) -> None:
    assert (tiny.spec, tiny.classes, tiny.image_size, tiny.test_accuracy) == (tiny_spec, CLASSES, 32, 0.5)
    assert tiny.params == sum(parameter.numel() for parameter in tiny_model.parameters())
    assert tiny.title.endswith("tiny.safetensors")
    assert not tiny.model.training


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (3, 3), (5, 5), (6, 5), (10**9, 5)])
def test_top_k_is_clipped_to_the_classes(tiny: Predictor, asked: int, given: int) -> None:
    assert len(tiny.predict([photo(0)], top_k=asked)[0].top) == given


@pytest.mark.parametrize("top_k", [0, -1, 1.5, True, "3", None])
def test_top_k_that_cannot_be_is_refused(tiny: Predictor, top_k: object) -> None:
    with pytest.raises(UserError, match="top_k is"):
        tiny.predict([photo(0)], top_k=top_k)  # type: ignore[arg-type]


def test_one_predictor_serves_many_threads(tiny: Predictor) -> None:
    images = [photo(seed) for seed in range(8)]
    expected = [tiny.predict([image])[0].top for image in images]
    found: dict[int, tuple[Answer, ...]] = {}

    def ask(number: int) -> None:
        for _ in range(3):
            found[number] = tiny.predict([images[number]])[0].top

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(images))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, answers in enumerate(expected):
        assert probabilities(found[number]) == pytest.approx(probabilities(answers), abs=ROUNDING)


@pytest.mark.parametrize("options", [{"num_classes": 1}, {"in_channels": 1}, {"stem": Stem.IMAGENET}])
def test_odd_networks(tmp_path: Path, options: dict[str, object]) -> None:
    spec = ResNeXtSpec(depths=(1,), cardinality=2, base_width=4, stem=Stem.CIFAR, num_classes=3).with_options(**options)
    model = trained(spec)
    channels = spec.in_channels
    save_checkpoint(
        tmp_path / "odd.safetensors", model.state_dict(), spec, [f"c{i}" for i in range(spec.num_classes)],
        (0.5,) * channels, (0.25,) * channels, 24,
    )  # fmt: skip
    prediction = load_predictor(str(tmp_path / "odd.safetensors"), device="cpu").predict([photo(1, 50)])[0]
    assert len(prediction.top) == spec.num_classes
    if spec.num_classes > 1:
        assert sum(answer.probability for answer in prediction.top) == pytest.approx(1, abs=1e-5)


def test_one_output_is_a_sigmoid(tmp_path: Path) -> None:
    spec = ResNeXtSpec(depths=(1,), cardinality=2, base_width=4, stem=Stem.CIFAR, num_classes=1)
    model = trained(spec)
    save_checkpoint(tmp_path / "one.safetensors", model.state_dict(), spec, ["cat"], (0.5,) * 3, (0.25,) * 3, 24)
    predictor = load_predictor(str(tmp_path / "one.safetensors"), device="cpu", engine="exact")
    (answer,) = predictor.predict([photo(1, 50)])[0].top
    logit = predictor.logits_of([photo(1, 50)])[0, 0].item()
    assert answer.label == "cat"
    assert answer.probability == pytest.approx(1 / (1 + math.exp(-logit)), abs=ROUNDING)
    assert 0.01 < answer.probability < 0.99


def test_weights_that_answer_nonsense_are_refused(tiny_spec: ResNeXtSpec, tiny_model: ResNeXt, tmp_path: Path) -> None:
    state = {key: value.clone() for key, value in tiny_model.state_dict().items()}
    state["bn1.running_var"].fill_(-1)
    save_checkpoint(tmp_path / "x.safetensors", state, tiny_spec, CLASSES, MEAN, STD, 32, 0.5)
    with pytest.raises(WeightsError, match="no numbers"):
        load_predictor(tmp_path / "x.safetensors")


def test_what_load_predictor_refuses(tiny_file: Path) -> None:
    with pytest.raises(WeightsError, match="weights is 'no such'"):
        load_predictor("no such")
    with pytest.raises(WeightsError, match="only with a checkpoint file"):
        load_predictor("cifar10", classes=["a"])
    with pytest.raises(UserError, match="device is 'gpu9'"):
        load_predictor(tiny_file, device="gpu9")
    with pytest.raises(WeightsError, match="no file"):
        load_predictor("nowhere/model.safetensors")
    with pytest.raises(UserError, match="engine is 'warp'; use one of auto, exact, int8"):
        load_predictor(tiny_file, engine="warp")
    with pytest.raises(UserError, match="engine is 'int8'; these weights have no measured 8-bit form"):
        load_predictor(tiny_file, device="cpu", engine="int8")


def test_an_uploaded_checkpoint(tiny_file: Path) -> None:
    loaded = load_predictor(tiny_file.read_bytes(), device="cpu", classes=b"1\n2\n3\n4\n5")
    assert loaded.classes == ("1", "2", "3", "4", "5")
    assert loaded.name == "uploaded checkpoint"


def test_every_engine_says_how_it_was_checked(tiny: Predictor) -> None:
    assert tiny.engine_of(EngineChoice.EXACT) == "torch eager, float32"
    assert "as torchvision computes it" in tiny.check_of(EngineChoice.EXACT)
    check = tiny.check_of(EngineChoice.AUTO)
    assert "Checked on a fixed picture" in check or "is not used" in check


def test_the_exact_engine_has_its_name_before_it_is_made(tiny_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[EngineChoice] = []

    def counted(choice: EngineChoice, network: Network) -> Chosen:
        made.append(choice)
        return choose_engine(choice, network)

    monkeypatch.setattr(predictor_module, "choose_engine", counted)
    loaded = load_predictor(tiny_file, "cpu")
    said = (loaded.engine_of(EngineChoice.EXACT), loaded.check_of(EngineChoice.EXACT))
    loaded.engine_of(EngineChoice.AUTO)
    assert made == [EngineChoice.AUTO]
    loaded.logits(torch.zeros(1, 3, 32, 32), EngineChoice.EXACT)
    assert made == [EngineChoice.AUTO, EngineChoice.EXACT]
    assert (loaded.engine_of(EngineChoice.EXACT), loaded.check_of(EngineChoice.EXACT)) == said


def test_a_network_that_is_being_built_keeps_no_other_from_answering(
    tiny_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = load_predictor(tiny_file, "cpu", engine="exact")
    begun, free = threading.Event(), threading.Event()

    def compiled() -> Engine:
        begun.set()
        assert free.wait(PATIENCE_S)
        raise ImportError

    monkeypatch.setattr(choice_module, "_fast_engines", lambda _: iter([compiled]))
    with ThreadPoolExecutor(2) as pool:
        loading = pool.submit(load_predictor, tiny_file, "cpu")
        try:
            assert begun.wait(PATIENCE_S)
            assert pool.submit(other.logits, torch.zeros(1, 3, 32, 32)).result(PATIENCE_S).shape == (1, 5)
            assert not loading.done()
        finally:
            free.set()
        assert "cannot be made here" in loading.result(PATIENCE_S).check_of(EngineChoice.AUTO)


def test_an_engine_that_is_being_made_keeps_nobody_from_one_that_is_there(
    tiny_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = load_predictor(tiny_file, "cpu")
    begun, free = threading.Event(), threading.Event()

    def slow(_: EngineChoice, network: Network) -> Chosen:
        begun.set()
        assert free.wait(PATIENCE_S)
        return choose_engine(EngineChoice.EXACT, network)

    monkeypatch.setattr(predictor_module, "choose_engine", slow)
    with ThreadPoolExecutor(2) as pool:
        making = pool.submit(loaded.check_of, EngineChoice.INT8)
        try:
            assert begun.wait(PATIENCE_S)
            assert pool.submit(loaded.logits, torch.zeros(1, 3, 32, 32)).result(PATIENCE_S).shape == (1, 5)
            assert not making.done()
        finally:
            free.set()


def test_logits_of_the_exact_engine_are_the_networks_own(tiny: Predictor, tiny_model: ResNeXt) -> None:
    inputs = torch.randn(19, 3, 32, 32)
    with torch.inference_mode():
        wanted = torch.cat([tiny_model(piece) for piece in inputs.split(16)])
    assert torch.equal(tiny.logits(inputs, EngineChoice.EXACT), wanted)
    assert (tiny.logits(inputs) - wanted).abs().max() < 2e-2 * wanted.abs().max()


def test_an_uploaded_network_leaves_nothing_on_the_disk(
    tiny_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    load_predictor(tiny_file.read_bytes(), device="cpu").predict([photo(1)])
    assert list(tmp_path.rglob("*")) == []
