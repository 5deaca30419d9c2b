"""What a prediction says: the image, its answers or why there are none, the time it took and on what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """One class and how probable the network finds it, 0 to 1.

    Attributes:
        class_index: which output of the network it is; a label can be that of two ("crane" in ImageNet).
    """

    label: str
    probability: float
    class_index: int


@dataclass(frozen=True)
class Prediction:
    """What became of one image: `top` answers, most probable first, or an `error` in words.

    Attributes:
        latency_ms: milliseconds per image in its batch, or None if it was refused.
        batch: images that were run together with it, of whoever asked at the time, itself included.
        none_of_these: whether it shows none of the classes, probably; None where the weights have no measured rule.
        score: what that was decided by.
        width, height: of the upright picture, in pixels; 0 if it was refused.
        notes: what decoding had to do, in words.
        features: the averages of the last maps, where they were asked for in place of classes.
    """

    image_name: str
    device: str
    engine: str
    top: tuple[Answer, ...] = ()
    latency_ms: float | None = None
    width: int = 0
    height: int = 0
    notes: tuple[str, ...] = ()
    error: str | None = None
    batch: int = 1
    none_of_these: bool | None = None
    score: float | None = None
    features: tuple[float, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON types, as the command line prints them."""
        if self.error is not None:
            return {"image": self.image_name, "error": self.error}
        rule = {} if self.none_of_these is None else {"none_of_these": self.none_of_these, "score": self.score}
        top = [{"label": answer.label, "probability": answer.probability} for answer in self.top]
        return {
            "image": self.image_name,
            **({"features": self.features} if self.features else {"top": top}),
            "latency_ms": self.latency_ms,
            "device": self.device,
            "engine": self.engine,
            **rule,
        }
