"""A machine without published weights, whatever the one that the tests run on has: pages begin with what is here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_published_weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Torch's folder without checkpoints, for servers of the tests too; compiled networks stay where they are kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache"), "torch")
    kept = Path(os.environ.get("TORCH_HOME", cache)).expanduser() / "hub" / "resnext_viz"
    kept.mkdir(parents=True, exist_ok=True)
    home = tmp_path_factory.mktemp("torch_home")
    (home / "hub").mkdir()
    (home / "hub" / "resnext_viz").symlink_to(kept.resolve())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORCH_HOME", str(home))
        yield
