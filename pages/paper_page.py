"""Paper: every table of the paper, what it prints beside what is computed here."""

from resnext_viz.ui import controls, paper
from resnext_viz.ui.parts import page_title

dialled = controls.dialled()
paper.take_choice()

page_title("The paper, recomputed", paper.summary())
table = paper.choose_table()
paper.show_table(dialled, table)
