"""What a session has asked about its photos: which block, which class, which paths off; and what was computed for it.

It belongs to one network: another one begins anew. What a drawing sends is counted, so that it is taken once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from resnext_viz.figures.predict.heat import ClassChoice, short_label
from resnext_viz.inference.weights.catalogue import BUNDLED_NAME
from resnext_viz.kit.link_values import Off
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.components import newly_chosen
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.predict.shown_picture import shown_picture
from resnext_viz.ui.predict.why.why_job import PathsJob
from resnext_viz.ui.predict.why.why_pictures import crop_uri

if TYPE_CHECKING:
    from torch import Tensor

    from resnext_viz.inference.predictor.prediction import Prediction
    from resnext_viz.inference.predictor.predictor import Predictor
    from resnext_viz.ui.predict.shown_picture import Photo

PATHS, HEAT = "why-paths", "why-heat"
AT_ONCE_S = 0.5  # work that ends within it is simply there
KEPT = 3  # photos of a session whose explanations are kept
# Of the bundled network's six blocks the one where a path alone moves the first answer most, on the sample that shows
# one of its classes: by 27 percentage points, where the last block's paths move it by 0.5. A test measures it again.
TELLING_BLOCKS = {BUNDLED_NAME: (3, 1)}


@dataclass
class Subject:
    """One photo and what is known about it.

    Attributes:
        image: the network's input.
        crop: what the network gets of the photo, as a data URI.
        names: labels of all classes.
        classes: the photo's answers, best first.
        class_index: of the class that is asked about.
        job: its paths in the block that was asked about last.
        drawn: those paths as HTML.
    """

    image: Tensor
    crop: str
    names: tuple[str, ...]
    classes: tuple[ClassChoice, ...]
    class_index: int
    job: PathsJob | None = None
    _heats: dict[tuple[int, int], tuple[str, bool]] = field(default_factory=dict)
    _maps: bytes | None = None
    _drawn_for: tuple[object, ...] = ()
    drawn: bytes = b""

    @property
    def label(self) -> str:
        """Of the class that is asked about, for a sentence."""
        return short_label(self.names[self.class_index])

    def heat(self, stage: int, make: Callable[[], tuple[str, bool]]) -> tuple[str, bool]:
        """The picture of the class's heat at a stage and whether there is none of it, made once."""
        if (asked := (self.class_index, stage)) not in self._heats:
            self._heats[asked] = make()
        return self._heats[asked]

    def draw(self, about: tuple[object, ...], make: Callable[[], str]) -> None:
        """Puts the drawing of its paths into `drawn`, anew only if it is about something else."""
        if self._drawn_for != about:
            self._drawn_for, self.drawn = about, make().encode()

    def maps(self, make: Callable[[], bytes]) -> bytes:
        """The maps of the stages as HTML, made once."""
        if self._maps is None:
            self._maps = make()
        return self._maps


