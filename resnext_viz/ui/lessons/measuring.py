"""What lessons 3, 4 and 5 wait for, measured by the pages' own jobs: which job, how it is begun, and what it found."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from resnext_viz.kit.intervals import median_interval
from resnext_viz.kit.timing import PAIR_ROUNDS
from resnext_viz.lessons import (
    DialledNetwork,
    FormsMeasured,
    Lesson,
    PathMeasured,
    TimeMeasured,
    forms_measured,
)
from resnext_viz.lessons.path_lesson import PHOTO, WEIGHTS
from resnext_viz.ui.block_forms.check_job import CheckJob
from resnext_viz.ui.block_forms.forms_section import CHECK
from resnext_viz.ui.counting.comparison_section import PAIR
from resnext_viz.ui.counting.pair_job import PairJob, about
from resnext_viz.ui.kit.dialled import counted
from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.kit.jobs.refreshing import session_jobs
from resnext_viz.ui.kit.jobs.shown_job import ShownJob, told
from resnext_viz.ui.kit.record import record
from resnext_viz.ui.lessons.path_job import LessonPathJob
from resnext_viz.ui.lessons.words import WORDS

_PATH = ShownJob(
    kind=LessonPathJob, key="lesson_path_job", start_key="measure_path", stop_key="stop_path",
    start=WORDS["measure"], again=WORDS["measure"], failed=WORDS["measure_failed"], doing=told,
    stopped=lambda _: WORDS["measure_stopped"],
)  # fmt: skip


@dataclass(frozen=True)
class LessonMeasurement:
    """How what a lesson needs is measured.

    Attributes:
        shown: the page's own way to begin and show such a job.
        about: what it is asked about.
        make: the job for what is dialled.
        read: what an ended job found; None where it found too little.
    """

    shown: ShownJob[Any]
    about: Callable[[DialledNetwork], Hashable]
    make: Callable[[DialledNetwork], Job]
    read: Callable[[Any, DialledNetwork], object]


@dataclass
class MeasuredForLessons:
    """What a session has measured for its lessons, by the kind of record; each says which network it is of."""

    records: dict[type, object] = field(default_factory=dict)


def measurement_of(lesson: Lesson[Any]) -> LessonMeasurement | None:
    """How what the lesson needs is measured; None where it is computed."""
    return _MEASUREMENTS.get(lesson.needs) if lesson.needs else None


def measured_of(lesson: Lesson[Any], dialled: DialledNetwork) -> Any:
    """What this session has measured for the lesson; None before. It may be of another network."""
    measurement = measurement_of(lesson)
    if measurement is None or lesson.needs is None:
        return None
    records = record(MeasuredForLessons).records
    job = lesson_job(lesson, dialled)
    if job is not None and not (job.running or job.problem or job.stopped_early):
        found = measurement.read(job, dialled)
        if found is not None:
            records[lesson.needs] = found
    return records.get(lesson.needs)


def lesson_job(lesson: Lesson[Any], dialled: DialledNetwork) -> Job | None:
    """The session's job that measures what the lesson asks about what is dialled, if it was begun, here or below."""
    measurement = measurement_of(lesson)
    job = session_jobs().get(measurement.shown.key) if measurement else None
    is_of_this = measurement is not None and job is not None and job.about == measurement.about(dialled)
    return job if is_of_this else None


def _block(dialled: DialledNetwork) -> int:
    return min(2, dialled.spec.depths[0])


def _about_forms(dialled: DialledNetwork) -> Hashable:
    return (dialled.spec, 1, _block(dialled), dialled.size)


def _check_job(dialled: DialledNetwork) -> Job:
    return CheckJob(dialled.spec, 1, _block(dialled), dialled.size)


def _forms(job: CheckJob, dialled: DialledNetwork) -> FormsMeasured | None:
    return forms_measured(dialled.spec, job.rows) if job.rows else None


def _about_time(dialled: DialledNetwork) -> Hashable:
    return about(*(counted(spec, dialled.size) for spec in (dialled.spec, dialled.baseline)))


def _pair_job(dialled: DialledNetwork) -> Job:
    return PairJob(*(counted(spec, dialled.size) for spec in (dialled.spec, dialled.baseline)))


def _time(job: PairJob, dialled: DialledNetwork) -> TimeMeasured | None:
    batch = max(PAIR_ROUNDS)
    ratios, single = (_ratios(job, images) for images in (batch, 1))
    if not ratios:
        return None
    low, high = median_interval(ratios)
    alone = median(single) if single else None
    return TimeMeasured(dialled.spec, dialled.baseline, dialled.size, batch, median(ratios), low, high, alone)


def _ratios(job: PairJob, batch: int) -> list[float]:
    """How many times as long the dialled network took, round by round."""
    return [ours / theirs for ours, theirs in job.samples.get(batch, ())]


def _about_path(_: DialledNetwork) -> Hashable:
    return (PHOTO, WEIGHTS)


def _path_job(_: DialledNetwork) -> Job:
    return LessonPathJob(PHOTO, WEIGHTS)


def _path(job: LessonPathJob, _: DialledNetwork) -> PathMeasured | None:
    return job.measured


_MEASUREMENTS: Mapping[type, LessonMeasurement] = {
    FormsMeasured: LessonMeasurement(CHECK, _about_forms, _check_job, _forms),
    TimeMeasured: LessonMeasurement(PAIR, _about_time, _pair_job, _time),
    PathMeasured: LessonMeasurement(_PATH, _about_path, _path_job, _path),
}
