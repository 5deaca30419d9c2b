"""The command for a machine with a GPU: its parts fit into nine minutes, and what fails or is late leaves the rest."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from scripts import on_gpu_parts

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "on_gpu.sh"
MOST_S, MOST_FILES = 9 * 60, 8
# In the place of Python: one part writes and is late, one fails, one writes nothing, the others do their work.
STAND_IN = """#!/bin/sh
part=$3
while [ "$1" != --out ]; do shift; done
case $part in
forms) echo '{"rows": [1]}' > "$2"; sleep 600 ;;
train) exit 3 ;;
setup) ;;
*) echo '{}' > "$2" ;;
esac
"""


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(SCRIPT), *words], env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )


def test_the_shell_can_read_it() -> None:
    subprocess.run(["bash", "-n", str(SCRIPT)], check=True)


def test_every_wheel_that_travels_has_its_version() -> None:
    wheels = re.search(r'^WHEELS="([^"]+)"', SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    assert wheels
    pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(wheels[1].split()) - pinned == set()


def test_its_parts_take_at_most_nine_minutes() -> None:
    listed = run("--list").stdout
    seconds = [int(number) for number in re.findall(r" (\d+) s\b", listed)]
    assert len(seconds) == len(on_gpu_parts.PARTS) + 1  # and the time to end them
    assert 0 < sum(seconds) <= MOST_S
    assert re.findall(r"^\w+(?= +\d+ s  )", listed, re.MULTILINE) == list(on_gpu_parts.PARTS)


def test_one_part_that_fails_and_one_that_is_late_leave_the_rest(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(STAND_IN)
    python.chmod(0o755)
    out = tmp_path / "out"
    ended = run(PYTHON=str(python), OUT=str(out), LIMIT="1", DEVICE="cpu")
    assert ended.returncode == 1
    summary = json.loads((out / "summary.json").read_text())
    assert {part["part"]: part["status"] for part in summary["parts"]} == {
        "setup": "done", "tests": "done", "inference": "done", "forms": "out of time", "train": "failed",
        "cifar10": "done",
    }  # fmt: skip
    assert json.loads((out / "forms.json").read_text()) == {"rows": [1]}
    assert json.loads((out / "cifar10.json").read_text()) == {}
    assert len(list(out.iterdir())) <= MOST_FILES - 1  # the weights come too


def test_only_the_parts_that_were_asked_for_run(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(STAND_IN)
    python.chmod(0o755)
    ended = run(PYTHON=str(python), OUT=str(tmp_path / "out"), PARTS="tests", DEVICE="cpu")
    assert ended.returncode == 0
    parts = json.loads((tmp_path / "out" / "summary.json").read_text())["parts"]
    assert [part["part"] for part in parts] == ["setup", "tests"]


@pytest.mark.parametrize(("words", "told"), [(["--help"], "no option --help"), (["--prepare"], "DATA is ''")])
def test_mistakes_are_told(words: list[str], told: str) -> None:
    ended = run(*words, DATA="", CARRIED="nowhere")
    assert ended.returncode == 2
    assert told in ended.stderr


def test_only_what_this_python_lacks_is_unpacked(tmp_path: Path) -> None:
    wheels = tmp_path / "carried" / "wheels"
    wheels.mkdir(parents=True)
    for name in ("pytest", "surely_not_here"):
        with zipfile.ZipFile(wheels / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}.py", "")
    (tmp_path / "train").mkdir()
    with tarfile.open(tmp_path / "carried" / "pictures.tar.xz", "w:xz") as archive:
        archive.add(tmp_path / "train", "inner/train")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert on_gpu_parts.setup(argparse.Namespace(carried=tmp_path / "carried", scratch=scratch)) == 0
    assert [path.name for path in (scratch / "site").iterdir()] == ["surely_not_here.py"]
    assert on_gpu_parts.pictures_in(scratch) == scratch / "pictures" / "inner"


def test_tests_of_a_gpu_need_no_more_than_is_carried() -> None:
    carried = re.search(r'^WHEELS="([^"]+)"', SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    assert carried
    assert "psutil" not in carried[1].split()
    blocked = "import sys; sys.modules.update(dict.fromkeys(['psutil', 'streamlit', 'openvino', 'playwright'])); "
    code = blocked + "import pytest; sys.exit(pytest.main(['--collect-only', '-q', 'tests/gpu']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