@dataclass
class Questions:
    """A session's questions to one network.

    Attributes:
        predictor: the network; another copy of the same one may take its place.
        turn: how often something was chosen in the drawings.
    """

    predictor: Predictor
    turn: int = 0
    _subjects: dict[str, Subject] = field(default_factory=dict)

    def is_about(self, predictor: Predictor) -> bool:
        """Whether they are questions to that network, where it is: other devices give other figures."""
        own = self.predictor
        return (own.identity, own.device) == (predictor.identity, predictor.device)

    @property
    def block_key(self) -> str:
        """Key of the widget that chooses the block; another network has other blocks."""
        return f"why_block_{'_'.join(map(str, self.predictor.spec.depths))}"

    @property
    def block(self) -> tuple[int, int]:
        """Stage and block that are asked about, from 1."""
        place: tuple[int, int] = link.chosen("within", self.usual_block, among=self.block_names())
        return place

    @property
    def usual_block(self) -> tuple[int, int]:
        """The block to begin with: where paths differ clearly, if that was measured, else the last."""
        return self._usual_block(_all_off())

    def _usual_block(self, off: Off) -> tuple[int, int]:
        """The block to begin with; a link whose paths are off in the last one alone means that one."""
        last = next(iter(self.block_names()))
        told = TELLING_BLOCKS.get(self.predictor.name, last)
        return last if off.get(last) and not off.get(told) else told

    def block_names(self) -> dict[tuple[int, int], str]:
        """Every block with its name, the last first."""
        depths = self.predictor.spec.depths
        places = [(stage, block) for stage, depth in enumerate(depths, 1) for block in range(1, depth + 1)]
        names = {place: f"Stage {place[0]}, block {place[1]}" for place in reversed(places)}
        names[places[-1]] += " (last)"
        return names

    def off_paths(self) -> tuple[int, ...]:
        """Paths of the block that are off."""
        return tuple(path for path in _all_off().get(self.block, ()) if 1 <= path <= self.predictor.spec.cardinality)

    def read_link(self) -> None:
        """Looks at what a link says of blocks and paths, for the network has them whether or not there is a photo."""
        names, cardinality = self.block_names(), self.predictor.spec.cardinality
        link.chosen("within", self.usual_block, among=names)
        if any(place not in names or max(paths, default=0) > cardinality for place, paths in _all_off().items()):
            link.pass_over("off")

    def switch_all_on(self) -> None:
        self._choose_off(())
        self.turn += 1

    def stop(self) -> None:
        """Ends what is being computed for it; nobody will ask any more."""
        for subject in self._subjects.values():
            _end(subject)

    def knows(self, photo: Photo) -> bool:
        """Whether the photo's explanations have been begun."""
        return photo.id in self._subjects

    def subject(self, photo: Photo, prediction: Prediction) -> Subject:
        """The photo, with what was chosen about it since the last run."""
        subject = self._subjects.pop(photo.id, None) or _subject(self.predictor, photo, prediction)
        self._subjects[photo.id] = subject
        for old in list(self._subjects)[:-KEPT]:
            _end(self._subjects.pop(old))
        subject.classes = _classes(prediction)  # another number of answers, or another engine's
        self._take(PATHS, subject)
        self._take(HEAT, subject)
        indices = [each.class_index for each in subject.classes]
        subject.class_index = link.chosen("class", indices[0], among=indices)
        return subject

    def job(self, subject: Subject) -> PathsJob:
        """The photo's paths in the block that is asked about, begun if they are not known."""
        stage, block = self.block
        if subject.job is None or (subject.job.stage, subject.job.block) != (stage, block):
            _end(subject)
            subject.job = PathsJob(self.predictor.model, subject.image, stage, block, self.predictor.temperature)
            subject.job.start()
            subject.job.wait(AT_ONCE_S)
        return subject.job

    def _take(self, key: str, subject: Subject) -> None:
        """Takes over what was chosen in a drawing, once."""
        with newly_chosen(key) as sent:
            match = re.fullmatch(r"(path|class):(\d{1,6})=(\d{1,9})", sent or "")
            if match and int(match[3]) == self.turn:
                self._take_over(match[1], int(match[2]), subject)

    def _choose_off(self, paths: tuple[int, ...]) -> None:
        """Switches these paths off and the others on; the block stays, with none off again, too."""
        block = self.block
        off = {**_all_off(), block: paths}
        is_usual = block == self._usual_block(off) == self._usual_block({})
        link.choose({"off": off, "within": None if is_usual else block})

    def _take_over(self, part: str, number: int, subject: Subject) -> None:
        if part == "path" and 1 <= number <= self.predictor.spec.cardinality:
            off = {number}.symmetric_difference(self.off_paths())
            self._choose_off(tuple(sorted(off)))
        elif part == "class" and any(each.class_index == number for each in subject.classes):
            link.choose({"class": number})
        self.turn += 1


def _all_off() -> Off:
    return link.chosen("off") or {}


@dataclass
class WhySession:
    """What a session has asked about its photos; it goes with the page."""

    questions: Questions | None = None


def asked_about(predictor: Predictor) -> Questions:
    """What this session has asked about a network."""
    session = record(WhySession)
    asked = session.questions
    if asked is None or not asked.is_about(predictor):
        # The drawings still say what was chosen last: counting goes on, so that it is not taken for news.
        asked = session.questions = Questions(predictor, asked.turn + 1 if asked else 0)
    asked.predictor = predictor
    return asked


def _subject(predictor: Predictor, photo: Photo, prediction: Prediction) -> Subject:
    image = shown_picture().of(photo, predictor.preprocess.seen_side).image
    crop = crop_uri(image, predictor.preprocess.crop_box(*image.size))
    classes = _classes(prediction)
    return Subject(predictor.preprocess.tensor(image), crop, tuple(predictor.classes), classes, classes[0].class_index)


def _classes(prediction: Prediction) -> tuple[ClassChoice, ...]:
    return tuple(ClassChoice(each.class_index, each.label, each.probability) for each in prediction.top)


def _end(subject: Subject) -> None:
    if subject.job is not None:
        subject.job.stop()
