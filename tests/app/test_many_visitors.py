"""Visitors who run pages at the same moment do not disturb each other."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from resnext_viz.bench.app.served_apps import our_app
from resnext_viz.bench.app.session import Session, visit

VISITORS, RERUNS = 12, 4


def reruns(visitor: Session, page_hash: str) -> None:
    for _ in range(RERUNS):
        visitor.rerun(page_hash)  # a page with an exception is a BenchError


def test_pages_run_side_by_side() -> None:
    with ExitStack() as stack:
        address = stack.enter_context(our_app())
        visitors = [stack.enter_context(visit(address)) for _ in range(VISITORS)]
        pages = list(visitors[0].pages.values())[:3]  # not Predict, which would load torch
        asked = [pages[number % len(pages)] for number in range(VISITORS)]
        with ThreadPoolExecutor(VISITORS) as pool:
            assert list(pool.map(reruns, visitors, asked)) == [None] * VISITORS
