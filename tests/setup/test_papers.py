"""Citation, licence, changelog and the list of what is others' agree with the code and with each other."""

import re
from pathlib import Path

import yaml

from resnext_viz import __version__
from resnext_viz.inference.photos.samples import SAMPLES

ROOT = Path(__file__).parents[2]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
LICENCES = (ROOT / "docs/licences.md").read_text(encoding="utf-8")


def test_the_citation_has_what_its_format_asks_for() -> None:
    # Required by the Citation File Format 1.2.0, at the top and in a reference.
    assert {"cff-version", "message", "title", "authors"} <= set(CITATION)
    assert CITATION["cff-version"] == "1.2.0"
    for reference in CITATION["references"]:
        assert {"type", "title", "authors"} <= set(reference)
    assert CITATION["version"] == __version__


def test_the_paper_is_cited_with_its_five_authors() -> None:
    (paper,) = CITATION["references"]
    names = [f"{author['given-names']} {author['family-names']}" for author in paper["authors"]]
    # As printed on its first page.
    assert names == ["Saining Xie", "Ross Girshick", "Piotr Dollár", "Zhuowen Tu", "Kaiming He"]
    assert "1611.05431" in paper["url"]


def test_the_licence_names_who_the_citation_names() -> None:
    (author,) = CITATION["authors"]
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith(f"{CITATION['license']} License")
    assert f"Copyright (c) 2026 {author['name']}" in licence


def test_the_changelog_has_a_part_for_this_version() -> None:
    parts = re.findall(r"^## (\S+?),? ?(\d{4}-\d\d-\d\d)?$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert parts[0] == ("Unreleased", "")
    assert __version__ in [version for version, _ in parts]


def test_every_photo_to_try_has_its_licence_and_author() -> None:
    for sample in SAMPLES:
        (line,) = [line for line in LICENCES.splitlines() if f"`{sample.name}`" in line]
        assert all(word in line for word in sample.credit.split(", "))


def test_all_weights_and_pictures_of_the_package_are_named_with_their_place() -> None:
    held = (path for suffix in ("*.safetensors", "*.bin", "*.zip") for path in (ROOT / "resnext_viz").rglob(suffix))
    folders = {path.relative_to(ROOT).as_posix() for path in held} | {"tests/data/cifar10/a.jpg"}
    assert len(folders) >= 5
    named = re.findall(r"`([\w./]+/[\w./]*)`", LICENCES)
    assert not [path for path in folders if not any(path.startswith(place) for place in named)]


def test_what_is_linked_is_here() -> None:
    for text in (ROOT / "docs/licences.md", ROOT / "CHANGELOG.md"):
        linked = re.findall(r"\]\((?!http)([^)#]+)", text.read_text(encoding="utf-8"))
        assert linked
        assert not [path for path in linked if not (text.parent / path).exists()]
