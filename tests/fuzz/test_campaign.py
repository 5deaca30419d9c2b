"""The short run of the fuzzer, and proofs that it would notice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.decode import DecodedImage, decode_image
from tests.fuzz import campaign
from tests.fuzz.fields import Field, fields, with_checksums
from tests.fuzz.mutations import MUTATIONS, mutate
from tests.fuzz.seeds import as_file, seeds

ROOT = Path(__file__).parents[2]


def test_spoiled_files_are_answered_or_refused_in_words(tmp_path: Path) -> None:
    report = campaign.run(400, 1, tmp_path)
    assert report.broken == []
    assert report.cases == 400 == report.decoded + sum(report.refused.values())
    # A fuzzer that spoils too little or too much finds nothing.
    assert 40 < report.decoded < 360
    assert len(report.refused) >= 3


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (ImageError("No"), "does not say what to do"),
        (ImageError("It broke. Traceback (most recent call last)"), "does not say what to do"),
        (ImageError("One.\nTwo. Three."), "does not say what to do"),
        (ValueError("bad"), "ValueError: bad"),
        (DecodedImage(Image.new("L", (2, 2)), 2, 2), "does not add up"),
        (DecodedImage(Image.new("RGB", (2, 2)), 2, 3), "does not add up"),
    ],
)
def test_a_broken_promise_is_noticed_and_the_file_kept(
    outcome: Exception | DecodedImage, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(data: bytes) -> DecodedImage:
        if data in seeds().values():
            return decode_image(data)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(campaign, "decode_image", decode)
    report = campaign.run(1, 0, tmp_path)
    assert words in report.broken[0]
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [mutate(Random(0), list(seeds().values()))]


def test_a_run_can_be_repeated() -> None:
    files = list(seeds().values())
    first, again, other = ([mutate(chance, files) for _ in range(50)] for chance in (Random(3), Random(3), Random(4)))
    assert first == again != other


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_every_mutation_spoils(mutation: object) -> None:
    chance, files = Random(0), list(seeds().values())
    changed = sum(mutation(chance, data, files) != data for data in files)
    assert changed > len(files) / 2


def test_numbers_are_found_where_the_formats_keep_them() -> None:
    image = Image.new("RGB", (300, 200))
    places = {
        "PNG": (Field(16, 4, "big"), Field(20, 4, "big")),
        "BMP": (Field(18, 4, "little"), Field(22, 4, "little")),
        "GIF": (Field(6, 2, "little"), Field(8, 2, "little")),
    }
    for kind, sizes in places.items():
        data = as_file(image, kind)
        found = fields(data)
        assert set(sizes) <= set(found)
        read = [int.from_bytes(data[place : place + size], order) for place, size, order in sizes]
        assert read == [300, 200]
    jpeg = as_file(image, "JPEG")
    assert {200, 300} <= {int.from_bytes(jpeg[f.place : f.place + 2], "big") for f in fields(jpeg) if f.size == 2}
    for kind in ("TIFF", "WEBP", "AVIF"):
        assert len(fields(as_file(image, kind))) > 3


def test_checksums_are_those_that_pillow_writes() -> None:
    for name, data in seeds().items():
        assert with_checksums(data) == data, name
    png = seeds()["png rgb"]
    spoiled = png[:29] + b"\0\0\0\0" + png[33:]
    assert spoiled != png == with_checksums(spoiled)


def test_the_long_run_starts_by_its_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--cases", "5", "--out", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("5 cases in ")
