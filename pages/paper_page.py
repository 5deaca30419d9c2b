"""Paper: every table of the paper, what it prints beside what is computed here."""

from resnext_viz.ui import controls
from resnext_viz.ui.parts import page_title

dialled = controls.dialled()

page_title("The paper, recomputed", "")
