"""Long work in steps: in a thread or in the caller's own, ended between steps, with whatever it has done so far."""

import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import pytest

from resnext_viz.errors import UserError
from resnext_viz.inference.errors import BusyError
from resnext_viz.ui.kit.jobs import job as job_module
from resnext_viz.ui.kit.jobs.job import Job

PATIENCE_S = 60


class Counting(Job):
    """Yields 1, 2, 3 and says when it lets go; `between` is called in the middle of each step."""

    def __init__(self, between: Callable[[Job], object] = lambda _: None, before: Job | None = None) -> None:
        super().__init__("numbers", before)
        self.total, self.released = 3, 0
        self._between = between

    def steps(self) -> Generator[int | None, None, None]:
        for number in range(1, self.total + 1):
            self._between(self)
            yield None
            yield number

    def let_go(self) -> None:
        self.released += 1


def ended(job: Job) -> Job:
    job.start()
    job.wait(PATIENCE_S)
    assert not job.running
    return job


def standing(job: Job) -> tuple[Any, int, bool, bool]:
    return job.result, job.done, job.finished, job.stopped_early


@pytest.mark.parametrize("run", [ended, Job.run], ids=["in a thread", "in the caller's"])
def test_a_job_gives_the_same_in_a_thread_and_without_one(run: Callable[[Job], object]) -> None:
    job = Counting()
    assert (job.share, job.finished, job.stopped_early, job.seconds) == (0, False, False, 0)
    run(job)
    assert (*standing(job), job.problem, job.released, job.share) == (3, 3, True, False, None, 1, 1)


def test_who_drives_the_steps_sees_each_and_needs_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_threads(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_threads)
    job, seen = Counting(), list[int]()
    for _ in job.in_steps():
        seen.append(job.done)
        assert job.running
    assert seen == [0, 1, 1, 2, 2, 3]  # of each two steps the first yields no result
    assert job.finished


def test_a_job_that_is_stopped_ends_before_its_next_step_and_keeps_what_it_has() -> None:
    job = Counting()
    for _ in job.in_steps():
        if job.done == 2:
            job.stop()
    assert (*standing(job), job.problem, job.released) == (2, 2, False, True, None, 1)


def test_a_driver_that_goes_away_ends_the_job() -> None:
    job = Counting()
    steps = job.in_steps()
    next(steps)
    steps.close()  # type: ignore[attr-defined]  # a generator's
    assert (job.running, job.problem, job.released) == (False, None, 1)


def test_one_that_is_stopped_in_its_last_step_is_whole() -> None:
    job = Counting(lambda job: job.stop() if job.done == 2 else None)
    job.total = 1
    for _ in job.in_steps():
        if job.done == 1:
            job.stop()
    assert not job.stopped_early


def test_a_long_step_hears_stop_by_asking() -> None:
    def between(job: Job) -> None:
        if job.done == 1:
            job.stop()
            job.leave_if_asked()
            raise AssertionError("went on")

    assert standing(ended(Counting(between))) == (1, 1, False, True)


@pytest.mark.parametrize("error", [UserError("dial a smaller network"), KeyError("x"), SystemExit(3)])
def test_what_goes_wrong_is_told_in_words_and_what_was_done_stays(error: BaseException) -> None:
    def between(job: Job) -> None:
        if job.done == 2:
            raise error

    job = ended(Counting(between))
    assert (*standing(job), job.released) == (2, 2, False, False, 1)
    assert "dial a smaller network" in str(job.problem) or "reference" in str(job.problem)


def test_a_job_begins_when_the_one_before_has_ended_however_many_came_between() -> None:
    free, begun = threading.Event(), list[str]()

    def first_waits(_: Job) -> None:
        begun.append("first")
        assert free.wait(PATIENCE_S)

    first = Counting(first_waits)
    first.start()
    second = Counting(lambda _: begun.append("second"), first)
    second.start()
    third = Counting(lambda _: begun.append("third"), second)
    third.start()
    first.stop()
    second.stop()
    second.wait(PATIENCE_S)
    assert not second.running
    time.sleep(2 * job_module._LOOK_S)
    assert set(begun) == {"first"}
    free.set()
    third.wait(PATIENCE_S)
    assert begun == ["first", "third", "third", "third"]
    assert (second.stopped_early, second.released, third.finished) == (True, 1, True)


def test_turns_are_taken_one_at_a_time_and_waiting_is_said_and_can_be_ended() -> None:
    room = threading.Lock()

    class Measuring(Counting):
        def steps(self) -> Generator[int | None, None, None]:
            self.doing = "Measuring"
            with self.turn(room, "Waiting for another"):
                yield from super().steps()

    with room:
        job = Measuring()
        job.start()
        limit = time.monotonic() + PATIENCE_S
        while not job.waits and time.monotonic() < limit:
            time.sleep(0.01)
        assert job.doing == "Waiting for another"
        job.stop()
        job.wait(PATIENCE_S)
        assert standing(job) == (None, 0, False, True)
    stopped = Measuring(lambda job: job.stop())
    stopped.run()
    assert not room.locked()
    assert ended(Measuring()).finished
    assert not room.locked()


def test_one_that_nobody_watches_ends_and_looking_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counting, "unwatched_s", 0.2)
    left = Counting(lambda _: time.sleep(0.25))
    left.run()
    assert standing(left) == (None, 0, False, True)
    watched = Counting(lambda _: time.sleep(0.1))
    for _ in watched.in_steps():
        watched.watch()
    assert watched.finished


def test_a_busy_place_is_asked_again_until_the_job_is_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_module, "BUSY_WAIT_S", 0.0)
    asked = list[int]()

    def ask(free_after: int) -> int:
        asked.append(1)
        if len(asked) <= free_after:
            raise BusyError("too many")
        return len(asked)

    class Asking(Counting):
        def steps(self) -> Generator[int | None, None, None]:
            yield self.patiently(lambda: ask(2))
            self.stop()
            yield self.patiently(lambda: ask(9))

    assert standing(ended(Asking())) == (3, 1, False, True)


def test_seconds_leave_out_waiting_and_end_with_the_job() -> None:
    job = Counting(lambda _: time.sleep(0.02))
    job.run()
    spent = job.seconds
    time.sleep(0.02)
    assert job.seconds == spent >= 0.06


def test_the_time_that_is_left_follows_the_pace_since_the_first_count(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(job_module.time, "perf_counter", lambda: clock[0])
    job = Counting()
    job.total, told = 5, list[float | None]()
    for at_s, done in ((100.0, 0), (130.0, 1), (132.0, 2), (134.0, 3)):  # half a minute before anything is counted
        clock[0] = at_s
        job.done = done
        told.append(job.left_s)
    assert told == [None, None, 6.0, 4.0]
    clock[0] = 135.0
    assert job.left_s == 3.0
    clock[0] = 999.0  # however long the fourth takes, the fifth comes after it
    assert job.left_s == 2.0


def test_the_time_that_is_left_counts_heavy_rounds_by_their_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(job_module.time, "perf_counter", lambda: clock[0])

    class Doubling(Counting):
        def work(self, done: int) -> float:
            return float(2**done - 1)

    job = Doubling()
    job.total = 4  # 1 + 2 + 4 + 8
    for clock[0], job.done in ((1.0, 1), (3.0, 2)):
        pass
    assert job.left_s == 12.0
