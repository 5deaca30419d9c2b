"""Anatomy: the dialled network drawn and counted."""

from resnext_viz.ui import controls

controls.headline()
