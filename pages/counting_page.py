"""Counting: where every number about the dialled network comes from, whichever tool printed it."""

from resnext_viz.ui import audit, comparison, controls, explanation, tool_counts, training_cost
from resnext_viz.ui.parts import contents, page_title

dialled = controls.dialled()

page_title("Counting", "Every tool’s number from one walk, and the reason for yours.")
with contents():
    explanation.show_explanation(dialled)
    tool_counts.show_tool_counts(dialled)
    comparison.show_comparison(dialled)
    comparison.show_movement(dialled)
    training_cost.show_training_cost(dialled)
    audit.show_audit(dialled)
