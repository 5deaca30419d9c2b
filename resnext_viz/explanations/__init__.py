"""Explain my number: from a count that somebody got to the reason for it."""

from resnext_viz.explanations.answer import Answer, Explanation
from resnext_viz.explanations.search import explain_number

__all__ = ["Answer", "Explanation", "explain_number"]
