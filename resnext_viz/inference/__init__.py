"""Photos to classes: safe decoding, weights, preprocessing, prediction. Importing this loads no torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from resnext_viz.inference.errors import CheckpointError, ImageError, WeightsError
from resnext_viz.inference.weights import WeightsInfo, available_weights, find_weights

if TYPE_CHECKING:
    from resnext_viz.inference.checkpoint import load_checkpoint, save_checkpoint
    from resnext_viz.inference.decode import DecodedImage, decode_image
    from resnext_viz.inference.export import export_network
    from resnext_viz.inference.prediction import Answer, Prediction
    from resnext_viz.inference.predictor import Predictor, load_predictor

__all__ = [
    "Answer",
    "CheckpointError",
    "DecodedImage",
    "ImageError",
    "Prediction",
    "Predictor",
    "WeightsError",
    "WeightsInfo",
    "available_weights",
    "decode_image",
    "export_network",
    "find_weights",
    "load_checkpoint",
    "load_predictor",
    "save_checkpoint",
]

_LATER = {
    "load_checkpoint": "checkpoint",
    "save_checkpoint": "checkpoint",
    "DecodedImage": "decode",
    "decode_image": "decode",
    "export_network": "export",
    "Answer": "prediction",
    "Prediction": "prediction",
    "Predictor": "predictor",
    "load_predictor": "predictor",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
