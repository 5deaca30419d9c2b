"""Train: the dialled network on the sample or on one's own folder, its curves while it learns, and its weights."""

from resnext_viz.glossary import term
from resnext_viz.ui.kit import controls
from resnext_viz.ui.kit.parts import foot, page_title
from resnext_viz.ui.train import run_state, setup
from resnext_viz.ui.train.held_runs import held_runs

dialled = controls.dialled()
held = held_runs()

page_title("Train", "A small network learns on this server while you watch.")
setup.show_setup(dialled, held)
run_state.show_runs(held)

foot(
    f"{term('loss').help} "
    "Trained by what “python -m resnext_viz train” does: SGD with Nesterov momentum, a rate that rises, then falls to "
    "zero with the last epoch, label smoothing, shifts and alternating flips. The sample: 2,500 of CIFAR-10’s pictures "
    "as JPEG copies: no accuracy here is one of the paper’s. Whoever has the address of this page, with what it says "
    "after “runs=”, can see, stop and remove your runs; “Copy link” leaves that out. The pictures of your folder are "
    "kept on this server, at the size that is trained on, as long as this visit or a run on them."
)
