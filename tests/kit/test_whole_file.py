"""A file is there whole or not at all, and what was there before stays where writing fails."""

from pathlib import Path
from typing import IO

import pytest

from resnext_viz.kit.whole_file import put_in_place, write_whole


def test_a_file_is_what_was_written_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    place = tmp_path / "weights"
    for content in (b"first", b"second"):
        write_whole(place, lambda file, content=content: file.write(content))
        assert place.read_bytes() == content
        assert list(tmp_path.iterdir()) == [place]


def test_the_former_file_stays_where_writing_fails(tmp_path: Path) -> None:
    def fail(file: IO[bytes]) -> None:
        file.write(b"half")
        raise OSError("no space left")

    place = tmp_path / "weights"
    place.write_bytes(b"former")
    with pytest.raises(OSError, match="no space"):
        write_whole(place, fail)
    assert place.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [place]


def test_what_a_killed_writer_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "weights.part").write_bytes(b"longer than what is to come")
    write_whole(tmp_path / "weights", lambda file: file.write(b"new"))
    assert (tmp_path / "weights").read_bytes() == b"new"


def test_a_file_written_elsewhere_on_the_disk_takes_its_place(tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(b"made")
    put_in_place(tmp_path / "made", tmp_path / "there")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
