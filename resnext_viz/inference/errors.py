"""What can go wrong with a user's picture or weights; each message says what happened and what to do."""

from resnext_viz.errors import UserError


class ImageError(UserError):
    """A file that is no picture, or one outside the bounds."""


class WeightsError(UserError):
    """Weights that cannot be had: no such name, no network, a file that is missing or damaged."""


class CheckpointError(WeightsError):
    """A checkpoint or class-name file that cannot be used."""


class BusyError(UserError):
    """More pictures wait for the network than it answers in reasonable time."""


class DecoderBusyError(ImageError, BusyError):
    """A picture that was not decoded, because too many others wait: nothing is wrong with it."""
