import subprocess
import sys

import pytest

FAULTS = """
import resource
from resnext_viz.training.run.memory import keep_memory
kept = keep_memory() if {keep} else True
import torch
def touch():
    for _ in range(20):
        torch.ones(16_000_000)  # 64 MB, given back at once
touch()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
touch()
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc can be asked")
def test_memory_that_was_given_back_is_not_asked_for_again() -> None:
    faults = {}
    for keep in (False, True):
        command = [sys.executable, "-c", FAULTS.format(keep=keep)]
        kept, count = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        if kept == "False":
            pytest.skip("the C library here cannot be asked")
        faults[keep] = int(count)
    assert faults[True] * 10 < faults[False]
