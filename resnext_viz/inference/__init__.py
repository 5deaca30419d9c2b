"""Photos to classes: safe decoding, weights, preprocessing, prediction. Importing this loads no torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from resnext_viz.inference.errors import CheckpointError, ImageError, WeightsError
from resnext_viz.inference.weights.catalogue import WeightsInfo, available_weights, find_weights

if TYPE_CHECKING:
    from resnext_viz.inference.photos.decode import DecodedImage, decode_image
    from resnext_viz.inference.predictor.by_name import load_predictor
    from resnext_viz.inference.predictor.network_export import export_network
    from resnext_viz.inference.predictor.prediction import Answer, Prediction
    from resnext_viz.inference.predictor.predictor import Predictor
    from resnext_viz.inference.weights.checkpoint import load_checkpoint, save_checkpoint

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
    "load_checkpoint": "weights.checkpoint",
    "save_checkpoint": "weights.checkpoint",
    "DecodedImage": "photos.decode",
    "decode_image": "photos.decode",
    "export_network": "predictor.network_export",
    "Answer": "predictor.prediction",
    "Prediction": "predictor.prediction",
    "Predictor": "predictor.predictor",
    "load_predictor": "predictor.by_name",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
