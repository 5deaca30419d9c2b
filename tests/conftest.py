"""Settings of all tests: hypothesis without deadlines, and under CI without chance. And the installed package."""

import pytest
from hypothesis import settings

from tests.support.ci import under_ci
from tests.support.installed import installed, served
from tests.support.no_published_weights import no_published_weights

__all__ = ["installed", "no_published_weights", "served"]

# No test is timed: the machine may be busy with something else.
settings.register_profile("explore", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("long", deadline=None, max_examples=2000)  # pytest --hypothesis-profile=long
settings.load_profile("ci" if under_ci() else "explore")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows why a test was tried again: what passed the second time is a fault all the same."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"tried again: {report.nodeid}", sep="_")
        terminalreporter.write_line(report.longreprtext)
