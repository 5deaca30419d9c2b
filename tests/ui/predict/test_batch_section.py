"""What the page makes of many answers: how its table is looked at, how far it is in words, what is taken along."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from resnext_viz.figures.predict.files_table import Order
from resnext_viz.inference.engines.engine import EngineChoice
from resnext_viz.inference.predictor.prediction import Answer, Prediction
from resnext_viz.ui.predict.answer_job import Answered, Answers
from resnext_viz.ui.predict.batch_section import Looked, answered, csv_rows, json_text, progress_words, shown
from resnext_viz.ui.predict.batch_summary import first_answers, judged, unknown_words
from resnext_viz.ui.predict.folder_labels import Truth, truth_of
from resnext_viz.ui.predict.shown_picture import Photo


class Network:
    name, identity, device = "pets", "5ha256", "CPU"
    classes, none_of_these = ("cat", "dog", "emu"), None


PHOTOS = (
    Photo("a", "cat/a.jpg", b"", "cat"),
    Photo("b", "cat/b.jpg", b"", "cat"),
    Photo("c", "ant/c.jpg", b"", "ant"),
    Photo("d", "dog/d.jpg", b"", "dog"),
)


def said(name: str, *shares: float) -> Answered:
    top = sorted(
        (Answer(label, share, place) for place, (label, share) in enumerate(zip(Network.classes, shares, strict=True))),
        key=lambda answer: -answer.probability,
    )
    return Answered(Prediction(name, "CPU", "torch", tuple(top), 1.5, 40, 30), "data:,")


@pytest.fixture
def answers() -> Answers:
    """Right, wrong, of no known class, and refused."""
    answers = Answers(Network())  # type: ignore[arg-type]
    answers.photos = PHOTOS
    answers.answered = {
        "d": Answered(Prediction("dog/d.jpg", "CPU", "torch", error="Not an image. Use JPEG.")),
        "a": said("cat/a.jpg", 0.7, 0.2, 0.1),
        "b": said("cat/b.jpg", 0.3, 0.4, 0.3),
        "c": said("ant/c.jpg", 0, 0, 1),
    }
    return answers


def test_choices_in_the_table_are_taken_once_each() -> None:
    looked = Looked().after(None).after("sort:probability=0")
    assert looked.order == Order("probability")
    assert looked.after("sort:probability=0") == looked
    again = looked.after(f"sort:probability={looked.turn}")
    assert again.order == Order("probability", descending=True)
    assert again.turn == 2
    more = again.after("show:a=2").after("more=3")
    assert (more.turn, more.rows, more.order) == (4, 100, again.order)


@pytest.mark.parametrize("value", ["sort:__class__=0", "sort", "more", "show", "", "x:y=z", "sort:=9"])
def test_nonsense_from_a_browser_changes_nothing_that_is_seen(value: str) -> None:
    looked = Looked(Order("file"), 50, 4).after(value)
    assert (looked.order, looked.rows) == (Order("file"), 50)


@pytest.mark.parametrize(
    ("done", "total", "a_second", "words"),
    [
        (37, 500, 12.0, "37 of 500 photos, 12 a second, about 39 s left"),
        (0, 500, 0.0, "0 of 500 photos"),
        (100, 500, 0.5, "100 of 500 photos, 2.0 s each, about 13 min left"),
    ],
)
def test_progress_is_told_in_words(done: int, total: int, a_second: float, words: str) -> None:
    assert progress_words(done, total, a_second) == words


def test_the_first_answered_photo_is_shown_with_as_many_answers_as_asked_for(answers: Answers) -> None:
    above = shown(answers, 2)
    assert above
    assert above[0].id == "a"
    assert [answer.label for answer in above[1].top] == ["cat", "dog"]
    answers.answered.pop("a")
    assert shown(answers, 1) == (PHOTOS[1], shown(answers, 1)[1])  # type: ignore[index]


def test_csv_and_json_hold_every_photo_in_the_order_of_the_photos(answers: Answers) -> None:
    truth = truth_of(PHOTOS, Network.classes)
    rows = csv_rows(answers, truth)
    assert [(row["file"], row["truth"], row["label_1"], bool(row["error"])) for row in rows] == [
        ("cat/a.jpg", "cat", "cat", False),
        ("cat/b.jpg", "cat", "dog", False),
        ("ant/c.jpg", "", "emu", False),
        ("dog/d.jpg", "dog", "", True),
    ]
    assert {(row["device"], row["engine"], row["weights"]) for row in rows} == {("CPU", "torch", "pets")}
    assert rows[0]["probability_3"] == 0.1
    assert len({tuple(row) for row in rows}) == 1
    results = json.loads(json_text(answers, truth))["results"]
    assert [result["image"] for result in results] == [photo.name for photo in PHOTOS]
    assert [result.get("truth") for result in results] == ["cat", "cat", None, "dog"]
    assert results[0]["top"][0] == {"label": "cat", "probability": 0.7}
    assert set(results[3]) == {"image", "error", "truth"}


def test_the_csv_tells_a_doubt_before_the_answers(answers: Answers) -> None:
    answers.predictor = SimpleNamespace(name="pets", identity="1", classes=Network.classes, none_of_these=object())  # type: ignore[assignment]
    columns = list(csv_rows(answers, Truth({}, ()))[0])
    assert columns.index("none_of_these") < columns.index("width") < columns.index("label_1")


def test_networks_of_one_name_can_be_told_apart_in_the_csv(answers: Answers) -> None:
    other = Answers(SimpleNamespace(name="pets", identity="another", classes=(), none_of_these=None))  # type: ignore[arg-type]
    other.photos, other.answered = answers.photos, answers.answered
    nothing = Truth({}, ())
    told = [{(row["weights"], row["network_sha256"]) for row in csv_rows(each, nothing)} for each in (answers, other)]
    assert told == [{("pets", "5ha256")}, {("pets", "another")}]


@pytest.mark.usefixtures("session")
def test_answers_stay_with_their_network_whichever_copy_of_it_answers() -> None:
    """A name says nothing: every run's file has the same one."""

    def network(identity: str = "one", device: str = "CPU") -> Any:
        return SimpleNamespace(name="model.safetensors", identity=identity, device=device)

    kept = answered(network(), [], None)
    copy = network()
    assert answered(copy, [], None) is kept
    assert kept.predictor is copy
    others = (network("two"), None), (network("two", "GPU"), None), (network("two", "GPU"), EngineChoice.EXACT)
    found = [kept, *(answered(other, [], engine) for other, engine in others)]
    assert len({id(each) for each in found}) == 4


def test_without_folders_nothing_is_said_of_the_truth(answers: Answers) -> None:
    nothing = Truth({}, ())
    assert "truth" not in csv_rows(answers, nothing)[0]
    assert all("truth" not in result for result in json.loads(json_text(answers, nothing))["results"])


def test_only_answered_photos_of_known_classes_are_judged(answers: Answers) -> None:
    truth = truth_of(PHOTOS, Network.classes)
    assert judged(answers, truth) == {("cat", "cat"): 1, ("cat", "dog"): 1}
    assert first_answers(answers) == {"a": ("cat", 0.7), "b": ("dog", 0.4), "c": ("emu", 1)}


def test_folders_that_are_no_class_are_named() -> None:
    assert "ant" in unknown_words(Truth({"a": "cat"}, ("ant",)))
    assert unknown_words(Truth({}, ("holiday",))) == ""
    assert unknown_words(Truth({"a": "cat"}, ())) == ""
    assert "e and 2 more" in unknown_words(Truth({}, tuple("abcdefg")))
