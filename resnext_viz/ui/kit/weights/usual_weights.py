"""The weights that Predict begins with where a link names none, which depends on what the machine has."""

from __future__ import annotations

import sys

from resnext_viz.inference.weights.catalogue import BUNDLED_NAME, usual_name
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.link_keys import KEYS


def name_usual() -> None:
    """Has the link name the weights where it does not, for another machine may begin with others.

    A link that says what was asked of a network, but not of which, is of the time when all began with the bundled one.
    """
    if not link.said("weights"):
        asked = any(link.said(key.name) for key in KEYS.values() if "weights" in key.goes_with)
        link.name_default("weights", BUNDLED_NAME if asked else usual_name())


def name_usual_at_once() -> None:
    """The same before the page, where that takes no time, so that the first address that is written has them."""
    if "torchvision" in sys.modules:  # which knows what is here, and takes seconds to load
        name_usual()
