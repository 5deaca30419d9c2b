"""Anatomy: the dialled network drawn, one block taken apart, and every count with its difference to the baseline."""

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
    "Height is the map’s height, width its channels (square-root scales). Stronger fill: more MACs. "
    "Arcs are shortcuts: solid for a projection, dashed for identity.",
    anatomy.svg_download(dialled, chosen),
)
anatomy.show_network(dialled, chosen)
anatomy.show_shares(dialled)

anatomy.show_block(dialled, chosen)

heading("Stage by stage", f"Small figures: difference from {dialled.baseline_title}.", anatomy.csv_download(dialled))
anatomy.show_table(dialled)

foot(
    "1 multiply-add = 1 MAC. MACs count convolutions and the linear layer; bias, BN, ReLU and pooling are left out. "
    "Params count every learned tensor, BN and fc bias included. The paper says “FLOPs, in # of multiply-adds”: "
    "these are MACs."
)
