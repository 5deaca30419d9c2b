"""Study: cardinality at equal MACs on real pictures, what the data shows, and every run behind it."""

from resnext_viz.glossary import term
from resnext_viz.ui import study
from resnext_viz.ui.kit import controls
from resnext_viz.ui.kit.parts import foot, page_title

dialled = controls.dialled()
controls.dial_chosen(study.RUNS)

page_title("Do more paths help?", "Networks of equal MACs, trained on real pictures by one recipe, several times each.")
name = study.choose_study()
study.show_statement(name)

study.show_errors(name, dialled)
study.show_curves(name, dialled)
study.show_costs(name, dialled)
study.show_runs(name, dialled)
study.show_making(name)
study.show_papers_numbers(dialled)

foot(
    "Errors are the share of test pictures whose first answer is wrong, one view of each, with the weights of the last "
    f"epoch. {term('interval').sentence} Here it is by Student’s t, with the spread of runs taken over all settings "
    "together; differences are taken within each seed. "
    "1 multiply-add of a convolution or the linear layer = 1\u00a0MAC."
)
