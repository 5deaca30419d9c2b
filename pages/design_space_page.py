"""Design space: Table 2 recomputed, the line of equal cost, and the solver for whole networks."""

from resnext_viz.spec import BlockKind
from resnext_viz.ui import design_space
from resnext_viz.ui.kit import controls
from resnext_viz.ui.kit.parts import complaint, foot, page_title

dialled = controls.dialled()

page_title("Design space", "Many narrow paths or few wide ones, for the same number of parameters or MACs.")
design_space.show_table2(dialled)

quantity = design_space.ask_quantity()
if dialled.spec.block is BlockKind.BASIC:
    complaint(
        "Two-layer blocks have one path only.",
        "Several paths would add up to one wider block (Fig. 4 of the paper). Choose a bottleneck, such as ResNeXt-50.",
    )
else:
    design_space.show_line(dialled, quantity)
    design_space.show_solver(dialled, quantity)

foot(
    "Block cost, Eq. 4 of the paper: C·(256·d + 3·3·d·d + d·256). Networks of equal cost are not equally fast: with "
    "more paths they put out more activations, which have to be moved."
)
