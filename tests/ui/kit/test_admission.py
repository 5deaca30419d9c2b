"""Visitors who wait are counted while they wait, and no longer."""

import contextlib
import threading

from resnext_viz.ui.kit.admission import CROWD, is_crowded, waiting


def test_a_crowd_is_those_who_wait_at_this_moment() -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(CROWD - 1):
            stack.enter_context(waiting())
        assert not is_crowded()
        with contextlib.suppress(ValueError), waiting():
            assert is_crowded()
            raise ValueError
        assert not is_crowded()
        stack.enter_context(waiting())
        assert is_crowded()
    assert not is_crowded()


def test_counting_is_exact_with_many_threads() -> None:
    def come_and_go() -> None:
        for _ in range(500):
            with waiting():
                pass

    threads = [threading.Thread(target=come_and_go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not is_crowded()
    with contextlib.ExitStack() as stack:
        for _ in range(CROWD):
            assert not is_crowded()
            stack.enter_context(waiting())
        assert is_crowded()
