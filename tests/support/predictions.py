"""What the Predict page must say of predictions, worded here once."""

from collections.abc import Sequence

from resnext_viz.inference.predictor.prediction import Prediction


def answered(predictions: Sequence[Prediction]) -> str:
    """What the page says of all files, those that the rule calls none of the classes included."""
    none = sum(bool(prediction.none_of_these) for prediction in predictions)
    return f"{len(predictions)} answered" + (f", {none} probably none of the classes." if none else ".")
