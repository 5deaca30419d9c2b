"""A bound on memory: what asks for more gets an error, and afterwards there is none."""

import pytest

from resnext_viz.kit.memory_bound import memory_bound

resource = pytest.importorskip("resource")


def test_more_memory_than_that_is_an_error_and_later_is_none() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with memory_bound(2**30):
        assert resource.getrlimit(resource.RLIMIT_DATA)[0] <= 2**30
        with pytest.raises(MemoryError):
            bytearray(2**31)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert len(bytearray(2**26)) == 2**26
