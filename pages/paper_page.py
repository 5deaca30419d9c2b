"""Paper: every table of the paper, what it prints beside what is computed here, and its errors as charts."""

from resnext_viz.ui import paper
from resnext_viz.ui.kit import controls
from resnext_viz.ui.kit.parts import foot, page_title

dialled = controls.dialled()
controls.dial_chosen(paper.TABLE)

page_title("The paper, recomputed", paper.summary())
table = paper.choose_table()
paper.show_table(dialled, table)

paper.show_errors(dialled)
paper.show_trades(dialled)
paper.show_cifar(dialled)

foot(
    "Xie, Girshick, Dollár, Tu and He, Aggregated Residual Transformations for Deep Neural Networks, arXiv "
    "1611.05431v2. Errors are the paper’s own, cited and never recomputed; torchvision’s are those that its weights’ "
    "records state, trained by another recipe. Counts are computed here: 1 multiply-add = 1 MAC."
)
