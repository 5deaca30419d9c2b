"""Block forms: Fig. 3 a, b, c of a block and of the whole network, computed to be one, and broken on purpose."""

from resnext_viz.ui.block_forms import (
    collapse_section,
    faults_section,
    form_costs_section,
    forms_section,
    neuron_section,
    path_shares_section,
    whole_network_section,
)
from resnext_viz.ui.kit import controls
from resnext_viz.ui.kit.choices import chosen_block, take_choices
from resnext_viz.ui.kit.parts import contents, passage

dialled = controls.dialled()
take_choices(forms_section.FORMS, path_shares_section.SHARES)
chosen = chosen_block(dialled.complexity.walk)

with contents("One block, three forms", ""):
    forms_section.show_forms(dialled, chosen)
    path_shares_section.show_path_shares(dialled, chosen)
    forms_section.show_check(dialled, chosen)

    passage(
        "Why they are equal",
        "All three add up the same products, in another order. "
        "A grouped convolution is C convolutions side by side, so (c) splits into the paths of (b). "
        "A 1×1 over joined channels is the sum of the 1×1s over each part, [A₁ A₂][B₁; B₂] = A₁B₁ + A₂B₂, "
        "so (b) splits into the paths of (a). "
        "Batch norm takes its statistics from what it is given, so it must stand after that sum, where all three forms "
        "have the same values (footnote 6 of the paper).",
    )
    faults_section.show_faults(dialled, chosen)
    whole_network_section.show_network_check(dialled)
    form_costs_section.show_form_costs(dialled, chosen)
    collapse_section.show_collapse(dialled)
    neuron_section.show_neuron(dialled, chosen)
