"""A shell script in the place of every child of ours."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Has every command of ours be this shell script; its arguments from the third on are the command's."""

    def made(script: str) -> Path:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(path))
        return path

    return made
