"""Photos to try without having one at hand; whose they are stands in `docs/licences.md`, too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "bundled" / "photos"


@dataclass(frozen=True)
class Sample:
    """A photo that may be shown.

    Attributes:
        name: of its file.
        title: what it shows.
        credit: who is to be thanked, with the licence.
        classes: what CIFAR-10 and ImageNet call what it shows.
    """

    name: str
    title: str
    credit: str
    classes: frozenset[str] = frozenset()

    @property
    def path(self) -> Path:
        """The file."""
        return FOLDER / self.name

    def is_among(self, classes: Iterable[str]) -> bool:
        """Whether one of the classes is what it shows."""
        return not self.classes.isdisjoint(classes)


SAMPLES = (
    Sample(
        "chelsea.png",
        "Chelsea the cat",
        "Stefan van der Walt, CC0",
        frozenset({"cat", "tabby", "tiger cat", "Egyptian cat"}),
    ),
    Sample("coffee.png", "A cup of coffee", "Rachel Michetti, CC0", frozenset({"cup", "espresso"})),
    Sample("rocket.jpg", "A rocket on its pad", "SpaceX, public domain"),
)
