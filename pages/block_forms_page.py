"""Block forms: Fig. 3 a, b, c of a block and of the whole network, computed to be one, and broken on purpose."""

from resnext_viz.ui import controls, faults, form_costs, forms, lab, network, path_shares
from resnext_viz.ui.choices import chosen_block, take_choices
from resnext_viz.ui.parts import contents, heading, page_title, prose

dialled = controls.dialled()
take_choices(forms.FORMS, path_shares.SHARES)
chosen = chosen_block(dialled.complexity.walk)

page_title("One block, three forms", "")
with contents():
    forms.show_forms(dialled, chosen)
    path_shares.show_path_shares(dialled, chosen)
    forms.show_check(dialled, chosen)

    heading("Why they are equal")
    prose(
        "A grouped convolution is C convolutions side by side, so (c) splits into the paths of (b). "
        "A 1×1 over joined channels is the sum of the 1×1s over each part, [A₁ A₂][B₁; B₂] = A₁B₁ + A₂B₂, "
        "so (b) splits into the paths of (a). "
        "Batch norm takes its statistics from what it is given, so it must stand after that sum, where all three forms "
        "have the same values (footnote 6 of the paper)."
    )
    faults.show_faults(dialled, chosen)
    network.show_network_check(dialled)
    form_costs.show_form_costs(dialled, chosen)
    lab.show_collapse(dialled)
    lab.show_neuron(dialled, chosen)
