"""What can be wrong with pictures to train on."""

from resnext_viz.errors import UserError


class DataError(UserError):
    """The data folder is not one that can be trained on."""
