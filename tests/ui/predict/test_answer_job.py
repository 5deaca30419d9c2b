"""Answering many photos: all of them, in order, none twice; stopped and gone on with; one bad file harms no other."""

import base64
import gc
import io
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from resnext_viz.inference.errors import BusyError, DecoderBusyError, WeightsError
from resnext_viz.inference.photos.decode import DecodedImage, decode_image
from resnext_viz.inference.photos.preprocess import CIFAR
from resnext_viz.inference.predictor.prediction import Answer, Prediction
from resnext_viz.ui.predict.answer_job import AnswerJob, Answers
from resnext_viz.ui.predict.shown_picture import Photo


def photo(number: int) -> Photo:
    """A photo whose width is its number and 1."""
    out = io.BytesIO()
    Image.new("RGB", (number + 1, 3), (number, 0, 0)).save(out, "PNG")
    return Photo(f"id{number}", f"{number}.png", out.getvalue())


PHOTOS = [photo(number) for number in range(40)]


class Fake:
    """Stands for a predictor: its answer is the picture's width; it remembers what it was asked, and can be held up."""

    device, max_batch, preprocess = "nowhere", 8, CIFAR

    def __init__(self, before: Callable[[], Any] = lambda: None) -> None:
        self.asked: list[str] = []
        self.calls: list[SimpleNamespace] = []
        self._before = before

    def predict(self, images: Sequence[DecodedImage], top_k: int, engine: Any) -> list[Prediction]:
        self._before()
        self.calls.append(SimpleNamespace(size=len(images), top_k=top_k, engine=engine))
        self.asked += [image.name for image in images]
        return [
            Prediction(
                image.name, self.device, "fake", (Answer(str(image.width), 1.0, 0),), 1.0, image.width, image.height
            )
            for image in images
        ]


def answers_of(fake: Fake, engine: Any = None) -> Answers:
    return Answers(fake, engine)  # type: ignore[arg-type]


def finish(answers: Answers) -> None:
    assert answers.job
    answers.job.wait(60)
    assert not answers.running


def widths(answers: Answers) -> dict[str, str]:
    return {key: each.prediction.top[0].label for key, each in answers.answered.items() if each.prediction.top}


@pytest.fixture
def gate() -> Iterator[threading.Semaphore]:
    """Lets as many calls through as it is released for; open at the end, so that no thread stays."""
    gate = threading.Semaphore(0)
    yield gate
    gate.release(1000)


def test_every_photo_gets_its_own_answer_in_batches_that_are_not_too_large() -> None:
    fake = Fake()
    answers = answers_of(fake, "some engine")
    assert answers.want(PHOTOS)
    finish(answers)
    assert widths(answers) == {f"id{number}": str(number + 1) for number in range(40)}
    assert fake.asked == [each.name for each in PHOTOS]
    assert max(call.size for call in fake.calls) == 8
    assert {(call.top_k, call.engine) for call in fake.calls} == {(10, "some engine")}
    assert answers.done == 40
    assert not answers.stopped_early
    assert answers.problem is None


def test_a_thumbnail_is_small_and_of_that_photo() -> None:
    answers = answers_of(Fake())
    out = io.BytesIO()
    Image.new("RGB", (1000, 500), (200, 10, 10)).save(out, "PNG")
    answers.want([Photo("a", "a.png", out.getvalue())])
    finish(answers)
    uri = answers.answered["a"].thumbnail
    with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as thumbnail:
        assert max(thumbnail.size) <= 112
        red, green, _ = thumbnail.convert("RGB").getpixel((20, 20))
        assert red > 180
        assert green < 40


def test_nothing_is_computed_twice_when_photos_come_and_go() -> None:
    fake = Fake()
    answers = answers_of(fake)
    answers.want(PHOTOS[:10])
    finish(answers)
    assert not answers.want(PHOTOS[:10])
    assert not answers.want(PHOTOS[3:10])
    assert set(answers.answered) == {f"id{number}" for number in range(3, 10)}
    assert answers.want(PHOTOS[3:20])
    finish(answers)
    assert sorted(fake.asked) == sorted(each.name for each in PHOTOS[:20])
    assert answers.done == 17


def test_photos_that_were_taken_away_are_let_go() -> None:
    answers = answers_of(Fake())
    photos = [photo(number) for number in range(3)]
    answers.want(photos)
    finish(answers)
    gone = weakref.ref(photos[1])
    answers.want([photos[0]])
    del photos
    gc.collect()
    assert gone() is None


def test_photos_that_come_while_others_are_answered_are_answered_once_too(gate: threading.Semaphore) -> None:
    entered = threading.Semaphore(0)

    def held() -> None:
        entered.release()
        gate.acquire()

    fake = Fake(held)
    answers = answers_of(fake)
    answers.want(PHOTOS[:12])
    assert entered.acquire(timeout=60)
    answers.want(PHOTOS[:20])
    answers.want(PHOTOS[2:20])
    assert not entered.acquire(timeout=0.3)  # what the first job is doing is waited for
    gate.release(1000)
    finish(answers)
    assert set(answers.answered) >= {f"id{number}" for number in range(2, 20)}
    assert len(fake.asked) == len(set(fake.asked))
    assert answers.done == 18


