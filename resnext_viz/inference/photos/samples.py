"""Photos to try without having one at hand; whose they are stands in `docs/licences.md`, too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "bundled" / "photos"


@dataclass(frozen=True)
class Sample:
    """A photo that may be shown: its file's name, what it shows, and who is to be thanked, with the licence."""

    name: str
    title: str
    credit: str

    @property
    def path(self) -> Path:
        """The file."""
        return FOLDER / self.name


SAMPLES = (
    Sample("chelsea.png", "Chelsea the cat", "Stefan van der Walt, CC0"),
    Sample("coffee.png", "A cup of coffee", "Rachel Michetti, CC0"),
    Sample("rocket.jpg", "A rocket on its pad", "SpaceX, public domain"),
)
