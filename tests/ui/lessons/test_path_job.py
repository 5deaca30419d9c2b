"""Lesson 5's job on the bundled network: what it records is what the page's own predictor says of the photo."""

import pytest

from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.lessons import answer, lesson_of
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.ui.lessons.path_job import LessonPathJob


def test_it_records_what_the_bundled_network_says_with_and_without_a_path() -> None:
    job = LessonPathJob("chelsea.png", "cifar10")
    job.run()
    assert job.problem is None
    taken = job.measured
    assert taken is not None
    network = load_predictor("cifar10", "cpu")
    from PIL import Image

    picture = Image.open(SAMPLES[0].path).convert("RGB")
    logits = network.model.eval()(network.preprocess.tensor(picture)[None])[0]
    chances = (logits / network.temperature).softmax(0)
    assert taken.class_name == "cat" == network.classes[int(chances.argmax())]
    assert taken.with_all == pytest.approx(float(chances.max()), abs=1e-4)
    assert taken.cardinality == network.spec.cardinality
    assert taken.none_left is not None
    assert taken.none_left < taken.without < taken.with_all
    found = answer(lesson_of(5), DialledNetwork(), taken)
    assert len(found.right) == 1
    assert found.reveal is not None
