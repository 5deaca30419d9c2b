"""Design space: Table 2 recomputed, the line of equal cost, and the solver for whole networks."""

from resnext_viz.spec import BlockKind
from resnext_viz.ui import design_space
from resnext_viz.ui.kit import controls
from resnext_viz.ui.kit.parts import complaint, foot, page_title

dialled = controls.dialled()

page_title("Design space", "Trade path width for path count at a fixed cost.")
design_space.show_table2(dialled)

quantity = design_space.ask_quantity()
if dialled.spec.block is BlockKind.BASIC:
    complaint(
        "Two-layer blocks have one path only.",
        "C paths would collapse to one wide block (Fig. 4 of the paper). Choose a bottleneck, such as ResNeXt-50.",
    )
else:
    design_space.show_line(dialled, quantity)
    design_space.show_solver(dialled, quantity)

foot(
    "Block cost, Eq. 4 of the paper: C·(256·d + 3·3·d·d + d·256). Width changes with C, so equal cost is not equal "
    "speed: compare the activations that networks of one cost write."
)
