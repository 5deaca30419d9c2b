"""The lock: what `make lock` writes, and that the one that ships fits the two lists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.setup.local_index import add_wheel, served

ROOT = Path(__file__).parents[2]
HEAD = "# What this file is.\n# How it is renewed.\n"
UV = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))

LISTS = ("requirements.txt", "requirements-tools.txt", "requirements-dev.txt")


def pins() -> list[Requirement]:
    """The lines of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def wanted() -> list[Requirement]:
    """The lines of all lists."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in LISTS]
    return [Requirement(line) for line in "\n".join(texts).splitlines() if line and not line.startswith("#")]


def test_whatever_is_asked_for_is_pinned_within_its_bounds() -> None:
    pinned = {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in pins()}
    assert len(wanted()) > 20
    for requirement in wanted():
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier


def test_every_pin_is_one_version_and_none_comes_with_cuda() -> None:
    for pin in pins():
        assert [specifier.operator for specifier in pin.specifier] == ["=="]
        assert not re.match("cuda|nvidia|triton", pin.name)


def test_no_address_is_written_down() -> None:
    assert not [name for name in ("constraints.txt", *LISTS) if "://" in (ROOT / name).read_text(encoding="utf-8")]


@pytest.mark.skipif(UV is None or os.name != "posix", reason="no uv or no shell here")
@pytest.mark.parametrize(("options", "frame"), [((), "1.0"), (("--upgrade",), "2.0")], ids=["kept", "upgraded"])
def test_a_lock_keeps_its_versions_unless_they_shall_be_newer(
    options: tuple[str, ...], frame: str, tmp_path: Path
) -> None:
    assert UV
    folder, index = tmp_path / "project", tmp_path / "index"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts/write-lock", folder / "scripts")
    (folder / "requirements.txt").write_text("frame>=1\ntorch>=2.11,<2.16\n")
    (folder / "requirements-tools.txt").write_text("")
    (folder / "requirements-dev.txt").write_text("checker\n")
    (folder / "constraints.txt").write_text(f"{HEAD}frame==1.0\nold==0.1\ntorch==2.15.0\n")
    for name, version in (("frame", "1.0"), ("frame", "2.0"), ("checker", "3.0"), ("triton", "3.9"), ("old", "0.1")):
        add_wheel(index, name, version)
    add_wheel(index, "torch", "2.15.0", requires=["triton; sys_platform == 'linux'", "frame; sys_platform == 'win32'"])
    with served(tmp_path) as address:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("UV_")},
            "PATH": f"{Path(UV).parent}:/usr/bin:/bin",
            "UV_NO_CONFIG": "1",
            "UV_CACHE_DIR": str(tmp_path / "cache"),
            "UV_DEFAULT_INDEX": f"{address}/index",
        }
        subprocess.run(["sh", folder / "scripts/write-lock", *options], env=environment, check=True)
    assert (folder / "constraints.txt").read_text() == f"{HEAD}checker==3.0\nframe=={frame}\ntorch==2.15.0\n"
