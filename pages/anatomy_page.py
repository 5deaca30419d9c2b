"""Anatomy: the dialled network drawn, one block taken apart, and every count with its difference to the baseline."""

from resnext_viz.glossary import term
from resnext_viz.ui import anatomy
from resnext_viz.ui.kit import controls
from resnext_viz.ui.kit.choices import chosen_block, take_choices
from resnext_viz.ui.kit.parts import foot, heading

dialled = controls.dialled()
take_choices(anatomy.NETWORK, anatomy.BLOCK)
chosen = chosen_block(dialled.complexity.walk)

controls.headline()

heading(
    "The network",
    "A box is as high as its map and as wide as its channels (square roots of both), and darker the more MACs it "
    "takes. Arcs are shortcuts: dashed as they are, solid through a 1×1 convolution (projection).",
    anatomy.svg_download(dialled, chosen),
)
anatomy.show_network(dialled, chosen)
anatomy.show_shares(dialled)

anatomy.show_block(dialled, chosen)

heading("Stage by stage", f"Small figures: difference from {dialled.baseline_title}.", anatomy.csv_download(dialled))
anatomy.show_table(dialled)

foot(f"MACs: {term('macs').exactly} Params: {term('params').exactly}")
