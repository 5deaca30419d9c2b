"""Pictures of none of CIFAR-10's classes, for `calibrate --none-of-these`: from Debian packages, and scikit-image.

    .venv/bin/python -m scripts.collect_other_things other_things/

Needs `apt-get download` and `dpkg-deb`, so Debian or its like; the pictures are not redistributed. Each lies in a
folder called like its package. Left out are the ten classes and their near relatives (all birds, big cats, wolves,
antelopes, toads, zebras, vans, boats, ...), by file name; pictures over 5 megapixels, which take long; and copies.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
MAX_PIXELS = 5_200_000
# Package -> the folders and files in it that are looked at.
PACKAGES = {
    "tuxpaint-stamps-default": ("usr/share/tuxpaint/stamps/**/*",),
    "pysiogame": tuple(
        f"usr/share/games/pysiogame/res/images/art4apps/{name}/*"
        for name in ("animals", "body", "clothes_n_accessories", "construction", "food", "fruit_n_veg", "nature",
                     "sport")
    ),
    "gcompris-qt-data": tuple(
        f"resources/**/{name}/*"
        for name in ("tools", "renewable", "fishes", "monuments", "others", "animals", "music", "india", "usa",
                     "france", "germany", "egypt", "wonders")
    ),
    "mate-backgrounds": ("usr/share/backgrounds/**/*",),
    "plasma-workspace-wallpapers": ("usr/share/wallpapers/*/contents/screenshot.*",),  # one of each
}  # fmt: skip
# Folders that hold members of the classes, symbols, or drawings of everything.
NO_FOLDERS = {"birds", "amphibians", "cats", "deer", "dogs", "equines", "vehicles", "cartoon", "space", "flags",
              "symbols", "dinosaur", "EveningGlow"}  # fmt: skip
NO_NAMES = re.compile(
    r"(?<![a-z])(birds?|bluebird|blackbird|chick|chickens?|crow|dove|duck|rubberduck|eagle|flamingo|goose|hen|hummingbird|"
    r"jay|magpie|ostrich|owl|parakeet|parrot|peacock|pelican|penguin|pigeon|rooster|shrike|sparrow|swan|turkey|vulture|"
    r"macaw|nest|cats?|blackcat|kitten|jaguar|leopard|lion|lioness|panther|tiger|lynx|deer|doe|fawn|antelope|elk|moose|"
    r"reindeer|rudolph|gazelle|gnu|mountaingoat|indian|dogs?|pug|puppy|wolf|fox|hyena|kennel|friends|frog|toad|salamander|"
    r"horse|pony|donkey|zebra|rider|plane|airplane|jet|helicopter|boat|ship|canoe|raft|sail|sailing|rowing|mast|cars?|"
    r"garage|street|farm|taxi|truck|van|bus|ambulance|tractor|jeep|tank|carriage|rocket|shuttle|motorcycle|chelsea|skate|"
    r"run|mirror|phantom)(?![a-z])|[0-9]x[0-9]"  # the last: another size of a picture that is there
)


def main(folder: Path) -> None:
    """Fills `folder` and says how many pictures came from where."""
    known = set[bytes]()
    with tempfile.TemporaryDirectory() as place:
        for package, patterns in PACKAGES.items():
            root = _unpacked(package, Path(place))
            files = sorted(path for pattern in patterns for path in root.glob(pattern) if _wanted(path, root))
            _say(package, sum(_kept(path, folder / package, known) for path in files))
    here = find_spec("skimage")
    if here and here.origin:
        files = sorted(path for path in (Path(here.origin).parent / "data").glob("*") if _wanted(path, path.parent))
        _say("scikit-image", sum(_kept(path, folder / "scikit-image", known) for path in files))
    _say("made up", _made_up(folder / "made up (noise, plain colours, gradients)"))


def _say(source: str, pictures: int) -> None:
    sys.stdout.write(f"{source}: {pictures} pictures\n")


def _unpacked(package: str, place: Path) -> Path:
    root = place / package
    root.mkdir()
    for command in (["apt-get", "download", package], ["dpkg-deb", "-x", "package.deb", "."]):
        subprocess.run(command, cwd=root, check=True, capture_output=True)  # noqa: S603  # words of our own, no shell
        for found in root.glob(f"{package}_*.deb"):
            found.rename(root / "package.deb")
    for archive in root.rglob("*.rcc"):
        _unpack_resources(archive, root / "resources" / archive.stem)
    return root


def _wanted(path: Path, root: Path) -> bool:
    if path.suffix.lower() not in SUFFIXES or path.is_symlink() or not path.is_file():
        return False
    parts = path.relative_to(root).parts
    words = path.stem.lower().replace("-", " ").replace("_", " ")
    return not NO_FOLDERS & set(parts[:-1]) and not NO_NAMES.search(words)


def _kept(path: Path, folder: Path, known: set[bytes]) -> bool:
    """Whether the picture was copied: it can be read, is not too large, and was not seen before."""
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return False
            look = hashlib.sha256(picture.convert("RGBA").resize((32, 32)).tobytes()).digest()
    except (OSError, UnidentifiedImageError, SyntaxError):
        return False
    if look in known:
        return False
    known.add(look)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, folder / "_".join(path.parts[-4:]))
    return True


def _made_up(folder: Path, each: int = 16, side: int = 96) -> int:
    """Noise, plain colours and gradients, the same every time."""
    folder.mkdir(parents=True, exist_ok=True)
    random, ramp = np.random.default_rng(0), np.linspace(0, 1, side)[:, None, None]
    for number in range(each):
        one, other = random.integers(0, 256, (2, 3))
        gradient = np.rot90(one + (other - one) * ramp + np.zeros((side, side, 1)), number % 4)
        kinds = {"noise": random.integers(0, 256, (side, side, 3)), "plain": np.zeros((side, side, 3)) + one,
                 "gradient": gradient}  # fmt: skip
        for kind, pixels in kinds.items():
            Image.fromarray(np.ascontiguousarray(pixels, np.uint8)).save(folder / f"{kind}{number}.png")
    return 3 * each


def _unpack_resources(archive: Path, folder: Path) -> None:
    """The pictures of a Qt resource file: a tree of names with offsets, all numbers big-endian."""
    for name, content in _resources(archive.read_bytes()):
        if Path(name).suffix.lower() in SUFFIXES:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _resources(data: bytes) -> Iterator[tuple[str, bytes]]:
    version, tree, contents, names = struct.unpack(">4I", data[4:20])
    size = 22 if version >= 2 else 14  # of a node; newer ones end with a time

    def name_at(offset: int) -> str:
        (letters,) = struct.unpack(">H", data[names + offset : names + offset + 2])
        return data[names + offset + 6 : names + offset + 6 + 2 * letters].decode("utf-16-be")

    waiting = [(0, "")]
    while waiting:
        number, place = waiting.pop()
        at = tree + number * size
        name, flags = struct.unpack(">IH", data[at : at + 6])
        if flags & 2:  # a folder: how many entries, the first one's number
            count, first = struct.unpack(">2I", data[at + 6 : at + 14])
            waiting += [(first + step, f"{place}{name_at(name)}/" if number else "") for step in range(count)]
            continue
        (offset,) = struct.unpack(">I", data[at + 10 : at + 14])
        (length,) = struct.unpack(">I", data[contents + offset : contents + offset + 4])
        content = data[contents + offset + 4 : contents + offset + 4 + length]
        yield f"{place}{name_at(name)}", zlib.decompress(content[4:]) if flags & 1 else content


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("give the folder that the pictures go into")
    main(Path(sys.argv[1]))
