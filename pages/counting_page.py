"""Counting: where every number about the dialled network comes from, whichever tool printed it."""

from resnext_viz.ui import controls
from resnext_viz.ui.parts import page_title

dialled = controls.dialled()

page_title("Counting", "Every tool’s number from one walk, and the reason for yours.")