def test_stop_keeps_what_is_answered_and_going_on_answers_the_rest(gate: threading.Semaphore) -> None:
    fake = Fake(gate.acquire)
    answers = answers_of(fake)
    answers.want(PHOTOS)
    gate.release(2)
    while len(fake.calls) < 2:
        assert answers.running
    answers.stop()
    gate.release(1)
    finish(answers)
    assert answers.stopped_early
    assert 2 <= answers.done < 40
    assert answers.done == len(fake.asked)
    assert not answers.want(PHOTOS)
    assert not answers.running
    gate.release(1000)
    answers.go_on()
    finish(answers)
    assert fake.asked == [each.name for each in PHOTOS]
    assert answers.done == 40
    assert not answers.stopped_early


def test_a_bad_file_is_one_refusal() -> None:
    bad = Photo("bad", "notes.pdf", b"%PDF-1.7 not a picture")
    answers = answers_of(Fake())
    answers.want([PHOTOS[0], bad, PHOTOS[1]])
    finish(answers)
    assert widths(answers) == {"id0": "1", "id1": "2"}
    refusal = answers.answered["bad"]
    assert "Not an image" in (refusal.prediction.error or "")
    assert refusal.prediction.image_name == "notes.pdf"
    assert answers.done == 3


def test_a_busy_network_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resnext_viz.ui.kit.jobs.job.BUSY_WAIT_S", 0.001)
    refusals = iter([BusyError("too many")] * 5)

    def busy() -> None:
        if error := next(refusals, None):
            raise error

    fake = Fake(busy)
    answers = answers_of(fake)
    answers.want(PHOTOS[:5])
    finish(answers)
    assert fake.asked == [each.name for each in PHOTOS[:5]]
    assert next(refusals, None) is None


def test_a_busy_decoder_refuses_no_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resnext_viz.ui.kit.jobs.job.BUSY_WAIT_S", 0.001)
    refusals = iter([DecoderBusyError("too many")] * 5)

    def busy(data: bytes, name: str, _crop: int) -> DecodedImage:
        if error := next(refusals, None):
            raise error
        return decode_image(data, name)

    monkeypatch.setattr("resnext_viz.inference.photos.decode.decode_image", busy)
    answers = answers_of(Fake())
    answers.want(PHOTOS[:3])
    finish(answers)
    assert widths(answers) == {"id0": "1", "id1": "2", "id2": "3"}
    assert next(refusals, None) is None


def test_a_decoder_that_stays_busy_can_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resnext_viz.ui.kit.jobs.job.BUSY_WAIT_S", 0.001)
    asked = threading.Event()

    def busy(_data: bytes, _name: str, _crop: int) -> DecodedImage:
        asked.set()
        raise DecoderBusyError("too many")

    monkeypatch.setattr("resnext_viz.inference.photos.decode.decode_image", busy)
    answers = answers_of(Fake())
    answers.want(PHOTOS[:3])
    assert asked.wait(60)
    answers.stop()
    finish(answers)
    assert (answers.done, answers.problem, answers.stopped_early) == (0, None, True)


def test_a_network_that_stays_busy_can_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resnext_viz.ui.kit.jobs.job.BUSY_WAIT_S", 0.001)
    asked = threading.Event()

    def busy() -> None:
        asked.set()
        raise BusyError("too many")

    answers = answers_of(Fake(busy))
    answers.want(PHOTOS[:5])
    assert asked.wait(60)
    answers.stop()
    finish(answers)
    assert answers.stopped_early
    assert answers.problem is None


def test_what_goes_wrong_is_said_and_can_be_tried_again() -> None:
    troubles = iter([WeightsError("The network is gone. Load it again.")])

    def trouble() -> None:
        if error := next(troubles, None):
            raise error

    answers = answers_of(Fake(trouble))
    answers.want(PHOTOS[:5])
    finish(answers)
    assert answers.problem == "The network is gone. Load it again."
    assert not answers.want(PHOTOS[:5])
    answers.go_on()
    finish(answers)
    assert answers.problem is None
    assert answers.done == 5


def test_a_page_that_was_left_ends_its_work(monkeypatch: pytest.MonkeyPatch, gate: threading.Semaphore) -> None:
    monkeypatch.setattr(AnswerJob, "unwatched_s", 0.0)
    fake = Fake(gate.acquire)
    answers = answers_of(fake)
    answers.want(PHOTOS)
    gate.release(1)
    finish(answers)
    assert answers.stopped_early
    assert answers.done == 1
