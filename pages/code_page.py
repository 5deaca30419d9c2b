"""Code: the dialled network as code to paste, run and compared on request, and as files to download."""

from resnext_viz.ui.code import files, source_section
from resnext_viz.ui.kit import controls
from resnext_viz.ui.kit.parts import foot

dialled = controls.dialled()

source_section.show_title(dialled)
source_section.show_code(dialled, source_section.ask_target())
files.show_files(dialled)

foot(
    "Names in the state_dict are torchvision’s in every case, so weights move from one to the other as they are. "
    "1 multiply-add of a convolution or the linear layer = 1\u00a0MAC."
)
