"""Code: the dialled network as code to paste, run and compared on request, and as files to download."""

from resnext_viz.ui import code, controls, network_files
from resnext_viz.ui.parts import foot

dialled = controls.dialled()

code.show_title(dialled)
code.show_code(dialled, code.ask_target())
network_files.show_files(dialled)

foot(
    "Names in the state_dict are torchvision’s in every case, so weights move from one to the other as they are. "
    "1 multiply-add of a convolution or the linear layer = 1\u00a0MAC."
)
