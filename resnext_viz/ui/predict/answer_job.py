"""Photos through one network, as a job: it keeps every answer, goes on where it was stopped, and answers none twice."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.predictor.prediction import Prediction
from resnext_viz.ui.kit.admission import waiting
from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.predict.photos import jpeg_uri
from resnext_viz.ui.predict.shown_picture import Photo, ShownPicture

if TYPE_CHECKING:
    from resnext_viz.inference.engines.engine import EngineChoice
    from resnext_viz.inference.photos.decode import DecodedImage
    from resnext_viz.inference.predictor.predictor import Predictor

KEPT_TOP = 10  # answers of each photo; how many are shown is cut from them
THUMBNAIL_SIDE = 96  # px, shown at half of it
UNWATCHED_S = 120.0  # a page that was left asks no more; browsers wake a hidden one once a minute
_CHUNK_PIXELS = 2**25  # of decoded pictures that are answered together: 100 MB
_CHUNK_S = 0.4  # that one chunk should take, so that Stop is heard and progress is seen


@dataclass(frozen=True)
class Answered:
    """What became of one photo; `thumbnail` is a data URI, empty where it was refused."""

    prediction: Prediction
    thumbnail: str = ""


class AnswerJob(Job):
    """Answers those photos that are not in `answered` yet, in order, and puts them there.

    Attributes:
        done, total: photos of this job.
    """

    unwatched_s = UNWATCHED_S

    def __init__(
        self,
        predictor: Predictor,
        engine: EngineChoice | None,
        photos: Sequence[Photo],
        answered: dict[str, Answered],
        picture: ShownPicture,
        before: AnswerJob | None = None,
    ) -> None:
        """Prepares the job.

        Args:
            predictor: the network.
            engine: how it is run; None for the predictor's own choice.
            photos: all that are wanted.
            answered: by the photo's identity; shared with the page, which reads it.
            picture: of the photo that is shown; gets the first one that is answered, so that it is decoded once.
            before: the job that it takes over from, already asked to stop; what that is doing is not done again.
        """
        super().__init__(before=before)
        self.total = len(photos)
        self._predictor, self._engine = predictor, engine
        self._photos, self._answered = photos, answered
        self._picture, self._wanted = picture, frozenset(photo.id for photo in photos)

    @property
    def a_second(self) -> float:
        """Photos answered in a second, so far."""
        return self.done / max(self.seconds, 1e-6)

    def let_go(self) -> None:
        self._photos = ()  # hundreds of megabytes, which a page that takes them away must not keep

    def steps(self) -> Generator[None, None, None]:
        """A photo in each step: it joins those that are answered together, or is refused."""
        missing = [photo for photo in self._photos if photo.id not in self._answered]
        self.total = len(missing)
        with waiting(), closing(self._decoded_ahead(missing)) as photos:
            yield from self._answer_all(photos)

    def _answer_all(self, photos: Iterator[tuple[Photo, DecodedImage | ImageError]]) -> Generator[None, None, None]:
        chunk: list[tuple[Photo, DecodedImage]] = []
        size, pixels = 1, 0
        for photo, decoded in photos:
            if isinstance(decoded, ImageError):
                refused = Prediction(photo.name, self._predictor.device, "", error=str(decoded))
                self._keep(photo, Answered(refused))
            else:
                chunk.append((photo, decoded))
                pixels += decoded.pixels
            if len(chunk) >= size or pixels >= _CHUNK_PIXELS:
                size = self._next_size(size, self._answer(chunk))
                chunk, pixels = [], 0
            yield
        if chunk:
            self._answer(chunk)

    def _decoded_ahead(self, photos: Sequence[Photo]) -> Generator[tuple[Photo, DecodedImage | ImageError], None, None]:
        """Each photo's picture or what was wrong with it, in order; the next ones are decoded meanwhile."""
        from resnext_viz.inference.photos.decoder import WORKERS

        ahead = 2 * WORKERS  # pictures that are decoded before their turn, if they are small
        waiting: deque[tuple[Photo, Future[DecodedImage | ImageError]]] = deque()
        with ThreadPoolExecutor(WORKERS, "decode") as decoders:
            for photo in photos:
                while len(waiting) > ahead or _pixels(waiting) > _CHUNK_PIXELS:
                    first, decoded = waiting.popleft()
                    yield first, decoded.result()
                waiting.append((photo, decoders.submit(self._decoded, photo)))
            while waiting:
                first, decoded = waiting.popleft()
                yield first, decoded.result()

    def _decoded(self, photo: Photo) -> DecodedImage | ImageError:
        side = self._predictor.preprocess.seen_side
        if (kept := self._picture.kept(photo)) and kept.serves(side):
            return kept
        from resnext_viz.inference.photos.decode import decode_image

        try:
            return self.patiently(lambda: decode_image(photo.data, photo.name, side))
        except ImageError as error:
            return error

    def _answer(self, chunk: Sequence[tuple[Photo, DecodedImage]]) -> float:
        """Seconds that answering the chunk took."""
        began = time.perf_counter()
        pictures = [decoded for _, decoded in chunk]
        predictions = self.patiently(lambda: self._predictor.predict(pictures, KEPT_TOP, self._engine))
        seconds = time.perf_counter() - began
        for (photo, decoded), made in zip(chunk, predictions, strict=True):
            if not made.error and not self.stopping:  # its page may want others by now
                self._picture.offer(photo, decoded, self._wanted)
            thumbnail = "" if made.error else jpeg_uri(decoded.image, THUMBNAIL_SIDE)
            self._keep(photo, Answered(made, thumbnail))
        return seconds

    def _keep(self, photo: Photo, answered: Answered) -> None:
        self._answered[photo.id] = answered
        self.done += 1

    def _next_size(self, size: int, seconds: float) -> int:
        """Twice as many at once while that is quick, half as many when it is slow."""
        if seconds < _CHUNK_S / 2:
            return min(2 * size, self._predictor.max_batch)
        return max(1, size // 2) if seconds > _CHUNK_S else size


def _pixels(waiting: Iterable[tuple[Photo, Future[DecodedImage | ImageError]]]) -> int:
    """Those of the pictures that are decoded and wait for their turn."""
    found = (decoded.result() for _, decoded in waiting if decoded.done() and decoded.exception() is None)
    return sum(0 if isinstance(picture, ImageError) else picture.pixels for picture in found)


class Answers:
    """What one network said to the photos of a page, and the job that answers the rest.

    Attributes:
        predictor: the network; another copy of the same one may take its place.
        photos: those wanted, in order.
        answered: by the photo's identity; photos that are not answered yet are missing.
    """

    def __init__(
        self, predictor: Predictor, engine: EngineChoice | None = None, picture: ShownPicture | None = None
    ) -> None:
        self.predictor, self.engine = predictor, engine
        self._picture = picture or ShownPicture()
        self.photos: tuple[Photo, ...] = ()
        self.answered: dict[str, Answered] = {}
        self.job: AnswerJob | None = None

    def are_of(self, predictor: Predictor, engine: EngineChoice | None) -> bool:
        """Whether that network, run so, would say the same; another copy of the same network would."""
        own = self.predictor
        return (own.identity, own.device, self.engine) == (predictor.identity, predictor.device, engine)

    def want(self, photos: Sequence[Photo]) -> bool:
        """Whether answering began, because some are new; what is no longer wanted is forgotten."""
        known = {photo.id for photo in self.photos}
        self.photos = tuple(photos)
        wanted = {photo.id for photo in photos}
        self._picture.only(wanted)
        for gone in known - wanted:
            self.answered.pop(gone, None)
        if not (wanted - known or (self.running and known - wanted)):
            return False
        self.go_on()
        return True

    def go_on(self) -> None:
        """Answers what is missing."""
        self.stop()
        self.job = AnswerJob(self.predictor, self.engine, self.photos, self.answered, self._picture, self.job)
        self.job.start()

    def stop(self) -> None:
        """Ends the answering soon; what is answered stays."""
        if self.job:
            self.job.stop()

    @property
    def running(self) -> bool:
        return self.job is not None and self.job.running

    @property
    def done(self) -> int:
        """Photos answered or refused."""
        return sum(photo.id in self.answered for photo in self.photos)

    @property
    def share(self) -> float:
        """How far it is, 0 to 1."""
        return self.done / len(self.photos) if self.photos else 0.0

    @property
    def problem(self) -> str | None:
        """What ended the answering, in words."""
        return self.job.problem if self.job else None

    @property
    def stopped_early(self) -> bool:
        return not self.running and self.problem is None and self.done < len(self.photos)
