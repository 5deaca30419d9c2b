"""Photos to try without having one at hand: those that come inside scikit-image's package, where it is installed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

# File in scikit-image -> title, and its credit and licence as scikit-image's documentation gives them.
_PHOTOS = {
    "chelsea.png": ("Chelsea the cat", "Stefan van der Walt, CC0"),
    "coffee.png": ("A cup of coffee", "Rachel Michetti, CC0"),
    "rocket.jpg": ("A rocket on its pad", "SpaceX, public domain"),
}


@dataclass(frozen=True)
class Sample:
    """A photo that may be shown: its file, what it shows, and who is to be thanked."""

    name: str
    title: str
    path: Path
    credit: str


def samples() -> tuple[Sample, ...]:
    """The photos that are here; none without scikit-image, which is looked up but not imported."""
    package = find_spec("skimage")
    if package is None or package.origin is None:
        return ()
    folder = Path(package.origin).parent / "data"
    found = (Sample(name, title, folder / name, credit) for name, (title, credit) in _PHOTOS.items())
    return tuple(sample for sample in found if sample.path.is_file())
