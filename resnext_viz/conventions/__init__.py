"""What each counting tool prints for a network, from the one walk, as terms that add up."""

from resnext_viz.conventions.rules import TOOLS, Skipped, Term, Tool, ToolCount, tool_counts
from resnext_viz.conventions.summary_sizes import SUMMARY_SIZES
from resnext_viz.conventions.tallies import WORDS, Tallies, tallies

__all__ = [
    "SUMMARY_SIZES",
    "TOOLS",
    "WORDS",
    "Skipped",
    "Tallies",
    "Term",
    "Tool",
    "ToolCount",
    "tallies",
    "tool_counts",
]
