"""Counting: where every number about the dialled network comes from, whichever tool printed it."""

from resnext_viz.ui.counting import (
    audit_section,
    comparison_section,
    explanation_section,
    tool_section,
    training_cost_section,
)
from resnext_viz.ui.kit import controls
from resnext_viz.ui.kit.parts import contents

dialled = controls.dialled()

with contents(
    "Counting", "What each counting tool says of this network and why, and where the number that you got comes from."
):
    explanation_section.show_explanation(dialled)
    tool_section.show_tool_counts(dialled)
    comparison_section.show_comparison(dialled)
    comparison_section.show_movement(dialled)
    training_cost_section.show_training_cost(dialled)
    audit_section.show_audit(dialled)
