"""The folder of a server: its own while it lives, and removed by the next one if it was killed."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from resnext_viz.ui.train.server_folder import ServerFolder, remove_deserted

SERVER = """
import sys, tempfile
tempfile.tempdir = sys.argv[1]
from resnext_viz.ui.train.server_folder import ServerFolder
folder = ServerFolder()
(folder.path / "picture.png").touch()
print(folder.path, flush=True)
sys.stdin.read()
"""


def test_a_killed_servers_folder_goes_and_a_living_ones_and_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    elsewhere, unknown = tmp_path / "elsewhere", tmp_path / "resnext_viz-train-notes"
    for folder in (elsewhere, unknown):
        folder.mkdir()
    (elsewhere / "server.lock").touch()
    (tmp_path / "resnext_viz-train-link").symlink_to(elsewhere)
    own = ServerFolder()
    assert own.path.parent == tmp_path
    command = [sys.executable, "-c", SERVER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        path = Path(server.stdout.readline().strip())
        remove_deserted()
        assert (path / "picture.png").is_file()
        server.kill()
    remove_deserted()
    assert not path.exists()
    strangers = sorted([elsewhere, tmp_path / "resnext_viz-train-link", unknown])
    assert sorted(tmp_path.iterdir()) == sorted([own.path, *strangers])
    assert (elsewhere / "server.lock").is_file()
    own.remove()
    assert own.path.is_dir()  # a new one
    own.remove()
    assert sorted(tmp_path.iterdir()) == strangers
