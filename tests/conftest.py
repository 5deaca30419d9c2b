"""Settings of all tests: hypothesis without deadlines, and under CI without chance. And the installed package."""

from hypothesis import settings

from tests.ci import under_ci
from tests.installed import installed, served

__all__ = ["installed", "served"]

# No test is timed: the machine may be busy with something else.
settings.register_profile("explore", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if under_ci() else "explore")
