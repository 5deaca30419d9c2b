"""What lesson 5 needs, as a job: a sample photo through the bundled network, with all paths, without one, with none."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.lessons import PathMeasured
from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.kit.weights.loading import DevicesJob
from resnext_viz.ui.predict.weights import published_to_a_job
from resnext_viz.ui.predict.why.why_job import PathsJob

if TYPE_CHECKING:
    from torch import Tensor

    from resnext_viz.inference.predictor.predictor import Predictor


class LessonPathJob(Job):
    """The path of the last block that speaks most for the first answer goes off, and then all of them do.

    Attributes:
        measured: the record, once it is there.
    """

    def __init__(self, photo: str, weights: str) -> None:
        super().__init__((photo, weights))
        self._photo, self._weights = photo, weights
        self.measured: PathMeasured | None = None
        self.doing = "Loading torch"

    def steps(self) -> Generator[None, None, None]:
        """Loads the network, opens its last block, and switches its paths off."""
        devices = DevicesJob()
        devices.run()
        yield
        self.doing = "Loading the bundled network"
        network = published_to_a_job(self._weights, devices.devices[0])
        yield
        self.doing = "Switching paths off"
        stage, block = len(network.spec.depths), network.spec.depths[-1]
        paths = PathsJob(network.model, self._input(network), stage, block, network.temperature)
        yield from paths.steps()
        self.measured = self._record(network, paths)
        yield

    def _input(self, network: Predictor) -> Tensor:
        from resnext_viz.inference.photos.decode import decode_image

        sample = next(each for each in SAMPLES if each.name == self._photo)
        picture = decode_image(sample.path.read_bytes(), sample.name, network.preprocess.seen_side)
        return network.preprocess.tensor(picture.image)

    def _record(self, network: Predictor, paths: PathsJob) -> PathMeasured:
        before = paths.probabilities()
        index = max(range(len(before)), key=before.__getitem__)
        path = int(paths.contributions(index).totals.argmax()) + 1
        cardinality = network.spec.cardinality
        without, none_left = (
            paths.without(off)[index] for off in (frozenset({path}), frozenset(range(1, cardinality + 1)))
        )
        return PathMeasured(self._photo, self._weights, network.classes[index], index, cardinality, paths.stage,
                            paths.block, path, before[index], without, none_left)  # fmt: skip
