"""Code: the dialled network as code to paste and as files to download."""

from resnext_viz.ui import controls
from resnext_viz.ui.parts import page_title

dialled = controls.dialled()

page_title("Code", "")
